/* SPDX-License-Identifier: Apache-2.0 */
/* What all virtual devices but cameras share: events in time, one lock, a plug. */
#include "gatehouse/device/virtual.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/device/bell.h"

/* Places kept for what follows from events that are due, which nobody could be told to refuse. */
#define SCHEDULE_RESERVE 4

struct virtual_device {
	const struct gh_virtual_logic *logic;
	struct gh_bell bell;
	/* All below is guarded by the bell. */
	struct gh_schedule schedule;
	bool unplugged;
	bool garbled;
	size_t state_bytes;
	void *state;
};

enum gh_status gh_schedule_add(struct gh_schedule *schedule, enum gh_device_event_kind kind,
	uint64_t due_us, const char *text, struct gh_error *error)
{
	size_t length = text ? strlen(text) : 0;
	if (length >= GH_DEVICE_TEXT_BYTES)
		return gh_error_set(error, GH_TOO_LARGE, "%zu bytes where an event holds %d",
			length, GH_DEVICE_TEXT_BYTES - 1);
	if (schedule->count == GH_SCHEDULE_MAX)
		return gh_error_set(error, GH_FULL, "%d events are waiting", GH_SCHEDULE_MAX);

	size_t at = schedule->count;
	while (at > 0 && schedule->events[at - 1].time_us > due_us)
		at--;
	memmove(&schedule->events[at + 1], &schedule->events[at],
		(schedule->count - at) * sizeof(schedule->events[0]));
	schedule->count++;
	struct gh_device_event *event = &schedule->events[at];
	*event = (struct gh_device_event){ .kind = kind, .time_us = due_us };
	if (length > 0)
		memcpy(event->text, text, length);
	return GH_OK;
}

static void remove_at(struct gh_schedule *schedule, size_t at)
{
	schedule->count--;
	memmove(&schedule->events[at], &schedule->events[at + 1],
		(schedule->count - at) * sizeof(schedule->events[0]));
	gh_wipe(&schedule->events[schedule->count], sizeof(schedule->events[0]));
}

size_t gh_schedule_cancel(struct gh_schedule *schedule, enum gh_device_event_kind kind)
{
	size_t cancelled = 0;
	for (size_t i = schedule->count; i-- > 0;) {
		if (schedule->events[i].kind != kind)
			continue;
		remove_at(schedule, i);
		cancelled++;
	}
	return cancelled;
}

uint64_t gh_schedule_next_us(const struct gh_schedule *schedule)
{
	return schedule->count > 0 ? schedule->events[0].time_us : GH_BELL_NEVER;
}

bool gh_schedule_take(struct gh_schedule *schedule, uint64_t now_us, struct gh_device_event *event)
{
	if (schedule->count == 0 || schedule->events[0].time_us > now_us)
		return false;
	*event = schedule->events[0];
	remove_at(schedule, 0);
	return true;
}

static uint64_t now_us(const struct gh_event_context *device)
{
	return device->clock->monotonic_us(device->clock);
}

static void destroy(struct virtual_device *virtual_device)
{
	gh_wipe(&virtual_device->schedule, sizeof(virtual_device->schedule));
	if (virtual_device->state)
		gh_wipe(virtual_device->state, virtual_device->state_bytes);
	free(virtual_device->state);
	free(virtual_device);
}

enum gh_status gh_virtual_open(struct gh_event_context *device,
	const struct gh_virtual_logic *logic, const void *state, size_t state_bytes,
	struct gh_error *error)
{
	struct virtual_device *made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a virtual device");
	made->logic = logic;
	made->state_bytes = state_bytes;
	made->state = malloc(state_bytes);
	enum gh_status status = GH_OK;
	if (!made->state) {
		status = gh_error_set(error, GH_NO_MEMORY, "no memory for a virtual device");
		goto destroy_device;
	}
	memcpy(made->state, state, state_bytes);
	status = gh_bell_init(&made->bell, error);
	if (status != GH_OK)
		goto destroy_device;
	if (logic->begin)
		status = logic->begin(made->state, &made->schedule, now_us(device), error);
	if (status != GH_OK)
		goto finish_bell;
	device->own = made;
	return GH_OK;

finish_bell:
	gh_bell_finish(&made->bell);
destroy_device:
	destroy(made);
	return status;
}

void gh_virtual_close(struct gh_event_context *device)
{
	struct virtual_device *virtual_device = device->own;
	gh_bell_finish(&virtual_device->bell);
	destroy(virtual_device);
}

/* Locked. GH_TIMEOUT when nothing is due. */
static enum gh_status look(struct virtual_device *virtual_device, uint64_t time_us,
	struct gh_device_event *event, struct gh_error *error)
{
	const struct gh_virtual_logic *logic = virtual_device->logic;
	if (virtual_device->unplugged)
		return gh_error_set(error, GH_GONE, "unplugged (rehearsed)");
	if (virtual_device->garbled) {
		virtual_device->garbled = false;
		return gh_error_set(error, GH_MALFORMED, "garbled (rehearsed)");
	}
	if (!gh_schedule_take(&virtual_device->schedule, time_us, event))
		return GH_TIMEOUT;
	if (!logic->due)
		return GH_OK;
	return logic->due(virtual_device->state, &virtual_device->schedule, event, error);
}

enum gh_status gh_virtual_wait(struct gh_event_context *device, uint32_t timeout_ms,
	struct gh_device_event *event, struct gh_error *error)
{
	struct virtual_device *virtual_device = device->own;
	struct gh_bell *bell = &virtual_device->bell;
	uint64_t deadline_us = gh_bell_deadline_us(timeout_ms);
	gh_bell_lock(bell);
	enum gh_status status = look(virtual_device, now_us(device), event, error);
	while (status == GH_TIMEOUT) {
		uint64_t next_us = gh_schedule_next_us(&virtual_device->schedule);
		if (gh_bell_wait(bell, device->clock, next_us, deadline_us) != GH_OK)
			break;
		status = look(virtual_device, now_us(device), event, error);
	}
	gh_bell_unlock(bell);
	return status;
}

static enum gh_status check_room(
	const struct virtual_device *virtual_device, struct gh_error *error)
{
	if (virtual_device->schedule.count + SCHEDULE_RESERVE < GH_SCHEDULE_MAX)
		return GH_OK;
	return gh_error_set(
		error, GH_BUSY, "%zu events wait to be taken", virtual_device->schedule.count);
}

enum gh_status gh_virtual_act(
	struct gh_event_context *device, const struct gh_action *action, struct gh_error *error)
{
	struct virtual_device *virtual_device = device->own;
	const struct gh_virtual_logic *logic = virtual_device->logic;
	enum gh_status status;
	gh_bell_lock(&virtual_device->bell);
	if (virtual_device->unplugged)
		status = gh_error_set(error, GH_GONE, "unplugged (rehearsed)");
	else if (!logic->act)
		status = gh_error_set(error, GH_UNSUPPORTED, "it does nothing");
	else
		status = check_room(virtual_device, error);
	if (status == GH_OK)
		status = logic->act(virtual_device->state, &virtual_device->schedule,
			now_us(device), action, error);
	gh_bell_ring(&virtual_device->bell);
	gh_bell_unlock(&virtual_device->bell);
	return status;
}

/* Locked. */
static enum gh_status obey(struct virtual_device *virtual_device, uint64_t time_us,
	const char *command, struct gh_error *error)
{
	const struct gh_virtual_logic *logic = virtual_device->logic;
	if (strcmp(command, "unplug") == 0) {
		virtual_device->unplugged = true;
		return GH_OK;
	}
	if (strcmp(command, "garble") == 0) {
		virtual_device->garbled = true;
		return GH_OK;
	}
	if (!logic->obey)
		return gh_error_set(
			error, GH_UNSUPPORTED, "it can rehearse: unplug, replug, garble");
	enum gh_status status = check_room(virtual_device, error);
	if (status != GH_OK)
		return status;
	return logic->obey(
		virtual_device->state, &virtual_device->schedule, time_us, command, error);
}

enum gh_status gh_virtual_rehearse(
	struct gh_event_context *device, const char *command, struct gh_error *error)
{
	struct virtual_device *virtual_device = device->own;
	gh_bell_lock(&virtual_device->bell);
	enum gh_status status = obey(virtual_device, now_us(device), command, error);
	gh_bell_ring(&virtual_device->bell);
	gh_bell_unlock(&virtual_device->bell);
	return status;
}

void gh_virtual_report(const char *name, const char *label,
	void (*call)(void *ctx, const struct gh_device_found *found), void *ctx)
{
	struct gh_device_found found = { .is_virtual = true };
	snprintf(found.address.driver, sizeof(found.address.driver), "%s", name);
	snprintf(found.label, sizeof(found.label), "%s", label);
	call(ctx, &found);
}

/* Lamps outlive their handles, as the light of a room does. */
static _Atomic(uint32_t) lamps[GH_VIRTUAL_SCENES];

void gh_virtual_lamp_set(uint32_t scene, uint32_t level_permille)
{
	assert(scene < GH_VIRTUAL_SCENES);
	atomic_store(&lamps[scene], level_permille);
}

uint32_t gh_virtual_lamp(uint32_t scene)
{
	assert(scene < GH_VIRTUAL_SCENES);
	return atomic_load(&lamps[scene]);
}
