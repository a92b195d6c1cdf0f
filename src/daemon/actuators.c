/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of gate, light, display, sensors and readers: their events for the lane. */
#include <string.h>
#include <time.h>

#include "daemon.h"

#define WAIT_MS 200
#define PAUSE_MS 500

/* Short steps, so that stopping does not wait for a long pause. */
void daemon_pause(struct daemon *daemon, uint32_t length_ms)
{
	const struct timespec step = { .tv_nsec = 50 * 1000000 };

	for (uint32_t slept = 0; slept < length_ms && !atomic_load(&daemon->stopping); slept += 50)
		nanosleep(&step, NULL);
}

void daemon_tell_device(
	struct daemon *daemon, enum gh_trigger trigger, enum gh_device_class device_class)
{
	struct gh_lane_event event = {
		.telling = GH_TELL_TRIGGER, .trigger = trigger, .device = device_class
	};

	if (gh_lane_tell(daemon->lane, &event) != GH_OK && !atomic_load(&daemon->stopping))
		gh_log(GH_LOG_ERROR, "daemon", "lane_is_deaf",
			gh_log_word("trigger", gh_trigger_word(trigger)));
}

struct gh_actuator *actuator_of(struct daemon *daemon, enum gh_device_class device_class)
{
	for (size_t i = 0; i < daemon->actuator_count; i++)
		if (daemon->actuators[i].device_class == device_class)
			return atomic_load(&daemon->actuators[i].handle);
	return NULL;
}

enum gh_status act_on_device(void *ctx, enum gh_device_class device_class,
	const struct gh_action *action, struct gh_error *error)
{
	struct gh_actuator *actuator = actuator_of(ctx, device_class);

	if (!actuator)
		return gh_error_set(error, GH_NOT_FOUND, "this lane has no %s now",
			gh_device_class_name(device_class));
	return gh_actuator_act(actuator, action, error);
}

/* Which trigger of the lane a device's event is; COUNT: none. */
static enum gh_trigger trigger_of(enum gh_device_event_kind kind)
{
	switch (kind) {
	case GH_EVENT_GATE_PASSED:
		return GH_TRIGGER_GATE_PASSED;
	case GH_EVENT_GATE_TURNED_BACK:
		return GH_TRIGGER_GATE_TURNED_BACK;
	case GH_EVENT_GATE_BLOCKED:
	case GH_EVENT_GATE_FORCED:
	case GH_EVENT_GATE_LEFT_OPEN:
	case GH_EVENT_GATE_TAILGATE:
		return GH_TRIGGER_GATE_FAULT;
	case GH_EVENT_DISPLAY_NOTICE:
		return GH_TRIGGER_NOTICE_SHOWN;
	case GH_EVENT_DISPLAY_CONTINUE:
		return GH_TRIGGER_CONTINUE;
	case GH_EVENT_DISPLAY_OPT_OUT:
		return GH_TRIGGER_OPT_OUT;
	case GH_EVENT_DISPLAY_MORE_TIME:
		return GH_TRIGGER_MORE_TIME;
	case GH_EVENT_READER_LINE:
		return GH_TRIGGER_CLAIM;
	default:
		return GH_TRIGGER_COUNT;
	}
}

/*
 * Until readers' lines are parsed, a line that is a bare document number is a
 * claim and anything else is left alone.
 */
static bool is_document_number(const char *text)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return length >= 5 && length <= 20 && text[length] == '\0';
}

static void pass_on(struct daemon *daemon, const struct gh_device_event *event)
{
	struct gh_lane_event told = { .telling = GH_TELL_TRIGGER,
		.trigger = trigger_of(event->kind) };

	if (event->kind == GH_EVENT_PRESENCE_OCCUPIED || event->kind == GH_EVENT_PRESENCE_VACANT)
		atomic_store(&daemon->sensor_occupied, event->kind == GH_EVENT_PRESENCE_OCCUPIED);
	if (told.trigger == GH_TRIGGER_COUNT)
		return;
	if (told.trigger == GH_TRIGGER_NOTICE_SHOWN)
		gh_text_copy(told.text, sizeof(told.text), event->text);
	if (told.trigger == GH_TRIGGER_CLAIM) {
		if (!is_document_number(event->text))
			return;
		gh_personal_set(&told.document, gh_view_of_text(event->text));
	}
	if (gh_lane_tell(daemon->lane, &told) != GH_OK && !atomic_load(&daemon->stopping))
		gh_log(GH_LOG_ERROR, "daemon", "lane_is_deaf",
			gh_log_word("trigger", gh_trigger_word(told.trigger)));
	gh_wipe(&told, sizeof(told));
}

static void serve_until_lost(struct actuator *actuator)
{
	struct daemon *daemon = actuator->daemon;
	struct gh_actuator *handle = atomic_load(&actuator->handle);
	struct gh_error error = GH_ERROR_NONE;
	struct gh_device_event event;

	daemon_tell_device(daemon, GH_TRIGGER_MENDED, actuator->device_class);
	while (!atomic_load(&daemon->stopping)) {
		enum gh_status status = gh_actuator_wait(handle, WAIT_MS, &event, &error);

		if (status == GH_OK)
			pass_on(daemon, &event);
		else if (status != GH_TIMEOUT && status != GH_MALFORMED)
			break;
		gh_wipe(&event, sizeof(event));
	}
	if (atomic_load(&daemon->stopping))
		return;
	gh_log(GH_LOG_WARNING, "daemon", "device_lost", gh_log_error(&error));
	daemon_tell_device(daemon, GH_TRIGGER_FAULT, actuator->device_class);
}

static enum gh_status open_or_reopen(struct actuator *actuator, struct gh_error *error)
{
	struct gh_actuator *handle = atomic_load(&actuator->handle);
	enum gh_status status;

	if (handle)
		return gh_actuator_reopen(handle, error);
	status = gh_actuator_open(&actuator->address, actuator->daemon->clock, &handle, error);
	if (status == GH_OK)
		atomic_store(&actuator->handle, handle);
	return status;
}

void *actuator_main(void *ctx)
{
	struct actuator *actuator = ctx;
	enum gh_status told = GH_OK;

	while (!atomic_load(&actuator->daemon->stopping)) {
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = open_or_reopen(actuator, &error);

		if (status == GH_OK) {
			told = GH_OK;
			serve_until_lost(actuator);
		} else if (status != told) {
			told = status;
			gh_log(GH_LOG_WARNING, "daemon", "device_missing", gh_log_error(&error));
		}
		daemon_pause(actuator->daemon, PAUSE_MS);
	}
	return NULL;
}
