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
#define GH_CAPTURE_LIST(X)                                                        \
	X(CAPTURE, NONE)         /* not tried yet */                              \
	X(CAPTURE, CAPTURED)     /* a usable photograph was taken */              \
	X(CAPTURE, NOT_CAPTURED) /* none was; a reason says why */                \
	X(CAPTURE, OPTED_OUT)    /* the person asked for an officer instead */

/** Why a capture failed; exactly one, the one that stood in the way longest. */
#define GH_REASON_LIST(X)                                                         \
	X(REASON, NONE)                                                           \
	X(REASON, NO_FACE)                                                        \
	X(REASON, SEVERAL_FACES)                                                  \
	X(REASON, TOO_DARK)                                                       \
	X(REASON, TOO_BRIGHT)                                                     \
	X(REASON, BLURRED)                                                        \
	X(REASON, LOOKING_AWAY)                                                   \
	X(REASON, EYES_CLOSED)                                                    \
	X(REASON, COVERED)                                                        \
	X(REASON, TOO_FAR)                                                        \
	X(REASON, TOO_NEAR)                                                       \
	X(REASON, OUT_OF_FRAME)                                                   \
	X(REASON, ATTACK_SUSPECTED)                                               \
	X(REASON, CAMERA_FAULT)                                                   \
	X(REASON, TIMEOUT)

/** Which comparison was made (ISO/IEC 2382-37: identification, verification). */
#define GH_COMPARISON_LIST(X)                                                     \
	X(COMPARISON, NONE)                                                       \
	X(COMPARISON, ONE_TO_MANY)                                                \
	X(COMPARISON, ONE_TO_ONE)

/** What the comparison says. */
#define GH_OUTCOME_LIST(X)                                                        \
	X(OUTCOME, NONE)                                                          \
	X(OUTCOME, MATCH)                                                         \
	X(OUTCOME, NO_MATCH)                                                      \
	X(OUTCOME, CANNOT_TELL)

/** What the lane decides. It never decides against a person. */
#define GH_DECISION_LIST(X)                                                       \
	X(DECISION, NONE)                                                         \
	X(DECISION, GO)                                                           \
	X(DECISION, REFERRAL)

/** Why a person is referred to the officer; several can stand in a record. */
#define GH_REFERRAL_LIST(X)                                                       \
	X(REFERRAL, NOT_FOUND)         /* one_to_many without a match */          \
	X(REFERRAL, TRUE_MISMATCH)     /* one_to_one no_match against the claim */\
	X(REFERRAL, CANNOT_TELL)                                                  \
	X(REFERRAL, NOT_CAPTURED)                                                 \
	X(REFERRAL, OPTED_OUT)                                                    \
	X(REFERRAL, ALREADY_PASSED)    /* matched again on the same voyage */     \
	X(REFERRAL, LOOK_ALIKE)        /* the match has a double in the gallery */\
	X(REFERRAL, CLAIM_UNKNOWN)     /* the claimed document is not listed */   \
	X(REFERRAL, NO_PORTRAIT)       /* claimed person without usable portrait */ \
	X(REFERRAL, ATTACK_SUSPECTED)                                             \
	X(REFERRAL, GALLERY_NOT_READY)                                            \
	X(REFERRAL, DEVICE_FAULT)                                                 \
	X(REFERRAL, GATE_FAULT)                                                   \
	X(REFERRAL, OFFICER_ASKED)

/** What the officer does, as an addendum. */
#define GH_DISPOSITION_LIST(X)                                                    \
	X(DISPOSITION, NONE)                                                      \
	X(DISPOSITION, PROCEED)                                                   \
	X(DISPOSITION, SECONDARY)                                                 \
	X(DISPOSITION, OPTED_OUT)                                                 \
	X(DISPOSITION, ABANDONED)

/** What an addendum tells. */
#define GH_ADDENDUM_LIST(X)                                                       \
	X(ADDENDUM, DISPOSITION)                                                  \
	X(ADDENDUM, PASSED)                                                       \
	X(ADDENDUM, NOT_PASSED)                                                   \
	X(ADDENDUM, PASSAGE_UNKNOWN)                                              \
	X(ADDENDUM, CLOCK)                                                        \
	X(ADDENDUM, PHOTO_ERASED)

/** Retention classes; each has its limit (encounter/retention.h). */
#define GH_RETENTION_LIST(X)                                                      \
	X(RETENTION, UNKNOWN)    /* not found, cannot tell, nobody inspected */   \
	X(RETENTION, US_CITIZEN)                                                  \
	X(RETENTION, EXEMPT)     /* biometrically exempt */                       \
	X(RETENTION, OTHER)                                                       \
	X(RETENTION, OPTED_OUT)  /* no photograph at all */

/** Settings of the lane that stand in every record. */
#define GH_PURPOSE_LIST(X) X(PURPOSE, DEMO) X(PURPOSE, SERVICE)
#define GH_MODE_LIST(X) X(MODE, EGATE) X(MODE, BOOTH)
#define GH_DIRECTION_LIST(X) X(DIRECTION, ENTRY) X(DIRECTION, EXIT)
#define GH_TRAFFIC_LIST(X) X(TRAFFIC, AIR) X(TRAFFIC, SEA) X(TRAFFIC, LAND)

/** A measure that has no value; in JSON the word "not_assessed" or null. */
#define GH_NOT_ASSESSED (-1.0e9)

#define GH_WORDS_ENUM(prefix, name) GH_##prefix##_##name,
#define GH_WORDS_DECLARE(type, prefix, LIST)                                      \
	enum gh_##type { LIST(GH_WORDS_ENUM) GH_##prefix##_COUNT };               \
	/** The word; "unknown" for a value outside the list. Any thread. */      \
	const char *gh_##type##_name(enum gh_##type value);                       \
	/** The same for the log. */                                              \
	struct gh_word gh_##type##_word(enum gh_##type value);                    \
	/** Read a word: GH_OK or GH_NOT_FOUND and *value untouched. */           \
	GH_MUST_USE enum gh_status gh_##type##_parse(const char *text, enum gh_##type *value);

GH_WORDS_DECLARE(capture, CAPTURE, GH_CAPTURE_LIST)
GH_WORDS_DECLARE(reason, REASON, GH_REASON_LIST)
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
