/* SPDX-License-Identifier: Apache-2.0 */
/* Which driver serves an address, and which mode serves a wish. */
#ifndef DEVICE_CHOOSE_H
#define DEVICE_CHOOSE_H

#include "gatehouse/device/driver.h"

/**
 * Find the driver an address names, a camera's or another's.
 * GH_OK, or GH_UNSUPPORTED and the error lists the drivers there are.
 */
GH_MUST_USE enum gh_status gh_driver_choose(const struct gh_device_address *address, bool camera,
	const struct gh_driver **driver, struct gh_error *error);

/** Move the modes a frame can have to the front; returns how many there are. */
size_t gh_modes_keep_valid(struct gh_camera_mode *modes, size_t count);

/** The index of the mode nearest to the wish, as camera.h says. count >= 1. */
size_t gh_mode_choose(
	const struct gh_camera_mode *modes, size_t count, const struct gh_camera_wish *wish);

/** A copy of the address whose texts end inside their arrays. */
struct gh_device_address gh_address_copy(const struct gh_device_address *address);

#endif
