/* SPDX-License-Identifier: Apache-2.0 */
/* What all virtual devices but cameras share: events in time, one lock, a plug. */
#ifndef GATEHOUSE_DEVICE_VIRTUAL_H
#define GATEHOUSE_DEVICE_VIRTUAL_H

#include "gatehouse/device/driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Events one virtual device can have before it. */
#define GH_SCHEDULE_MAX 32

/** Events to come: each time_us says when. Those of one time come in order. */
struct gh_schedule {
	struct gh_device_event events[GH_SCHEDULE_MAX];
	size_t count;
};

/**
 * Let kind happen at due_us, with text where it has one (NULL: none).
 * GH_OK, GH_FULL, or GH_TOO_LARGE when the text does not fit an event.
 */
GH_MUST_USE enum gh_status gh_schedule_add(struct gh_schedule *schedule,
	enum gh_device_event_kind kind, uint64_t due_us, const char *text, struct gh_error *error);

/** Let no event of this kind happen; returns how many were to. Wipes them. */
size_t gh_schedule_cancel(struct gh_schedule *schedule, enum gh_device_event_kind kind);

/** When the next event is due; UINT64_MAX without one. */
uint64_t gh_schedule_next_us(const struct gh_schedule *schedule);

/** Take the next event if it is due by now_us; returns whether it was. */
bool gh_schedule_take(struct gh_schedule *schedule, uint64_t now_us, struct gh_device_event *event);

/**
 * What one kind of virtual device does, free of threads and clocks.
 *
 * All run one at a time under the device's lock and must not block. state is
 * the device's own, events are let happen through schedule.
 */
struct gh_virtual_logic {
	/** Optional. The device was opened. */
	enum gh_status (*begin)(
		void *state, struct gh_schedule *schedule, uint64_t now_us, struct gh_error *error);

	/** Optional. Begin an action; statuses as gh_actuator_act(). */
	enum gh_status (*act)(void *state, struct gh_schedule *schedule, uint64_t now_us,
		const struct gh_action *action, struct gh_error *error);

	/** Optional. Obey a rehearsed command; GH_UNSUPPORTED for one not known. */
	enum gh_status (*obey)(void *state, struct gh_schedule *schedule, uint64_t now_us,
		const char *command, struct gh_error *error);

	/** Optional. An event falls due and is handed on: take the state there. */
	enum gh_status (*due)(void *state, struct gh_schedule *schedule,
		const struct gh_device_event *event, struct gh_error *error);
};

/**
 * The open() of a virtual device's driver: state is copied in.
 * GH_OK and `own` is set, or GH_NO_MEMORY, or what begin() said.
 */
GH_MUST_USE enum gh_status gh_virtual_open(struct gh_event_context *device,
	const struct gh_virtual_logic *logic, const void *state, size_t state_bytes,
	struct gh_error *error);

/** The driver's close(): wipes what was to happen. Not beside the others. */
void gh_virtual_close(struct gh_event_context *device);

/** The driver's wait(). Its own thread; blocks up to timeout_ms; allocates nothing. */
GH_MUST_USE enum gh_status gh_virtual_wait(struct gh_event_context *device, uint32_t timeout_ms,
	struct gh_device_event *event, struct gh_error *error);

/** The driver's act(); GH_BUSY while too many events wait. Any thread; does not block. */
GH_MUST_USE enum gh_status gh_virtual_act(
	struct gh_event_context *device, const struct gh_action *action, struct gh_error *error);

/**
 * The driver's rehearse(): "unplug" (gone from now on), "garble" (the next wait
 * ends with GH_MALFORMED), and what obey() knows. GH_BUSY while too many events
 * wait. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_virtual_rehearse(
	struct gh_event_context *device, const char *command, struct gh_error *error);

/** Scenes in which virtual lights and cameras of one process can meet. */
#define GH_VIRTUAL_SCENES 8

/** Light the scene: what a virtual light does. level_permille is of its full. Any thread. */
void gh_virtual_lamp_set(uint32_t scene, uint32_t level_permille);

/** How far the scene's lamp is turned up: what a virtual camera sees. Any thread. */
uint32_t gh_virtual_lamp(uint32_t scene);

/**
 * Report one device at no address, as the list() of a driver that always has
 * one. name and label are literals. Any thread.
 */
void gh_virtual_report(const char *name, const char *label,
	void (*call)(void *ctx, const struct gh_device_found *found), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
