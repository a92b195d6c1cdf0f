/* SPDX-License-Identifier: Apache-2.0 */
/* What about a lane is an alarm, and when it is over. */
#include "alarm.h"

#include <math.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)

/* A rate below the goal is an alarm where chance makes it less often than this. */
#define CHANCE 0.01

/* Good again is half of a limit that may not be exceeded, and half as much again above a least. */
static enum alarm_event above(int64_t value, int64_t limit)
{
	if (value > limit)
		return ALARM_BAD;
	return value <= limit / 2 ? ALARM_GOOD : ALARM_BETWEEN;
}

static enum alarm_event below(int64_t value, int64_t limit)
{
	if (value < limit)
		return ALARM_BAD;
	return value >= limit + limit / 2 ? ALARM_GOOD : ALARM_BETWEEN;
}

static bool is_silent(const struct store_lane *lane, const struct gh_settings_monitoring *settings,
	int64_t now_ms)
{
	return now_ms - lane->last.received_ms >
		lane->last.interval_ms * (int64_t)settings->silent_intervals;
}

/*
 * How often a lane that reaches the goal would miss so many of those it tried: the upper tail of
 * the binomial distribution. At the goal itself every other window is below it, so that the rate
 * alone would be an alarm half of the time.
 */
static double chance_of(int64_t missed, int64_t tried, double miss_rate)
{
	double log_odds = log(miss_rate / (1 - miss_rate));
	double log_chance = (double)tried * log(1 - miss_rate);
	double fewer = 0;

	for (int64_t i = 0; i < missed; i++) {
		fewer += exp(log_chance);
		log_chance += log((double)(tried - i) / (double)(i + 1)) + log_odds;
	}
	return 1 - fewer;
}

static bool is_beyond_chance(int64_t missed, int64_t tried, uint32_t goal_permille)
{
	if (goal_permille >= 1000)
		return missed > 0;
	return chance_of(missed, tried, (1000 - goal_permille) / 1000.0) < CHANCE;
}

/* Too few to say anything end an alarm: nobody would come to end it in an empty hall. */
static struct alarm_reading read_capture(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	int64_t tried = lane->captured + lane->not_captured;
	struct alarm_reading reading = { ALARM_GOOD,
		tried > 0 ? lane->captured * 1000 / tried : 1000, settings->capture_goal_permille };

	(void)now_ms;
	if (tried < settings->capture_tried_min || reading.value >= reading.limit)
		return reading;
	reading.event = is_beyond_chance(lane->not_captured, tried, settings->capture_goal_permille)
		? ALARM_BAD
		: ALARM_BETWEEN;
	return reading;
}

static struct alarm_reading read_certificate(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	int64_t days = (lane->last.certificate_end_ms - now_ms) / STORE_DAY_MS;
	int64_t limit = settings->certificate_min_days;

	if (lane->last.certificate_end_ms == 0)
		return (struct alarm_reading){ ALARM_UNKNOWN, 0, limit };
	/* It is renewed, or it is not: nothing comes back by itself. */
	return (struct alarm_reading){ days < limit ? ALARM_BAD : ALARM_GOOD, days, limit };
}

static struct alarm_reading read_clock(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	int64_t offset_ms = lane->last.sent_ms - lane->last.received_ms;
	int64_t limit = settings->clock_offset_max_ms;

	(void)now_ms;
	return (struct alarm_reading){ above(offset_ms < 0 ? -offset_ms : offset_ms, limit),
		offset_ms, limit };
}

static struct alarm_reading read_device(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	(void)settings;
	(void)now_ms;
	return (struct alarm_reading){ above(lane->last.devices_down, 0), lane->last.devices_down,
		0 };
}

static struct alarm_reading read_disk(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	(void)now_ms;
	return (struct alarm_reading){ below(lane->last.disk_free_permille,
					       settings->disk_free_min_permille),
		lane->last.disk_free_permille, settings->disk_free_min_permille };
}

static struct alarm_reading read_old(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	int64_t age_s = lane->last.oldest_ms / SECOND_MS;

	(void)now_ms;
	return (struct alarm_reading){ above(age_s, settings->outbox_oldest_max_s), age_s,
		settings->outbox_oldest_max_s };
}

static struct alarm_reading read_refused(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	(void)settings;
	(void)now_ms;
	return (struct alarm_reading){ above(lane->last.quarantined, 0), lane->last.quarantined,
		0 };
}

static struct alarm_reading read_silent(const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	return (struct alarm_reading){ is_silent(lane, settings, now_ms) ? ALARM_BAD : ALARM_GOOD,
		(now_ms - lane->last.received_ms) / SECOND_MS,
		lane->last.interval_ms * (int64_t)settings->silent_intervals / SECOND_MS };
}

/* speaks: what only a lane that is heard can tell. */
static const struct {
	const char *name;
	const char *unit;
	bool speaks;
	struct alarm_reading (*read)(const struct store_lane *lane,
		const struct gh_settings_monitoring *settings, int64_t now_ms);
} kinds[ALARM_KINDS] = {
	[ALARM_CAPTURE_RATE] = { "capture_rate", "permille", true, read_capture },
	[ALARM_CERTIFICATE] = { "certificate", "days", false, read_certificate },
	[ALARM_CLOCK_OFFSET] = { "clock_offset", "ms", true, read_clock },
	[ALARM_DEVICE_LOST] = { "device_lost", "devices", true, read_device },
	[ALARM_DISK_FILLING] = { "disk_filling", "permille", true, read_disk },
	[ALARM_OUTBOX_OLD] = { "outbox_old", "seconds", true, read_old },
	[ALARM_OUTBOX_REFUSED] = { "outbox_refused", "items", true, read_refused },
	[ALARM_SILENT] = { "silent", "seconds", false, read_silent },
};

const char *alarm_name(enum alarm_kind kind)
{
	return kinds[kind].name;
}

const char *alarm_unit(enum alarm_kind kind)
{
	return kinds[kind].unit;
}

enum alarm_kind alarm_of(const char *name)
{
	unsigned i = 0;

	while (i < ALARM_KINDS && strcmp(kinds[i].name, name) != 0)
		i++;
	return (enum alarm_kind)i;
}

struct alarm_reading alarm_read(enum alarm_kind kind, const struct store_lane *lane,
	const struct gh_settings_monitoring *settings, int64_t now_ms)
{
	struct alarm_reading reading = kinds[kind].read(lane, settings, now_ms);

	if (kinds[kind].speaks && is_silent(lane, settings, now_ms))
		reading.event = ALARM_UNKNOWN;
	return reading;
}

/* The whole machine. */
/* clang-format off */
static const struct edge {
	enum alarm_state to;
	enum alarm_act act;
} edges[ALARM_STATES][ALARM_EVENTS] = {
	[ALARM_QUIET] = {
		[ALARM_GOOD]    = { ALARM_QUIET,    ALARM_NOTHING },
		[ALARM_BETWEEN] = { ALARM_QUIET,    ALARM_NOTHING },
		[ALARM_BAD]     = { ALARM_RAISED,   ALARM_RAISE },
		[ALARM_UNKNOWN] = { ALARM_QUIET,    ALARM_NOTHING },
		[ALARM_HELD]    = { ALARM_QUIET,    ALARM_NOTHING },
	},
	[ALARM_RAISED] = {
		[ALARM_GOOD]    = { ALARM_CLEARING, ALARM_NOTHING },
		[ALARM_BETWEEN] = { ALARM_RAISED,   ALARM_NOTHING },
		[ALARM_BAD]     = { ALARM_RAISED,   ALARM_NOTHING },
		[ALARM_UNKNOWN] = { ALARM_RAISED,   ALARM_NOTHING },
		[ALARM_HELD]    = { ALARM_RAISED,   ALARM_NOTHING },
	},
	[ALARM_CLEARING] = {
		[ALARM_GOOD]    = { ALARM_CLEARING, ALARM_NOTHING },
		[ALARM_BETWEEN] = { ALARM_CLEARING, ALARM_NOTHING },
		[ALARM_BAD]     = { ALARM_RAISED,   ALARM_NOTHING },
		[ALARM_UNKNOWN] = { ALARM_RAISED,   ALARM_NOTHING },
		[ALARM_HELD]    = { ALARM_QUIET,    ALARM_END },
	},
};
/* clang-format on */

enum alarm_state alarm_next(enum alarm_state state, enum alarm_event event, enum alarm_act *act)
{
	const struct edge *edge = &edges[state][event];

	*act = edge->act;
	return edge->to;
}

static enum alarm_act take(struct store_alarm *alarm, enum alarm_event event, int64_t now_ms)
{
	enum alarm_act act;
	enum alarm_state next = alarm_next((enum alarm_state)alarm->state, event, &act);

	if ((int64_t)next != alarm->state)
		alarm->changed_ms = now_ms;
	alarm->state = (int64_t)next;
	return act;
}

enum alarm_act alarm_step(struct store_alarm *alarm, const struct alarm_reading *reading,
	int64_t now_ms, int64_t clear_after_ms)
{
	enum alarm_act act;

	if (alarm->state < 0 || alarm->state >= ALARM_STATES)
		alarm->state = ALARM_QUIET;
	act = take(alarm, reading->event, now_ms);
	if (act == ALARM_RAISE) {
		alarm->since_ms = now_ms;
		alarm->value = reading->value;
		alarm->limit = reading->limit;
	}
	/* After a clock was set back nobody can say how long: it has been long enough. */
	if (alarm->state == ALARM_CLEARING &&
		(now_ms < alarm->changed_ms || now_ms - alarm->changed_ms >= clear_after_ms))
		act = take(alarm, ALARM_HELD, now_ms);
	return act;
}
