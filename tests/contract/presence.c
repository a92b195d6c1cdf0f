/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of presence sensors, run over every driver of the class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "contract/support/fixture.h"

#define PATIENCE_MS 20000

static struct gh_actuator *open_device(const struct contract_device *device)
{
	struct gh_actuator *actuator;
	assert_int_equal(
		gh_actuator_open(&device->address, gh_clock_system(), &actuator, NULL), GH_OK);
	return actuator;
}

/* The next event of this kind; others may come before it. */
static struct gh_device_event expect(struct gh_actuator *actuator, enum gh_device_event_kind kind)
{
	struct gh_device_event event;
	do
		assert_int_equal(gh_actuator_wait(actuator, PATIENCE_MS, &event, NULL), GH_OK);
	while (event.kind != kind);
	return event;
}

/* Whoever opens it is told what it sees, and then changes only. */
static void tells_first_and_then_changes(struct contract_device *device)
{
	struct gh_actuator *sensor = open_device(device);
	struct gh_device_event event;
	assert_int_equal(gh_actuator_wait(sensor, PATIENCE_MS, &event, NULL), GH_OK);
	enum gh_device_event_kind last = event.kind;
	for (unsigned i = 0; i < 3; i++) {
		expect(sensor, device->fixture->cause(device->world, sensor));
		last = GH_EVENT_PRESENCE_OCCUPIED;
		device->fixture->cause(device->world, sensor);
		while (gh_actuator_wait(sensor, 0, &event, NULL) == GH_OK) {
			assert_int_not_equal(event.kind, last);
			last = event.kind;
		}
	}
	gh_actuator_close(sensor);
}

static void each_tells_first_and_then_changes(void **state)
{
	contract_each(GH_DEVICE_PRESENCE, tells_first_and_then_changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_tells_first_and_then_changes),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + contract_run_events(GH_DEVICE_PRESENCE, "every presence");
}
