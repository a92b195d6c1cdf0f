/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling of neighbours until likelihood ratios rise. */
#include "likelihood.h"

#include <math.h>
#include <stdlib.h>

/* Neighbouring intervals with one ratio, and the shares that lie in them. */
struct block {
	double genuine;
	double impostor;
	size_t intervals;
};

/* Interval i ends at point i; the first begins at, and the last ends at infinity. */
static struct block interval(const struct gh_calibration_curve *curve, size_t i)
{
	const struct gh_calibration_point *points = curve->points;
	bool first = i == 0;
	bool last = i == curve->point_count;

	return (struct block){
		.genuine = (last ? 1.0 : points[i].fnmr) - (first ? 0.0 : points[i - 1].fnmr),
		.impostor = (first ? 1.0 : points[i - 1].fmr) - (last ? 0.0 : points[i].fmr),
		.intervals = 1,
	};
}

static void join(struct block *to, const struct block *more)
{
	to->genuine += more->genuine;
	to->impostor += more->impostor;
	to->intervals += more->intervals;
}

/* The ratio of the later block is not above that of the earlier one; empty ones go with both. */
static bool falls(const struct block *earlier, const struct block *later)
{
	return earlier->genuine * later->impostor >= later->genuine * earlier->impostor;
}

/* The lowest scores together, up to the point that enough genuine ones lie below. */
static size_t low_end(const struct gh_calibration_curve *curve)
{
	double least = (double)GH_CALIBRATION_RULE_OF / (double)curve->genuine_pairs;
	size_t i = 0;

	while (i < curve->point_count && curve->points[i].fnmr < least)
		i++;
	return i;
}

static size_t pool(const struct gh_calibration_curve *curve, struct block *blocks)
{
	size_t low = low_end(curve);
	size_t count = 0;

	for (size_t i = 0; i <= curve->point_count; i++) {
		struct block next = interval(curve, i);
		bool in_tail = i > 0 && curve->points[i - 1].score > curve->tail_score;

		if (count > 0 && (i <= low || in_tail))
			join(&blocks[count - 1], &next);
		else
			blocks[count++] = next;
		while (count > 1 && falls(&blocks[count - 2], &blocks[count - 1])) {
			join(&blocks[count - 2], &blocks[count - 1]);
			count--;
		}
	}
	return count;
}

/* A point between two intervals has the mean of both. */
static void spread_out(
	struct gh_calibration_curve *curve, const struct block *blocks, size_t block_count)
{
	size_t end = 0;
	size_t b = 0;
	double last = 0.0;

	for (size_t i = 0; i <= curve->point_count; i++) {
		double here;

		while (i >= end + blocks[b].intervals && b + 1 < block_count)
			end += blocks[b++].intervals;
		here = block_count > 1 ? log(blocks[b].genuine / blocks[b].impostor) : 0.0;
		if (i > 0)
			curve->points[i - 1].llr = 0.5 * (last + here);
		last = here;
	}
}

enum gh_status gh_likelihood_fill(struct gh_calibration_curve *curve, struct gh_error *error)
{
	struct block *blocks = calloc(curve->point_count + 1, sizeof(*blocks));

	if (!blocks)
		return gh_error_set(error, GH_NO_MEMORY, "likelihood ratios");
	spread_out(curve, blocks, pool(curve, blocks));
	free(blocks);
	return GH_OK;
}
