/* SPDX-License-Identifier: Apache-2.0 */
/* Every kernel against a plain loop, at every length around the widths of vectors. */
#include "kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	LONGEST = 133
};

static uint8_t bytes[4 * LONGEST + 64];
static uint8_t chroma[4 * LONGEST + 64];
static uint8_t out[3 * LONGEST + 64];

static void fill(uint8_t *to, size_t count, uint32_t seed)
{
	for (size_t i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		to[i] = (uint8_t)(seed >> 24);
	}
}

static int setup(void **state)
{
	printf("instruction set: %s\n", gh_kernel_instructions());
	fill(bytes, sizeof(bytes), 1);
	fill(chroma, sizeof(chroma), 2);
	return 0;
}

/* The real-valued conversion of ITU-R BT.601-7, limited range. */
static void expect_rgb(int y, int cb, int cr, const uint8_t *rgb)
{
	double luma = 255.0 / 219.0 * (y - 16), chroma_scale = 255.0 / 224.0;
	double b = chroma_scale * (cb - 128), r = chroma_scale * (cr - 128);
	double wanted[3] = { luma + 1.402 * r, luma - 0.344136 * b - 0.714136 * r,
		luma + 1.772 * b };

	for (int c = 0; c < 3; c++) {
		double clamped = fmin(255.0, fmax(0.0, wanted[c]));

		assert_true(fabs(clamped - rgb[c]) <= 1.6);
	}
}

static void nv12_follows_bt601_at_every_length(void **state)
{
	for (size_t n = 1; n <= LONGEST; n++) {
		memset(out, 0xa5, sizeof(out));
		gh_kernel_rgb_of_nv12(bytes, chroma, out, n);
		for (size_t i = 0; i < n; i++)
			expect_rgb(bytes[i], chroma[i & ~1ul], chroma[i | 1], out + 3 * i);
		assert_int_equal(out[3 * n], 0xa5);
	}
}

static void yuyv_follows_bt601_at_every_length(void **state)
{
	for (size_t n = 1; n <= LONGEST; n++) {
		memset(out, 0xa5, sizeof(out));
		gh_kernel_rgb_of_yuyv(bytes, out, n);
		for (size_t i = 0; i < n; i++)
			expect_rgb(bytes[2 * i], bytes[(2 * i & ~3ul) + 1],
				bytes[(2 * i & ~3ul) + 3], out + 3 * i);
		assert_int_equal(out[3 * n], 0xa5);
	}
}

static void grey_becomes_three_equal_channels(void **state)
{
	for (size_t n = 1; n <= LONGEST; n++) {
		memset(out, 0xa5, sizeof(out));
		gh_kernel_rgb_of_grey(bytes, out, n);
		for (size_t i = 0; i < 3 * n; i++)
			assert_int_equal(out[i], bytes[i / 3]);
		assert_int_equal(out[3 * n], 0xa5);
	}
}

static void planes_are_blue_green_red(void **state)
{
	static float planes[3 * LONGEST + 1];

	for (size_t n = 1; n <= LONGEST; n++) {
		planes[3 * n] = 9.0f;
		gh_kernel_planes_bgr(bytes, n, planes);
		for (size_t i = 0; i < n; i++)
			for (size_t c = 0; c < 3; c++)
				assert_float_equal(planes[c * n + i],
					((float)bytes[3 * i + 2 - c] - 127.0f) / 128.0f, 1e-6f);
		assert_float_equal(planes[3 * n], 9.0f, 0.0f);
	}
}

static void dot_matches_a_plain_loop(void **state)
{
	static float a[LONGEST], b[LONGEST];

	for (size_t i = 0; i < LONGEST; i++) {
		a[i] = (float)bytes[i] / 255.0f - 0.5f;
		b[i] = (float)chroma[i] / 255.0f - 0.5f;
	}
	for (size_t n = 0; n <= LONGEST; n++) {
		double wanted = 0;

		for (size_t i = 0; i < n; i++)
			wanted += (double)a[i] * (double)b[i];
		assert_float_equal(gh_kernel_dot(a, b, n), (float)wanted, 1e-5f);
	}
}

static const float row_weights[3] = { 0.25f, 0.5f, -0.125f };

static float sum_of_rows(const struct gh_kernel_rows *rows, size_t at)
{
	float sum = 0.0f;

	for (size_t t = 0; t < rows->count; t++)
		sum += rows->weights[t] * (float)rows->first[t * rows->stride_bytes + at];
	return sum;
}

/* None, one, two and three rows. */
static void four_sums_of_rows_are_woven(void **state)
{
	static float sums[4 * LONGEST + 1];

	for (size_t n = 0; n <= LONGEST; n++) {
		const struct gh_kernel_rows rows[4] = { { bytes, LONGEST, row_weights, 0 },
			{ bytes + 1, LONGEST, row_weights, 1 },
			{ bytes + 2, LONGEST, row_weights, 2 },
			{ chroma, LONGEST, row_weights, 3 } };

		sums[4 * n] = 9.0f;
		gh_kernel_sum_rows(rows, sums, n);
		for (size_t i = 0; i < 4 * n; i++)
			assert_float_equal(sums[i], sum_of_rows(&rows[i % 4], i / 4), 1e-4f);
		assert_float_equal(sums[4 * n], 9.0f, 0.0f);
	}
}

static void four_sums_of_columns_keep_rows_and_channels_apart(void **state)
{
	static const uint32_t first[3] = { 0, 5, 2 }, taps[3] = { 1, 0, 2 };
	static const float weights[6] = { 0.5f, 9.0f, 9.0f, 9.0f, 0.25f, 0.75f };
	const struct gh_kernel_columns columns = { first, taps, weights, 2 };
	float sums[12 * 4 + 4], made[16 * 3];

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		sums[i] = (float)bytes[i];
	gh_kernel_sum_columns(&columns, sums, made, 3);
	for (size_t i = 0; i < 12; i++) {
		assert_float_equal(made[i], 0.5f * sums[i], 1e-5f);
		assert_float_equal(made[16 + i], 0.0f, 0.0f);
		assert_float_equal(
			made[32 + i], 0.25f * sums[24 + i] + 0.75f * sums[36 + i], 1e-4f);
	}
}

static void samples_are_between_four_pixels(void **state)
{
	enum {
		STRIDE = 60
	};
	float x[KERNEL_SAMPLES], y[KERNEL_SAMPLES];
	uint8_t found[3 * KERNEL_SAMPLES + 1];

	for (int i = 0; i < KERNEL_SAMPLES; i++) {
		x[i] = 0.3f + 0.21f * (float)i;
		y[i] = (float)(i % 5) + 0.0625f * (float)(i % 13);
	}
	found[3 * KERNEL_SAMPLES] = 0xa5;
	gh_kernel_sample(bytes, STRIDE, x, y, found);
	for (int i = 0; i < 3 * KERNEL_SAMPLES; i++) {
		float u = x[i / 3] - floorf(x[i / 3]), v = y[i / 3] - floorf(y[i / 3]);
		const uint8_t *at = bytes + STRIDE * (int)y[i / 3] + 3 * (int)x[i / 3] + i % 3;
		float high = (1.0f - u) * at[0] + u * at[3];
		float low = (1.0f - u) * at[STRIDE] + u * at[STRIDE + 3];

		assert_true(fabsf((1.0f - v) * high + v * low - found[i]) <= 0.51f);
	}
	assert_int_equal(found[3 * KERNEL_SAMPLES], 0xa5);
}

static void reduce_rounds_the_mean(void **state)
{
	const uint8_t rgb[2][12] = { { 0, 10, 255, 1, 20, 255, 9, 9, 9, 9, 9, 9 },
		{ 0, 30, 255, 0, 40, 254, 9, 9, 9, 9, 9, 10 } };
	const uint8_t wanted[6] = { 0, 25, 255, 9, 9, 9 };
	uint8_t small[7] = { 0 };

	small[6] = 0xa5;
	gh_kernel_reduce(&rgb[0][0], sizeof(rgb[0]), 2, small, 2);
	assert_memory_equal(small, wanted, sizeof(wanted));
	assert_int_equal(small[6], 0xa5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nv12_follows_bt601_at_every_length),
		cmocka_unit_test(yuyv_follows_bt601_at_every_length),
		cmocka_unit_test(grey_becomes_three_equal_channels),
		cmocka_unit_test(planes_are_blue_green_red),
		cmocka_unit_test(dot_matches_a_plain_loop),
		cmocka_unit_test(four_sums_of_rows_are_woven),
		cmocka_unit_test(four_sums_of_columns_keep_rows_and_channels_apart),
		cmocka_unit_test(samples_are_between_four_pixels),
		cmocka_unit_test(reduce_rounds_the_mean),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
