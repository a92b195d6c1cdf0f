/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of one traveller: states, events, and the table that is the code. */
#ifndef GATEHOUSE_TRANSACTION_MACHINE_H
#define GATEHOUSE_TRANSACTION_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "gatehouse/base/words.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The states and what each guarantees.
 *
 *   MANUAL    nobody is processed; vision is off; nothing of anybody is held
 *   IDLE      the zone is empty; presence only; nothing of anybody is held
 *   PRESENT   somebody stands in the zone; the notice was asked of the display
 *   NOTICE    a display has acknowledged the notice; the traveller reads
 *   DOCUMENT  a reader is there; its line, or going on without, is waited for
 *   CAPTURE   vision takes the photograph; still no record
 *   COMPARE   a sample is held; the gallery is asked
 *   DECIDE    the comparison is known; the decision is being made
 *   RECORD    the encounter is complete and is being put, durably
 *   ACT       the record is on the disk; the gate lets one person through
 *   OFFICER   the record is on the disk; the officer's word is waited for
 */
#define GH_STATE_LIST(X) \
	X(STATE, MANUAL) \
	X(STATE, IDLE) \
	X(STATE, PRESENT) \
	X(STATE, NOTICE) \
	X(STATE, DOCUMENT) \
	X(STATE, CAPTURE) \
	X(STATE, COMPARE) \
	X(STATE, DECIDE) \
	X(STATE, RECORD) \
	X(STATE, ACT) \
	X(STATE, OFFICER)

/** What can happen, from outside and by the lane's own steps. */
#define GH_TRIGGER_LIST(X) \
	X(TRIGGER, OCCUPIED)       /* somebody stands in the zone */ \
	X(TRIGGER, VACANT)         /* nobody does any more */ \
	X(TRIGGER, START)          /* the officer's word (booth) */ \
	X(TRIGGER, NOTICE_SHOWN)   /* a display acknowledged the notice's hash */ \
	X(TRIGGER, CONTINUE)       /* the traveller goes on */ \
	X(TRIGGER, OPT_OUT)        /* the traveller asks for an officer */ \
	X(TRIGGER, MORE_TIME)      /* the traveller asks for more time */ \
	X(TRIGGER, CLAIM)          /* a document was read or typed */ \
	X(TRIGGER, SAMPLE)         /* vision has a photograph and template */ \
	X(TRIGGER, NO_SAMPLE)      /* vision gave up, with a reason */ \
	X(TRIGGER, COMPARED)       /* the gallery has answered */ \
	X(TRIGGER, GO)             /* the decision is go */ \
	X(TRIGGER, REFER)          /* the decision is a referral */ \
	X(TRIGGER, RECORDED_GO)    /* the record is on the disk; gate next */ \
	X(TRIGGER, RECORDED_REFER) /* the record is on the disk; officer next */ \
	X(TRIGGER, NOT_RECORDED)   /* the record could not be put */ \
	X(TRIGGER, GATE_PASSED) \
	X(TRIGGER, GATE_TURNED_BACK) \
	X(TRIGGER, GATE_FAULT) /* blocked, forced, left open, lost */ \
	X(TRIGGER, DISPOSED)   /* the officer's word on the one in hand */ \
	X(TRIGGER, WARN)       /* the time is nearly over */ \
	X(TRIGGER, TIMEOUT)    /* the time is over */ \
	X(TRIGGER, FAULT)      /* a device that is needed was lost */ \
	X(TRIGGER, MENDED)     /* all that is needed is back */ \
	X(TRIGGER, CLOSE)      /* by an officer's or technician's word */ \
	X(TRIGGER, OPEN)       /* the same, the other way */

GH_WORDS_DECLARE(state, STATE, GH_STATE_LIST)
GH_WORDS_DECLARE(trigger, TRIGGER, GH_TRIGGER_LIST)

struct gh_lane;

/** In which lane modes a row of the table is in force. */
enum gh_row_modes {
	GH_ROW_EGATE = 1 << GH_MODE_EGATE,
	GH_ROW_BOOTH = 1 << GH_MODE_BOOTH,
	GH_ROW_BOTH = GH_ROW_EGATE | GH_ROW_BOOTH,
};

/** One row: in this state, on this trigger, run this and go there. */
struct gh_edge {
	enum gh_state from;
	enum gh_trigger on;
	unsigned modes;
	enum gh_state to;
	void (*run)(struct gh_lane *lane); /**< NULL: nothing to do */
	const char *run_name;              /**< for the diagram */
};

/** The whole machine; a pair not listed is refused and logged. */
const struct gh_edge *gh_machine_table(size_t *count);

/**
 * The row for a state, trigger and mode; NULL: the trigger is refused there.
 * Any thread; does not block.
 */
const struct gh_edge *gh_machine_edge(enum gh_state from, enum gh_trigger on, enum gh_mode mode);

#ifdef __cplusplus
}
#endif

#endif
