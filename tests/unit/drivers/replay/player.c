/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the replay camera share: one folder each, and a camera that plays it. */
#include "player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One test's folder. */
int set_up(void **state)
{
	*state = folder_make();
	return 0;
}

int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

struct gh_device_address at(const char *path, const char *options)
{
	struct gh_device_address address = { .driver = "camera/replay" };
	snprintf(address.address, sizeof(address.address), "%s", path);
	snprintf(address.options, sizeof(address.options), "%s", options);
	return address;
}

struct gh_camera *open_at(const char *path, const char *options)
{
	struct gh_device_address address = at(path, options);
	struct gh_error error = GH_ERROR_NONE;
	struct gh_camera *camera;
	if (gh_camera_open(&address, gh_clock_system(), &camera, &error) != GH_OK)
		fail_msg("%s", error.text);
	return camera;
}

struct gh_camera *play(const char *path, const char *options)
{
	struct gh_camera *camera = open_at(path, options);
	struct gh_camera_mode mode;
	struct gh_error error = GH_ERROR_NONE;
	if (gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, &error) != GH_OK)
		fail_msg("%s", error.text);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	return camera;
}

struct gh_frame *next(struct gh_camera *camera)
{
	struct gh_frame *frame;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_camera_wait(camera, 2000, &frame, &error);
	if (status != GH_OK)
		fail_msg("%s: %s", gh_status_name(status), error.text);
	return frame;
}

enum gh_status wait_status(struct gh_camera *camera, uint32_t timeout_ms)
{
	struct gh_frame *frame;
	enum gh_status status = gh_camera_wait(camera, timeout_ms, &frame, NULL);
	gh_frame_unref(frame);
	return status;
}

/* How far RGB pixels are from the picture drawn with this number, in the mean. */
double distance(const struct gh_frame *frame, unsigned number)
{
	struct picture picture = picture_draw(frame->width_px, frame->height_px, number);
	double sum = 0;
	for (uint32_t y = 0; y < frame->height_px; y++) {
		const uint8_t *row =
			frame->planes[0].data + (size_t)y * frame->planes[0].stride_bytes;
		for (uint32_t x = 0; x < frame->width_px * 3; x++)
			sum += abs(row[x] - picture.rgb[(size_t)y * frame->width_px * 3 + x]);
	}
	picture_free(&picture);
	return sum / (frame->width_px * frame->height_px * 3.0);
}

/* Which of the drawn pictures a frame shows. */
unsigned number_of(const struct gh_frame *frame)
{
	unsigned best = 0;
	for (unsigned i = 1; i < 7; i++)
		if (distance(frame, i) < distance(frame, best))
			best = i;
	assert_true(distance(frame, best) < 6.0);
	return best;
}

void expect(struct gh_camera *camera, unsigned number, uint64_t sequence)
{
	struct gh_frame *frame = next(camera);
	assert_int_equal(number_of(frame), number);
	assert_int_equal(frame->sequence, sequence);
	gh_frame_unref(frame);
}
