/* SPDX-License-Identifier: Apache-2.0 */
/* Cameras, for those who write drivers. Users of cameras read camera.h. */
#ifndef GATEHOUSE_DEVICE_CAMERA_DRIVER_H
#define GATEHOUSE_DEVICE_CAMERA_DRIVER_H

#include "gatehouse/device/camera.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a camera driver is given, and where it hangs its own state.
 *
 * The framework owns the struct; `own` is the driver's, made in open() and
 * freed in close(). The pool is made by the framework after configure() from
 * buffer_count and buffer_bytes, and given back after close().
 */
struct gh_camera_context {
	const struct gh_device_address *address;
	const struct gh_clock *clock;
	struct gh_frame_pool *pool; /**< NULL before configure */
	void *own;
};

/** How much frame memory the driver wants after configure(). */
struct gh_camera_buffers {
	uint32_t buffer_count;
	size_t buffer_bytes; /**< 0: the driver lends memory of its own */
};

/**
 * What a camera driver does. States as in device.h; the framework calls a
 * function only in the states named here, and never two at once except
 * rehearse(), which comes from any thread.
 */
struct gh_camera_driver {
	/** Mandatory. CLOSED. Claim the device; do not start the sensor. */
	enum gh_status (*open)(struct gh_camera_context *camera, struct gh_error *error);

	/** Mandatory. Any state, LOST too; must succeed and free `own`. */
	void (*close)(struct gh_camera_context *camera);

	/** Mandatory. OPEN. Fill modes (GH_CAMERA_MODES_MAX) and *count >= 1. */
	enum gh_status (*modes)(struct gh_camera_context *camera, struct gh_camera_mode *modes,
		size_t *count, struct gh_error *error);

	/** Mandatory. OPEN. Take one of the modes offered; say what memory it needs. */
	enum gh_status (*configure)(struct gh_camera_context *camera,
		const struct gh_camera_mode *mode, struct gh_camera_buffers *buffers,
		struct gh_error *error);

	/** Mandatory. OPEN, configured. */
	enum gh_status (*start)(struct gh_camera_context *camera, struct gh_error *error);

	/** Mandatory. STREAMING or LOST. */
	void (*stop)(struct gh_camera_context *camera);

	/**
	 * Mandatory. STREAMING. Wait up to timeout_ms for the next frame.
	 * Ownership and statuses as gh_camera_wait(). Must allocate nothing.
	 */
	enum gh_status (*wait)(struct gh_camera_context *camera, uint32_t timeout_ms,
		struct gh_frame **frame, struct gh_error *error);

	/** Optional. OPEN or STREAMING. */
	enum gh_status (*control_range)(struct gh_camera_context *camera,
		enum gh_camera_control control, struct gh_camera_range *range,
		struct gh_error *error);

	/** Optional, with control_range. The value is within the limits. */
	enum gh_status (*control_set)(struct gh_camera_context *camera,
		enum gh_camera_control control, uint32_t value, struct gh_error *error);

	/**
	 * Optional. From open to close, any thread. The passage is over: before
	 * the next frame is delivered the driver overwrites what it holds of
	 * pictures outside the pool. Must not block.
	 */
	void (*wipe)(struct gh_camera_context *camera);

	/**
	 * Optional; virtual drivers only. From open to close, any thread. The
	 * framework keeps what is unplugged; on "unplug" the driver only wakes
	 * its wait() and answers GH_GONE from then on.
	 */
	enum gh_status (*rehearse)(
		struct gh_camera_context *camera, const char *command, struct gh_error *error);
};

#ifdef __cplusplus
}
#endif

#endif
