/* SPDX-License-Identifier: Apache-2.0 */
/* Brightness of face, surroundings and zone: in linear light, at any place and size. */
#include "brightness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 400
#define HEIGHT 300

static uint8_t pixels[WIDTH * HEIGHT * 3];
static const struct gh_image picture = { pixels, WIDTH, HEIGHT, 3 * WIDTH };

static void paint(int left, int top, int right, int bottom, uint8_t level)
{
	for (int y = top; y < bottom; y++)
		memset(pixels + 3 * (y * WIDTH + left), level, 3 * (size_t)(right - left));
}

static void grey_levels_are_taken_to_linear_light(void **unused)
{
	static const struct {
		uint8_t level;
		float permille;
	} table[] = { { 0, 0 }, { 54, 37 }, { 118, 181 }, { 188, 503 }, { 255, 1000 } };

	(void)unused;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct gh_lighting lighting;

		paint(0, 0, WIDTH, HEIGHT, table[i].level);
		lighting = gh_brightness_measure(&picture, NULL);
		assert_float_equal(lighting.zone_luminance_permille, table[i].permille, 1.0f);
		assert_false(lighting.face);
		assert_float_equal(lighting.face_luminance_permille, GH_LIGHTING_UNKNOWN, 0);
		assert_float_equal(lighting.around_luminance_permille, GH_LIGHTING_UNKNOWN, 0);
	}
}

/* A dark face before a bright window, with hair at the edge of its box. */
static void face_and_what_is_beside_it_are_told_apart(void **unused)
{
	const struct gh_box box = { 160, 100, 240, 200 };
	struct gh_lighting lighting;

	(void)unused;
	paint(0, 0, WIDTH, HEIGHT, 240);
	paint(160, 100, 240, 200, 0);
	paint(174, 118, 226, 182, 54);
	lighting = gh_brightness_measure(&picture, &box);
	assert_true(lighting.face);
	assert_float_equal(lighting.face_luminance_permille, 37, 1);
	assert_float_equal(lighting.face_clipped_permille, 0, 0);
	assert_float_equal(lighting.around_luminance_permille, 871, 2);
	assert_true(lighting.zone_luminance_permille > 700);
	paint(174, 118, 200, 182, 255); /* half of it washed out */
	lighting = gh_brightness_measure(&picture, &box);
	assert_float_equal(lighting.face_clipped_permille, 500, 1);
}

static void a_face_that_fills_the_picture_has_nothing_beside_it(void **unused)
{
	const struct gh_box box = { -100, -50, WIDTH + 100, HEIGHT + 50 };
	struct gh_lighting lighting;

	(void)unused;
	paint(0, 0, WIDTH, HEIGHT, 118);
	lighting = gh_brightness_measure(&picture, &box);
	assert_true(lighting.face);
	assert_float_equal(lighting.around_luminance_permille, GH_LIGHTING_UNKNOWN, 0);
}

/* Boxes of a network: outside, upside down, empty, endless and no number at all. */
static void no_box_leads_outside_of_the_picture(void **unused)
{
	float huge = 1e30f, none = strtof("nan", NULL);
	const struct gh_box boxes[] = {
		{ -500, -500, -400, -400 },
		{ 1000, 1000, 1100, 1100 },
		{ 200, 200, 100, 100 },
		{ 50, 50, 50, 50 },
		{ -huge, -huge, huge, huge },
		{ none, none, none, none },
		{ 10, none, 60, 80 },
		{ 399, 299, 5000, 5000 },
	};

	(void)unused;
	paint(0, 0, WIDTH, HEIGHT, 118);
	for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
		struct gh_lighting lighting = gh_brightness_measure(&picture, &boxes[i]);

		assert_float_equal(lighting.zone_luminance_permille, 181, 1);
		if (lighting.face)
			assert_float_equal(lighting.face_luminance_permille, 181, 1);
		else
			assert_float_equal(
				lighting.face_luminance_permille, GH_LIGHTING_UNKNOWN, 0);
	}
}

static void one_pixel_is_a_picture(void **unused)
{
	static const uint8_t pixel[] = { 188, 188, 188 };
	const struct gh_image dot = { pixel, 1, 1, 3 };
	const struct gh_box box = { 0, 0, 1, 1 };
	struct gh_lighting lighting = gh_brightness_measure(&dot, &box);

	(void)unused;
	assert_float_equal(lighting.zone_luminance_permille, 503, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grey_levels_are_taken_to_linear_light),
		cmocka_unit_test(face_and_what_is_beside_it_are_told_apart),
		cmocka_unit_test(a_face_that_fills_the_picture_has_nothing_beside_it),
		cmocka_unit_test(no_box_leads_outside_of_the_picture),
		cmocka_unit_test(one_pixel_is_a_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
