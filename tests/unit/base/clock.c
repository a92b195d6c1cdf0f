/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the clocks and of RFC 3339, the calendar held against the C library's. */
#include "gatehouse/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void system_clock_moves_forward(void **state)
{
	const struct gh_clock *clock = gh_clock_system();
	uint64_t before = clock->monotonic_us(clock);
	struct timespec pause = { 0, 2000000 };

	nanosleep(&pause, NULL);
	assert_true(clock->monotonic_us(clock) >= before + 2000);
	assert_true(clock->real_ms(clock) > INT64_C(1600000000000));
	assert_true((unsigned)clock->quality(clock) <= GH_CLOCK_SYNCED);
}

static void manual_clock_stands_until_moved(void **state)
{
	struct gh_clock_manual manual;
	const struct gh_clock *clock = &manual.clock;

	gh_clock_manual_init(&manual, 500, 1000);
	assert_int_equal(clock->monotonic_us(clock), 500);
	assert_int_equal(clock->real_ms(clock), 1000);
	assert_int_equal(clock->quality(clock), GH_CLOCK_SYNCED);
	gh_clock_manual_advance(&manual, 2500);
	assert_int_equal(clock->monotonic_us(clock), 3000);
	assert_int_equal(clock->real_ms(clock), 1003);
	for (int i = 0; i < 1000; i++)
		gh_clock_manual_advance(&manual, 1);
	assert_int_equal(clock->real_ms(clock), 1004);
	manual.quality = GH_CLOCK_UNSYNCED;
	assert_int_equal(clock->quality(clock), GH_CLOCK_UNSYNCED);
}

static void qualities_are_named(void **state)
{
	assert_string_equal(gh_clock_quality_name(GH_CLOCK_UNKNOWN), "unknown");
	assert_string_equal(gh_clock_quality_name(GH_CLOCK_UNSYNCED), "unsynced");
	assert_string_equal(gh_clock_quality_name(GH_CLOCK_SYNCED), "synced");
	assert_string_equal(gh_clock_quality_name((enum gh_clock_quality)9), "unknown");
}

static void known_times(void **state)
{
	static const struct {
		const char *text;
		int64_t real_ms;
	} rows[] = {
		{ "1970-01-01T00:00:00.000Z", 0 },
		{ "1970-12-31T23:59:59.999Z", INT64_C(31535999999) },
		{ "2000-02-29T12:00:00.001Z", INT64_C(951825600001) },
		{ "2026-11-24T15:08:09.123Z", INT64_C(1795532889123) },
		{ "2100-03-01T00:00:00.000Z", INT64_C(4107542400000) },
		{ "9999-12-31T23:59:59.999Z", INT64_C(253402300799999) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[GH_TIME_TEXT_BYTES];
		int64_t back;

		gh_time_format(rows[i].real_ms, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(gh_time_parse(rows[i].text, &back, NULL), GH_OK);
		assert_int_equal(back, rows[i].real_ms);
	}
}

/* Every day of 8,000 years, there and back, and against gmtime_r(). */
static void the_whole_calendar(void **state)
{
	for (int64_t day = 0; day < 2932897; day++) {
		int64_t real_ms = day * 86400000 + (day * 7919) % 86400000;
		time_t seconds = (time_t)(real_ms / 1000);
		char text[GH_TIME_TEXT_BYTES];
		char expected[64];
		struct tm tm;
		int64_t back = -1;

		gmtime_r(&seconds, &tm);
		snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
			tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			tm.tm_sec, (int)(real_ms % 1000));
		gh_time_format(real_ms, text);
		if (strcmp(text, expected) != 0)
			assert_string_equal(text, expected);
		if (gh_time_parse(text, &back, NULL) != GH_OK || back != real_ms)
			assert_int_equal(back, real_ms);
	}
}

static void other_ways_to_write_it(void **state)
{
	static const struct {
		const char *text;
		int64_t real_ms;
	} rows[] = {
		{ "1970-01-01t00:00:01z", 1000 },
		{ "1970-01-01T00:00:01.5Z", 1500 },
		{ "1970-01-01T00:00:00.123456789Z", 123 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T23:00:00-01:00", -1 },
		{ "1970-01-01T00:00:00-05:30", 19800000 },
		{ "1970-01-02T00:00:00-00:00", 86400000 },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
		{ "2016-12-31T23:59:60.5Z", INT64_C(1483228800500) },
		{ "2017-01-01T00:59:60+01:00", INT64_C(1483228800000) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t real_ms = 7;
		enum gh_status status = gh_time_parse(rows[i].text, &real_ms, NULL);

		assert_int_equal(status, rows[i].real_ms < 0 ? GH_MALFORMED : GH_OK);
		assert_int_equal(real_ms, rows[i].real_ms < 0 ? 0 : rows[i].real_ms);
	}
}

static void wrong_times_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026",
		"2026-11-24",
		"2026-11-24T15:08:09",
		"2026-11-24 15:08:09Z",
		"2026-11-24T15:08:09.Z",
		"2026-11-24T15:08:09.1234567890Z",
		"2026-11-24T15:08:09ZZ",
		"2026-11-24T15:08:09Z ",
		" 2026-11-24T15:08:09Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-04-00T00:00:00Z",
		"2026-04-30T24:00:00Z",
		"2026-04-30T23:60:00Z",
		"2026-04-30T23:59:61Z",
		"2026-04-30T12:30:60Z",
		"2026-04-30T12:30:00+24:00",
		"2026-04-30T12:30:00+01:60",
		"2026-04-30T12:30:00+0100",
		"2026-04-30T12:30:00+1",
		"1970-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"9999-12-31T23:59:60Z",
		"10000-01-01T00:00:00Z",
		"-026-04-30T12:30:00Z",
		"2026-4-30T12:30:00Z",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		int64_t real_ms = 7;

		assert_int_equal(gh_time_parse(wrong[i], &real_ms, &error), GH_MALFORMED);
		assert_int_equal(real_ms, 0);
		assert_memory_equal(error.text, "time: ", 6);
	}
}

static void times_outside_are_written_as_the_nearest(void **state)
{
	char text[GH_TIME_TEXT_BYTES];

	gh_time_format(INT64_MIN, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	gh_time_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_clock_moves_forward),
		cmocka_unit_test(manual_clock_stands_until_moved),
		cmocka_unit_test(qualities_are_named),
		cmocka_unit_test(known_times),
		cmocka_unit_test(the_whole_calendar),
		cmocka_unit_test(other_ways_to_write_it),
		cmocka_unit_test(wrong_times_are_refused),
		cmocka_unit_test(times_outside_are_written_as_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
