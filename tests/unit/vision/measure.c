/* SPDX-License-Identifier: Apache-2.0 */
/* Measures on aligned pictures made by code. */
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/drawn_face.h"

static uint8_t aligned[3 * ALIGNED_PIXELS];
static const struct drawn_canvas canvas = { aligned, ALIGNED_SIDE_PX, ALIGNED_SIDE_PX,
	3 * ALIGNED_SIDE_PX };

/* About as large as in an aligned face. */
static void draw(void)
{
	struct drawn_face face = drawn_face_usual(56, 62, 118);

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
}

static void sharpness_falls_with_every_step_of_blur(void **state)
{
	float last;

	draw();
	last = gh_measure_sharpness(aligned);
	assert_true(last > 600);
	for (int i = 0; i < 4; i++) {
		float now;

		drawn_blur(&canvas, 1);
		now = gh_measure_sharpness(aligned);
		assert_true(now < last);
		last = now;
	}
	assert_true(last < 300);
}

static void sharpness_does_not_depend_on_the_light(void **state)
{
	float bright, dim;

	draw();
	drawn_blur(&canvas, 1);
	bright = gh_measure_sharpness(aligned);
	drawn_light(&canvas, 0.5f, 0);
	dim = gh_measure_sharpness(aligned);
	assert_true(fabsf(bright - dim) < 0.15f * bright);
}

static void a_flat_patch_is_not_sharp(void **state)
{
	memset(aligned, 128, sizeof(aligned));
	assert_float_equal(gh_measure_sharpness(aligned), 0.0f, 1.0f);
}

static const struct gh_point square[4] = { { 20, 30 }, { 80, 30 }, { 80, 90 }, { 20, 90 } };

static void luminance_is_linear_within_the_hull(void **state)
{
	struct gh_light light;

	/* sRGB 188 is half of the light of 255 (IEC 61966-2-1); outside is black. */
	memset(aligned, 0, sizeof(aligned));
	for (int y = 30; y <= 90; y++)
		memset(aligned + 3 * (y * ALIGNED_SIDE_PX + 20), 188, 3 * 61);
	light = gh_measure_light(aligned, square, 4);
	assert_float_equal(light.luminance_permille, 503, 3);
	assert_float_equal(light.clipped_permille, 0, 0);
}

static void clipped_pixels_are_counted_at_both_ends(void **state)
{
	struct gh_light light;

	memset(aligned, 100, sizeof(aligned));
	for (int y = 30; y <= 90; y++) {
		memset(aligned + 3 * (y * ALIGNED_SIDE_PX + 20), 0, 3 * 15);
		memset(aligned + 3 * (y * ALIGNED_SIDE_PX + 65), 255, 3 * 16);
	}
	light = gh_measure_light(aligned, square, 4);
	assert_float_equal(light.clipped_permille, 1000.0f * 31 / 61, 5);
}

static void a_hull_without_area_or_outside_says_nothing_good(void **state)
{
	const struct gh_point line[3] = { { 10, 10 }, { 20, 10 }, { 30, 10 } };
	const struct gh_point away[3] = { { 500, 500 }, { 600, 500 }, { 600, 600 } };
	const struct gh_point huge[3] = { { -1e9f, -1e9f }, { 1e9f, -1e9f }, { 0, 1e9f } };

	memset(aligned, 100, sizeof(aligned));
	assert_float_equal(gh_measure_light(aligned, line, 3).luminance_permille, 0, 0);
	assert_float_equal(gh_measure_light(aligned, away, 3).luminance_permille, 0, 0);
	assert_true(gh_measure_light(aligned, huge, 3).luminance_permille > 100);
}

static void eyes(struct gh_landmarks *landmarks, float height)
{
	memset(landmarks, 0, sizeof(*landmarks));
	landmarks->has_all = true;
	for (uint32_t eye = 0; eye < 2; eye++) {
		struct gh_point *p = landmarks->all + 36 + 6 * eye;

		p[0] = (struct gh_point){ 0, 0 };
		p[3] = (struct gh_point){ 30, 0 };
		p[1] = p[5] = (struct gh_point){ 10, 0 };
		p[2] = p[4] = (struct gh_point){ 20, 0 };
		p[1].y = p[2].y = -height / 2;
		p[4].y = p[5].y = height / 2;
	}
}

static void eyes_open_follows_the_lids(void **state)
{
	struct gh_landmarks landmarks;

	eyes(&landmarks, 8.4f);
	assert_float_equal(gh_measure_eyes_open(&landmarks), 1000, 1);
	eyes(&landmarks, 4.2f);
	assert_float_equal(gh_measure_eyes_open(&landmarks), 500, 1);
	eyes(&landmarks, 0);
	assert_float_equal(gh_measure_eyes_open(&landmarks), 0, 0);
	memset(landmarks.all, 0, sizeof(landmarks.all));
	assert_float_equal(gh_measure_eyes_open(&landmarks), 0, 0);
	landmarks.has_all = false;
	assert_float_equal(gh_measure_eyes_open(&landmarks), GH_QUALITY_NOT_ASSESSED, 0);
}

static void absence_has_the_light_as_its_reason(void **state)
{
	const struct gh_image image = { aligned, ALIGNED_SIDE_PX, ALIGNED_SIDE_PX,
		3 * ALIGNED_SIDE_PX };

	memset(aligned, 5, sizeof(aligned));
	assert_int_equal(gh_measure_absence(&image), GH_REASON_TOO_DARK);
	memset(aligned, 128, sizeof(aligned));
	assert_int_equal(gh_measure_absence(&image), GH_REASON_NO_FACE);
	memset(aligned, 250, sizeof(aligned));
	assert_int_equal(gh_measure_absence(&image), GH_REASON_TOO_BRIGHT);
}

static void all_measures_of_a_face_are_filled(void **state)
{
	struct gh_face face = { .box = { 10, 20, 110, 150 }, .score = 0.97f };
	struct gh_landmarks landmarks = { .has_all = false };
	struct gh_similarity map = { 1, 0, 0, 0 };
	struct gh_measured measured = {
		.face = &face, .landmarks = &landmarks, .map = &map, .aligned = aligned
	};
	struct gh_stage stage = { .seen_width_px = 300,
		.seen_height_px = 200,
		.frame_width_px = 300,
		.frame_height_px = 400 };
	struct gh_quality quality = { 0 };

	draw();
	memcpy(landmarks.five, gh_aligned_points, sizeof(landmarks.five));
	gh_measure(&measured, &stage, &quality);
	assert_float_equal(quality.detection, 0.97f, 0);
	assert_float_equal(quality.eye_distance_px, 35.24f, 0.02f);
	assert_float_equal(quality.face_height_permille, 325, 0.1f);
	assert_float_equal(quality.edge_margin_permille, 100, 0.1f);
	assert_true(fabsf(quality.yaw_degrees) < 5 && fabsf(quality.roll_degrees) < 5);
	assert_true(quality.luminance_permille > 200 && quality.sharpness_permille > 600);
	assert_float_equal(quality.eyes_open_permille, GH_QUALITY_NOT_ASSESSED, 0);
	face.box.bottom = 205;
	gh_measure(&measured, &stage, &quality);
	assert_float_equal(quality.edge_margin_permille, -50, 0.1f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sharpness_falls_with_every_step_of_blur),
		cmocka_unit_test(sharpness_does_not_depend_on_the_light),
		cmocka_unit_test(a_flat_patch_is_not_sharp),
		cmocka_unit_test(luminance_is_linear_within_the_hull),
		cmocka_unit_test(clipped_pixels_are_counted_at_both_ends),
		cmocka_unit_test(a_hull_without_area_or_outside_says_nothing_good),
		cmocka_unit_test(eyes_open_follows_the_lids),
		cmocka_unit_test(absence_has_the_light_as_its_reason),
		cmocka_unit_test(all_measures_of_a_face_are_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
