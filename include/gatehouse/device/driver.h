/* SPDX-License-Identifier: Apache-2.0 */
/* A driver, and the table of those in this build. The one header a driver needs. */
#ifndef GATEHOUSE_DEVICE_DRIVER_H
#define GATEHOUSE_DEVICE_DRIVER_H

#include "gatehouse/device/camera_driver.h"
#include "gatehouse/device/event_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A driver: drivers/CLASS/NAME defines
 * `const struct gh_driver gh_driver_CLASS_NAME`.
 */
struct gh_driver {
	/** "class/name", equal to the folder under drivers/. */
	const char *name;

	enum gh_device_class device_class;

	/** True for replay and virtual drivers: a lane in service refuses them. */
	bool is_virtual;

	/**
	 * Optional. Report what is there now; blocks up to 2 s. Allocates
	 * nothing that outlives the call.
	 */
	enum gh_status (*list)(void (*call)(void *ctx, const struct gh_device_found *found),
		void *ctx, struct gh_error *error);

	/** For class camera; NULL otherwise. */
	const struct gh_camera_driver *camera;

	/** For all other classes; NULL for cameras. */
	const struct gh_event_driver *event;
};

/** The drivers of this build, made by the build from the folders. */
extern const struct gh_driver *const gh_driver_table[];
extern const size_t gh_driver_table_length;

/** Find a driver by "class/name"; NULL if this build has none. Any thread. */
const struct gh_driver *gh_driver_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
