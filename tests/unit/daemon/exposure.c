/* SPDX-License-Identifier: Apache-2.0 */
/* The desk between vision and the camera's thread: each wish once, and to the camera it is for. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon.h"

enum gh_status __wrap_gh_camera_control_range(struct gh_camera *camera,
	enum gh_camera_control control, struct gh_camera_range *range, struct gh_error *error);
enum gh_status __wrap_gh_camera_control_set(struct gh_camera *camera,
	enum gh_camera_control control, uint32_t value, struct gh_error *error);

/* What the camera has, and what was set of it. */
static struct gh_camera_range ranges[GH_CAMERA_CONTROL_COUNT];
static enum gh_status range_status;
static enum gh_status set_status;
static uint32_t last[GH_CAMERA_CONTROL_COUNT];
static unsigned sets;

enum gh_status __wrap_gh_camera_control_range(struct gh_camera *camera,
	enum gh_camera_control control, struct gh_camera_range *range, struct gh_error *error)
{
	(void)camera;
	(void)error;
	*range = ranges[control];
	return range_status;
}

enum gh_status __wrap_gh_camera_control_set(struct gh_camera *camera,
	enum gh_camera_control control, uint32_t value, struct gh_error *error)
{
	(void)camera;
	sets++;
	last[control] = value;
	return set_status == GH_OK ? GH_OK : gh_error_set(error, set_status, "a fake camera");
}

static int set_up(void **state)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	assert_non_null(daemon);
	gh_settings_default(&daemon->settings);
	strcpy(daemon->settings.light.driver, "light/specimen");
	pthread_mutex_init(&daemon->exposure.lock, NULL);
	memset(ranges, 0, sizeof(ranges));
	memset(last, 0, sizeof(last));
	ranges[GH_CAMERA_EXPOSURE_US] = (struct gh_camera_range){ true, 100, 30000, 9000 };
	ranges[GH_CAMERA_GAIN_PERMILLE] = (struct gh_camera_range){ true, 1000, 8000, 2000 };
	range_status = GH_OK;
	set_status = GH_OK;
	sets = 0;
	*state = daemon;
	return 0;
}

static int tear_down(void **state)
{
	struct daemon *daemon = *state;

	pthread_mutex_destroy(&daemon->exposure.lock);
	free(daemon);
	return 0;
}

static void metering_begins_with_each_camera(void **state)
{
	struct daemon *daemon = *state;
	struct gh_metering metering;
	uint32_t cameras = 0;

	assert_false(exposure_vision_begin(daemon, &metering, &cameras));
	exposure_camera_up(daemon, NULL);
	assert_true(exposure_vision_begin(daemon, &metering, &cameras));
	assert_true(metering.options.exposure_us.available);
	assert_int_equal(metering.options.exposure_us.maximum, 30000);
	assert_int_equal(metering.options.gain_permille.initial, 2000);
	assert_true(metering.options.lamp);
	assert_false(exposure_vision_begin(daemon, &metering, &cameras));
	exposure_camera_up(daemon, NULL);
	assert_true(exposure_vision_begin(daemon, &metering, &cameras));
}

static void a_wish_is_set_once(void **state)
{
	struct daemon *daemon = *state;
	struct gh_metering_wish wish = { 12000, 1500, 700 };
	uint32_t done = 0;

	exposure_camera_up(daemon, NULL);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 0);
	exposure_vision_wish(daemon, &wish);
	wish.exposure_us = 13000;
	exposure_vision_wish(daemon, &wish); /* the latest counts */
	exposure_camera_set(daemon, NULL, &done);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 2);
	assert_int_equal(last[GH_CAMERA_EXPOSURE_US], 13000);
	assert_int_equal(last[GH_CAMERA_GAIN_PERMILLE], 1500);
}

static void the_next_camera_does_not_inherit_a_wish(void **state)
{
	struct daemon *daemon = *state;
	const struct gh_metering_wish wish = { 12000, 1500, 700 };
	uint32_t done = 0;

	exposure_camera_up(daemon, NULL);
	exposure_vision_wish(daemon, &wish);
	exposure_camera_up(daemon, NULL);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 0);
}

static void what_a_camera_lacks_is_not_set(void **state)
{
	struct daemon *daemon = *state;
	const struct gh_metering_wish wish = { 12000, 1500, 700 };
	uint32_t done = 0;

	ranges[GH_CAMERA_EXPOSURE_US].available = false;
	exposure_camera_up(daemon, NULL);
	exposure_vision_wish(daemon, &wish);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 1);
	assert_int_equal(last[GH_CAMERA_EXPOSURE_US], 0);
	range_status = GH_GONE;
	exposure_camera_up(daemon, NULL);
	exposure_vision_wish(daemon, &wish);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 1);
}

static void a_camera_that_fails_is_asked_again_with_the_next_wish(void **state)
{
	struct daemon *daemon = *state;
	const struct gh_metering_wish wish = { 12000, 1500, 700 };
	uint32_t done = 0;

	exposure_camera_up(daemon, NULL);
	set_status = GH_IO;
	exposure_vision_wish(daemon, &wish);
	exposure_camera_set(daemon, NULL, &done);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 2);
	exposure_vision_wish(daemon, &wish);
	exposure_camera_set(daemon, NULL, &done);
	assert_int_equal(sets, 4);
}

static void control_may_be_left_to_the_camera(void **state)
{
	struct daemon *daemon = *state;
	struct gh_metering metering;
	uint32_t cameras = 0;

	daemon->settings.exposure.control = false;
	exposure_camera_up(daemon, NULL);
	assert_true(exposure_vision_begin(daemon, &metering, &cameras));
	assert_false(metering.options.exposure_us.available);
	assert_false(metering.options.gain_permille.available);
	assert_false(metering.options.lamp);
}

static void without_a_light_there_is_no_lamp(void **state)
{
	struct daemon *daemon = *state;

	assert_true(compose_metering(&daemon->settings).lamp);
	daemon->settings.light.driver[0] = '\0';
	assert_false(compose_metering(&daemon->settings).lamp);
}

static void *wish_beside(void *ctx)
{
	for (uint32_t i = 1; i <= 5000; i++) {
		const struct gh_metering_wish wish = { 100 + i, 1000 + i, 0 };

		exposure_vision_wish(ctx, &wish);
	}
	return NULL;
}

/* Both threads at once: what is set together was wished together. */
static void wishes_are_not_mixed(void **state)
{
	struct daemon *daemon = *state;
	uint32_t done = 0;
	pthread_t thread;

	exposure_camera_up(daemon, NULL);
	assert_int_equal(pthread_create(&thread, NULL, wish_beside, daemon), 0);
	do {
		exposure_camera_set(daemon, NULL, &done);
		if (sets > 0)
			assert_int_equal(
				last[GH_CAMERA_EXPOSURE_US] + 900, last[GH_CAMERA_GAIN_PERMILLE]);
	} while (last[GH_CAMERA_EXPOSURE_US] != 5100);
	pthread_join(thread, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(metering_begins_with_each_camera),
		TEST(a_wish_is_set_once),
		TEST(the_next_camera_does_not_inherit_a_wish),
		TEST(what_a_camera_lacks_is_not_set),
		TEST(a_camera_that_fails_is_asked_again_with_the_next_wish),
		TEST(control_may_be_left_to_the_camera),
		TEST(without_a_light_there_is_no_lamp),
		TEST(wishes_are_not_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
