/* SPDX-License-Identifier: Apache-2.0 */
/* A gate that moves nothing: for demos and tests, and where there is none to drive. */
#include "gatehouse/device/options.h"
#include "logic.h"

static enum gh_status open_device(struct gh_event_context *device, struct gh_error *error)
{
	struct gh_gate_state gate = { .open_ms = 500, .close_ms = 500 };
	const struct gh_option options[] = {
		{ "open_ms", NULL, 0, 60000, &gate.open_ms },
		{ "close_ms", NULL, 0, 60000, &gate.close_ms },
		{ "auto_pass_ms", NULL, 0, 60000, &gate.auto_pass_ms },
		{ "left_open_ms", NULL, 0, 600000, &gate.left_open_ms },
	};
	enum gh_status status = gh_options_parse(
		device->address->options, options, sizeof(options) / sizeof(options[0]), error);
	if (status != GH_OK)
		return status;
	return gh_virtual_open(device, &gh_gate_logic, &gate, sizeof(gate), error);
}

static enum gh_status list(void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	(void)error;
	gh_virtual_report("gate/virtual", "virtual gate", call, ctx);
	return GH_OK;
}

static const struct gh_event_driver calls = {
	.open = open_device,
	.close = gh_virtual_close,
	.wait = gh_virtual_wait,
	.act = gh_virtual_act,
	.rehearse = gh_virtual_rehearse,
};

const struct gh_driver gh_driver_gate_virtual = {
	.name = "gate/virtual",
	.device_class = GH_DEVICE_GATE,
	.is_virtual = true,
	.list = list,
	.event = &calls,
};
