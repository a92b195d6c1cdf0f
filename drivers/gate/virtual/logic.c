/* SPDX-License-Identifier: Apache-2.0 */
/* How the virtual gate moves: a state machine without threads or clocks. */
#include "logic.h"

#include <string.h>

static uint64_t after_us(uint64_t now_us, uint32_t ms)
{
	return now_us + (uint64_t)ms * 1000;
}

/* The path is free and the leaves move: never called with something between them. */
static enum gh_status begin_closing(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	gate->closing = false;
	if (gate->stuck)
		return gh_schedule_add(schedule, GH_EVENT_GATE_BLOCKED, now_us, NULL, error);
	gate->position = GH_GATE_CLOSING;
	return gh_schedule_add(
		schedule, GH_EVENT_GATE_CLOSED, after_us(now_us, gate->close_ms), NULL, error);
}

static enum gh_status open_gate(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	gate->closing = false;
	if (gate->position == GH_GATE_OPENING)
		return GH_OK;
	if (gate->position == GH_GATE_OPEN)
		return gh_schedule_add(schedule, GH_EVENT_GATE_OPENED, now_us, NULL, error);
	gh_schedule_cancel(schedule, GH_EVENT_GATE_CLOSED);
	if (gate->stuck)
		return gh_schedule_add(schedule, GH_EVENT_GATE_BLOCKED, now_us, NULL, error);
	gate->position = GH_GATE_OPENING;
	return gh_schedule_add(
		schedule, GH_EVENT_GATE_OPENED, after_us(now_us, gate->open_ms), NULL, error);
}

static enum gh_status close_gate(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	if (gate->position == GH_GATE_SHUT)
		return gh_schedule_add(schedule, GH_EVENT_GATE_CLOSED, now_us, NULL, error);
	if (gate->position == GH_GATE_CLOSING)
		return GH_OK;
	gh_schedule_cancel(schedule, GH_EVENT_GATE_OPENED);
	gh_schedule_cancel(schedule, GH_EVENT_GATE_LEFT_OPEN);
	gh_schedule_cancel(schedule, GH_EVENT_GATE_PASSED);
	gate->position = GH_GATE_OPEN;
	if (!gate->object)
		return begin_closing(gate, schedule, now_us, error);
	gate->closing = true;
	return gh_schedule_add(schedule, GH_EVENT_GATE_OBJECT, now_us, NULL, error);
}

static enum gh_status act(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const struct gh_action *action, struct gh_error *error)
{
	if (action->kind == GH_ACTION_GATE_OPEN)
		return open_gate(state, schedule, now_us, error);
	return close_gate(state, schedule, now_us, error);
}

static enum gh_status due(void *state, struct gh_schedule *schedule,
	const struct gh_device_event *event, struct gh_error *error)
{
	struct gh_gate_state *gate = state;
	enum gh_status status = GH_OK;
	if (event->kind == GH_EVENT_GATE_CLOSED)
		gate->position = GH_GATE_SHUT;
	if (event->kind != GH_EVENT_GATE_OPENED)
		return GH_OK;

	gate->position = GH_GATE_OPEN;
	gh_schedule_cancel(schedule, GH_EVENT_GATE_LEFT_OPEN);
	gh_schedule_cancel(schedule, GH_EVENT_GATE_PASSED);
	if (gate->auto_pass_ms != 0)
		status = gh_schedule_add(schedule, GH_EVENT_GATE_PASSED,
			after_us(event->time_us, gate->auto_pass_ms), NULL, error);
	if (status == GH_OK && gate->left_open_ms != 0)
		status = gh_schedule_add(schedule, GH_EVENT_GATE_LEFT_OPEN,
			after_us(event->time_us, gate->left_open_ms), NULL, error);
	return status;
}

static enum gh_status put_object(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	gate->object = true;
	if (gate->position == GH_GATE_CLOSING) {
		gh_schedule_cancel(schedule, GH_EVENT_GATE_CLOSED);
		gate->position = GH_GATE_OPEN;
		gate->closing = true;
	}
	return gh_schedule_add(schedule, GH_EVENT_GATE_OBJECT, now_us, NULL, error);
}

static enum gh_status clear_path(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	gate->object = false;
	return gate->closing ? begin_closing(gate, schedule, now_us, error) : GH_OK;
}

static enum gh_status get_stuck(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	gate->stuck = true;
	if (gate->position == GH_GATE_SHUT || gate->position == GH_GATE_OPEN)
		return GH_OK;
	gh_schedule_cancel(schedule, GH_EVENT_GATE_OPENED);
	gh_schedule_cancel(schedule, GH_EVENT_GATE_CLOSED);
	gate->position = gate->position == GH_GATE_OPENING ? GH_GATE_SHUT : GH_GATE_OPEN;
	return gh_schedule_add(schedule, GH_EVENT_GATE_BLOCKED, now_us, NULL, error);
}

static enum gh_status get_loose(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	(void)schedule;
	(void)now_us;
	(void)error;
	gate->stuck = false;
	return GH_OK;
}

static enum gh_status force(struct gh_gate_state *gate, struct gh_schedule *schedule,
	uint64_t now_us, struct gh_error *error)
{
	gh_schedule_cancel(schedule, GH_EVENT_GATE_OPENED);
	gh_schedule_cancel(schedule, GH_EVENT_GATE_CLOSED);
	gate->position = GH_GATE_OPEN;
	gate->closing = false;
	return gh_schedule_add(schedule, GH_EVENT_GATE_FORCED, now_us, NULL, error);
}

/* Somebody walks, who can only do so through an open gate. */
static enum gh_status walk(const struct gh_gate_state *gate, struct gh_schedule *schedule,
	enum gh_device_event_kind kind, uint64_t now_us, struct gh_error *error)
{
	if (gate->position != GH_GATE_OPEN)
		return gh_error_set(error, GH_WRONG_STATE, "the gate is not open");
	gh_schedule_cancel(schedule, GH_EVENT_GATE_PASSED);
	return gh_schedule_add(schedule, kind, now_us, NULL, error);
}

static enum gh_status obey(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const char *command, struct gh_error *error)
{
	static const struct {
		const char *command;
		enum gh_status (*run)(struct gh_gate_state *gate, struct gh_schedule *schedule,
			uint64_t now_us, struct gh_error *error);
	} orders[] = {
		{ "object", put_object },
		{ "clear", clear_path },
		{ "block", get_stuck },
		{ "unblock", get_loose },
		{ "force", force },
	};
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (strcmp(command, orders[i].command) == 0)
			return orders[i].run(state, schedule, now_us, error);
	}
	if (strcmp(command, "pass") == 0)
		return walk(state, schedule, GH_EVENT_GATE_PASSED, now_us, error);
	if (strcmp(command, "tailgate") == 0)
		return walk(state, schedule, GH_EVENT_GATE_TAILGATE, now_us, error);
	if (strcmp(command, "turn_back") == 0)
		return walk(state, schedule, GH_EVENT_GATE_TURNED_BACK, now_us, error);
	return gh_error_set(error, GH_UNSUPPORTED,
		"a virtual gate can rehearse: pass, tailgate, turn_back, object, clear, block, "
		"unblock, force, unplug, replug, garble");
}

const struct gh_virtual_logic gh_gate_logic = { .act = act, .obey = obey, .due = due };
