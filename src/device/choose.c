/* SPDX-License-Identifier: Apache-2.0 */
/* Which driver serves an address, and which mode serves a wish. */
#include "choose.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* "camera/replay, camera/uvc": the names of one kind, cut where the text is full. */
static void name_drivers(bool camera, char *text, size_t text_bytes)
{
	size_t used = 0;
	snprintf(text, text_bytes, "none");
	for (size_t i = 0; i < gh_driver_table_length && used < text_bytes; i++) {
		const struct gh_driver *driver = gh_driver_table[i];
		if ((driver->device_class == GH_DEVICE_CAMERA) != camera)
			continue;
		int n = snprintf(
			text + used, text_bytes - used, "%s%s", used ? ", " : "", driver->name);
		used += n > 0 ? (size_t)n : 0;
	}
}

enum gh_status gh_driver_choose(const struct gh_device_address *address, bool camera,
	const struct gh_driver **driver, struct gh_error *error)
{
	*driver = gh_driver_find(address->driver);
	if (*driver && ((*driver)->device_class == GH_DEVICE_CAMERA) == camera)
		return GH_OK;

	char names[256];
	name_drivers(camera, names, sizeof(names));
	const char *what = *driver ? "is a driver of another class" : "is not in this build";
	*driver = NULL;
	return gh_error_set(error, GH_UNSUPPORTED, "driver '%s' %s; there are: %s", address->driver,
		what, names);
}

struct gh_device_address gh_address_copy(const struct gh_device_address *address)
{
	struct gh_device_address copy = *address;
	copy.driver[sizeof(copy.driver) - 1] = '\0';
	copy.address[sizeof(copy.address) - 1] = '\0';
	copy.options[sizeof(copy.options) - 1] = '\0';
	return copy;
}

static bool mode_valid(const struct gh_camera_mode *mode)
{
	if (mode->width_px < 1 || mode->width_px > GH_FRAME_SIDE_MAX_PX)
		return false;
	if (mode->height_px < 1 || mode->height_px > GH_FRAME_SIDE_MAX_PX)
		return false;
	switch (mode->format) {
	case GH_PIXEL_GREY:
	case GH_PIXEL_RGB24:
	case GH_PIXEL_NV12:
	case GH_PIXEL_MJPEG:
		return true;
	case GH_PIXEL_YUYV:
		return mode->width_px % 2 == 0;
	}
	return false;
}

size_t gh_modes_keep_valid(struct gh_camera_mode *modes, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (mode_valid(&modes[i]))
			modes[kept++] = modes[i];
	}
	return kept;
}

static bool holds(const struct gh_camera_mode *mode, const struct gh_camera_wish *wish)
{
	return mode->width_px >= wish->width_px && mode->height_px >= wish->height_px;
}

static uint64_t area(const struct gh_camera_mode *mode)
{
	return (uint64_t)mode->width_px * mode->height_px;
}

static uint32_t interval_distance(
	const struct gh_camera_mode *mode, const struct gh_camera_wish *wish)
{
	if (wish->frame_interval_us == 0)
		return 0;
	return mode->frame_interval_us > wish->frame_interval_us
		? mode->frame_interval_us - wish->frame_interval_us
		: wish->frame_interval_us - mode->frame_interval_us;
}

static bool nearer(const struct gh_camera_mode *a, const struct gh_camera_mode *b,
	const struct gh_camera_wish *wish)
{
	if (wish->width_px != 0 || wish->height_px != 0) {
		if (holds(a, wish) != holds(b, wish))
			return holds(a, wish);
		if (area(a) != area(b))
			return holds(a, wish) == (area(a) < area(b));
	}
	return interval_distance(a, wish) < interval_distance(b, wish);
}

size_t gh_mode_choose(
	const struct gh_camera_mode *modes, size_t count, const struct gh_camera_wish *wish)
{
	assert(count >= 1);
	size_t best = 0;
	for (size_t i = 1; i < count; i++) {
		if (nearer(&modes[i], &modes[best], wish))
			best = i;
	}
	return best;
}
