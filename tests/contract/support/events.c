/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of every device but cameras, run over all drivers of a class. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

/* Long enough that only a device that does nothing reaches it. */
#define PATIENCE_MS 20000

static enum gh_device_class device_class;

static struct gh_actuator *open_device(const struct contract_device *device)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_actuator *actuator;
	if (gh_actuator_open(&device->address, gh_clock_system(), &actuator, &error) != GH_OK)
		fail_msg("%s", error.text);
	return actuator;
}

/* The next event of this kind; others may come before it. */
static struct gh_device_event expect(struct gh_actuator *actuator, enum gh_device_event_kind kind)
{
	uint64_t last_us = 0;
	for (;;) {
		struct gh_device_event event;
		struct gh_error error = GH_ERROR_NONE;
		if (gh_actuator_wait(actuator, PATIENCE_MS, &event, &error) != GH_OK)
			fail_msg("no %s: %s", gh_device_event_name(kind), error.text);
		const struct gh_clock *clock = gh_clock_system();
		assert_int_equal(event.device_class, device_class);
		assert_true(event.time_us >= last_us);
		assert_true(event.time_us <= clock->monotonic_us(clock));
		last_us = event.time_us;
		if (event.kind == kind)
			return event;
	}
}

static void drain(struct gh_actuator *actuator)
{
	struct gh_device_event event;
	while (gh_actuator_wait(actuator, 0, &event, NULL) == GH_OK)
		;
}

/* Something a device of this class can be asked for; false for one that only tells. */
static bool some_action(struct gh_action *action)
{
	*action = (struct gh_action){ .level_permille = 500, .page = GH_PAGE_NOTICE };
	snprintf(action->notice_hash, sizeof(action->notice_hash), "00ff");
	switch (device_class) {
	case GH_DEVICE_GATE:
		action->kind = GH_ACTION_GATE_OPEN;
		return true;
	case GH_DEVICE_LIGHT:
		action->kind = GH_ACTION_LIGHT_SET;
		return true;
	case GH_DEVICE_DISPLAY:
		action->kind = GH_ACTION_DISPLAY_SHOW;
		return true;
	case GH_DEVICE_ALARM:
		action->kind = GH_ACTION_ALARM_SET;
		return true;
	default:
		return false;
	}
}

static void events_arrive(struct contract_device *device)
{
	if (!device->fixture->cause)
		return;
	struct gh_actuator *actuator = open_device(device);
	assert_int_equal(gh_actuator_class(actuator), device_class);
	assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_OPEN);
	for (unsigned i = 0; i < 3; i++)
		expect(actuator, device->fixture->cause(device->world, actuator));
	assert_true(gh_actuator_counters(actuator).delivered >= 3);
	gh_actuator_close(actuator);
}

static void waits_end_in_time(struct contract_device *device)
{
	static const uint32_t timeouts_ms[] = { 0, 1, 20 };
	struct gh_actuator *actuator = open_device(device);
	const struct gh_clock *clock = gh_clock_system();
	drain(actuator);
	for (size_t i = 0; i < 3; i++) {
		struct gh_device_event event;
		uint64_t begin_us = clock->monotonic_us(clock);
		assert_int_equal(
			gh_actuator_wait(actuator, timeouts_ms[i], &event, NULL), GH_TIMEOUT);
		uint64_t took_us = clock->monotonic_us(clock) - begin_us;
		assert_true(took_us >= (uint64_t)timeouts_ms[i] * 1000);
		assert_true(took_us < (uint64_t)PATIENCE_MS * 1000);
	}
	assert_true(gh_actuator_counters(actuator).timeouts >= 3);
	gh_actuator_close(actuator);
}

static void actions_of_other_classes_are_refused(struct contract_device *device)
{
	struct gh_actuator *actuator = open_device(device);
	struct gh_action own;
	bool acts = some_action(&own);
	for (unsigned kind = 0; kind < GH_ACTION_KIND_COUNT; kind++) {
		struct gh_action action = own;
		action.kind = (enum gh_action_kind)kind;
		enum gh_status status = gh_actuator_act(actuator, &action, NULL);
		bool gates = device_class == GH_DEVICE_GATE && kind == GH_ACTION_GATE_CLOSE;
		bool known = acts && (action.kind == own.kind || gates);
		assert_int_equal(status, known ? GH_OK : GH_UNSUPPORTED);
	}
	gh_actuator_close(actuator);
}

/* Lose it, see that nothing works, bring it back, see that it does. */
static void lose_and_reopen(struct contract_device *device, struct gh_actuator *actuator)
{
	struct gh_device_event event;
	struct gh_action action;
	enum gh_status status;
	device->fixture->unplug(device->world, NULL, actuator);
	do
		status = gh_actuator_wait(actuator, PATIENCE_MS, &event, NULL);
	while (status == GH_OK);
	assert_int_equal(status, GH_GONE);
	assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_LOST);
	assert_int_equal(gh_actuator_wait(actuator, 0, &event, NULL), GH_WRONG_STATE);
	some_action(&action);
	assert_int_equal(gh_actuator_act(actuator, &action, NULL), GH_WRONG_STATE);
	assert_int_not_equal(gh_actuator_reopen(actuator, NULL), GH_OK);
	assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_LOST);

	device->fixture->replug(device->world, NULL, actuator);
	assert_int_equal(gh_actuator_reopen(actuator, NULL), GH_OK);
	assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_OPEN);
	assert_true(gh_actuator_counters(actuator).lost >= 1);
	if (device->fixture->cause)
		expect(actuator, device->fixture->cause(device->world, actuator));
}

static void lost_and_back(struct contract_device *device)
{
	struct gh_actuator *actuator = open_device(device);
	lose_and_reopen(device, actuator); /* at rest */
	struct gh_action action;
	if (some_action(&action))
		assert_int_equal(gh_actuator_act(actuator, &action, NULL), GH_OK);
	lose_and_reopen(device, actuator); /* in the middle of an action */
	gh_actuator_close(actuator);
}

static void closes_in_every_state(struct contract_device *device)
{
	struct gh_action action;
	struct gh_device_event event;
	gh_actuator_close(open_device(device));

	struct gh_actuator *actuator = open_device(device);
	if (some_action(&action))
		assert_int_equal(gh_actuator_act(actuator, &action, NULL), GH_OK);
	gh_actuator_close(actuator); /* before its event was taken */

	actuator = open_device(device);
	device->fixture->unplug(device->world, NULL, actuator);
	while (gh_actuator_wait(actuator, PATIENCE_MS, &event, NULL) != GH_GONE)
		;
	device->fixture->replug(device->world, NULL, actuator);
	gh_actuator_close(actuator); /* lost */
}

/* What a second thread does while the device's own waits. */
struct beside {
	struct contract_device *device;
	struct gh_actuator *actuator;
	enum gh_status status;
};

static void *unplug_beside(void *ctx)
{
	struct beside *beside = ctx;
	beside->device->fixture->unplug(beside->device->world, NULL, beside->actuator);
	return NULL;
}

static void unplugged_beside_a_wait(struct contract_device *device)
{
	struct beside beside = { device, open_device(device), GH_OK };
	struct gh_device_event event;
	pthread_t thread;
	drain(beside.actuator);
	assert_int_equal(pthread_create(&thread, NULL, unplug_beside, &beside), 0);
	enum gh_status status = gh_actuator_wait(beside.actuator, PATIENCE_MS, &event, NULL);
	pthread_join(thread, NULL);
	assert_int_equal(status, GH_GONE);
	device->fixture->replug(device->world, NULL, beside.actuator);
	gh_actuator_close(beside.actuator);
}

static void *act_beside(void *ctx)
{
	struct beside *beside = ctx;
	struct gh_action action;
	for (unsigned i = 0; i < 10 && some_action(&action); i++) {
		beside->status = gh_actuator_act(beside->actuator, &action, NULL);
		if (beside->status != GH_OK && beside->status != GH_BUSY)
			break;
		gh_actuator_state(beside->actuator);
		gh_actuator_counters(beside->actuator);
	}
	return NULL;
}

static void acts_beside_a_wait(struct contract_device *device)
{
	struct beside beside = { device, open_device(device), GH_OK };
	struct gh_device_event event;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, act_beside, &beside), 0);
	for (unsigned i = 0; i < 20; i++) {
		enum gh_status status = gh_actuator_wait(beside.actuator, 1, &event, NULL);
		assert_true(status == GH_OK || status == GH_TIMEOUT);
	}
	pthread_join(thread, NULL);
	assert_true(beside.status == GH_OK || beside.status == GH_BUSY);
	gh_actuator_close(beside.actuator);
}

static void *act_at_a_reopening(void *ctx)
{
	struct beside *beside = ctx;
	struct gh_action action;
	for (unsigned i = 0; i < 30 && some_action(&action); i++) {
		enum gh_status status = gh_actuator_act(beside->actuator, &action, NULL);
		if (status != GH_OK && status != GH_BUSY)
			beside->status = status;
	}
	return NULL;
}

static void acts_beside_a_reopening(struct contract_device *device)
{
	struct beside beside = { device, open_device(device), GH_OK };
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, act_at_a_reopening, &beside), 0);
	for (unsigned i = 0; i < 5; i++) {
		drain(beside.actuator);
		assert_int_equal(gh_actuator_reopen(beside.actuator, NULL), GH_OK);
	}
	pthread_join(thread, NULL);
	assert_int_equal(beside.status, GH_OK);
	assert_int_equal(gh_actuator_counters(beside.actuator).opened, 5);
	gh_actuator_close(beside.actuator);
}

static void second_device_is_another(struct contract_device *device)
{
	struct contract_device other = contract_another(device);
	struct gh_actuator *first = open_device(device);
	struct gh_actuator *second = open_device(&other);
	struct gh_device_event event;
	drain(first);
	drain(second);
	if (device->fixture->cause) {
		expect(first, device->fixture->cause(device->world, first));
		assert_int_equal(gh_actuator_wait(second, 0, &event, NULL), GH_TIMEOUT);
	}
	device->fixture->unplug(device->world, NULL, first);
	assert_int_equal(gh_actuator_wait(second, 0, &event, NULL), GH_TIMEOUT);
	if (other.fixture->cause)
		expect(second, other.fixture->cause(other.world, second));
	device->fixture->replug(device->world, NULL, first);
	gh_actuator_close(first);
	gh_actuator_close(second);
	contract_remove(&other);
}

static void wait_allocates_nothing(struct contract_device *device)
{
	contract_count_begin();
	struct gh_actuator *actuator = open_device(device);
	assert_true(contract_count_end() > 0); /* so it does count */
	if (device->fixture->cause)
		device->fixture->cause(device->world, actuator);
	contract_count_begin();
	for (unsigned i = 0; i < 5; i++) {
		struct gh_device_event event;
		enum gh_status status = gh_actuator_wait(actuator, 5, &event, NULL);
		assert_true(status == GH_OK || status == GH_TIMEOUT);
	}
	assert_int_equal(contract_count_end(), 0);
	gh_actuator_close(actuator);
}

static void unknown_options_are_refused(struct contract_device *device)
{
	struct gh_device_address address = device->address;
	struct gh_actuator *actuator;
	snprintf(address.options, sizeof(address.options), "no_such_option=1");
	assert_int_equal(
		gh_actuator_open(&address, gh_clock_system(), &actuator, NULL), GH_SETTINGS);
	assert_null(actuator);
}

static void garble_is_counted_and_passes(struct contract_device *device)
{
	if (!device->fixture->garble)
		return;
	struct gh_actuator *actuator = open_device(device);
	struct gh_device_event event;
	drain(actuator);
	device->fixture->garble(device->world, actuator);
	assert_int_equal(gh_actuator_wait(actuator, PATIENCE_MS, &event, NULL), GH_MALFORMED);
	assert_int_equal(gh_actuator_counters(actuator).damaged, 1);
	if (device->fixture->cause)
		expect(actuator, device->fixture->cause(device->world, actuator));
	gh_actuator_close(actuator);
}

static void count_found(void *ctx, const struct gh_device_found *found)
{
	unsigned *count = ctx;
	const struct gh_driver *driver = gh_driver_find(found->address.driver);
	assert_non_null(driver);
	assert_int_equal(driver->device_class, device_class);
	assert_int_equal(driver->is_virtual, found->is_virtual);
	assert_true(memchr(found->label, '\0', sizeof(found->label)) != NULL);
	++*count;
}

static void list_tells_its_own_class(struct contract_device *device)
{
	unsigned count = 0;
	assert_int_equal(gh_device_list(device_class, count_found, &count, NULL), GH_OK);
	if (gh_driver_find(device->address.driver)->is_virtual)
		assert_true(count > 0);
}

#define EACH(name) \
	static void each_##name(void **state) \
	{ \
		(void)state; \
		contract_each(device_class, name); \
	}

EACH(events_arrive)
EACH(waits_end_in_time)
EACH(actions_of_other_classes_are_refused)
EACH(lost_and_back)
EACH(closes_in_every_state)
EACH(unplugged_beside_a_wait)
EACH(acts_beside_a_wait)
EACH(acts_beside_a_reopening)
EACH(second_device_is_another)
EACH(wait_allocates_nothing)
EACH(unknown_options_are_refused)
EACH(garble_is_counted_and_passes)
EACH(list_tells_its_own_class)

int contract_run_events(enum gh_device_class which, const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_events_arrive),
		cmocka_unit_test(each_waits_end_in_time),
		cmocka_unit_test(each_actions_of_other_classes_are_refused),
		cmocka_unit_test(each_lost_and_back),
		cmocka_unit_test(each_closes_in_every_state),
		cmocka_unit_test(each_unplugged_beside_a_wait),
		cmocka_unit_test(each_acts_beside_a_wait),
		cmocka_unit_test(each_acts_beside_a_reopening),
		cmocka_unit_test(each_second_device_is_another),
		cmocka_unit_test(each_wait_allocates_nothing),
		cmocka_unit_test(each_unknown_options_are_refused),
		cmocka_unit_test(each_garble_is_counted_and_passes),
		cmocka_unit_test(each_list_tells_its_own_class),
	};
	device_class = which;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
