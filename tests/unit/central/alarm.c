/* SPDX-License-Identifier: Apache-2.0 */
/* When a value is an alarm, and every state with every event. */
#include "alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS INT64_C(1790000000000)

static struct gh_settings_monitoring limits(void)
{
	struct gh_settings settings;

	gh_settings_default(&settings);
	return settings.monitoring;
}

static struct store_lane well(void)
{
	return (struct store_lane){ .last = { .lane = "lane-1",
					    .sent_ms = NOW_MS,
					    .received_ms = NOW_MS,
					    .interval_ms = 60000,
					    .disk_free_permille = 900 } };
}

static struct alarm_reading read_now(enum alarm_kind kind, const struct store_lane *lane)
{
	struct gh_settings_monitoring monitoring = limits();

	return alarm_read(kind, lane, &monitoring, NOW_MS);
}

static enum alarm_event event_of(enum alarm_kind kind, const struct store_lane *lane)
{
	return read_now(kind, lane).event;
}

/* Written once more by hand: the table is the code, and this is what it is to be. */
static void every_state_answers_every_event(void **state)
{
	/* Good, between, bad, unknown, held. */
	/* clang-format off */
	static const enum alarm_state to[ALARM_STATES][ALARM_EVENTS] = {
		[ALARM_QUIET] = { ALARM_QUIET, ALARM_QUIET, ALARM_RAISED, ALARM_QUIET,
			ALARM_QUIET },
		[ALARM_RAISED] = { ALARM_CLEARING, ALARM_RAISED, ALARM_RAISED, ALARM_RAISED,
			ALARM_RAISED },
		[ALARM_CLEARING] = { ALARM_CLEARING, ALARM_CLEARING, ALARM_RAISED, ALARM_RAISED,
			ALARM_QUIET },
	};
	/* clang-format on */
	int raises = 0;
	int ends = 0;

	(void)state;
	for (int s = 0; s < ALARM_STATES; s++) {
		for (int e = 0; e < ALARM_EVENTS; e++) {
			enum alarm_act act;
			enum alarm_state next =
				alarm_next((enum alarm_state)s, (enum alarm_event)e, &act);

			assert_int_equal(next, to[s][e]);
			/* Somebody is told exactly when it begins and when it is over. */
			assert_int_equal(
				act == ALARM_RAISE, s == ALARM_QUIET && next != ALARM_QUIET);
			assert_int_equal(act == ALARM_END, s != ALARM_QUIET && next == ALARM_QUIET);
			raises += act == ALARM_RAISE;
			ends += act == ALARM_END;
		}
	}
	assert_int_equal(raises, 1);
	assert_int_equal(ends, 1);
}

static void an_alarm_ends_when_it_was_good_for_long_enough(void **state)
{
	struct store_alarm alarm = { .state = ALARM_QUIET };
	const struct alarm_reading bad = { ALARM_BAD, 9, 5 };
	const struct alarm_reading worse = { ALARM_BAD, 12, 5 };
	const struct alarm_reading good = { ALARM_GOOD, 1, 5 };

	(void)state;
	assert_int_equal(alarm_step(&alarm, &bad, 1000, 60), ALARM_RAISE);
	assert_int_equal(alarm.since_ms, 1000);
	assert_int_equal(alarm.value, 9);
	assert_int_equal(alarm_step(&alarm, &worse, 1010, 60), ALARM_NOTHING);
	assert_int_equal(alarm.since_ms, 1000);
	assert_int_equal(alarm_step(&alarm, &good, 1020, 60), ALARM_NOTHING);
	assert_int_equal(alarm.state, ALARM_CLEARING);
	/* Bad again meanwhile: the time begins anew, and nobody is told twice. */
	assert_int_equal(alarm_step(&alarm, &bad, 1030, 60), ALARM_NOTHING);
	assert_int_equal(alarm.state, ALARM_RAISED);
	assert_int_equal(alarm_step(&alarm, &good, 1040, 60), ALARM_NOTHING);
	assert_int_equal(alarm_step(&alarm, &good, 1099, 60), ALARM_NOTHING);
	assert_int_equal(alarm_step(&alarm, &good, 1100, 60), ALARM_END);
	assert_int_equal(alarm.state, ALARM_QUIET);
	/* Without a time to wait it is over at once; a clock that was set back holds nothing. */
	assert_int_equal(alarm_step(&alarm, &bad, 2000, 0), ALARM_RAISE);
	assert_int_equal(alarm_step(&alarm, &good, 2001, 0), ALARM_END);
	assert_int_equal(alarm_step(&alarm, &bad, 3000, 60), ALARM_RAISE);
	assert_int_equal(alarm_step(&alarm, &good, 3001, 60), ALARM_NOTHING);
	assert_int_equal(alarm_step(&alarm, &good, 1000, 60), ALARM_END);
}

static void what_a_store_holds_wrongly_is_quiet(void **state)
{
	struct store_alarm alarm = { .state = 77 };
	const struct alarm_reading good = { ALARM_GOOD, 1, 5 };

	(void)state;
	assert_int_equal(alarm_step(&alarm, &good, 1, 0), ALARM_NOTHING);
	assert_int_equal(alarm.state, ALARM_QUIET);
}

static enum alarm_event rate(int64_t captured, int64_t not_captured)
{
	struct store_lane lane = well();

	lane.captured = captured;
	lane.not_captured = not_captured;
	return event_of(ALARM_CAPTURE_RATE, &lane);
}

static void a_rate_is_an_alarm_only_beyond_chance(void **state)
{
	struct store_lane lane = well();

	(void)state;
	assert_int_equal(rate(0, 0), ALARM_GOOD);
	/* Three people, and twenty-nine, say nothing. */
	assert_int_equal(rate(0, 3), ALARM_GOOD);
	assert_int_equal(rate(15, 14), ALARM_GOOD);
	/* At the goal itself, and what chance makes of it. */
	assert_int_equal(rate(97, 3), ALARM_GOOD);
	assert_int_equal(rate(29, 1), ALARM_BETWEEN);
	assert_int_equal(rate(27, 3), ALARM_BETWEEN);
	assert_int_equal(rate(26, 4), ALARM_BETWEEN);
	assert_int_equal(rate(25, 5), ALARM_BAD);
	assert_int_equal(rate(188, 12), ALARM_BETWEEN);
	assert_int_equal(rate(187, 13), ALARM_BAD);
	assert_int_equal(rate(9600, 400), ALARM_BAD);
	assert_int_equal(rate(9690, 310), ALARM_BETWEEN);
	assert_int_equal(rate(96800, 3200), ALARM_BAD);
	assert_int_equal(rate(96950, 3050), ALARM_BETWEEN);
	assert_int_equal(rate(0, 30), ALARM_BAD);
	lane.captured = 94;
	lane.not_captured = 6;
	assert_int_equal(read_now(ALARM_CAPTURE_RATE, &lane).value, 940);
	assert_int_equal(read_now(ALARM_CAPTURE_RATE, &lane).limit, 970);
}

static void a_goal_without_misses_is_broken_by_one(void **state)
{
	struct gh_settings_monitoring monitoring = limits();
	struct store_lane lane = well();

	(void)state;
	monitoring.capture_goal_permille = 1000;
	lane.captured = 100;
	assert_int_equal(
		alarm_read(ALARM_CAPTURE_RATE, &lane, &monitoring, NOW_MS).event, ALARM_GOOD);
	lane.not_captured = 1;
	assert_int_equal(
		alarm_read(ALARM_CAPTURE_RATE, &lane, &monitoring, NOW_MS).event, ALARM_BAD);
}

static void limits_have_a_band(void **state)
{
	struct store_lane lane = well();

	(void)state;
	lane.last.oldest_ms = 901 * 1000;
	assert_int_equal(event_of(ALARM_OUTBOX_OLD, &lane), ALARM_BAD);
	lane.last.oldest_ms = 900 * 1000;
	assert_int_equal(event_of(ALARM_OUTBOX_OLD, &lane), ALARM_BETWEEN);
	lane.last.oldest_ms = 450 * 1000;
	assert_int_equal(event_of(ALARM_OUTBOX_OLD, &lane), ALARM_GOOD);
	lane.last.disk_free_permille = 99;
	assert_int_equal(event_of(ALARM_DISK_FILLING, &lane), ALARM_BAD);
	lane.last.disk_free_permille = 149;
	assert_int_equal(event_of(ALARM_DISK_FILLING, &lane), ALARM_BETWEEN);
	lane.last.disk_free_permille = 150;
	assert_int_equal(event_of(ALARM_DISK_FILLING, &lane), ALARM_GOOD);
	lane.last.sent_ms = NOW_MS - 2001;
	assert_int_equal(event_of(ALARM_CLOCK_OFFSET, &lane), ALARM_BAD);
	assert_int_equal(read_now(ALARM_CLOCK_OFFSET, &lane).value, -2001);
	lane.last.sent_ms = NOW_MS + 2001;
	assert_int_equal(event_of(ALARM_CLOCK_OFFSET, &lane), ALARM_BAD);
	lane.last.sent_ms = NOW_MS + 1500;
	assert_int_equal(event_of(ALARM_CLOCK_OFFSET, &lane), ALARM_BETWEEN);
}

static void one_is_too_many(void **state)
{
	struct store_lane lane = well();

	(void)state;
	assert_int_equal(event_of(ALARM_DEVICE_LOST, &lane), ALARM_GOOD);
	assert_int_equal(event_of(ALARM_OUTBOX_REFUSED, &lane), ALARM_GOOD);
	lane.last.devices_down = 1;
	lane.last.quarantined = 1;
	assert_int_equal(event_of(ALARM_DEVICE_LOST, &lane), ALARM_BAD);
	assert_int_equal(event_of(ALARM_OUTBOX_REFUSED, &lane), ALARM_BAD);
}

static void a_certificate_ends(void **state)
{
	struct store_lane lane = well();

	(void)state;
	assert_int_equal(event_of(ALARM_CERTIFICATE, &lane), ALARM_UNKNOWN);
	lane.last.certificate_end_ms = NOW_MS + 14 * STORE_DAY_MS;
	assert_int_equal(event_of(ALARM_CERTIFICATE, &lane), ALARM_GOOD);
	lane.last.certificate_end_ms--;
	assert_int_equal(event_of(ALARM_CERTIFICATE, &lane), ALARM_BAD);
	assert_int_equal(read_now(ALARM_CERTIFICATE, &lane).value, 13);
	lane.last.certificate_end_ms = NOW_MS - 2 * STORE_DAY_MS;
	assert_int_equal(read_now(ALARM_CERTIFICATE, &lane).value, -2);
}

static void who_is_silent_says_nothing_else(void **state)
{
	struct store_lane lane = well();

	(void)state;
	lane.last.devices_down = 1;
	lane.last.certificate_end_ms = NOW_MS + STORE_DAY_MS;
	lane.last.received_ms = NOW_MS - 5 * 60000;
	assert_int_equal(event_of(ALARM_SILENT, &lane), ALARM_GOOD);
	assert_int_equal(event_of(ALARM_DEVICE_LOST, &lane), ALARM_BAD);
	lane.last.received_ms--;
	assert_int_equal(event_of(ALARM_SILENT, &lane), ALARM_BAD);
	assert_int_equal(read_now(ALARM_SILENT, &lane).value, 300);
	assert_int_equal(read_now(ALARM_SILENT, &lane).limit, 300);
	for (int kind = 0; kind < ALARM_KINDS; kind++) {
		if (kind != ALARM_SILENT && kind != ALARM_CERTIFICATE)
			assert_int_equal(event_of((enum alarm_kind)kind, &lane), ALARM_UNKNOWN);
	}
	/* Its certificate goes on ageing. */
	assert_int_equal(event_of(ALARM_CERTIFICATE, &lane), ALARM_BAD);
}

static void kinds_have_names_in_their_order(void **state)
{
	(void)state;
	for (int kind = 0; kind < ALARM_KINDS; kind++) {
		const char *name = alarm_name((enum alarm_kind)kind);

		assert_int_equal(alarm_of(name), kind);
		assert_true(strlen(name) < sizeof(((struct store_alarm *)0)->kind));
		assert_true(alarm_unit((enum alarm_kind)kind)[0] != '\0');
		/* As a store lists them. */
		if (kind > 0)
			assert_true(strcmp(alarm_name((enum alarm_kind)(kind - 1)), name) < 0);
	}
	assert_int_equal(alarm_of("fire"), ALARM_KINDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_answers_every_event),
		cmocka_unit_test(an_alarm_ends_when_it_was_good_for_long_enough),
		cmocka_unit_test(what_a_store_holds_wrongly_is_quiet),
		cmocka_unit_test(a_rate_is_an_alarm_only_beyond_chance),
		cmocka_unit_test(a_goal_without_misses_is_broken_by_one),
		cmocka_unit_test(limits_have_a_band),
		cmocka_unit_test(one_is_too_many),
		cmocka_unit_test(a_certificate_ends),
		cmocka_unit_test(who_is_silent_says_nothing_else),
		cmocka_unit_test(kinds_have_names_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
