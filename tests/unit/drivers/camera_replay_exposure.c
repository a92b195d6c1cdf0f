/* SPDX-License-Identifier: Apache-2.0 */
/* The replay camera's simulated sensor: in proportion to light, late by its lag, told or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exposure.h"
#include "gatehouse/device/actuator.h"
#include "replay/player.h"

/* Mean of the first plane of a frame. */
static double level_of(const struct gh_frame *frame)
{
	double sum = 0;
	for (uint32_t y = 0; y < frame->height_px; y++)
		for (uint32_t x = 0; x < frame->width_px; x++)
			sum += frame->planes[0].data[(size_t)y * frame->planes[0].stride_bytes + x];
	return sum / ((double)frame->width_px * frame->height_px);
}

static double next_level(struct gh_camera *camera)
{
	struct gh_frame *frame = next(camera);
	double level = level_of(frame);
	gh_frame_unref(frame);
	return level;
}

static void set(struct gh_camera *camera, enum gh_camera_control control, uint32_t value)
{
	assert_int_equal(gh_camera_control_set(camera, control, value, NULL), GH_OK);
}

static void tone_is_linear_in_light(void **unused)
{
	struct gh_replay_tone tone = { 0 };
	(void)unused;
	gh_replay_tone_make(&tone, 1.0f);
	for (unsigned level = 0; level < 256; level++) {
		assert_int_equal(tone.luma[level], level);
		assert_int_equal(tone.chroma[level], level);
	}
	/* By the curve of sRGB: 188 is half of full scale, 137 a quarter. */
	gh_replay_tone_make(&tone, 0.5f);
	assert_int_equal(tone.luma[255], 188);
	assert_int_equal(tone.luma[188], 137);
	assert_int_equal(tone.luma[0], 0);
	gh_replay_tone_make(&tone, 2.0f);
	assert_int_equal(tone.luma[137], 188);
	assert_int_equal(tone.luma[189], 255);
	assert_int_equal(tone.chroma[128], 128);
	assert_true(tone.chroma[140] > 140 && tone.chroma[100] < 100);
	for (unsigned level = 1; level < 256; level++)
		assert_true(tone.luma[level] >= tone.luma[level - 1]);
	gh_replay_tone_make(&tone, 0.0f);
	assert_int_equal(tone.luma[255], 0);
	assert_int_equal(tone.chroma[255], 128);
}

static void factors_multiply(void **unused)
{
	const struct gh_replay_setting usual = { 10000, 1000 }, strong = { 20000, 3000 };
	const struct gh_replay_light hall = { 500, 2000, 250 }, none = { 0, 2000, 0 };
	(void)unused;
	assert_float_equal(gh_replay_exposure_factor(&hall, &usual), 1.0, 1e-6);
	assert_float_equal(gh_replay_exposure_factor(&hall, &strong), 6.0, 1e-5);
	assert_float_equal(gh_replay_exposure_factor(&none, &strong), 0.0, 1e-9);
}

/* Each format, with padding behind its rows that must not be touched. */
static void only_pixels_are_touched(void **unused)
{
	static const struct gh_replay_shape shapes[] = {
		{ GH_PIXEL_GREY, 34, 6 },
		{ GH_PIXEL_RGB24, 34, 5 },
		{ GH_PIXEL_NV12, 34, 6 },
		{ GH_PIXEL_YUYV, 34, 5 },
	};
	struct gh_replay_tone tone = { 0 };
	(void)unused;
	gh_replay_tone_make(&tone, 0.25f);
	for (size_t i = 0; i < 4; i++) {
		size_t bytes = gh_replay_shape_bytes(&shapes[i]);
		uint8_t *memory = malloc(bytes);
		struct gh_plane planes[2];
		size_t touched = 0;
		size_t pixels = (size_t)shapes[i].width_px * shapes[i].height_px;
		assert_non_null(memory);
		memset(memory, 200, bytes);
		gh_replay_shape_planes(&shapes[i], memory, planes);
		gh_replay_tone_apply(&tone, &shapes[i], planes);
		for (size_t at = 0; at < bytes; at++)
			touched += memory[at] != 200 ? 1 : 0;
		assert_int_equal(touched,
			shapes[i].format == GH_PIXEL_RGB24          ? 3 * pixels
				: shapes[i].format == GH_PIXEL_YUYV ? 2 * pixels
				: shapes[i].format == GH_PIXEL_NV12 ? pixels + pixels / 2
								    : pixels);
		free(memory);
	}
}

static void settings_take_their_time(void **unused)
{
	(void)unused;
	for (uint32_t lag = 0; lag <= GH_REPLAY_LAG_MAX; lag++) {
		struct gh_replay_pipeline pipeline;
		gh_replay_pipeline_init(&pipeline);
		pipeline.line[0].exposure_us = 500;
		for (uint32_t i = 0; i < lag; i++)
			assert_int_equal(
				gh_replay_pipeline_next(&pipeline, lag).exposure_us, 10000);
		assert_int_equal(gh_replay_pipeline_next(&pipeline, lag).exposure_us, 500);
		assert_int_equal(gh_replay_pipeline_next(&pipeline, lag).exposure_us, 500);
	}
}

static void frames_get_brighter_and_say_why(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	struct gh_camera *camera = play(*state, "pace=fast,loop=yes,controls=yes,lag_frames=2");
	double usual = next_level(camera);
	set(camera, GH_CAMERA_EXPOSURE_US, 2500);
	assert_float_equal(next_level(camera), usual, 0.01);
	assert_float_equal(next_level(camera), usual, 0.01);
	struct gh_frame *frame = next(camera);
	assert_int_equal(frame->exposure_us, 2500);
	assert_int_equal(frame->gain_permille, 1000);
	assert_true(level_of(frame) < 0.65 * usual);
	gh_frame_unref(frame);
	set(camera, GH_CAMERA_GAIN_PERMILLE, 4000); /* makes up for it */
	for (int i = 0; i < 2; i++)
		next_level(camera);
	assert_float_equal(next_level(camera), usual, 0.5);
	gh_camera_close(camera);
}

static void a_camera_may_keep_it_to_itself(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	static const char *const ways[] = { "pace=fast,loop=yes,controls=yes,tell=no",
		"pace=fast,loop=yes" };
	for (size_t i = 0; i < 2; i++) {
		struct gh_camera *camera = play(*state, ways[i]);
		struct gh_frame *frame = next(camera);
		assert_true(frame->exposure_us == GH_FRAME_UNKNOWN);
		assert_true(frame->gain_permille == GH_FRAME_UNKNOWN);
		gh_frame_unref(frame);
		gh_camera_close(camera);
	}
}

static void without_controls_there_are_none(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	struct gh_camera *camera = play(*state, "pace=fast,loop=yes,ambient_permille=100");
	struct gh_camera_range range;
	assert_int_equal(
		gh_camera_control_range(camera, GH_CAMERA_EXPOSURE_US, &range, NULL), GH_OK);
	assert_false(range.available);
	assert_int_equal(
		gh_camera_control_set(camera, GH_CAMERA_EXPOSURE_US, 1000, NULL), GH_UNSUPPORTED);
	gh_camera_close(camera);
}

static void the_hall_gets_darker_on_command(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	struct gh_camera *camera = play(*state, "pace=fast,loop=yes");
	double usual = next_level(camera);
	assert_int_equal(gh_camera_rehearse(camera, "ambient 100", NULL), GH_OK);
	assert_true(next_level(camera) < 0.5 * usual);
	assert_int_equal(gh_camera_rehearse(camera, "ambient 1000", NULL), GH_OK);
	assert_float_equal(next_level(camera), usual, 0.01);
	assert_int_equal(gh_camera_rehearse(camera, "ambient 64001", NULL), GH_MALFORMED);
	assert_int_equal(gh_camera_rehearse(camera, "ambient", NULL), GH_MALFORMED);
	gh_camera_close(camera);
}

static struct gh_actuator *open_lamp(const char *options)
{
	struct gh_device_address address = { .driver = "light/virtual" };
	struct gh_actuator *lamp;
	snprintf(address.options, sizeof(address.options), "%s", options);
	assert_int_equal(gh_actuator_open(&address, gh_clock_system(), &lamp, NULL), GH_OK);
	return lamp;
}

static void turn_up(struct gh_actuator *lamp, uint32_t level_permille)
{
	struct gh_action action = { .kind = GH_ACTION_LIGHT_SET, .level_permille = level_permille };
	assert_int_equal(gh_actuator_act(lamp, &action, NULL), GH_OK);
}

static void the_lamp_of_its_scene_lights_it(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	struct gh_actuator *lamp = open_lamp("scene=3");
	struct gh_actuator *other = open_lamp("");
	struct gh_camera *camera =
		play(*state, "pace=fast,loop=yes,ambient_permille=100,lamp_permille=900,scene=3");
	double dark = next_level(camera);
	turn_up(other, 1000);
	assert_float_equal(next_level(camera), dark, 0.01);
	turn_up(lamp, 500);
	double half = next_level(camera);
	assert_true(half > 1.3 * dark);
	turn_up(lamp, 1000);
	assert_true(next_level(camera) > 1.1 * half);
	gh_actuator_close(lamp);
	lamp = open_lamp("scene=3"); /* which puts it out */
	assert_float_equal(next_level(camera), dark, 0.01);
	gh_camera_close(camera);
	gh_actuator_close(lamp);
	gh_actuator_close(other);
}

static void mjpeg_has_no_pixels_to_light(void **state)
{
	static const char *const refused[] = {
		"format=mjpeg,controls=yes",
		"format=mjpeg,ambient_permille=999",
		"format=mjpeg,lamp_permille=1",
		"scene=8",
		"lag_frames=9",
		"ambient_permille=64001",
	};
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct gh_device_address address = at(*state, refused[i]);
		struct gh_camera *camera;
		assert_int_equal(
			gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_SETTINGS);
	}
	struct gh_camera *camera = play(*state, "pace=fast,loop=yes,format=mjpeg");
	assert_int_equal(gh_camera_rehearse(camera, "ambient 100", NULL), GH_UNSUPPORTED);
	gh_camera_close(camera);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tone_is_linear_in_light),
		cmocka_unit_test(factors_multiply),
		cmocka_unit_test(only_pixels_are_touched),
		cmocka_unit_test(settings_take_their_time),
		TEST(frames_get_brighter_and_say_why),
		TEST(a_camera_may_keep_it_to_itself),
		TEST(without_controls_there_are_none),
		TEST(the_hall_gets_darker_on_command),
		TEST(the_lamp_of_its_scene_lights_it),
		TEST(mjpeg_has_no_pixels_to_light),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
