/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual light: it takes every level, and knows no option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/device/actuator.h"

static struct gh_clock_manual manual;

static enum gh_status try_open(const char *options, struct gh_actuator **actuator)
{
	struct gh_device_address at = { .driver = "light/virtual" };
	snprintf(at.options, sizeof(at.options), "%s", options);
	gh_clock_manual_init(&manual, 1000000, 0);
	return gh_actuator_open(&at, &manual.clock, actuator, NULL);
}

static struct gh_actuator *open_with(const char *options)
{
	struct gh_actuator *actuator;
	assert_int_equal(try_open(options, &actuator), GH_OK);
	return actuator;
}

static void every_level_is_taken(void **state)
{
	struct gh_actuator *light = open_with("");
	for (uint32_t level = 0; level <= 1000; level += 250) {
		struct gh_action action = { .kind = GH_ACTION_LIGHT_SET, .level_permille = level };
		assert_int_equal(gh_actuator_act(light, &action, NULL), GH_OK);
	}
	struct gh_device_event event;
	assert_int_equal(gh_actuator_wait(light, 0, &event, NULL), GH_TIMEOUT);
	gh_actuator_close(light);
}

static void nothing_else_is_known(void **state)
{
	struct gh_actuator *light = open_with("");
	assert_int_equal(gh_actuator_rehearse(light, "flicker", NULL), GH_UNSUPPORTED);
	gh_actuator_close(light);
	assert_int_equal(try_open("level=1", &light), GH_SETTINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_is_taken),
		cmocka_unit_test(nothing_else_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
