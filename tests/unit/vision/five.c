/* SPDX-License-Identifier: Apache-2.0 */
/* dlib's five points: centres of corners, a drawn face, and what is no predictor. */
#include "five.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"

#include "specimen.h"
#include "support/vision/models.h"

static uint8_t rgb[3 * SPECIMEN_WIDTH_PX * SPECIMEN_HEIGHT_PX];
static const struct gh_image image = { rgb, SPECIMEN_WIDTH_PX, SPECIMEN_HEIGHT_PX,
	3 * SPECIMEN_WIDTH_PX };
static struct gh_bytes file;

static int setup(void **state)
{
	char path[4096];

	gh_specimen_draw(rgb);
	if (gh_file_read(models_cache_path("models/dlib_five.dat", path), 64u << 20, &file, NULL) !=
		GH_OK)
		printf("not there, so tests are skipped: %s (config/setup --only dlib)\n", path);
	return 0;
}

static int teardown(void **state)
{
	gh_bytes_finish(&file);
	return 0;
}

static struct gh_five *open_five(void)
{
	struct gh_five *five;
	struct gh_error error = GH_ERROR_NONE;

	if (file.length_bytes == 0)
		skip();
	if (gh_five_open(gh_bytes_view(&file), &five, &error) != GH_OK)
		fail_msg("%s", error.text);
	return five;
}

static void eyes_lie_between_their_corners(void **state)
{
	struct gh_landmarks landmarks = { .corners = { { 180, 100 }, { 160, 102 }, { 100, 100 },
						  { 120, 102 }, { 140, 150 } } };

	gh_five_centres(&landmarks);
	assert_true(landmarks.has_corners);
	assert_false(landmarks.has_all);
	assert_float_equal(landmarks.five[0].x, 110, 1e-3f);
	assert_float_equal(landmarks.five[0].y, 101, 1e-3f);
	assert_float_equal(landmarks.five[1].x, 170, 1e-3f);
	/* Nose and mouth: in the middle, below the eyes, the mouth below the base of the nose. */
	assert_float_equal(landmarks.five[2].x, 140, 3);
	assert_true(landmarks.five[2].y > 115 && landmarks.five[2].y < 150);
	assert_true(landmarks.five[3].x < 140 && landmarks.five[4].x > 140);
	assert_true(landmarks.five[3].y > 150 && landmarks.five[4].y > 150);
}

static void points_of_a_drawn_face_are_on_it(void **state)
{
	struct gh_five *five = open_five();
	struct gh_box box = gh_specimen_box();
	struct gh_landmarks landmarks, again;
	struct gh_point eyes[2];

	gh_specimen_eyes(eyes);
	assert_int_equal(gh_five_points(five, &image, &box, &landmarks, NULL), GH_OK);
	for (int i = 0; i < 2; i++) {
		assert_float_equal(landmarks.five[i].x, eyes[i].x, 8);
		assert_float_equal(landmarks.five[i].y, eyes[i].y, 8);
	}
	/* Outer corners outside, image-right eye first. */
	assert_true(landmarks.corners[0].x > landmarks.corners[1].x);
	assert_true(landmarks.corners[1].x > landmarks.corners[3].x);
	assert_true(landmarks.corners[3].x > landmarks.corners[2].x);
	memset(&again, 0, sizeof(again));
	assert_int_equal(gh_five_points(five, &image, &box, &again, NULL), GH_OK);
	assert_memory_equal(landmarks.corners, again.corners, sizeof(again.corners));
	gh_five_close(five);
}

static void boxes_beyond_the_picture_are_survived(void **state)
{
	static const struct gh_box boxes[] = { { -500, -500, -300, -300 }, { 630, 470, 640, 480 },
		{ -4000, -4000, 4000, 4000 }, { 100, 100, 102, 102 } };
	static const struct gh_box none[] = { { 0, 0, 0, 0 }, { NAN, 0, 10, 10 },
		{ 0, 0, INFINITY, INFINITY }, { 10, 10, 0, 0 }, { -3e7f, 0, 10, 10 } };
	struct gh_five *five = open_five();
	struct gh_landmarks landmarks;

	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		assert_int_equal(gh_five_points(five, &image, &boxes[i], &landmarks, NULL), GH_OK);
		for (int k = 0; k < FIVE_POINTS; k++)
			assert_true(isfinite(landmarks.five[k].x + landmarks.five[k].y));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(
			gh_five_points(five, &image, &none[i], &landmarks, NULL), GH_INTERNAL);
	gh_five_close(five);
}

static void what_is_no_predictor_is_refused(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_five *five = (void *)1;

	assert_int_equal(
		gh_five_open(gh_view_of_text("no predictor"), &five, &error), GH_INTEGRITY);
	assert_null(five);
	assert_int_equal(gh_five_open((struct gh_view){ 0 }, &five, &error), GH_INTEGRITY);
	if (file.length_bytes > 0)
		assert_int_equal(gh_five_open((struct gh_view){ file.data, file.length_bytes / 2 },
					 &five, &error),
			GH_INTEGRITY);
	gh_five_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eyes_lie_between_their_corners),
		cmocka_unit_test(points_of_a_drawn_face_are_on_it),
		cmocka_unit_test(boxes_beyond_the_picture_are_survived),
		cmocka_unit_test(what_is_no_predictor_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
