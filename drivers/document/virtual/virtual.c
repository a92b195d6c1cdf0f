/* SPDX-License-Identifier: Apache-2.0 */
/* A document reader that reads what it is told, one raw line after the other. */
#include "gatehouse/device/options.h"
#include "gatehouse/device/virtual.h"

struct reader {
	uint32_t delay_ms;
};

static enum gh_status obey(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const char *command, struct gh_error *error)
{
	const struct reader *reader = state;
	const char *line = gh_command_rest(command, "line");
	if (!line)
		return gh_error_set(error, GH_UNSUPPORTED,
			"a virtual reader can rehearse: line TEXT, unplug, replug, garble");
	return gh_schedule_add(schedule, GH_EVENT_READER_LINE,
		now_us + (uint64_t)reader->delay_ms * 1000, line, error);
}

static const struct gh_virtual_logic logic = { .obey = obey };

static enum gh_status open_device(struct gh_event_context *device, struct gh_error *error)
{
	struct reader reader = { 0 };
	const struct gh_option options[] = {
		{ "delay_ms", NULL, 0, 60000, &reader.delay_ms },
	};
	enum gh_status status = gh_options_parse(
		device->address->options, options, sizeof(options) / sizeof(options[0]), error);
	if (status != GH_OK)
		return status;
	return gh_virtual_open(device, &logic, &reader, sizeof(reader), error);
}

static enum gh_status list(void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	(void)error;
	gh_virtual_report("document/virtual", "virtual document reader", call, ctx);
	return GH_OK;
}

static const struct gh_event_driver calls = {
	.open = open_device,
	.close = gh_virtual_close,
	.wait = gh_virtual_wait,
	.rehearse = gh_virtual_rehearse,
};

const struct gh_driver gh_driver_document_virtual = {
	.name = "document/virtual",
	.device_class = GH_DEVICE_DOCUMENT,
	.is_virtual = true,
	.list = list,
	.event = &calls,
};
