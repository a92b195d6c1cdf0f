/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual gate: every order in every position, and never closing on somebody. */
#include "logic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A gate with its schedule and a time that only the test moves. */
struct scene {
	struct gh_gate_state gate;
	struct gh_schedule schedule;
	uint64_t now_us;
};

static struct scene scene_make(uint32_t auto_pass_ms, uint32_t left_open_ms)
{
	return (struct scene){ .gate = { .open_ms = 500,
				       .close_ms = 400,
				       .auto_pass_ms = auto_pass_ms,
				       .left_open_ms = left_open_ms } };
}

static enum gh_status obey(struct scene *scene, const char *command)
{
	return gh_gate_logic.obey(&scene->gate, &scene->schedule, scene->now_us, command, NULL);
}

static void act(struct scene *scene, enum gh_action_kind kind)
{
	struct gh_action action = { .kind = kind };
	assert_int_equal(
		gh_gate_logic.act(&scene->gate, &scene->schedule, scene->now_us, &action, NULL),
		GH_OK);
}

/* The next event by now + ms, or GH_EVENT_KIND_COUNT; time goes on to it. */
static enum gh_device_event_kind next(struct scene *scene, uint32_t ms)
{
	struct gh_device_event event;
	uint64_t until_us = scene->now_us + (uint64_t)ms * 1000;
	if (!gh_schedule_take(&scene->schedule, until_us, &event)) {
		scene->now_us = until_us;
		return GH_EVENT_KIND_COUNT;
	}
	scene->now_us = event.time_us;
	assert_int_equal(gh_gate_logic.due(&scene->gate, &scene->schedule, &event, NULL), GH_OK);
	return event.kind;
}

/* Open it and let it stand open. */
static struct scene scene_open(uint32_t auto_pass_ms, uint32_t left_open_ms)
{
	struct scene scene = scene_make(auto_pass_ms, left_open_ms);
	act(&scene, GH_ACTION_GATE_OPEN);
	assert_int_equal(next(&scene, 500), GH_EVENT_GATE_OPENED);
	assert_int_equal(scene.gate.position, GH_GATE_OPEN);
	return scene;
}

static void opens_and_closes_in_its_time(void **state)
{
	struct scene scene = scene_make(0, 0);
	act(&scene, GH_ACTION_GATE_OPEN);
	act(&scene, GH_ACTION_GATE_OPEN); /* said twice, done once */
	assert_int_equal(scene.gate.position, GH_GATE_OPENING);
	assert_int_equal(next(&scene, 499), GH_EVENT_KIND_COUNT);
	assert_int_equal(next(&scene, 1), GH_EVENT_GATE_OPENED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	act(&scene, GH_ACTION_GATE_CLOSE);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 399), GH_EVENT_KIND_COUNT);
	assert_int_equal(next(&scene, 1), GH_EVENT_GATE_CLOSED);
	assert_int_equal(scene.gate.position, GH_GATE_SHUT);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
}

static void answers_when_it_is_there_already(void **state)
{
	struct scene scene = scene_make(0, 0);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 0), GH_EVENT_GATE_CLOSED);
	scene = scene_open(0, 0);
	act(&scene, GH_ACTION_GATE_OPEN);
	assert_int_equal(next(&scene, 0), GH_EVENT_GATE_OPENED);
}

static void opens_again_while_closing(void **state)
{
	struct scene scene = scene_open(0, 0);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 100), GH_EVENT_KIND_COUNT);
	act(&scene, GH_ACTION_GATE_OPEN);
	assert_int_equal(next(&scene, 500), GH_EVENT_GATE_OPENED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
}

static void closing_while_opening_does_not_open_it(void **state)
{
	struct scene scene = scene_make(0, 0);
	act(&scene, GH_ACTION_GATE_OPEN);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_CLOSED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
}

static void never_closes_on_somebody(void **state)
{
	/* Before it is told to. */
	struct scene scene = scene_open(0, 0);
	assert_int_equal(obey(&scene, "object"), GH_OK);
	assert_int_equal(next(&scene, 0), GH_EVENT_GATE_OBJECT);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_OBJECT);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	assert_int_equal(scene.gate.position, GH_GATE_OPEN);
	assert_int_equal(obey(&scene, "clear"), GH_OK);
	assert_int_equal(next(&scene, 400), GH_EVENT_GATE_CLOSED);

	/* While it closes. */
	scene = scene_open(0, 0);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 200), GH_EVENT_KIND_COUNT);
	assert_int_equal(obey(&scene, "object"), GH_OK);
	assert_int_equal(next(&scene, 0), GH_EVENT_GATE_OBJECT);
	assert_int_equal(scene.gate.position, GH_GATE_OPEN);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	assert_int_equal(obey(&scene, "clear"), GH_OK);
	assert_int_equal(next(&scene, 400), GH_EVENT_GATE_CLOSED);

	/* A free path alone closes nothing. */
	scene = scene_open(0, 0);
	assert_int_equal(obey(&scene, "object"), GH_OK);
	assert_int_equal(obey(&scene, "clear"), GH_OK);
	assert_int_equal(next(&scene, 0), GH_EVENT_GATE_OBJECT);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);

	/* Opened while it waits for a free path: the old order is void. */
	scene = scene_open(0, 0);
	assert_int_equal(obey(&scene, "object"), GH_OK);
	act(&scene, GH_ACTION_GATE_CLOSE);
	act(&scene, GH_ACTION_GATE_OPEN);
	assert_int_equal(obey(&scene, "clear"), GH_OK);
	assert_int_equal(scene.gate.position, GH_GATE_OPEN);
}

static void stuck_leaves_do_not_move(void **state)
{
	struct scene scene = scene_make(0, 0);
	assert_int_equal(obey(&scene, "block"), GH_OK);
	assert_int_equal(next(&scene, 0), GH_EVENT_KIND_COUNT);
	act(&scene, GH_ACTION_GATE_OPEN);
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_BLOCKED);
	assert_int_equal(scene.gate.position, GH_GATE_SHUT);
	assert_int_equal(obey(&scene, "unblock"), GH_OK);
	act(&scene, GH_ACTION_GATE_OPEN);
	assert_int_equal(next(&scene, 100), GH_EVENT_KIND_COUNT);
	assert_int_equal(obey(&scene, "block"), GH_OK); /* on the way */
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_BLOCKED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	assert_int_equal(scene.gate.position, GH_GATE_SHUT);

	scene = scene_open(0, 0);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(obey(&scene, "block"), GH_OK);
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_BLOCKED);
	assert_int_equal(scene.gate.position, GH_GATE_OPEN);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_BLOCKED);
}

static void people_walk_through_an_open_gate_only(void **state)
{
	static const struct {
		const char *command;
		enum gh_device_event_kind kind;
	} walks[] = { { "pass", GH_EVENT_GATE_PASSED }, { "tailgate", GH_EVENT_GATE_TAILGATE },
		{ "turn_back", GH_EVENT_GATE_TURNED_BACK } };
	for (size_t i = 0; i < 3; i++) {
		struct scene scene = scene_make(0, 0);
		assert_int_equal(obey(&scene, walks[i].command), GH_WRONG_STATE);
		act(&scene, GH_ACTION_GATE_OPEN);
		assert_int_equal(obey(&scene, walks[i].command), GH_WRONG_STATE);
		scene = scene_open(1000, 0);
		assert_int_equal(obey(&scene, walks[i].command), GH_OK);
		assert_int_equal(next(&scene, 0), walks[i].kind);
		/* And nobody passes by itself afterwards. */
		assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	}
}

static void forced_opens_from_everywhere(void **state)
{
	for (unsigned position = GH_GATE_SHUT; position <= GH_GATE_CLOSING; position++) {
		struct scene scene = position < GH_GATE_OPEN ? scene_make(0, 0) : scene_open(0, 0);
		if (position == GH_GATE_OPENING)
			act(&scene, GH_ACTION_GATE_OPEN);
		if (position == GH_GATE_CLOSING)
			act(&scene, GH_ACTION_GATE_CLOSE);
		assert_int_equal(scene.gate.position, position);
		assert_int_equal(obey(&scene, "force"), GH_OK);
		assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_FORCED);
		assert_int_equal(scene.gate.position, GH_GATE_OPEN);
		assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	}
}

static void somebody_passes_by_itself(void **state)
{
	struct scene scene = scene_open(300, 0);
	assert_int_equal(next(&scene, 299), GH_EVENT_KIND_COUNT);
	assert_int_equal(next(&scene, 1), GH_EVENT_GATE_PASSED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	scene = scene_open(300, 0);
	act(&scene, GH_ACTION_GATE_CLOSE); /* before anybody came */
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_CLOSED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
}

static void left_open_is_told_once(void **state)
{
	struct scene scene = scene_open(0, 2000);
	assert_int_equal(next(&scene, 2000), GH_EVENT_GATE_LEFT_OPEN);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
	scene = scene_open(0, 2000);
	act(&scene, GH_ACTION_GATE_CLOSE);
	assert_int_equal(next(&scene, 60000), GH_EVENT_GATE_CLOSED);
	assert_int_equal(next(&scene, 60000), GH_EVENT_KIND_COUNT);
}

static void unknown_orders_are_refused(void **state)
{
	struct scene scene = scene_make(0, 0);
	assert_int_equal(obey(&scene, "passing"), GH_UNSUPPORTED);
	assert_int_equal(obey(&scene, ""), GH_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_closes_in_its_time),
		cmocka_unit_test(answers_when_it_is_there_already),
		cmocka_unit_test(opens_again_while_closing),
		cmocka_unit_test(closing_while_opening_does_not_open_it),
		cmocka_unit_test(never_closes_on_somebody),
		cmocka_unit_test(stuck_leaves_do_not_move),
		cmocka_unit_test(people_walk_through_an_open_gate_only),
		cmocka_unit_test(forced_opens_from_everywhere),
		cmocka_unit_test(somebody_passes_by_itself),
		cmocka_unit_test(left_open_is_told_once),
		cmocka_unit_test(unknown_orders_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
