/* SPDX-License-Identifier: Apache-2.0 */
/* Sharpness by gradients. */
#include "sharpness_gradient.h"

#include <math.h>

#include "mapping.h"

#define SIDE ALIGNED_SIDE_PX

/* Eyes, nose and mouth; beyond it hair and background would be measured. */
enum {
	LEFT = 24,
	RIGHT = 88,
	TOP = 40,
	BOTTOM = 104,
	WIDTH = RIGHT - LEFT,
	HEIGHT = BOTTOM - TOP
};

/* A flat patch has no edges and no contrast: its noise is no sharpness. */
#define NOISE 64.0f

/*
 * Energy that rounding to 8 bits gives the Laplacian of an even patch, 20 of the coefficients
 * squared times (0.299^2 + 0.587^2 + 0.114^2) / 12: without it the softest would grow sharper.
 */
#define ROUNDING 0.75f

static void fill_row(const uint8_t *aligned, int y, float row[WIDTH + 2])
{
	const uint8_t *at = aligned + 3 * (y * SIDE + LEFT - 1);

	for (int x = 0; x < WIDTH + 2; x++, at += 3)
		row[x] = 0.299f * (float)at[0] + 0.587f * (float)at[1] + 0.114f * (float)at[2];
}

float gh_sharpness(const uint8_t *aligned)
{
	float rows[3][WIDTH + 2], sum = 0.0f, square = 0.0f, edges = 0.0f, variance;
	const float count = WIDTH * HEIGHT;

	fill_row(aligned, TOP - 1, rows[0]);
	fill_row(aligned, TOP, rows[1]);
	for (int y = 0; y < HEIGHT; y++) {
		const float *above = rows[y % 3], *at = rows[(y + 1) % 3];
		const float *below = rows[(y + 2) % 3];

		fill_row(aligned, TOP + y + 1, rows[(y + 2) % 3]);
		for (int x = 1; x <= WIDTH; x++) {
			float laplacian =
				at[x - 1] + at[x + 1] + above[x] + below[x] - 4.0f * at[x];

			sum += at[x];
			square += at[x] * at[x];
			edges += laplacian * laplacian;
		}
	}
	variance = square / count - (sum / count) * (sum / count);
	return sqrtf(fmaxf(0.0f, edges / count - ROUNDING) / (fmaxf(variance, 0.0f) + NOISE));
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	if (!prepared->measured->aligned)
		return false;
	*native = (double)gh_sharpness(prepared->measured->aligned);
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 100.0, 0.0, 1.0, 0.13, 0.03 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_sharpness_gradient = { .native = native,
	.component = component };
