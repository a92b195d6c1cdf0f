/* SPDX-License-Identifier: Apache-2.0 */
/* The photograph shows the subject upright, and nobody else. */
#include "photo.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	WIDTH = 800,
	HEIGHT = 600
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_picture photo;
static struct gh_reducer reducer;

static int setup(void **state)
{
	reducer.capacity_bytes = 3 * (WIDTH / 2 + 1) * (HEIGHT / 2 + 1);
	reducer.rgb = malloc(reducer.capacity_bytes);
	return !reducer.rgb ||
		gh_bytes_reserve(&photo.rgb, 3 * PHOTO_WIDTH_MAX_PX * PHOTO_HEIGHT_MAX_PX, NULL) !=
		GH_OK;
}

static int teardown(void **state)
{
	gh_picture_finish(&photo);
	free(reducer.rgb);
	return 0;
}

/* Colour the pixels of a box. */
static void paint(const struct gh_box *box, uint8_t red, uint8_t green, uint8_t blue)
{
	for (int y = (int)box->top; y < (int)box->bottom; y++)
		for (int x = (int)box->left; x < (int)box->right; x++) {
			uint8_t *at = rgb + 3 * (y * WIDTH + x);

			at[0] = red;
			at[1] = green;
			at[2] = blue;
		}
}

static struct gh_faces two_faces(void)
{
	struct gh_faces faces = { .count = 2 };

	faces.list[0].box = (struct gh_box){ 350, 200, 450, 330 };
	faces.list[1].box = (struct gh_box){ 470, 180, 540, 270 };
	memset(rgb, 200, sizeof(rgb));
	paint(&faces.list[0].box, 0, 250, 0);
	paint(&faces.list[1].box, 250, 0, 0);
	return faces;
}

static struct gh_landmarks level_eyes(const struct gh_face *face)
{
	struct gh_landmarks landmarks = { .has_all = false };

	landmarks.five[0] = (struct gh_point){ face->box.left + 30, face->box.top + 50 };
	landmarks.five[1] = (struct gh_point){ face->box.right - 30, face->box.top + 50 };
	return landmarks;
}

static size_t count(int red, int green)
{
	size_t found = 0;

	for (size_t i = 0; i < (size_t)photo.width_px * photo.height_px; i++) {
		const uint8_t *at = photo.rgb.data + 3 * i;

		found += abs(at[0] - red) < 40 && abs(at[1] - green) < 40 && at[2] < 40;
	}
	return found;
}

static void others_are_covered_and_the_subject_is_not(void **state)
{
	struct gh_faces faces = two_faces();
	struct gh_landmarks landmarks = level_eyes(&faces.list[0]);
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };

	gh_photo_take(&sitting, &reducer, &photo);
	assert_int_equal(photo.height_px, 286);
	assert_int_equal(photo.width_px, 228);
	assert_int_equal(count(250, 0), 0);
	assert_in_range(count(0, 250), 12600, 13100);
}

/* Overlapping boxes: what belongs to the subject's own box stays. */
static void a_neighbour_does_not_hide_the_subject(void **state)
{
	struct gh_faces faces = two_faces();
	struct gh_landmarks landmarks = level_eyes(&faces.list[0]);
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };

	faces.list[1].box.left = 420;
	gh_photo_take(&sitting, &reducer, &photo);
	assert_in_range(count(0, 250), 12600, 13100);
	assert_int_equal(count(250, 0), 0);
}

static void a_tilted_head_comes_upright(void **state)
{
	struct gh_faces faces = two_faces();
	struct gh_landmarks landmarks = level_eyes(&faces.list[0]);
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };
	struct gh_box left = { 355, 220, 375, 240 }, right = { 425, 255, 445, 275 };
	float y[2] = { 0, 0 };
	int pixels[2] = { 0, 0 };

	faces.count = 1;
	memset(rgb, 200, sizeof(rgb));
	/* Two marks as eyes, the second one lower: on the photograph they are level. */
	paint(&left, 0, 250, 0);
	paint(&right, 250, 0, 0);
	landmarks.five[0] = (struct gh_point){ 364.5f, 229.5f };
	landmarks.five[1] = (struct gh_point){ 434.5f, 264.5f };
	gh_photo_take(&sitting, &reducer, &photo);
	for (size_t i = 0; i < (size_t)photo.width_px * photo.height_px; i++) {
		const uint8_t *at = photo.rgb.data + 3 * i;
		int eye = at[0] > 220 ? 1 : 0;

		if (at[2] > 60)
			continue;
		y[eye] += (float)(i / photo.width_px);
		pixels[eye]++;
	}
	assert_true(pixels[0] > 200 && pixels[1] > 200);
	assert_float_equal(y[0] / (float)pixels[0], y[1] / (float)pixels[1], 1.0f);
}

static void outside_the_picture_is_grey(void **state)
{
	struct gh_faces faces = { .count = 1 };
	struct gh_landmarks landmarks;
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };

	memset(rgb, 0, sizeof(rgb));
	faces.list[0].box = (struct gh_box){ 0, 0, 100, 130 };
	landmarks = level_eyes(&faces.list[0]);
	gh_photo_take(&sitting, &reducer, &photo);
	assert_int_equal(photo.rgb.data[0], 128);
	assert_int_equal(photo.rgb.data[photo.rgb.length_bytes - 3 * photo.width_px], 128);
}

static void large_faces_come_at_the_largest_size_and_tiny_ones_at_some(void **state)
{
	struct gh_faces faces = { .count = 1 };
	struct gh_landmarks landmarks;
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };

	faces.list[0].box = (struct gh_box){ 100, 20, 600, 590 };
	landmarks = level_eyes(&faces.list[0]);
	gh_photo_take(&sitting, &reducer, &photo);
	assert_int_equal(photo.width_px, PHOTO_WIDTH_MAX_PX);
	assert_int_equal(photo.height_px, PHOTO_HEIGHT_MAX_PX);
	faces.list[0].box = (struct gh_box){ 100, 20, 101.5f, 21.5f };
	gh_photo_take(&sitting, &reducer, &photo);
	assert_int_equal(photo.height_px, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_covered_and_the_subject_is_not),
		cmocka_unit_test(a_neighbour_does_not_hide_the_subject),
		cmocka_unit_test(a_tilted_head_comes_upright),
		cmocka_unit_test(outside_the_picture_is_grey),
		cmocka_unit_test(large_faces_come_at_the_largest_size_and_tiny_ones_at_some),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
