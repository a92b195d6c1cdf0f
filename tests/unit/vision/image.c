/* SPDX-License-Identifier: Apache-2.0 */
/* Crops, similarities and sampling on pictures whose values are known everywhere. */
#include "image.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	WIDTH = 200,
	HEIGHT = 120
};

/* A plane in x and y: any fair resampling keeps it. */
static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_resizer resizer;
static struct gh_reducer reducer;
static float planes[3 * 64 * 64];

static float value_at(float x, float y, int channel)
{
	return channel == 0 ? x : channel == 1 ? 2.0f * y : 0.5f * x + y;
}

static int setup(void **state)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			for (int c = 0; c < 3; c++)
				rgb[3 * (y * WIDTH + x) + c] =
					(uint8_t)(value_at((float)x, (float)y, c) + 0.5f);
	reducer.capacity_bytes = 3 * (WIDTH / 2 + 1) * (HEIGHT / 2 + 1);
	reducer.rgb = malloc(reducer.capacity_bytes);
	return !reducer.rgb || gh_resizer_init(&resizer, WIDTH, 64, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&resizer);
	free(reducer.rgb);
	return 0;
}

static void check_crop(struct gh_box box, uint32_t width, uint32_t height)
{
	struct gh_crop crop = { box, width, height, 3, { 0.0f, 1.0f } };
	float sx = (box.right - box.left) / (float)width;
	float sy = (box.bottom - box.top) / (float)height;

	gh_image_crop(&image, &resizer, &crop, planes);
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			for (int c = 0; c < 3; c++) {
				float px = box.left + ((float)x + 0.5f) * sx - 0.5f;
				float py = box.top + ((float)y + 0.5f) * sy - 0.5f;
				float found = planes[((size_t)c * height + y) * width + x];

				assert_true(fabsf(found - value_at(px, py, c)) < 1.1f);
			}
}

static void a_crop_keeps_a_plane_at_every_size(void **state)
{
	check_crop((struct gh_box){ 20, 10, 84, 74 }, 64, 64);
	check_crop((struct gh_box){ 20, 10, 52, 42 }, 64, 64);
	check_crop((struct gh_box){ 20.3f, 10.7f, 150.1f, 99.9f }, 40, 30);
	check_crop((struct gh_box){ 30, 20, 170, 100 }, 7, 5);
}

static void an_equal_crop_is_a_copy(void **state)
{
	struct gh_crop crop = { { 5, 6, 69, 70 }, 64, 64, 3, { 127.0f, 1.0f / 128.0f } };

	gh_image_crop(&image, &resizer, &crop, planes);
	for (int y = 0; y < 64; y++)
		for (int x = 0; x < 64; x++)
			assert_float_equal(planes[y * 64 + x],
				((float)rgb[3 * ((y + 6) * WIDTH + x + 5)] - 127.0f) / 128.0f,
				1e-5f);
}

static void outside_the_picture_is_black(void **state)
{
	struct gh_crop crop = { { -64, -64, 0, 0 }, 32, 32, 3, { 0.0f, 1.0f } };

	gh_image_crop(&image, &resizer, &crop, planes);
	for (int i = 0; i < 31 * 32; i++)
		assert_true(fabsf(planes[i]) < 1.0f);
	crop.box = (struct gh_box){ 1e30f, 1e30f, 2e30f, 2e30f };
	gh_image_crop(&image, &resizer, &crop, planes);
	for (int i = 0; i < 3 * 32 * 32; i++)
		assert_float_equal(planes[i], 0.0f, 0.0f);
}

static void one_channel_is_the_luma(void **state)
{
	struct gh_crop crop = { { 5, 6, 69, 70 }, 64, 64, 1, { 0.0f, 1.0f / 256.0f } };
	const uint8_t *at = rgb + 3 * (6 * WIDTH + 5);

	gh_image_crop(&image, &resizer, &crop, planes);
	assert_float_equal(planes[0],
		(0.299f * (float)at[0] + 0.587f * (float)at[1] + 0.114f * (float)at[2]) / 256.0f,
		1e-5f);
}

/* Boxes that a network could have dreamt up must not lead out of any memory. */
static void absurd_boxes_stay_in_memory(void **state)
{
	static const float absurd[] = { -1e38f, -1e9f, -1.0f, 0.0f, 0.5f, 1e9f, 1e38f };
	enum {
		COUNT = sizeof(absurd) / sizeof(absurd[0])
	};

	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++) {
			struct gh_crop crop = { { absurd[i], absurd[j], absurd[j], absurd[i] }, 64,
				64, 3, { 0.0f, 1.0f } };

			gh_image_crop(&image, &resizer, &crop, planes);
			crop.box.right = NAN;
			gh_image_crop(&image, &resizer, &crop, planes);
		}
}

static void a_similarity_is_found_from_its_points(void **state)
{
	const struct gh_similarity wanted = { 1.2f, -0.7f, 30.0f, -11.0f };
	const struct gh_point from[5] = { { 10, 20 }, { 70, 22 }, { 41, 50 }, { 20, 80 },
		{ 66, 77 } };
	struct gh_point to[5];
	struct gh_similarity found, back;

	for (int i = 0; i < 5; i++)
		to[i] = gh_similarity_apply(&wanted, from[i]);
	found = gh_similarity_fit(from, to, 5);
	assert_float_equal(found.a, wanted.a, 1e-4f);
	assert_float_equal(found.b, wanted.b, 1e-4f);
	assert_float_equal(found.c, wanted.c, 1e-2f);
	assert_float_equal(found.d, wanted.d, 1e-2f);
	back = gh_similarity_inverse(&found);
	for (int i = 0; i < 5; i++) {
		struct gh_point p = gh_similarity_apply(&back, to[i]);

		assert_float_equal(p.x, from[i].x, 1e-2f);
		assert_float_equal(p.y, from[i].y, 1e-2f);
	}
}

static void points_in_one_place_give_a_finite_similarity(void **state)
{
	const struct gh_point one[5] = { { 3, 4 }, { 3, 4 }, { 3, 4 }, { 3, 4 }, { 3, 4 } };
	struct gh_similarity found = gh_similarity_fit(one, one, 5);
	struct gh_similarity flat = { 0, 0, 5, 6 };
	struct gh_similarity back = gh_similarity_inverse(&flat);

	assert_true(isfinite(found.a) && isfinite(found.c) && isfinite(back.a));
}

static void check_sampling(struct gh_similarity map, float tolerance)
{
	/* The last incomplete block of the picture is not averaged, so its border may fade. */
	float border = 2.0f + 2.0f * hypotf(map.a, map.b);
	static uint8_t out[3 * 24 * 16];
	const struct gh_image size = { .width_px = 24, .height_px = 16 };

	gh_image_sample(&image, &reducer, &map, &size, out, 77);
	for (int y = 0; y < 16; y++)
		for (int x = 0; x < 24; x++) {
			struct gh_point p =
				gh_similarity_apply(&map, (struct gh_point){ (float)x, (float)y });

			if (p.x < border || p.y < border || p.x > WIDTH - border ||
				p.y > HEIGHT - border)
				continue;
			for (int c = 0; c < 3; c++)
				assert_true(fabsf((float)out[3 * (y * 24 + x) + c] -
						    value_at(p.x, p.y, c)) <= tolerance);
		}
}

static void sampling_keeps_a_plane(void **state)
{
	check_sampling((struct gh_similarity){ 1, 0, 20, 15 }, 0.6f);
	check_sampling((struct gh_similarity){ 0.4f, 0.3f, 50, 20 }, 1.1f);
	check_sampling((struct gh_similarity){ 1.5f, -0.5f, 40, 40 }, 1.1f);
	/* With averaging first, by two, four and six. */
	check_sampling((struct gh_similarity){ 2.0f, 0, 40, 20 }, 1.6f);
	check_sampling((struct gh_similarity){ 3.5f, 2.0f, 60, 5 }, 2.1f);
	check_sampling((struct gh_similarity){ 6.0f, 0, 20, 10 }, 3.1f);
}

static void sampling_fills_outside_and_survives_any_map(void **state)
{
	static uint8_t out[3 * 8 * 8];
	const struct gh_image size = { .width_px = 8, .height_px = 8 };
	static const float odd[] = { 0.0f, 1.0f, 3.0f, -3.0f, 1e20f, INFINITY, NAN };
	enum {
		COUNT = sizeof(odd) / sizeof(odd[0])
	};
	struct gh_similarity far = { 1, 0, 5000, 5000 };

	gh_image_sample(&image, &reducer, &far, &size, out, 77);
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 77);
	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++) {
			struct gh_similarity map = { odd[i], odd[j], odd[j], odd[i] };

			gh_image_sample(&image, &reducer, &map, &size, out, 77);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crop_keeps_a_plane_at_every_size),
		cmocka_unit_test(an_equal_crop_is_a_copy),
		cmocka_unit_test(outside_the_picture_is_black),
		cmocka_unit_test(one_channel_is_the_luma),
		cmocka_unit_test(absurd_boxes_stay_in_memory),
		cmocka_unit_test(a_similarity_is_found_from_its_points),
		cmocka_unit_test(points_in_one_place_give_a_finite_similarity),
		cmocka_unit_test(sampling_keeps_a_plane),
		cmocka_unit_test(sampling_fills_outside_and_survives_any_map),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
