/* SPDX-License-Identifier: Apache-2.0 */
/* Scores read at operating points and as a curve. */
#include "measuring.h"

#include <math.h>

#include "curves.h"

/* High scores kept beyond what a target allows: a drawn sample may need more of them. */
#define TOP_FACTOR 4.0

/* Impostor pairs that the last point of a curve rests on. */
#define PAIRS_LEAST 10.0

/* Points of a curve in each decade of FMR. */
#define STEPS 10.0

size_t gh_measuring_top(const struct gh_evaluation_result *result, size_t probes, size_t references)
{
	double count = (double)references;
	double pairs = probes > 0 ? (double)probes * count : count * (count - 1.0) / 2.0;
	size_t wanted = gh_curves_top((uint64_t)fmax(pairs, 0.0));

	for (size_t i = 0; i < result->point_count; i++) {
		double most = TOP_FACTOR * result->points[i].fmr_target * pairs + 100.0;

		if (most > (double)wanted)
			wanted = (size_t)most;
	}
	return wanted;
}

void gh_measuring_points(
	const struct gh_scores *scores, struct gh_operating_point *points, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct gh_operating_point *point = &points[i];

		point->threshold = gh_scores_threshold(scores, point->fmr_target);
		point->fmr = gh_scores_fmr(scores, point->threshold);
		point->fnmr = gh_scores_fnmr(scores, point->threshold);
		point->false_matches =
			(uint64_t)(point->fmr * (double)scores->impostor_count + 0.5);
		point->false_non_matches =
			(uint64_t)(point->fnmr * (double)scores->genuine_count + 0.5);
		point->measured = point->fmr_target * (double)scores->impostor_count >=
			(double)GH_CALIBRATION_RULE_OF;
	}
}

/* Below the kept scores, to the width of a bin. */
static float threshold_at(const struct gh_scores *scores, double fmr)
{
	double allowed = fmr * (double)scores->impostor_count;
	uint64_t above = 0;
	size_t bin = GH_SCORES_BINS;

	if (allowed < (double)scores->top_count)
		return gh_scores_threshold(scores, fmr);
	while (bin > 0 && (double)(above + scores->bins[bin - 1]) <= allowed)
		above += scores->bins[--bin];
	return gh_scores_edge(bin);
}

size_t gh_measuring_det(const struct gh_scores *scores, struct gh_det_point *points)
{
	size_t count = 0;

	for (; count < GH_DET_POINTS_MAX; count++) {
		double fmr = pow(10.0, -(double)count / STEPS);
		float threshold = threshold_at(scores, fmr);

		if (fmr * (double)scores->impostor_count < PAIRS_LEAST)
			break;
		points[count] = (struct gh_det_point){ .false_positive = fmr,
			.false_negative = gh_scores_fnmr(scores, threshold),
			.threshold = threshold };
	}
	return count;
}

void gh_measuring_det_tail(const struct gh_scores *scores, struct gh_det_point *points,
	size_t count, struct gh_bootstrapped *to)
{
	size_t first = 0;

	/* A drawn sample may well have twice as many pairs of the highest scores. */
	while (first < count &&
		(scores->top_count < scores->impostor_count &&
			points[first].false_positive * (double)scores->impostor_count * 2.0 >
				(double)scores->top_count))
		first++;
	to->det = points + first;
	to->det_count = count - first;
}
