/* SPDX-License-Identifier: Apache-2.0 */
/* The system's clocks, the tests' clock, and RFC 3339. */
#include "gatehouse/base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
#define REAL_MAX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

const char *gh_clock_quality_name(enum gh_clock_quality quality)
{
	switch (quality) {
	case GH_CLOCK_UNKNOWN:
		break;
	case GH_CLOCK_UNSYNCED:
		return "unsynced";
	case GH_CLOCK_SYNCED:
		return "synced";
	}
	return "unknown";
}

static uint64_t system_monotonic_us(const struct gh_clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

static int64_t system_real_ms(const struct gh_clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum gh_clock_quality system_quality(const struct gh_clock *clock)
{
	struct timex state = { .modes = 0 };
	int answer = adjtimex(&state);

	(void)clock;
	if (answer < 0)
		return GH_CLOCK_UNKNOWN;
	if (answer == TIME_ERROR || (state.status & STA_UNSYNC))
		return GH_CLOCK_UNSYNCED;
	return GH_CLOCK_SYNCED;
}

const struct gh_clock *gh_clock_system(void)
{
	static const struct gh_clock clock = {
		.monotonic_us = system_monotonic_us,
		.real_ms = system_real_ms,
		.quality = system_quality,
	};

	return &clock;
}

/* The clock is the first member of the manual clock it belongs to. */
_Static_assert(offsetof(struct gh_clock_manual, clock) == 0, "manual() relies on it");

static const struct gh_clock_manual *manual(const struct gh_clock *clock)
{
	return (const struct gh_clock_manual *)clock;
}

static uint64_t manual_monotonic_us(const struct gh_clock *clock)
{
	return manual(clock)->monotonic_us;
}

static int64_t manual_real_ms(const struct gh_clock *clock)
{
	return manual(clock)->real_ms;
}

static enum gh_clock_quality manual_quality(const struct gh_clock *clock)
{
	return manual(clock)->quality;
}

void gh_clock_manual_init(struct gh_clock_manual *manual, uint64_t monotonic_us, int64_t real_ms)
{
	*manual = (struct gh_clock_manual){
		.clock =
			{
				.monotonic_us = manual_monotonic_us,
				.real_ms = manual_real_ms,
				.quality = manual_quality,
			},
		.monotonic_us = monotonic_us,
		.real_ms = real_ms,
		.quality = GH_CLOCK_SYNCED,
	};
}

void gh_clock_manual_advance(struct gh_clock_manual *manual, uint64_t step_us)
{
	/* By way of whole microseconds, so that many small steps make the same as one. */
	uint64_t before_ms = manual->monotonic_us / 1000;

	manual->monotonic_us += step_us;
	manual->real_ms += (int64_t)(manual->monotonic_us / 1000 - before_ms);
}

/*
 * Days between 1970-01-01 and a date of the proleptic Gregorian calendar.
 * The year is counted from March, so that the leap day is its last.
 */
static int64_t days_of_date(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static void date_of_days(int64_t days, int *year, int *month, int *day)
{
	/* The estimate is never late, and early by no more than 16 years. */
	*year = 1970 + (int)(days / 366);
	while (days_of_date(*year + 1, 1, 1) <= days)
		(*year)++;
	days -= days_of_date(*year, 1, 1);
	*month = 1;
	while (days >= days_of_month(*year, *month))
		days -= days_of_month(*year, (*month)++);
	*day = (int)days + 1;
}

void gh_time_format(int64_t real_ms, char text[GH_TIME_TEXT_BYTES])
{
	int year;
	int month;
	int day;
	int ms;

	if (real_ms < 0)
		real_ms = 0;
	if (real_ms > REAL_MAX_MS)
		real_ms = REAL_MAX_MS;
	date_of_days(real_ms / DAY_MS, &year, &month, &day);
	ms = (int)(real_ms % DAY_MS);
	snprintf(text, GH_TIME_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		(unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100,
		(unsigned)ms / 3600000 % 100, (unsigned)ms / 60000 % 60, (unsigned)ms / 1000 % 60,
		(unsigned)ms % 1000);
}

/* Read exactly count digits; the cursor moves past them. */
static bool take_number(const char **cursor, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++) {
		if (**cursor < '0' || **cursor > '9')
			return false;
		*value = *value * 10 + (*(*cursor)++ - '0');
	}
	return true;
}

static bool take_character(const char **cursor, const char *allowed)
{
	if (**cursor == '\0' || !strchr(allowed, **cursor))
		return false;
	(*cursor)++;
	return true;
}

static bool take_date(const char **cursor, int64_t *days)
{
	int year;
	int month;
	int day;

	if (!take_number(cursor, 4, &year) || !take_character(cursor, "-") ||
		!take_number(cursor, 2, &month) || !take_character(cursor, "-") ||
		!take_number(cursor, 2, &day))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	*days = days_of_date(year, month, day);
	return true;
}

/* A leap second counts as the first second of the next day, as in POSIX time. */
static bool take_time_of_day(const char **cursor, int64_t *ms)
{
	int hour;
	int minute;
	int second;

	if (!take_number(cursor, 2, &hour) || !take_character(cursor, ":") ||
		!take_number(cursor, 2, &minute) || !take_character(cursor, ":") ||
		!take_number(cursor, 2, &second))
		return false;
	*ms = ((hour * INT64_C(60) + minute) * 60 + second) * 1000;
	return hour < 24 && minute < 60 && second <= 60;
}

static bool take_fraction(const char **cursor, int64_t *ms)
{
	int weight = 100;
	int digits = 0;

	*ms = 0;
	if (!take_character(cursor, "."))
		return true;
	for (; **cursor >= '0' && **cursor <= '9'; (*cursor)++) {
		*ms += (**cursor - '0') * weight;
		weight /= 10;
		digits++;
	}
	return digits >= 1 && digits <= 9;
}

static bool take_offset(const char **cursor, int64_t *ms)
{
	bool west = **cursor == '-';
	int hours;
	int minutes;

	*ms = 0;
	if (take_character(cursor, "Zz"))
		return true;
	if (!take_character(cursor, "+-") || !take_number(cursor, 2, &hours) ||
		!take_character(cursor, ":") || !take_number(cursor, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*ms = (hours * INT64_C(60) + minutes) * 60000 * (west ? -1 : 1);
	return true;
}

enum gh_status gh_time_parse(const char *text, int64_t *real_ms, struct gh_error *error)
{
	const char *cursor = text;
	int64_t days;
	int64_t time_ms;
	int64_t fraction_ms;
	int64_t offset_ms;
	int64_t sum;

	*real_ms = 0;
	if (!take_date(&cursor, &days) || !take_character(&cursor, "Tt") ||
		!take_time_of_day(&cursor, &time_ms) || !take_fraction(&cursor, &fraction_ms) ||
		!take_offset(&cursor, &offset_ms) || *cursor != '\0')
		return gh_error_set(error, GH_MALFORMED, "time: not RFC 3339, at character %zu",
			(size_t)(cursor - text) + 1);
	sum = days * DAY_MS + time_ms + fraction_ms - offset_ms;
	if (text[17] == '6' && sum % DAY_MS != fraction_ms)
		return gh_error_set(error, GH_MALFORMED, "time: second 60 not at the end of a day");
	if (sum < 0 || sum > REAL_MAX_MS)
		return gh_error_set(error, GH_MALFORMED, "time: not in the years 1970 to 9999");
	*real_ms = sum;
	return GH_OK;
}
