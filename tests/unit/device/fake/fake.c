/* SPDX-License-Identifier: Apache-2.0 */
/* A table of drivers that do what a test says, and count what the framework calls. */
#include "fake.h"

#include <stdio.h>
#include <string.h>

struct fake fake;

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.mode_count = 1;
	fake.mode[0] = (struct gh_camera_mode){ GH_PIXEL_GREY, 64, 48, 33333 };
	fake.frame_width_px = 64;
}

static enum gh_status answer(enum gh_status status, struct gh_error *error)
{
	return status == GH_OK ? GH_OK : gh_error_set(error, status, "as told");
}

static enum gh_status camera_open(struct gh_camera_context *camera, struct gh_error *error)
{
	fake.opened += fake.open == GH_OK;
	if (fake.open == GH_OK)
		camera->own = &fake;
	return answer(fake.open, error);
}

static void camera_close(struct gh_camera_context *camera)
{
	(void)camera;
	fake.closed++;
}

static enum gh_status camera_modes(struct gh_camera_context *camera, struct gh_camera_mode *modes,
	size_t *count, struct gh_error *error)
{
	(void)camera;
	memcpy(modes, fake.mode, sizeof(fake.mode));
	*count = fake.mode_count;
	return answer(fake.modes, error);
}

static enum gh_status camera_configure(struct gh_camera_context *camera,
	const struct gh_camera_mode *mode, struct gh_camera_buffers *buffers,
	struct gh_error *error)
{
	(void)camera;
	buffers->buffer_count = 3;
	buffers->buffer_bytes = (size_t)mode->width_px * mode->height_px;
	return answer(fake.configure, error);
}

static enum gh_status camera_start(struct gh_camera_context *camera, struct gh_error *error)
{
	(void)camera;
	fake.started += fake.start == GH_OK;
	return answer(fake.start, error);
}

static void camera_stop(struct gh_camera_context *camera)
{
	(void)camera;
	fake.stopped++;
}

static enum gh_status camera_wait(struct gh_camera_context *camera, uint32_t timeout_ms,
	struct gh_frame **frame, struct gh_error *error)
{
	(void)timeout_ms;
	fake.waited++;
	if (fake.wait != GH_OK)
		return answer(fake.wait, error);
	uint8_t *memory;
	size_t memory_bytes;
	struct gh_frame *taken = gh_frame_take(camera->pool, &memory, &memory_bytes);
	if (!taken)
		return answer(GH_TIMEOUT, error);
	taken->width_px = fake.frame_width_px;
	taken->height_px = 48;
	taken->format = GH_PIXEL_GREY;
	taken->planes[0] = (struct gh_plane){ memory, 64, 64 * 48 };
	taken->sequence = fake.sequence;
	taken->capture_us = fake.capture_us;
	*frame = taken;
	return GH_OK;
}

static enum gh_status camera_range(struct gh_camera_context *camera, enum gh_camera_control control,
	struct gh_camera_range *range, struct gh_error *error)
{
	(void)camera;
	(void)control;
	*range = fake.range;
	return answer(fake.control, error);
}

static enum gh_status camera_set(struct gh_camera_context *camera, enum gh_camera_control control,
	uint32_t value, struct gh_error *error)
{
	(void)camera;
	(void)control;
	fake.control_value = value;
	return answer(fake.control, error);
}

static enum gh_status camera_rehearse(
	struct gh_camera_context *camera, const char *command, struct gh_error *error)
{
	(void)camera;
	(void)error;
	snprintf(fake.command, sizeof(fake.command), "%s", command);
	return GH_OK;
}

static enum gh_status event_open(struct gh_event_context *device, struct gh_error *error)
{
	fake.opened += fake.open == GH_OK;
	if (fake.open == GH_OK)
		device->own = &fake;
	return answer(fake.open, error);
}

static void event_close(struct gh_event_context *device)
{
	(void)device;
	fake.closed++;
}

static enum gh_status event_wait(struct gh_event_context *device, uint32_t timeout_ms,
	struct gh_device_event *event, struct gh_error *error)
{
	(void)device;
	(void)timeout_ms;
	fake.waited++;
	*event = fake.event;
	return answer(fake.wait, error);
}

static enum gh_status event_act(
	struct gh_event_context *device, const struct gh_action *action, struct gh_error *error)
{
	(void)device;
	(void)action;
	fake.acted++;
	return answer(fake.act, error);
}

static enum gh_status event_rehearse(
	struct gh_event_context *device, const char *command, struct gh_error *error)
{
	(void)device;
	(void)error;
	snprintf(fake.command, sizeof(fake.command), "%s", command);
	return GH_OK;
}

static enum gh_status list(void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	struct gh_device_found found = { .address = { .driver = "camera/fake" } };
	if (fake.list == GH_OK)
		call(ctx, &found);
	return answer(fake.list, error);
}

static const struct gh_camera_driver camera_calls = {
	.open = camera_open,
	.close = camera_close,
	.modes = camera_modes,
	.configure = camera_configure,
	.start = camera_start,
	.stop = camera_stop,
	.wait = camera_wait,
	.control_range = camera_range,
	.control_set = camera_set,
	.rehearse = camera_rehearse,
};

/* Only what is mandatory. */
static const struct gh_camera_driver bare_calls = {
	.open = camera_open,
	.close = camera_close,
	.modes = camera_modes,
	.configure = camera_configure,
	.start = camera_start,
	.stop = camera_stop,
	.wait = camera_wait,
};

static const struct gh_event_driver event_calls = {
	.open = event_open,
	.close = event_close,
	.wait = event_wait,
	.act = event_act,
	.rehearse = event_rehearse,
};

static const struct gh_event_driver sensor_calls = {
	.open = event_open,
	.close = event_close,
	.wait = event_wait,
};

static const struct gh_driver camera = { "camera/fake", GH_DEVICE_CAMERA, true, list, &camera_calls,
	NULL };
static const struct gh_driver bare = { "camera/bare", GH_DEVICE_CAMERA, false, NULL, &bare_calls,
	NULL };
static const struct gh_driver gate = { "gate/fake", GH_DEVICE_GATE, true, list, NULL,
	&event_calls };
static const struct gh_driver light = { "light/fake", GH_DEVICE_LIGHT, true, NULL, NULL,
	&event_calls };
static const struct gh_driver display = { "display/fake", GH_DEVICE_DISPLAY, true, NULL, NULL,
	&event_calls };
static const struct gh_driver alarm_driver = { "alarm/fake", GH_DEVICE_ALARM, true, NULL, NULL,
	&event_calls };
static const struct gh_driver presence = { "presence/fake", GH_DEVICE_PRESENCE, true, NULL, NULL,
	&event_calls };
static const struct gh_driver document = { "document/fake", GH_DEVICE_DOCUMENT, true, NULL, NULL,
	&event_calls };
static const struct gh_driver barcode = { "barcode/fake", GH_DEVICE_BARCODE, false, NULL, NULL,
	&sensor_calls };

const struct gh_driver *const gh_driver_table[] = { &camera, &bare, &gate, &light, &display,
	&alarm_driver, &presence, &document, &barcode };
const size_t gh_driver_table_length = sizeof(gh_driver_table) / sizeof(gh_driver_table[0]);
