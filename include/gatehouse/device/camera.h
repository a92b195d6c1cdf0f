/* SPDX-License-Identifier: Apache-2.0 */
/* Cameras, for those who use them. Drivers read camera_driver.h. */
#ifndef GATEHOUSE_DEVICE_CAMERA_H
#define GATEHOUSE_DEVICE_CAMERA_H

#include "gatehouse/base/frame.h"
#include "gatehouse/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Formats a driver can offer at once. */
#define GH_CAMERA_MODES_MAX 64

/** One way a camera can deliver pictures. */
struct gh_camera_mode {
	enum gh_pixel_format format;
	uint32_t width_px;
	uint32_t height_px;
	uint32_t frame_interval_us; /**< shortest; 0: not paced */
};

/** What is wished for. Zero fields: no wish. The nearest mode is taken. */
struct gh_camera_wish {
	uint32_t width_px;
	uint32_t height_px;
	uint32_t frame_interval_us;
};

/** Controls a camera may have. */
enum gh_camera_control {
	GH_CAMERA_EXPOSURE_US,
	GH_CAMERA_GAIN_PERMILLE,
	GH_CAMERA_FOCUS_PERMILLE,
	GH_CAMERA_WHITE_BALANCE_KELVIN,
	GH_CAMERA_CONTROL_COUNT
};

/** A control's limits; available is false where the camera lacks it. */
struct gh_camera_range {
	bool available;
	uint32_t minimum;
	uint32_t maximum;
	uint32_t initial;
};

struct gh_camera;

/**
 * Open a camera by address. The driver is looked up in the build's table.
 *
 * GH_OK           state OPEN; the caller owns *camera.
 * GH_UNSUPPORTED  no such driver in this build; the error lists those there are.
 * GH_SETTINGS     an unknown or bad option.
 * GH_NOT_FOUND, GH_BUSY, GH_DENIED, GH_GONE, GH_IO, GH_NO_MEMORY, GH_MALFORMED.
 * Blocks up to 2 s. All functions below: one thread at a time per camera,
 * except where they say any thread.
 */
GH_MUST_USE enum gh_status gh_camera_open(const struct gh_device_address *address,
	const struct gh_clock *clock, struct gh_camera **camera, struct gh_error *error);

/**
 * Let the driver go and open it again at the same address: what a supervisor
 * does, with a growing pause, after GH_GONE. Counters and handle stay.
 *
 * GH_OK, then state OPEN and not configured; as gh_camera_open() otherwise,
 * then state LOST and it may be tried again. Any state. Blocks up to 3 s.
 */
GH_MUST_USE enum gh_status gh_camera_reopen(struct gh_camera *camera, struct gh_error *error);

/** Stop, close and free in any state. NULL safe. Frames still out stay valid. */
void gh_camera_close(struct gh_camera *camera);

/**
 * The modes offered; modes holds GH_CAMERA_MODES_MAX, *count is set. State OPEN.
 * Modes that no frame could have are left out. GH_OK, GH_GONE, GH_MALFORMED
 * when none is left.
 */
GH_MUST_USE enum gh_status gh_camera_modes(struct gh_camera *camera, struct gh_camera_mode *modes,
	size_t *count, struct gh_error *error);

/**
 * Choose the mode nearest to the wish and take all buffers; *mode is what was
 * got. Nearest: the smallest picture that holds the wished one, or the largest
 * there is; then the nearest interval; then what the driver names first.
 * State OPEN; may be called again. GH_OK, GH_UNSUPPORTED, GH_NO_MEMORY, GH_GONE.
 */
GH_MUST_USE enum gh_status gh_camera_configure(struct gh_camera *camera,
	const struct gh_camera_wish *wish, struct gh_camera_mode *mode, struct gh_error *error);

/** Start delivering. State OPEN, configured. Blocks up to 2 s. */
GH_MUST_USE enum gh_status gh_camera_start(struct gh_camera *camera, struct gh_error *error);

/** Stop delivering. State STREAMING. Blocks up to 1 s. */
GH_MUST_USE enum gh_status gh_camera_stop(struct gh_camera *camera, struct gh_error *error);

/**
 * Wait up to timeout_ms for the next frame. State STREAMING.
 *
 * GH_OK         *frame holds one reference owned by the caller; it passed
 *               gh_frame_check(), has the configured format and size, is not
 *               from the future, and its time never goes back; its sequence
 *               grows from each start on.
 * GH_TIMEOUT    nothing arrived; call again.
 * GH_MALFORMED  a frame was refused and counted; call again.
 * GH_GONE       the device left; state LOST; only close follows.
 * GH_CANCELLED  the source has no more frames (a replay without loop).
 * *frame is NULL on all but GH_OK.
 */
GH_MUST_USE enum gh_status gh_camera_wait(struct gh_camera *camera, uint32_t timeout_ms,
	struct gh_frame **frame, struct gh_error *error);

/** A control's limits. State OPEN or STREAMING. GH_OK also when not available. */
GH_MUST_USE enum gh_status gh_camera_control_range(struct gh_camera *camera,
	enum gh_camera_control control, struct gh_camera_range *range, struct gh_error *error);

/** Set a control, clamped to its limits. GH_UNSUPPORTED where it lacks it. */
GH_MUST_USE enum gh_status gh_camera_control_set(struct gh_camera *camera,
	enum gh_camera_control control, uint32_t value, struct gh_error *error);

/** The state now. Any thread. */
enum gh_device_state gh_camera_state(const struct gh_camera *camera);

/** The counters now. Any thread. */
struct gh_device_counters gh_camera_counters(const struct gh_camera *camera);

/** Wipe free frame memory now and the rest on return: end of a passage. Any thread. */
void gh_camera_wipe(struct gh_camera *camera);

/**
 * A rehearsed fault: "unplug", "replug", "drop N", "delay MS", "freeze" or what
 * the driver's README lists. Only virtual drivers have them; a lane in service
 * refuses to pass them on. What is unplugged stays so for every handle of the
 * same address until "replug", which a LOST device takes too.
 * GH_OK, GH_UNSUPPORTED, GH_MALFORMED, GH_GONE, or a status of the driver.
 * Any state and thread.
 */
GH_MUST_USE enum gh_status gh_camera_rehearse(
	struct gh_camera *camera, const char *command, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
