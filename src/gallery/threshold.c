/* SPDX-License-Identifier: Apache-2.0 */
/* The threshold of a decision, from how many are searched and how often that may go wrong. */
#include <math.h>

#include "gatehouse/gallery/calibration.h"

/* 1 - (1 - rate)^count, and its inverse in rate, exact where rate is tiny. */
static double any_of(double rate, uint64_t count)
{
	return rate >= 1.0 ? 1.0 : -expm1((double)count * log1p(-rate));
}

static double each_of(double rate, uint64_t count)
{
	return rate >= 1.0 ? 1.0 : -expm1(log1p(-rate) / (double)count);
}

static struct gh_threshold threshold(
	const struct gh_calibration *calibration, uint64_t comparisons, double target)
{
	struct gh_threshold limit = { .comparisons = comparisons > 0 ? comparisons : 1 };

	limit.score = gh_calibration_score(
		calibration, each_of(target, limit.comparisons), &limit.extrapolated);
	limit.fmr = gh_calibration_fmr(calibration, limit.score, NULL);
	limit.fpir_predicted = any_of(limit.fmr, limit.comparisons);
	return limit;
}

struct gh_threshold gh_threshold_for_search(
	const struct gh_calibration *calibration, uint64_t comparisons, double fpir_target)
{
	return threshold(calibration, comparisons, fpir_target);
}

struct gh_threshold gh_threshold_for_claim(
	const struct gh_calibration *calibration, uint64_t comparisons, double fmr_target)
{
	return threshold(calibration, comparisons, fmr_target);
}
