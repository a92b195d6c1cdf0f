/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane warns of itself, and what it leaves alone. */
#include "gatehouse/health/warnings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define NOW_MS INT64_C(1790000000000)

static struct gh_health *well(void)
{
	struct gh_health *health = calloc(1, sizeof(*health));

	assert_non_null(health);
	health->machine = (struct gh_health_machine){ .now_ms = NOW_MS,
		.clock_quality = GH_CLOCK_SYNCED,
		.own = { NOW_MS - 30 * DAY_MS, NOW_MS + 335 * DAY_MS },
		.authority = { NOW_MS - 30 * DAY_MS, NOW_MS + 3000 * DAY_MS },
		.disk_free_bytes = 500,
		.disk_size_bytes = 1000 };
	return health;
}

static void expect(const struct gh_health *health, enum gh_warning warning, bool stands)
{
	assert_int_equal(gh_health_warnings(health), stands ? 1u << warning : 0);
}

static void a_lane_that_is_well_warns_of_nothing(void **state)
{
	struct gh_health *health = well();

	(void)state;
	assert_int_equal(gh_health_warnings(health), 0);
	/* Nor one that knows nothing of itself. */
	memset(&health->machine, 0, sizeof(health->machine));
	assert_int_equal(gh_health_warnings(health), 0);
	free(health);
}

static void a_certificate_is_warned_of_in_its_last_days(void **state)
{
	struct gh_health *health = well();

	(void)state;
	health->machine.own.not_after_ms = NOW_MS + 30 * DAY_MS;
	expect(health, GH_WARNING_CERTIFICATE_ENDS, false);
	/* Of a year less than thirty days, and of seven days the last fifth. */
	health->machine.own.not_before_ms = NOW_MS - 335 * DAY_MS;
	health->machine.own.not_after_ms--;
	expect(health, GH_WARNING_CERTIFICATE_ENDS, true);
	health->machine.own =
		(struct gh_health_certificate){ NOW_MS - 5 * DAY_MS, NOW_MS + 2 * DAY_MS };
	expect(health, GH_WARNING_CERTIFICATE_ENDS, false);
	health->machine.own =
		(struct gh_health_certificate){ NOW_MS - 6 * DAY_MS, NOW_MS + DAY_MS };
	expect(health, GH_WARNING_CERTIFICATE_ENDS, true);
	health->machine.own =
		(struct gh_health_certificate){ NOW_MS - 8 * DAY_MS, NOW_MS - DAY_MS };
	expect(health, GH_WARNING_CERTIFICATE_ENDS, true);
	free(health);
}

static void the_authority_is_another_certificate(void **state)
{
	struct gh_health *health = well();

	(void)state;
	health->machine.authority =
		(struct gh_health_certificate){ NOW_MS - 1000 * DAY_MS, NOW_MS + DAY_MS };
	expect(health, GH_WARNING_AUTHORITY_ENDS, true);
	free(health);
}

static void disk_and_clock_are_looked_at(void **state)
{
	struct gh_health *health = well();

	(void)state;
	health->machine.disk_free_bytes = 100;
	expect(health, GH_WARNING_DISK_FILLS, false);
	health->machine.disk_free_bytes = 99;
	expect(health, GH_WARNING_DISK_FILLS, true);
	health->machine.disk_free_bytes = 500;
	health->machine.clock_quality = GH_CLOCK_UNSYNCED;
	expect(health, GH_WARNING_CLOCK_UNSYNCED, true);
	health->machine.clock_quality = GH_CLOCK_UNKNOWN;
	expect(health, GH_WARNING_CLOCK_UNSYNCED, false);
	free(health);
}

static void each_says_what_to_do(void **state)
{
	(void)state;
	for (int i = 0; i < GH_WARNING_COUNT; i++) {
		assert_non_null(gh_warning_name((enum gh_warning)i));
		assert_non_null(strstr(gh_warning_text((enum gh_warning)i), ": "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lane_that_is_well_warns_of_nothing),
		cmocka_unit_test(a_certificate_is_warned_of_in_its_last_days),
		cmocka_unit_test(the_authority_is_another_certificate),
		cmocka_unit_test(disk_and_clock_are_looked_at),
		cmocka_unit_test(each_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
