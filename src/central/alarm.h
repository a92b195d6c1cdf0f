/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What about a lane is an alarm, and when it is over: values against limits, and one table of
 * states. Nothing here asks a store or a clock.
 *
 *   QUIET     nothing is wrong; such an alarm is not stored
 *   RAISED    it is wrong
 *   CLEARING  it is well again, but not for long enough to say so
 *
 * A value between the limit and where it counts as well again (BETWEEN), and one that nobody knows
 * (UNKNOWN), raise nothing and end nothing.
 */
#ifndef GATEHOUSE_SRC_CENTRAL_ALARM_H
#define GATEHOUSE_SRC_CENTRAL_ALARM_H

#include "gatehouse/settings/settings.h"
#include "store.h"

enum alarm_kind {
	ALARM_CAPTURE_RATE,   /* below the goal, beyond chance; permille */
	ALARM_CERTIFICATE,    /* of the lane ends soon; days */
	ALARM_CLOCK_OFFSET,   /* against the centre's clock, either way; ms */
	ALARM_DEVICE_LOST,    /* devices that are not there */
	ALARM_DISK_FILLING,   /* free space; permille */
	ALARM_OUTBOX_OLD,     /* age of the oldest that waits; seconds */
	ALARM_OUTBOX_REFUSED, /* items set aside */
	ALARM_SILENT,         /* since the last heartbeat; seconds */
	ALARM_KINDS
};

enum alarm_state {
	ALARM_QUIET,
	ALARM_RAISED,
	ALARM_CLEARING,
	ALARM_STATES
};

enum alarm_event {
	ALARM_GOOD,
	ALARM_BETWEEN,
	ALARM_BAD,
	ALARM_UNKNOWN,
	ALARM_HELD, /* good for as long as is asked for */
	ALARM_EVENTS
};

/* What a step did that somebody has to be told. */
enum alarm_act {
	ALARM_NOTHING,
	ALARM_RAISE,
	ALARM_END,
};

/* "capture_rate", ... and the unit of its value. */
const char *alarm_name(enum alarm_kind kind);
const char *alarm_unit(enum alarm_kind kind);

/* The kind of a name, or ALARM_KINDS. */
enum alarm_kind alarm_of(const char *name);

/* A lane's value of a kind as it stands now, what it means, and the limit it is held against. */
struct alarm_reading {
	enum alarm_event event; /* GOOD, BETWEEN, BAD or UNKNOWN */
	int64_t value;
	int64_t limit;
};

struct alarm_reading alarm_read(enum alarm_kind kind, const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms);

/* The table: where an event leads, and what is told. */
enum alarm_state alarm_next(enum alarm_state state, enum alarm_event event, enum alarm_act *act);

/*
 * One look at one alarm: alarm->state, times and value follow the reading; an unknown state counts
 * as QUIET. Returns what is to be told.
 */
enum alarm_act alarm_step(struct store_alarm *alarm, const struct alarm_reading *reading,
	int64_t now_ms, int64_t clear_after_ms);

#endif
