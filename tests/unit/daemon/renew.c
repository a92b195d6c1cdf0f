/* SPDX-License-Identifier: Apache-2.0 */
/* When a lane renews its certificate, and when it begins to warn. */
#include "daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define FROM_MS (INT64_C(20000) * DAY_MS)

static const struct gh_certificate year = { .not_before_ms = FROM_MS,
	.not_after_ms = FROM_MS + 360 * DAY_MS };

static struct gh_settings_uplink settings(void)
{
	struct gh_settings all;

	gh_settings_default(&all);
	return all.uplink;
}

static void a_third_is_left(void **state)
{
	struct gh_settings_uplink uplink = settings();

	(void)state;
	assert_false(renew_is_due(&uplink, &year, FROM_MS, 0));
	assert_false(renew_is_due(&uplink, &year, FROM_MS + 240 * DAY_MS, 0));
	assert_true(renew_is_due(&uplink, &year, FROM_MS + 241 * DAY_MS, 0));
	assert_true(renew_is_due(&uplink, &year, year.not_after_ms - 1, 0));
	/* By what is over nobody is let in who asks for another. */
	assert_false(renew_is_due(&uplink, &year, year.not_after_ms, 0));
}

static void lanes_of_one_day_are_spread(void **state)
{
	struct gh_settings_uplink uplink = settings();

	(void)state;
	assert_false(renew_is_due(&uplink, &year, FROM_MS + 250 * DAY_MS, UINT32_MAX));
	assert_true(renew_is_due(&uplink, &year, FROM_MS + 259 * DAY_MS, UINT32_MAX));
	assert_true(renew_is_due(&uplink, &year, FROM_MS + 250 * DAY_MS, UINT32_MAX / 2));
	/* Never so far that nothing is left. */
	uplink.renew_left_permille = 2;
	assert_true(
		renew_is_due(&uplink, &year, year.not_after_ms - 360 * DAY_MS / 1000, UINT32_MAX));
}

static void zero_is_never(void **state)
{
	struct gh_settings_uplink uplink = settings();

	(void)state;
	uplink.renew_left_permille = 0;
	for (int64_t day = 0; day <= 361; day++)
		assert_false(renew_is_due(&uplink, &year, FROM_MS + day * DAY_MS, 0));
}

static const char *state_of(const struct gh_certificate *facts, int64_t left_ms)
{
	struct gh_settings_uplink uplink = settings();

	return renew_state(&uplink, facts, facts->not_after_ms - left_ms).literal;
}

static void the_end_is_told_long_before(void **state)
{
	static const struct {
		int64_t left_ms;
		const char *word;
	} cases[] = { { 360 * DAY_MS, "fine" }, { 30 * DAY_MS, "fine" },
		{ 30 * DAY_MS - 1, "soon" }, { 7 * DAY_MS, "soon" }, { 7 * DAY_MS - 1, "urgent" },
		{ 1, "urgent" }, { 0, "over" }, { -DAY_MS, "over" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(state_of(&year, cases[i].left_ms), cases[i].word);
}

/* What lives for a week is not near its end on its first day. */
static void a_short_life_has_its_own_measure(void **state)
{
	static const struct gh_certificate week = { .not_before_ms = FROM_MS,
		.not_after_ms = FROM_MS + 7 * DAY_MS };

	(void)state;
	assert_string_equal(state_of(&week, 7 * DAY_MS), "fine");
	assert_string_equal(state_of(&week, 2 * DAY_MS), "fine");
	assert_string_equal(state_of(&week, DAY_MS), "soon");
	assert_string_equal(state_of(&week, DAY_MS / 2), "urgent");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_third_is_left),
		cmocka_unit_test(lanes_of_one_day_are_spread),
		cmocka_unit_test(zero_is_never),
		cmocka_unit_test(the_end_is_told_long_before),
		cmocka_unit_test(a_short_life_has_its_own_measure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
