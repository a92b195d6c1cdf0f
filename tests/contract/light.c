/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of lights, run over every driver of the class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "contract/support/fixture.h"

static struct gh_actuator *open_device(const struct contract_device *device)
{
	struct gh_actuator *actuator;
	assert_int_equal(
		gh_actuator_open(&device->address, gh_clock_system(), &actuator, NULL), GH_OK);
	return actuator;
}

static void every_level_is_taken(struct contract_device *device)
{
	static const uint32_t levels[] = { 0, 1, 500, 999, 1000, 0 };
	struct gh_actuator *light = open_device(device);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct gh_action action = { .kind = GH_ACTION_LIGHT_SET,
			.level_permille = levels[i] };
		assert_int_equal(gh_actuator_act(light, &action, NULL), GH_OK);
	}
	struct gh_action action = { .kind = GH_ACTION_LIGHT_SET, .level_permille = 1001 };
	assert_int_equal(gh_actuator_act(light, &action, NULL), GH_UNSUPPORTED);
	gh_actuator_close(light);
}

static void each_every_level_is_taken(void **state)
{
	contract_each(GH_DEVICE_LIGHT, every_level_is_taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_every_level_is_taken),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + contract_run_events(GH_DEVICE_LIGHT, "every light");
}
