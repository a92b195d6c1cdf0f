/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the whole system: outcomes, reasons, dispositions, by one list each. */
#ifndef GATEHOUSE_BASE_WORDS_H
#define GATEHOUSE_BASE_WORDS_H

#include "gatehouse/base/log.h"
#include "gatehouse/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Each list makes an enumeration GH_<PREFIX>_<NAME>, a function that gives the
 * word as it stands in records, logs and screens (lower case), and one that
 * reads it. Records carry the words: a word, once used, keeps its meaning.
 */

/** What came of trying to photograph a person. */
#define GH_CAPTURE_LIST(X) \
	X(CAPTURE, NONE)         /* not tried yet */ \
	X(CAPTURE, CAPTURED)     /* a usable photograph was taken */ \
	X(CAPTURE, NOT_CAPTURED) /* none was; a reason says why */ \
	X(CAPTURE, OPTED_OUT)    /* the person asked for an officer instead */

/** Why a capture failed; exactly one, the one that stood in the way longest. */
#define GH_REASON_LIST(X) \
	X(REASON, NONE)             /* nothing stands in the way */ \
	X(REASON, NO_FACE)          /* nobody in the stand-here zone */ \
	X(REASON, SEVERAL_FACES)    /* more than one person in the zone */ \
	X(REASON, TOO_DARK)         /* the face is not lit */ \
	X(REASON, TOO_BRIGHT)       /* the face is washed out */ \
	X(REASON, BLURRED)          /* motion, or out of focus */ \
	X(REASON, LOOKING_AWAY)     /* pose beyond the limits */ \
	X(REASON, EYES_CLOSED)      /* both, or one of them */ \
	X(REASON, COVERED)          /* mask, hand, dark glasses */ \
	X(REASON, TOO_FAR)          /* the face is too small */ \
	X(REASON, TOO_NEAR)         /* the face is too large */ \
	X(REASON, OUT_OF_FRAME)     /* cut by the edge of the picture */ \
	X(REASON, ATTACK_SUSPECTED) /* ISO/IEC 30107-3: not bona fide */ \
	X(REASON, CAMERA_FAULT)     /* the lane's own fault; counts all the same */ \
	X(REASON, TIMEOUT)          /* none of these, and time ran out */

/**
 * The one instruction given to a traveller at a time, in the order in which
 * they are given (vision/coach.h). Screens turn the word into sentence,
 * picture and speech. None of them blames, and none says what is suspected.
 */
#define GH_INSTRUCTION_LIST(X) \
	X(INSTRUCTION, NONE)             /* nothing to do: hold still */ \
	X(INSTRUCTION, ONE_AT_A_TIME)    /* several people in the zone */ \
	X(INSTRUCTION, STEP_IN)          /* into the stand-here zone */ \
	X(INSTRUCTION, STEP_BACK)        /* too large, or cut above or below */ \
	X(INSTRUCTION, MOVE_LEFT)        /* to the traveller's left, as in the mirror */ \
	X(INSTRUCTION, MOVE_RIGHT)       /* likewise */ \
	X(INSTRUCTION, COME_CLOSER)      /* too small, or out of the lamp's reach */ \
	X(INSTRUCTION, LOOK_AT_CAMERA)   /* turned or tilted away */ \
	X(INSTRUCTION, WAIT_FOR_LIGHT)   /* the lane is adjusting lamp and camera */ \
	X(INSTRUCTION, LIGHT_BEHIND)     /* the light is behind the traveller: step aside */ \
	X(INSTRUCTION, LIGHT_IN_FACE)    /* strong light falls on the face: step out of it */ \
	X(INSTRUCTION, TAKE_OFF_GLASSES) /* dark lenses, or glare on them */ \
	X(INSTRUCTION, HOLD_STILL)       /* blurred by motion */ \
	X(INSTRUCTION, OPEN_EYES)        /* closed for longer than a blink */ \
	X(INSTRUCTION, UNCOVER_FACE)     /* mask, hand, scarf over the face */

/** Which comparison was made (ISO/IEC 2382-37: identification, verification). */
#define GH_COMPARISON_LIST(X) \
	X(COMPARISON, NONE)        /* nothing was compared */ \
	X(COMPARISON, ONE_TO_MANY) /* with the active voyages' galleries */ \
	X(COMPARISON, ONE_TO_ONE)  /* with the portrait of the person claimed */

/** What the comparison says. */
#define GH_OUTCOME_LIST(X) \
	X(OUTCOME, NONE)        /* nothing was compared */ \
	X(OUTCOME, MATCH)       /* at or above the threshold */ \
	X(OUTCOME, NO_MATCH)    /* below it */ \
	X(OUTCOME, CANNOT_TELL) /* no answer that could be relied on */

/** What the lane decides. It never decides against a person. */
#define GH_DECISION_LIST(X) \
	X(DECISION, NONE)     /* not decided yet */ \
	X(DECISION, GO)       /* the way is free */ \
	X(DECISION, REFERRAL) /* an officer decides */

/** Why a person is referred to the officer; several can stand in a record. */
/* Their numbers stand as bits in outboxes on disks: new ones come last. */
#define GH_REFERRAL_LIST(X) \
	X(REFERRAL, NOT_FOUND)         /* one_to_many without a match */ \
	X(REFERRAL, TRUE_MISMATCH)     /* one_to_one no_match against the claim */ \
	X(REFERRAL, CANNOT_TELL)       /* the comparison gave no answer */ \
	X(REFERRAL, NOT_CAPTURED)      /* no usable photograph */ \
	X(REFERRAL, OPTED_OUT)         /* the traveller asked for an officer */ \
	X(REFERRAL, ALREADY_PASSED)    /* matched again on the same voyage */ \
	X(REFERRAL, LOOK_ALIKE)        /* the match has a double in the gallery */ \
	X(REFERRAL, CLAIM_UNKNOWN)     /* the claimed document is not listed */ \
	X(REFERRAL, NO_PORTRAIT)       /* claimed person without usable portrait */ \
	X(REFERRAL, ATTACK_SUSPECTED)  /* a picture, a screen, a mask */ \
	X(REFERRAL, GALLERY_NOT_READY) /* still being enrolled, or none */ \
	X(REFERRAL, DEVICE_FAULT)      /* a device that is needed is away */ \
	X(REFERRAL, GATE_FAULT)        /* the gate does not open */ \
	X(REFERRAL, OFFICER_ASKED)     /* the officer called the traveller */

/** What the officer does, as an addendum. */
#define GH_DISPOSITION_LIST(X) \
	X(DISPOSITION, NONE)      /* not taken up yet */ \
	X(DISPOSITION, PROCEED)   /* may go on */ \
	X(DISPOSITION, SECONDARY) /* to secondary inspection */ \
	X(DISPOSITION, OPTED_OUT) /* inspected by document alone */ \
	X(DISPOSITION, ABANDONED) /* left, or nobody took it up */

/** What an addendum tells. */
#define GH_ADDENDUM_LIST(X) \
	X(ADDENDUM, DISPOSITION)     /* what the officer did */ \
	X(ADDENDUM, PASSED)          /* went through the gate */ \
	X(ADDENDUM, NOT_PASSED)      /* did not, though it was open */ \
	X(ADDENDUM, PASSAGE_UNKNOWN) /* a restart came between */ \
	X(ADDENDUM, CLOCK)           /* the clock was set right afterwards */ \
	X(ADDENDUM, PHOTO_ERASED)    /* destroyed before delivery */

/** Retention classes; each has its limit (encounter/retention.h). */
#define GH_RETENTION_LIST(X) \
	X(RETENTION, UNKNOWN)    /* not found, cannot tell, nobody inspected */ \
	X(RETENTION, US_CITIZEN) /* 12 h after capture */ \
	X(RETENTION, EXEMPT)     /* biometrically exempt */ \
	X(RETENTION, OTHER)      /* by the settings, 14 days at most */ \
	X(RETENTION, OPTED_OUT)  /* no photograph at all */

/** Settings of the lane that stand in every record. */
#define GH_PURPOSE_LIST(X) X(PURPOSE, DEMO) X(PURPOSE, SERVICE)
#define GH_MODE_LIST(X) X(MODE, EGATE) X(MODE, BOOTH)
#define GH_DIRECTION_LIST(X) X(DIRECTION, ENTRY) X(DIRECTION, EXIT)
#define GH_TRAFFIC_LIST(X) X(TRAFFIC, AIR) X(TRAFFIC, SEA) X(TRAFFIC, LAND)

/** A measure that has no value; in JSON the word "not_assessed" or null. */
#define GH_NOT_ASSESSED (-1.0e9)

/* What each list becomes: the enumeration and the three functions of it. */
#define GH_WORDS_ENUM(prefix, name) GH_##prefix##_##name,
#define GH_WORDS_DECLARE(type, prefix, LIST) \
	enum gh_##type{ LIST(GH_WORDS_ENUM) GH_##prefix##_COUNT }; \
	/** The word; "unknown" for a value outside the list. Any thread. */ \
	const char *gh_##type##_name(enum gh_##type value); \
	/** The same for the log. */ \
	struct gh_word gh_##type##_word(enum gh_##type value); \
	/** Read a word: GH_OK or GH_NOT_FOUND and *value untouched. */ \
	GH_MUST_USE enum gh_status gh_##type##_parse(const char *text, enum gh_##type *value);

GH_WORDS_DECLARE(capture, CAPTURE, GH_CAPTURE_LIST)
GH_WORDS_DECLARE(reason, REASON, GH_REASON_LIST)
GH_WORDS_DECLARE(instruction, INSTRUCTION, GH_INSTRUCTION_LIST)
GH_WORDS_DECLARE(comparison, COMPARISON, GH_COMPARISON_LIST)
GH_WORDS_DECLARE(outcome, OUTCOME, GH_OUTCOME_LIST)
GH_WORDS_DECLARE(decision, DECISION, GH_DECISION_LIST)
GH_WORDS_DECLARE(referral, REFERRAL, GH_REFERRAL_LIST)
GH_WORDS_DECLARE(disposition, DISPOSITION, GH_DISPOSITION_LIST)
GH_WORDS_DECLARE(addendum_kind, ADDENDUM, GH_ADDENDUM_LIST)
GH_WORDS_DECLARE(retention, RETENTION, GH_RETENTION_LIST)
GH_WORDS_DECLARE(purpose, PURPOSE, GH_PURPOSE_LIST)
GH_WORDS_DECLARE(mode, MODE, GH_MODE_LIST)
GH_WORDS_DECLARE(direction, DIRECTION, GH_DIRECTION_LIST)
GH_WORDS_DECLARE(traffic, TRAFFIC, GH_TRAFFIC_LIST)

#ifdef __cplusplus
}
#endif

#endif
