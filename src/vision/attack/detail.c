/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of means over boxes, two pixels wide and four. */
#include "detail.h"

#include <math.h>

#include "networks.h"

#define SIDE ALIGNED_SIDE_PX

/* Eyes, nose and mouth. */
enum {
	LEFT = 24,
	RIGHT = 88,
	TOP = 40,
	BOTTOM = 104
};

/* Power of the noise of a camera, so that a flat face does not count as soft. */
#define NOISE 0.5f

/* Sums of all pixels above and left, one row and column more. */
static void integrate(const uint8_t *aligned, float sums[(SIDE + 1) * (SIDE + 1)])
{
	for (int x = 0; x <= SIDE; x++)
		sums[x] = 0.0f;
	for (int y = 0; y < SIDE; y++) {
		float row = 0.0f;

		sums[(y + 1) * (SIDE + 1)] = 0.0f;
		for (int x = 0; x < SIDE; x++) {
			const uint8_t *rgb = aligned + 3 * (y * SIDE + x);

			row += 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2] - 128.0f;
			sums[(y + 1) * (SIDE + 1) + x + 1] = sums[y * (SIDE + 1) + x + 1] + row;
		}
	}
}

static float mean_of(const float *sums, int x, int y, int side)
{
	const float *at = sums + y * (SIDE + 1) + x;

	return (at[side * (SIDE + 1) + side] - at[side * (SIDE + 1)] - at[side] + at[0]) /
		(float)(side * side);
}

static float power_at_scale(const float *sums, int side)
{
	float sum = 0.0f;

	for (int y = TOP; y < BOTTOM; y++)
		for (int x = LEFT; x < RIGHT; x++) {
			float across = mean_of(sums, x, y, side) - mean_of(sums, x - side, y, side);
			float down = mean_of(sums, x, y, side) - mean_of(sums, x, y - side, side);

			sum += across * across + down * down;
		}
	return sum / (float)((BOTTOM - TOP) * (RIGHT - LEFT));
}

float gh_detail_lost(const uint8_t *aligned)
{
	float sums[(SIDE + 1) * (SIDE + 1)];

	integrate(aligned, sums);
	return logf((power_at_scale(sums, 4) + NOISE) / (power_at_scale(sums, 1) + NOISE));
}
