/* SPDX-License-Identifier: Apache-2.0 */
/* For every place and slant, how much of a line along a side of the face lies on an edge. */
#include "border.h"

#include <math.h>
#include <string.h>

#include "kernels.h"

#define SIDE BORDER_SIDE
#define MIDDLE (SIDE / 2)

/* Half the face's height in the reduced picture; lines are looked for to three times that. */
#define HALF_FACE 18
#define FURTHEST (3 * HALF_FACE)

/* A step of grey between the second neighbours counts as an edge from here. */
#define EDGE_MIN 7

/* Slants tried: so many either way, of so much for one along. */
#define SLANTS 8
#define SLANT_STEP 0.04f

/* Where the reduced picture's columns or rows lie in the picture, held inside. */
static void lay_places(float centre, float step, uint32_t side_px, uint32_t at[2 * SIDE])
{
	for (int i = 0; i < 2 * SIDE; i++) {
		float place = centre + (0.5f * (float)i + 0.25f - MIDDLE) * step;

		at[i] = (uint32_t)fminf(fmaxf(place, 0.0f), (float)side_px - 1.0f);
	}
}

static int32_t luma(const uint8_t *rgb)
{
	return 77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2];
}

/* Each pixel of the reduced picture is the mean of four under it. */
static void reduce(struct gh_border *border, const struct gh_image *image, const struct gh_box *box)
{
	struct gh_point centre = gh_box_centre(box);
	float step = gh_box_height(box) / (2 * HALF_FACE);
	uint32_t across[2 * SIDE], down[2 * SIDE];

	lay_places(centre.x, step, image->width_px, across);
	lay_places(centre.y, step, image->height_px, down);
	for (int y = 0; y < SIDE; y++) {
		const uint8_t *upper = image->rgb + down[2 * y] * image->stride_bytes;
		const uint8_t *lower = image->rgb + down[2 * y + 1] * image->stride_bytes;

		for (int x = 0; x < SIDE; x++) {
			uint32_t left = 3 * across[2 * x], right = 3 * across[2 * x + 1];

			border->light[y * SIDE + x] =
				(int16_t)((luma(upper + left) + luma(upper + right) +
						  luma(lower + left) + luma(lower + right)) >>
					10);
		}
	}
}

/* 1 where light rises (or falls) across the lines; lines run along the rows of marks. */
static void mark_edges(struct gh_border *border, bool transposed)
{
	const size_t across = transposed ? SIDE : 1, along = transposed ? 1 : SIDE;

	memset(border->rises, 0, sizeof(border->rises));
	memset(border->falls, 0, sizeof(border->falls));
	for (size_t i = 0; i < SIDE; i++)
		for (size_t j = 1; j < SIDE - 1; j++) {
			const int16_t *at = border->light + i * along + j * across;
			int step = at[across] - *(at - across);

			border->rises[i * SIDE + j] = step > EDGE_MIN;
			border->falls[i * SIDE + j] = step < -EDGE_MIN;
		}
}

/* Marks of all parallel lines of one slant, at their distance from the left. */
static void count_lines(struct gh_border *border, int slant)
{
	memset(border->up, 0, sizeof(border->up));
	memset(border->down, 0, sizeof(border->down));
	for (int i = -HALF_FACE; i <= HALF_FACE; i++) {
		int off = (int)lrintf((float)(i * slant) * SLANT_STEP);
		size_t to = off < 0 ? (size_t)-off : 0, from = off > 0 ? (size_t)off : 0;
		size_t row = (size_t)(i + MIDDLE) * SIDE + from, count = SIDE - to - from;

		gh_kernel_add_bytes(border->up + to, border->rises + row, count);
		gh_kernel_add_bytes(border->down + to, border->falls + row, count);
	}
}

static int best_of(const struct gh_border *border, int from, int to)
{
	int best = 0;

	for (int i = from; i <= to; i++) {
		best = border->up[i] > best ? border->up[i] : best;
		best = border->down[i] > best ? border->down[i] : best;
	}
	return best;
}

/* The best line on either side of the face, of the length of a face. */
static void take_pair(struct gh_border *border, int nearest, float *before, float *after)
{
	int low = 0, high = 0;

	for (int slant = -SLANTS; slant <= SLANTS; slant++) {
		int found;

		count_lines(border, slant);
		found = best_of(border, MIDDLE - FURTHEST, MIDDLE - nearest);
		low = found > low ? found : low;
		found = best_of(border, MIDDLE + nearest, MIDDLE + FURTHEST);
		high = found > high ? found : high;
	}
	*before = (float)low / (2 * HALF_FACE + 1);
	*after = (float)high / (2 * HALF_FACE + 1);
}

struct gh_border_sides gh_border_take(
	struct gh_border *border, const struct gh_image *image, const struct gh_box *box)
{
	struct gh_border_sides sides;

	reduce(border, image, box);
	mark_edges(border, false);
	take_pair(border, HALF_FACE - 2, &sides.left, &sides.right);
	mark_edges(border, true);
	take_pair(border, HALF_FACE + 3, &sides.top, &sides.bottom);
	return sides;
}

float gh_border_cue(const struct gh_border_sides *sides)
{
	float least = fminf(sides->left, sides->right), other = fmaxf(sides->left, sides->right);
	float low = fminf(sides->top, sides->bottom), high = fmaxf(sides->top, sides->bottom);

	/* The two weakest of the four: doors and shelves have two sides, a sheet has all. */
	return 0.5f * (fminf(least, low) + fminf(fmaxf(least, low), fminf(other, high)));
}
