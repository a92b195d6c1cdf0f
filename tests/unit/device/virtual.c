/* SPDX-License-Identifier: Apache-2.0 */
/* What virtual devices share: events in their order and at their time, and what is rehearsed. */
#include "gatehouse/device/virtual.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum gh_status add(struct gh_schedule *schedule, enum gh_device_event_kind kind, uint64_t us)
{
	return gh_schedule_add(schedule, kind, us, NULL, NULL);
}

static void events_come_by_time_and_then_in_order(void **state)
{
	struct gh_schedule schedule = { .count = 0 };
	struct gh_device_event event;
	assert_true(gh_schedule_next_us(&schedule) == UINT64_MAX);
	assert_int_equal(add(&schedule, GH_EVENT_GATE_OPENED, 30), GH_OK);
	assert_int_equal(add(&schedule, GH_EVENT_GATE_PASSED, 10), GH_OK);
	assert_int_equal(add(&schedule, GH_EVENT_GATE_CLOSED, 30), GH_OK);
	assert_int_equal(add(&schedule, GH_EVENT_GATE_OBJECT, 20), GH_OK);
	assert_int_equal(gh_schedule_next_us(&schedule), 10);
	static const enum gh_device_event_kind order[] = { GH_EVENT_GATE_PASSED,
		GH_EVENT_GATE_OBJECT, GH_EVENT_GATE_OPENED, GH_EVENT_GATE_CLOSED };
	assert_false(gh_schedule_take(&schedule, 9, &event));
	for (size_t i = 0; i < 4; i++) {
		assert_true(gh_schedule_take(&schedule, 30, &event));
		assert_int_equal(event.kind, order[i]);
	}
	assert_false(gh_schedule_take(&schedule, 30, &event));
}

static void texts_are_bounded_and_wiped(void **state)
{
	struct gh_schedule schedule = { .count = 0 };
	struct gh_device_event event;
	char text[GH_DEVICE_TEXT_BYTES + 1];
	memset(text, 'x', sizeof(text));
	text[GH_DEVICE_TEXT_BYTES] = '\0';
	assert_int_equal(
		gh_schedule_add(&schedule, GH_EVENT_READER_LINE, 0, text, NULL), GH_TOO_LARGE);
	text[GH_DEVICE_TEXT_BYTES - 1] = '\0';
	assert_int_equal(gh_schedule_add(&schedule, GH_EVENT_READER_LINE, 0, text, NULL), GH_OK);
	assert_true(gh_schedule_take(&schedule, 0, &event));
	assert_string_equal(event.text, text);
	static const struct gh_schedule empty;
	assert_memory_equal(&schedule, &empty, sizeof(empty));
}

static void full_schedule_refuses(void **state)
{
	struct gh_schedule schedule = { .count = 0 };
	for (unsigned i = 0; i < GH_SCHEDULE_MAX; i++)
		assert_int_equal(add(&schedule, GH_EVENT_GATE_OBJECT, 1000 - i), GH_OK);
	assert_int_equal(add(&schedule, GH_EVENT_GATE_OBJECT, 0), GH_FULL);
	assert_int_equal(gh_schedule_next_us(&schedule), 1000 - GH_SCHEDULE_MAX + 1);
	assert_int_equal(gh_schedule_cancel(&schedule, GH_EVENT_GATE_OPENED), 0);
	assert_int_equal(gh_schedule_cancel(&schedule, GH_EVENT_GATE_OBJECT), GH_SCHEDULE_MAX);
	assert_int_equal(schedule.count, 0);
}

/* A device that answers every action with an event, and every event but one with another. */
static enum gh_status act(void *ctx, struct gh_schedule *schedule, uint64_t now_us,
	const struct gh_action *action, struct gh_error *error)
{
	++*(unsigned *)ctx;
	return gh_schedule_add(schedule, GH_EVENT_GATE_OPENED,
		now_us + (uint64_t)action->level_permille * 1000, NULL, error);
}

static enum gh_status due(void *ctx, struct gh_schedule *schedule,
	const struct gh_device_event *event, struct gh_error *error)
{
	(void)ctx;
	if (event->kind != GH_EVENT_GATE_OPENED)
		return GH_OK;
	return gh_schedule_add(schedule, GH_EVENT_GATE_PASSED, event->time_us + 5000, NULL, error);
}

static const struct gh_virtual_logic logic = { .act = act, .due = due };

struct fixture {
	struct gh_clock_manual manual;
	struct gh_device_address address;
	struct gh_event_context device;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	unsigned acted = 0;
	gh_clock_manual_init(&fixture.manual, 1000000, 0);
	fixture.device = (struct gh_event_context){ &fixture.address, &fixture.manual.clock, NULL };
	*state = &fixture;
	return gh_virtual_open(&fixture.device, &logic, &acted, sizeof(acted), NULL) != GH_OK;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	gh_virtual_close(&fixture->device);
	return 0;
}

static enum gh_status wait_for(struct fixture *fixture, struct gh_device_event *event)
{
	return gh_virtual_wait(&fixture->device, 5, event, NULL);
}

static void events_fall_due_by_the_devices_clock(void **state)
{
	struct fixture *fixture = *state;
	struct gh_device_event event = { 0 };
	struct gh_action action = { .level_permille = 100 };
	assert_int_equal(wait_for(fixture, &event), GH_TIMEOUT);
	assert_int_equal(gh_virtual_act(&fixture->device, &action, NULL), GH_OK);
	assert_int_equal(wait_for(fixture, &event), GH_TIMEOUT);
	gh_clock_manual_advance(&fixture->manual, 100000);
	assert_int_equal(wait_for(fixture, &event), GH_OK);
	assert_int_equal(event.kind, GH_EVENT_GATE_OPENED);
	assert_int_equal(event.time_us, 1100000);
	assert_int_equal(wait_for(fixture, &event), GH_TIMEOUT);
	gh_clock_manual_advance(&fixture->manual, 5000);
	assert_int_equal(wait_for(fixture, &event), GH_OK);
	assert_int_equal(event.kind, GH_EVENT_GATE_PASSED);
}

static void unplugged_for_good(void **state)
{
	struct fixture *fixture = *state;
	struct gh_device_event event;
	struct gh_action action = { .level_permille = 0 };
	assert_int_equal(gh_virtual_act(&fixture->device, &action, NULL), GH_OK);
	assert_int_equal(gh_virtual_rehearse(&fixture->device, "unplug", NULL), GH_OK);
	assert_int_equal(wait_for(fixture, &event), GH_GONE);
	assert_int_equal(gh_virtual_act(&fixture->device, &action, NULL), GH_GONE);
	assert_int_equal(wait_for(fixture, &event), GH_GONE);
}

static void garbled_once(void **state)
{
	struct fixture *fixture = *state;
	struct gh_device_event event;
	assert_int_equal(gh_virtual_rehearse(&fixture->device, "garble", NULL), GH_OK);
	assert_int_equal(wait_for(fixture, &event), GH_MALFORMED);
	assert_int_equal(wait_for(fixture, &event), GH_TIMEOUT);
	assert_int_equal(gh_virtual_rehearse(&fixture->device, "dance", NULL), GH_UNSUPPORTED);
}

static void room_is_kept_for_what_follows(void **state)
{
	struct fixture *fixture = *state;
	struct gh_device_event event;
	struct gh_action action = { .level_permille = 0 };
	unsigned taken = 0;
	while (gh_virtual_act(&fixture->device, &action, NULL) == GH_OK)
		taken++;
	assert_true(taken > 10 && taken < GH_SCHEDULE_MAX);
	assert_int_equal(gh_virtual_act(&fixture->device, &action, NULL), GH_BUSY);
	gh_clock_manual_advance(&fixture->manual, 10000);
	for (unsigned i = 0; i < 2 * taken; i++)
		assert_int_equal(wait_for(fixture, &event), GH_OK);
	assert_int_equal(wait_for(fixture, &event), GH_TIMEOUT);
}

static void *act_later(void *ctx)
{
	struct fixture *fixture = ctx;
	struct gh_action action = { .level_permille = 0 };
	return gh_virtual_act(&fixture->device, &action, NULL) == GH_OK ? NULL : ctx;
}

static void action_of_another_thread_ends_the_wait(void **state)
{
	struct fixture *fixture = *state;
	struct gh_device_event event;
	pthread_t thread;
	void *failed;
	assert_int_equal(pthread_create(&thread, NULL, act_later, fixture), 0);
	assert_int_equal(gh_virtual_wait(&fixture->device, 60000, &event, NULL), GH_OK);
	pthread_join(thread, &failed);
	assert_null(failed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_by_time_and_then_in_order),
		cmocka_unit_test(texts_are_bounded_and_wiped),
		cmocka_unit_test(full_schedule_refuses),
		TEST(events_fall_due_by_the_devices_clock),
		TEST(unplugged_for_good),
		TEST(garbled_once),
		TEST(room_is_kept_for_what_follows),
		TEST(action_of_another_thread_ends_the_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
