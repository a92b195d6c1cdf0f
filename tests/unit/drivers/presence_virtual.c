/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual presence sensor: what it sees first, and every change. */
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
	struct gh_device_address at = { .driver = "presence/virtual" };
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

/* The next event there is now, or GH_EVENT_KIND_COUNT. */
static enum gh_device_event_kind next(struct gh_actuator *actuator, struct gh_device_event *event)
{
	enum gh_status status = gh_actuator_wait(actuator, 0, event, NULL);
	assert_true(status == GH_OK || status == GH_TIMEOUT);
	return status == GH_OK ? event->kind : GH_EVENT_KIND_COUNT;
}

static enum gh_status rehearse(struct gh_actuator *actuator, const char *command)
{
	return gh_actuator_rehearse(actuator, command, NULL);
}

static void first_sight_is_told(void **state)
{
	struct gh_device_event event;
	struct gh_actuator *sensor = open_with("");
	assert_int_equal(next(sensor, &event), GH_EVENT_PRESENCE_VACANT);
	gh_actuator_close(sensor);
	sensor = open_with("zone=occupied");
	assert_int_equal(next(sensor, &event), GH_EVENT_PRESENCE_OCCUPIED);
	gh_actuator_close(sensor);
}

static void changes_are_told_once(void **state)
{
	struct gh_device_event event;
	struct gh_actuator *sensor = open_with("delay_ms=50");
	assert_int_equal(next(sensor, &event), GH_EVENT_PRESENCE_VACANT);
	assert_int_equal(rehearse(sensor, "vacant"), GH_OK);
	assert_int_equal(next(sensor, &event), GH_EVENT_KIND_COUNT);
	assert_int_equal(rehearse(sensor, "occupied"), GH_OK);
	assert_int_equal(rehearse(sensor, "occupied"), GH_OK);
	assert_int_equal(next(sensor, &event), GH_EVENT_KIND_COUNT);
	gh_clock_manual_advance(&manual, 50000);
	assert_int_equal(next(sensor, &event), GH_EVENT_PRESENCE_OCCUPIED);
	assert_int_equal(next(sensor, &event), GH_EVENT_KIND_COUNT);
	assert_int_equal(rehearse(sensor, "vacant"), GH_OK);
	gh_clock_manual_advance(&manual, 50000);
	assert_int_equal(next(sensor, &event), GH_EVENT_PRESENCE_VACANT);
	gh_actuator_close(sensor);
}

static void odd_commands_and_options_are_refused(void **state)
{
	struct gh_actuator *sensor = open_with("");
	assert_int_equal(rehearse(sensor, "full"), GH_UNSUPPORTED);
	gh_actuator_close(sensor);
	assert_int_equal(try_open("zone=full", &sensor), GH_SETTINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_sight_is_told),
		cmocka_unit_test(changes_are_told_once),
		cmocka_unit_test(odd_commands_and_options_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
