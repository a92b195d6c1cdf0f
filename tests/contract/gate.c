/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of gates, run over every driver of the class. */
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

static void act(struct gh_actuator *actuator, enum gh_action_kind kind)
{
	struct gh_action action = { .kind = kind };
	assert_int_equal(gh_actuator_act(actuator, &action, NULL), GH_OK);
}

static void opens_and_closes(struct contract_device *device)
{
	struct gh_actuator *gate = open_device(device);
	for (unsigned i = 0; i < 3; i++) {
		act(gate, GH_ACTION_GATE_OPEN);
		expect(gate, GH_EVENT_GATE_OPENED);
		act(gate, GH_ACTION_GATE_CLOSE);
		expect(gate, GH_EVENT_GATE_CLOSED);
	}
	gh_actuator_close(gate);
}

/* Told twice, it ends where it was told to. */
static void repeated_actions_are_answered(struct contract_device *device)
{
	struct gh_actuator *gate = open_device(device);
	act(gate, GH_ACTION_GATE_CLOSE);
	expect(gate, GH_EVENT_GATE_CLOSED);
	act(gate, GH_ACTION_GATE_OPEN);
	act(gate, GH_ACTION_GATE_OPEN);
	expect(gate, GH_EVENT_GATE_OPENED);
	gh_actuator_close(gate);
}

static void never_closes_on_somebody(struct contract_device *device)
{
	const struct contract_fixture *fixture = device->fixture;
	struct gh_actuator *gate = open_device(device);
	struct gh_device_event event;
	act(gate, GH_ACTION_GATE_OPEN);
	expect(gate, GH_EVENT_GATE_OPENED);
	fixture->block_path(device->world, gate);
	expect(gate, GH_EVENT_GATE_OBJECT);
	act(gate, GH_ACTION_GATE_CLOSE);
	while (gh_actuator_wait(gate, 50, &event, NULL) == GH_OK)
		assert_int_not_equal(event.kind, GH_EVENT_GATE_CLOSED);
	fixture->free_path(device->world, gate);
	expect(gate, GH_EVENT_GATE_CLOSED);
	gh_actuator_close(gate);
}

static void each_opens_and_closes(void **state)
{
	contract_each(GH_DEVICE_GATE, opens_and_closes);
}

static void each_repeated_actions_are_answered(void **state)
{
	contract_each(GH_DEVICE_GATE, repeated_actions_are_answered);
}

static void each_never_closes_on_somebody(void **state)
{
	contract_each(GH_DEVICE_GATE, never_closes_on_somebody);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_opens_and_closes),
		cmocka_unit_test(each_repeated_actions_are_answered),
		cmocka_unit_test(each_never_closes_on_somebody),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + contract_run_events(GH_DEVICE_GATE, "every gate");
}
