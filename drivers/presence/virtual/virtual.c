/* SPDX-License-Identifier: Apache-2.0 */
/* A presence sensor that believes whoever rehearses with it. */
#include <string.h>

#include "gatehouse/device/options.h"
#include "gatehouse/device/virtual.h"

static const char *const zone_words[] = { "vacant", "occupied", NULL };

struct presence {
	uint32_t occupied;
	uint32_t delay_ms;
};

static enum gh_status tell(const struct presence *presence, struct gh_schedule *schedule,
	uint64_t due_us, struct gh_error *error)
{
	return gh_schedule_add(schedule,
		presence->occupied ? GH_EVENT_PRESENCE_OCCUPIED : GH_EVENT_PRESENCE_VACANT, due_us,
		NULL, error);
}

/* As a real one: whoever opens it is told what it sees, and then every change. */
static enum gh_status begin(
	void *state, struct gh_schedule *schedule, uint64_t now_us, struct gh_error *error)
{
	return tell(state, schedule, now_us, error);
}

static enum gh_status obey(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const char *command, struct gh_error *error)
{
	struct presence *presence = state;
	bool occupied = strcmp(command, "occupied") == 0;
	if (!occupied && strcmp(command, "vacant") != 0)
		return gh_error_set(error, GH_UNSUPPORTED,
			"a virtual presence sensor can rehearse: occupied, vacant, unplug, "
			"replug, garble");
	if (presence->occupied == (uint32_t)occupied)
		return GH_OK;
	presence->occupied = occupied;
	return tell(presence, schedule, now_us + (uint64_t)presence->delay_ms * 1000, error);
}

static const struct gh_virtual_logic logic = { .begin = begin, .obey = obey };

static enum gh_status open_device(struct gh_event_context *device, struct gh_error *error)
{
	struct presence presence = { 0 };
	const struct gh_option options[] = {
		{ "zone", zone_words, 0, 0, &presence.occupied },
		{ "delay_ms", NULL, 0, 60000, &presence.delay_ms },
	};
	enum gh_status status = gh_options_parse(
		device->address->options, options, sizeof(options) / sizeof(options[0]), error);
	if (status != GH_OK)
		return status;
	return gh_virtual_open(device, &logic, &presence, sizeof(presence), error);
}

static enum gh_status list(void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	(void)error;
	gh_virtual_report("presence/virtual", "virtual presence sensor", call, ctx);
	return GH_OK;
}

static const struct gh_event_driver calls = {
	.open = open_device,
	.close = gh_virtual_close,
	.wait = gh_virtual_wait,
	.rehearse = gh_virtual_rehearse,
};

const struct gh_driver gh_driver_presence_virtual = {
	.name = "presence/virtual",
	.device_class = GH_DEVICE_PRESENCE,
	.is_virtual = true,
	.list = list,
	.event = &calls,
};
