/* SPDX-License-Identifier: Apache-2.0 */
/* The camera's thread: opens, delivers into the mailbox, and opens again. */
#include "daemon.h"

#define WAIT_MS 200

/* Without a frame for this long a camera counts as lost. */
#define SILENT_MS 3000

/* The pause before the camera is tried again grows from first to last. */
#define PAUSE_FIRST_MS 250
#define PAUSE_LAST_MS 2000

static enum gh_status open_or_reopen(struct daemon *daemon, struct gh_error *error)
{
	struct gh_camera *camera = atomic_load(&daemon->camera);
	enum gh_status status;

	if (camera)
		return gh_camera_reopen(camera, error);
	status = gh_camera_open(&daemon->camera_address, daemon->clock, &camera, error);
	if (status == GH_OK)
		atomic_store(&daemon->camera, camera);
	return status;
}

static enum gh_status bring_up(struct daemon *daemon, struct gh_error *error)
{
	struct gh_camera_wish wish = compose_wish(&daemon->settings);
	struct gh_camera_mode mode;
	enum gh_status status = open_or_reopen(daemon, error);
	struct gh_camera *camera = atomic_load(&daemon->camera);

	if (status == GH_OK)
		status = gh_camera_configure(camera, &wish, &mode, error);
	if (status == GH_OK)
		status = gh_camera_start(camera, error);
	if (status == GH_OK)
		exposure_camera_up(daemon, camera);
	if (status == GH_OK)
		gh_log(GH_LOG_NOTICE, "daemon", "camera",
			gh_log_word(
				"format", (struct gh_word){ gh_pixel_format_name(mode.format) }),
			gh_log_integer("width_px", mode.width_px),
			gh_log_integer("height_px", mode.height_px));
	return status;
}

/* Frames until the camera is gone or silent; says which. */
static enum gh_status deliver(struct daemon *daemon, struct gh_error *error)
{
	struct gh_camera *camera = atomic_load(&daemon->camera);
	uint32_t silent_ms = 0;
	uint32_t wishes_done = 0;

	while (!atomic_load(&daemon->stopping)) {
		struct gh_frame *frame;
		enum gh_status status;

		exposure_camera_set(daemon, camera, &wishes_done);
		status = gh_camera_wait(camera, WAIT_MS, &frame, error);

		if (status == GH_OK) {
			silent_ms = 0;
			gh_mailbox_put(daemon->mailbox, frame);
		} else if (status == GH_TIMEOUT) {
			silent_ms += WAIT_MS;
		} else if (status != GH_MALFORMED) {
			return status;
		}
		if (silent_ms >= SILENT_MS)
			return gh_error_set(error, GH_TIMEOUT, "no frame for %d ms", SILENT_MS);
	}
	return GH_CANCELLED;
}

static void serve_until_lost(struct daemon *daemon)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	daemon_tell_device(daemon, GH_TRIGGER_MENDED, GH_DEVICE_CAMERA);
	status = deliver(daemon, &error);
	if (atomic_load(&daemon->stopping))
		return;
	if (status != GH_CANCELLED)
		gh_log(GH_LOG_WARNING, "daemon", "camera_lost", gh_log_error(&error));
	else
		gh_log(GH_LOG_NOTICE, "daemon", "camera_ended", gh_log_status("status", status));
	daemon_tell_device(daemon, GH_TRIGGER_FAULT, GH_DEVICE_CAMERA);
}

void *camera_main(void *ctx)
{
	struct daemon *daemon = ctx;
	uint32_t next_ms = PAUSE_FIRST_MS;
	enum gh_status told = GH_OK;

	while (!atomic_load(&daemon->stopping)) {
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = bring_up(daemon, &error);

		if (status == GH_OK) {
			next_ms = PAUSE_FIRST_MS;
			told = GH_OK;
			serve_until_lost(daemon);
		} else if (status != told) {
			told = status;
			gh_log(GH_LOG_WARNING, "daemon", "camera_missing", gh_log_error(&error));
		}
		daemon_pause(daemon, next_ms);
		next_ms = next_ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : next_ms * 2;
	}
	return NULL;
}
