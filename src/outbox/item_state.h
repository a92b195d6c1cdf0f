/* SPDX-License-Identifier: Apache-2.0 */
/* The states of one item of the outbox and the events that move it. */
#ifndef GATEHOUSE_SRC_OUTBOX_ITEM_STATE_H
#define GATEHOUSE_SRC_OUTBOX_ITEM_STATE_H

#include <stdbool.h>

/* The numbers stand in the database: they keep their meaning. */
enum item_state {
	ITEM_WAITING = 0,     /* goes out when it is due */
	ITEM_SENDING = 1,     /* taken, no verdict yet */
	ITEM_QUARANTINED = 2, /* refused for good; a technician's word releases it */
	ITEM_HELD = 3,        /* a photo or addendum whose record the centre has not got yet */
	ITEM_GONE = 4,        /* the row is deleted */
	ITEM_STATE_COUNT
};

enum item_event {
	ITEM_TAKEN,
	ITEM_ACKNOWLEDGED,
	ITEM_POSTPONED,
	ITEM_REFUSED,
	ITEM_RELEASED,       /* by a technician */
	ITEM_RECORD_ARRIVED, /* the centre has acknowledged the encounter it belongs to */
	ITEM_EXPIRED,        /* a photograph whose time is over */
	ITEM_REOPENED,       /* the program starts after an end of any kind */
	ITEM_EVENT_COUNT
};

/* Whether event may happen in state; *next is where it leads. */
bool item_step(enum item_state state, enum item_event event, enum item_state *next);

/* "waiting", "sending", "quarantined", "held", "gone". */
const char *item_state_name(enum item_state state);

#endif
