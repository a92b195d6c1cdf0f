/* SPDX-License-Identifier: Apache-2.0 */
/* The replay camera without memory, without descriptors and with files that cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/device/camera.h"
#include "inject.h"
#include "support/camera_replay/pictures.h"

#define PICTURES 5

/* A folder with pictures in it, and a video of the same. */
struct scene {
	char *folder;
	char video[512];
};

static int set_up(void **state)
{
	static struct scene scene;
	struct gh_bytes pictures[PICTURES] = { { NULL, 0, 0 } };
	struct gh_bytes video = GH_BYTES_EMPTY;
	inject_pause();
	scene.folder = folder_make();
	folder_fill(scene.folder, 64, 48, PICTURES);
	for (unsigned i = 0; i < PICTURES; i++) {
		struct picture picture = picture_draw(64, 48, i);
		picture_jpeg(&picture, &(struct jpeg_style){ 0 }, &pictures[i]);
		picture_free(&picture);
	}
	avi_write(pictures, PICTURES, &(struct avi_style){ 0 }, &video);
	folder_write(scene.folder, "video.avi", &video, scene.video);
	gh_bytes_finish(&video);
	for (unsigned i = 0; i < PICTURES; i++)
		gh_bytes_finish(&pictures[i]);
	*state = &scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;
	inject_pause();
	folder_remove(scene->folder);
	return 0;
}

static struct gh_device_address at(const char *path, const char *options)
{
	struct gh_device_address address = { .driver = "camera/replay" };
	snprintf(address.address, sizeof(address.address), "%s", path);
	snprintf(address.options, sizeof(address.options), "%s", options);
	return address;
}

/* Open, choose a mode, start. On failure *camera is whatever open() left. */
static enum gh_status play(
	const struct gh_device_address *address, struct gh_camera **camera, struct gh_error *error)
{
	struct gh_camera_mode mode;
	enum gh_status status = gh_camera_open(address, gh_clock_system(), camera, error);
	if (status != GH_OK)
		return status;
	status = gh_camera_configure(*camera, &(struct gh_camera_wish){ 0 }, &mode, error);
	return status == GH_OK ? gh_camera_start(*camera, error) : status;
}

static enum gh_status wait_one(struct gh_camera *camera)
{
	struct gh_frame *frame;
	enum gh_status status = gh_camera_wait(camera, 1000, &frame, NULL);
	gh_frame_unref(frame);
	return status;
}

static void check_memory(const char *path, const char *options)
{
	struct gh_device_address address = at(path, options);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_camera *camera;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = play(&address, &camera, &error);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		if (status == GH_OK)
			assert_int_equal(wait_one(camera), GH_OK);
		gh_camera_close(camera);
	}
}

static void opening_without_memory(void **state)
{
	struct scene *scene = *state;
	check_memory(scene->folder, "pace=fast");
	check_memory(scene->folder, "pace=fast,format=nv12");
	check_memory(scene->video, "pace=fast,format=mjpeg");
}

static void check_point(enum inject_point point, const char *path)
{
	struct gh_device_address address = at(path, "pace=fast");
	INJECT_EACH(point, n)
	{
		struct gh_camera *camera;
		enum gh_status status = play(&address, &camera, NULL);
		inject_pause();
		assert_true(inject_hit() || status == GH_OK);
		gh_camera_close(camera);
	}
}

static void opening_without_descriptors(void **state)
{
	struct scene *scene = *state;
	check_point(INJECT_OPEN, scene->folder);
	check_point(INJECT_OPEN, scene->video);
}

static void opening_what_cannot_be_read(void **state)
{
	struct scene *scene = *state;
	check_point(INJECT_READ, scene->folder);
	check_point(INJECT_READ, scene->video);
}

/* A picture that cannot be read is one damaged picture, and the next one comes. */
static void check_playing(enum inject_point point, const char *path)
{
	struct gh_device_address address = at(path, "pace=fast");
	for (unsigned n = 1; n <= PICTURES; n++) {
		struct gh_camera *camera;
		inject_pause();
		assert_int_equal(play(&address, &camera, NULL), GH_OK);
		inject_arm(point, n);
		for (unsigned i = 1; i <= PICTURES; i++)
			assert_int_equal(wait_one(camera), i == n ? GH_MALFORMED : GH_OK);
		assert_true(inject_disarm());
		assert_int_equal(gh_camera_counters(camera).damaged, 1);
		assert_int_equal(gh_camera_counters(camera).dropped, 0);
		assert_int_equal(gh_camera_state(camera), GH_DEVICE_STREAMING);
		gh_camera_close(camera);
	}
}

static void playing_what_cannot_be_read(void **state)
{
	struct scene *scene = *state;
	check_playing(INJECT_READ, scene->folder);
	check_playing(INJECT_OPEN, scene->folder);
	check_playing(INJECT_READ, scene->video);
}

/* A load that fails leaves what plays as it is. */
static void loading_without_memory(void **state)
{
	struct scene *scene = *state;
	struct gh_device_address address = at(scene->folder, "pace=fast,loop=yes");
	struct gh_camera *camera;
	char command[600];
	snprintf(command, sizeof(command), "load %s", scene->video);
	inject_pause();
	assert_int_equal(play(&address, &camera, NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status = gh_camera_rehearse(camera, command, NULL);
		inject_pause();
		assert_true(inject_hit() == (status != GH_OK));
		assert_int_equal(wait_one(camera), GH_OK);
	}
	gh_camera_close(camera);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opening_without_memory),
		TEST(opening_without_descriptors),
		TEST(opening_what_cannot_be_read),
		TEST(playing_what_cannot_be_read),
		TEST(loading_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
