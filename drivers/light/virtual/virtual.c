/* SPDX-License-Identifier: Apache-2.0 */
/* A light that shines on nobody but virtual cameras, and remembers how bright it is to be. */
#include "gatehouse/base/log.h"
#include "gatehouse/device/options.h"
#include "gatehouse/device/virtual.h"

struct light {
	uint32_t level_permille;
	uint32_t scene;
};

static enum gh_status act(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const struct gh_action *action, struct gh_error *error)
{
	(void)schedule;
	(void)now_us;
	(void)error;
	struct light *light = state;
	if (light->level_permille != action->level_permille)
		gh_log(GH_LOG_DEBUG, "device", "light",
			gh_log_integer("level_permille", action->level_permille));
	light->level_permille = action->level_permille;
	gh_virtual_lamp_set(light->scene, light->level_permille);
	return GH_OK;
}

static const struct gh_virtual_logic logic = { .act = act };

static enum gh_status open_device(struct gh_event_context *device, struct gh_error *error)
{
	struct light light = { 0 };
	const struct gh_option options[] = {
		{ "scene", NULL, 0, GH_VIRTUAL_SCENES - 1, &light.scene },
	};
	enum gh_status status = gh_options_parse(device->address->options, options, 1, error);
	if (status != GH_OK)
		return status;
	gh_virtual_lamp_set(light.scene, 0);
	return gh_virtual_open(device, &logic, &light, sizeof(light), error);
}

static enum gh_status list(void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	(void)error;
	gh_virtual_report("light/virtual", "virtual light", call, ctx);
	return GH_OK;
}

static const struct gh_event_driver calls = {
	.open = open_device,
	.close = gh_virtual_close,
	.wait = gh_virtual_wait,
	.act = gh_virtual_act,
	.rehearse = gh_virtual_rehearse,
};

const struct gh_driver gh_driver_light_virtual = {
	.name = "light/virtual",
	.device_class = GH_DEVICE_LIGHT,
	.is_virtual = true,
	.list = list,
	.event = &calls,
};
