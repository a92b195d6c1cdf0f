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
	/* Eyes 40 px apart: 4.4 times that, and a quarter more. */
	assert_int_equal(photo.width_px, 176);
	assert_int_equal(photo.height_px, 220);
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

/* The middle of the pixels of one colour; NAN for none. */
static struct gh_point centre_of(int red, int green)
{
	struct gh_point sum = { 0, 0 };
	float found = 0;

	for (size_t i = 0; i < (size_t)photo.width_px * photo.height_px; i++) {
		const uint8_t *at = photo.rgb.data + 3 * i;

		if (abs(at[0] - red) > 60 || abs(at[1] - green) > 60 || at[2] > 60)
			continue;
		sum.x += (float)(i % photo.width_px);
		sum.y += (float)(i / photo.width_px);
		found++;
	}
	return (struct gh_point){ sum.x / found, sum.y / found };
}

/* A disc, so that turning it changes nothing. */
static void paint_eye(struct gh_point at, float radius, uint8_t red, uint8_t green)
{
	for (int y = (int)(at.y - radius); y <= (int)(at.y + radius) + 1; y++)
		for (int x = (int)(at.x - radius); x <= (int)(at.x + radius) + 1; x++) {
			uint8_t *to = rgb + 3 * (y * WIDTH + x);

			if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT ||
				hypotf((float)x - at.x, (float)y - at.y) > radius)
				continue;
			to[0] = red;
			to[1] = green;
			to[2] = 0;
		}
}

/* A drawn head whose eyes are two discs, turned about the middle of its eyes. */
static void take_turned(struct gh_point middle, float distance, float degrees)
{
	float turn = degrees * 3.14159265f / 180.0f;
	struct gh_point half = { 0.5f * distance * cosf(turn), 0.5f * distance * sinf(turn) };
	struct gh_faces faces = { .count = 1 };
	struct gh_landmarks landmarks = { .has_all = false };
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };

	memset(rgb, 200, sizeof(rgb));
	landmarks.five[0] = (struct gh_point){ middle.x - half.x, middle.y - half.y };
	landmarks.five[1] = (struct gh_point){ middle.x + half.x, middle.y + half.y };
	paint_eye(landmarks.five[0], 0.15f * distance, 0, 250);
	paint_eye(landmarks.five[1], 0.15f * distance, 250, 0);
	faces.list[0].box = (struct gh_box){ middle.x - distance, middle.y - distance,
		middle.x + distance, middle.y + 1.4f * distance };
	gh_photo_take(&sitting, &reducer, &photo);
}

static void expect_eyes_in_place(float distance)
{
	struct gh_point left = centre_of(0, 250);
	struct gh_point right = centre_of(250, 0);
	float apart = right.x - left.x;
	float shown = fminf(distance, (float)PHOTO_WIDTH_MAX_PX / 4.4f);

	/* Level within a degree, in the middle, 42 % down, as far apart as in the picture. */
	assert_true(apart > 0.0f);
	assert_true(fabsf(atan2f(right.y - left.y, apart)) < 3.14159265f / 180.0f);
	assert_float_equal(0.5f * (left.x + right.x), 0.5f * (float)photo.width_px, 1.5f);
	assert_float_equal(0.5f * (left.y + right.y), 0.42f * (float)photo.height_px, 1.5f);
	assert_float_equal(apart, shown, 1.0f);
}

static void however_the_head_is_turned_the_eyes_come_level(void **state)
{
	static const float distances[] = { 44.0f, 90.0f, 109.0f, 150.0f };

	for (size_t i = 0; i < sizeof(distances) / sizeof(distances[0]); i++)
		for (float degrees = -180.0f; degrees < 180.0f; degrees += 7.5f) {
			take_turned((struct gh_point){ 401.3f, 297.8f }, distances[i], degrees);
			expect_eyes_in_place(distances[i]);
		}
}

/* At the border and in the corners: the eyes are in the middle all the same. */
static void a_head_at_the_border_is_in_the_middle(void **state)
{
	static const struct gh_point places[] = { { 60, 300 }, { 740, 300 }, { 400, 40 },
		{ 400, 565 }, { 62, 45 }, { 735, 560 } };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		take_turned(places[i], 80.0f, 12.0f);
		expect_eyes_in_place(80.0f);
	}
}

/* Where the camera gives 90 px the photograph has them; it never makes up more than there is. */
static void ninety_pixels_between_the_eyes_are_kept(void **state)
{
	for (float distance = 90.0f; distance < 200.0f; distance += 11.0f) {
		take_turned((struct gh_point){ 400, 300 }, distance, 3.0f);
		assert_true(centre_of(250, 0).x - centre_of(0, 250).x > 89.0f);
	}
	take_turned((struct gh_point){ 400, 300 }, 50.0f, 0.0f);
	assert_true(centre_of(250, 0).x - centre_of(0, 250).x < 51.0f);
}

/* Landmarks that have failed leave a photograph of the box. */
static void eyes_that_cannot_be_are_not_followed(void **state)
{
	static const struct gh_point wrong[][2] = { { { 400, 250 }, { 400, 250 } },
		{ { NAN, NAN }, { NAN, NAN } }, { { 400, 250 }, { 402, 250 } } };
	struct gh_faces faces = two_faces();
	struct gh_landmarks landmarks = level_eyes(&faces.list[0]);
	struct gh_sitting sitting = { &image, &faces, &faces.list[0], &landmarks };

	for (size_t i = 0; i < 3; i++) {
		landmarks.five[0] = wrong[i][0];
		landmarks.five[1] = wrong[i][1];
		gh_photo_take(&sitting, &reducer, &photo);
		assert_in_range(photo.width_px, 230, 250);
		assert_in_range(count(0, 250), 12600, 13100);
		assert_int_equal(count(250, 0), 0);
	}
}

static void halving_takes_the_mean_of_four(void **state)
{
	photo.width_px = 6;
	photo.height_px = 5;
	photo.rgb.length_bytes = 3 * 6 * 5;
	for (uint32_t i = 0; i < photo.rgb.length_bytes; i++)
		photo.rgb.data[i] = (uint8_t)(10 * (i % 18 / 3) + 3 * (i / 18) + i % 3);
	gh_photo_halve(&photo);
	assert_int_equal(photo.width_px, 3);
	assert_int_equal(photo.height_px, 2);
	assert_int_equal(photo.rgb.length_bytes, 18);
	for (uint32_t y = 0; y < 2; y++)
		for (uint32_t x = 0; x < 9; x++)
			assert_in_range(photo.rgb.data[9 * y + x], 20 * (x / 3) + 6 * y + x % 3 + 6,
				20 * (x / 3) + 6 * y + x % 3 + 7);
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
	landmarks.five[0] = (struct gh_point){ 100.4f, 20.6f };
	landmarks.five[1] = (struct gh_point){ 101.1f, 20.6f };
	gh_photo_take(&sitting, &reducer, &photo);
	assert_int_equal(photo.width_px, 16);
	assert_int_equal(photo.height_px, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_covered_and_the_subject_is_not),
		cmocka_unit_test(a_neighbour_does_not_hide_the_subject),
		cmocka_unit_test(however_the_head_is_turned_the_eyes_come_level),
		cmocka_unit_test(a_head_at_the_border_is_in_the_middle),
		cmocka_unit_test(ninety_pixels_between_the_eyes_are_kept),
		cmocka_unit_test(eyes_that_cannot_be_are_not_followed),
		cmocka_unit_test(halving_takes_the_mean_of_four),
		cmocka_unit_test(outside_the_picture_is_grey),
		cmocka_unit_test(large_faces_come_at_the_largest_size_and_tiny_ones_at_some),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
