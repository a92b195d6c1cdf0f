/* SPDX-License-Identifier: Apache-2.0 */
/* The photograph of a whole session: drawn heads, rolled and off the middle, come level in it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chain.h"
#include "gatehouse/vision/picture.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720
};

#define DEGREES (180.0f / 3.14159265f)

static struct gh_vision_options options;
static struct gh_vision *vision;
static struct gh_chain chain;
static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };

static int set_up(void **state)
{
	struct gh_extent extent = { WIDTH, HEIGHT };

	if (!models_options(&options))
		return 0;
	options.frames_min = 1;
	options.limits.enough_permille = 0.0f;
	if (gh_chain_init(&chain, &options, extent, GH_CHAIN_PORTRAITS, NULL) != GH_OK)
		return -1;
	return gh_vision_create(&options, &vision, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	gh_vision_destroy(vision);
	if (vision)
		gh_chain_finish(&chain);
	return 0;
}

/* Frames of one drawn head until the session gives its sample. */
static struct gh_sample *photograph(const struct drawn_face *face)
{
	static uint64_t sequence;
	struct gh_observation seen = { .sample = NULL };
	struct gh_error error = GH_ERROR_NONE;

	gh_vision_wipe(vision);
	for (int i = 0; i < 20 && !seen.sample; i++) {
		struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);

		drawn_fill(&canvas, 150, 155, 160);
		drawn_face_paint(&canvas, face);
		frame.sequence = ++sequence;
		frame.capture_us = 33000 * sequence;
		if (gh_vision_observe(vision, &frame, &seen, &error) != GH_OK)
			fail_msg("%s", error.text);
	}
	if (!seen.sample)
		fail_msg("rolled by %.0f at %.0f, %.0f: reason %d", (double)face->roll_degrees,
			(double)face->x_px, (double)face->y_px, (int)seen.reason);
	return seen.sample;
}

/* Where the landmarks of the product find the eyes on the photograph. */
static void find_eyes(const struct gh_sample *sample, struct gh_point eyes[2])
{
	struct gh_description description;
	struct gh_quality quality;
	struct gh_picture photo;
	struct gh_faces faces = { .count = 0 };
	struct gh_image image;
	struct gh_canvas look = { &image, 0.5f };
	struct gh_stage stage;

	assert_int_equal(
		gh_picture_decode((struct gh_view){ sample->photo, sample->photo_length_bytes },
			&photo, NULL),
		GH_OK);
	image = (struct gh_image){ photo.rgb.data, photo.width_px, photo.height_px,
		3 * (size_t)photo.width_px };
	memset(&stage, 0, sizeof(stage));
	stage.seen_width_px = photo.width_px;
	stage.seen_height_px = photo.height_px;
	stage.frame_height_px = photo.height_px;
	assert_int_equal(gh_chain_detect(&chain, &look, &faces, NULL), GH_OK);
	assert_int_equal(faces.count, 1);
	assert_int_equal(gh_chain_describe(&chain, &image, &faces.list[0], &stage, &description,
				 &quality, NULL),
		GH_OK);
	eyes[0] = description.landmarks.five[0];
	eyes[1] = description.landmarks.five[1];
	gh_picture_finish(&photo);
}

static void expect_portrait(const struct drawn_face *face)
{
	struct gh_sample *sample = photograph(face);
	float width = (float)sample->photo_width_px;
	float height = (float)sample->photo_height_px;
	struct gh_point eyes[2];
	float roll;

	find_eyes(sample, eyes);
	roll = atan2f(eyes[1].y - eyes[0].y, eyes[1].x - eyes[0].x) * DEGREES;
	print_message("rolled by %5.1f: on the photograph %.2f degrees, eyes %.0f px apart\n",
		(double)face->roll_degrees, (double)roll, (double)(eyes[1].x - eyes[0].x));
	assert_true(fabsf(roll) < 1.0f);
	assert_float_equal(0.5f * (eyes[0].x + eyes[1].x), 0.5f * width, 0.03f * width);
	assert_float_equal(0.5f * (eyes[0].y + eyes[1].y), 0.42f * height, 0.03f * height);
	assert_true(eyes[1].x - eyes[0].x > 90.0f);
	gh_sample_release(sample);
}

static void rolled_heads_come_level(void **state)
{
	static const float rolls[] = { -15.0f, -8.0f, 0.0f, 5.0f, 15.0f };

	if (!vision)
		skip();
	for (size_t i = 0; i < sizeof(rolls) / sizeof(rolls[0]); i++) {
		struct drawn_face face = drawn_face_usual(640.0f, 340.0f, 340.0f);

		face.roll_degrees = rolls[i];
		expect_portrait(&face);
	}
}

static void heads_off_the_middle_and_near_the_border_are_in_the_middle(void **state)
{
	static const float places[][2] = { { 450.0f, 340.0f }, { 830.0f, 340.0f },
		{ 640.0f, 200.0f }, { 640.0f, 520.0f } };

	if (!vision)
		skip();
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct drawn_face face = drawn_face_usual(places[i][0], places[i][1], 340.0f);

		face.roll_degrees = 6.0f;
		expect_portrait(&face);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rolled_heads_come_level),
		cmocka_unit_test(heads_off_the_middle_and_near_the_border_are_in_the_middle),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
