/* SPDX-License-Identifier: Apache-2.0 */
/* From scores to the curves of a calibration. */
#include "curves.h"

#include <math.h>
#include <stdlib.h>

#include "likelihood.h"

/* A point each 0.005 below the tail, each 0.01 beyond it. */
enum {
	BINS_PER_POINT = 10,
	BINS_PER_TAIL_POINT = 20
};
enum {
	POINTS_MAX = GH_SCORES_BINS / BINS_PER_POINT + 4
};

#define TAIL_SCALE_MIN 2e-3
#define TAIL_SCALE_MAX 0.5

size_t gh_curves_top(uint64_t impostor_pairs)
{
	size_t share = (size_t)(GH_TAIL_SHARE * (double)impostor_pairs);

	return (share > GH_TAIL_SCORES_MIN ? share : GH_TAIL_SCORES_MIN) + 1;
}

/* Scale of an exponential over the highest scores: their mean excess is its estimate of maximum
 * likelihood. A wrong label among them makes it larger, which refers more and matches less. */
static double tail_scale(const struct gh_scores *scores)
{
	size_t count = gh_curves_top(scores->impostor_count) - 1;
	double base = (double)scores->top[count].score;
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		sum += (double)scores->top[i].score - base;
	return fmin(fmax(sum / (double)count, TAIL_SCALE_MIN), TAIL_SCALE_MAX);
}

/* The share of an exponential below the i-th lowest excess, kept off both ends for logarithms. */
static double share_below(const struct gh_scores *scores, size_t count, size_t i, double mean)
{
	double excess = (double)(scores->top[count - 1 - i].score - scores->top[count].score);
	double below = mean > 0.0 ? -expm1(-excess / mean) : 0.0;

	return fmin(fmax(below, 1e-12), 1.0 - 1e-12);
}

/* Anderson and Darling's A^2 against the exponential with the mean of the excesses. */
static double tail_misfit(const struct gh_scores *scores, size_t count)
{
	double n = (double)count;
	double mean = 0.0;
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		mean += (double)(scores->top[i].score - scores->top[count].score) / n;
	for (size_t i = 0; i < count; i++)
		sum += (2.0 * (double)i + 1.0) *
			(log(share_below(scores, count, i, mean)) +
				log1p(-share_below(scores, count, count - 1 - i, mean)));
	return fmax((1.0 + 0.6 / n) * (-n - sum / n), 0.0);
}

static bool same_people(const struct gh_score *a, const struct gh_score *b)
{
	return (a->identity == b->identity && a->other == b->other) ||
		(a->identity == b->other && a->other == b->identity);
}

/*
 * The score that enough impostor scores reach, each of other people: the rule of 30 wants errors
 * that do not depend on each other, and one wrong label makes dozens of averages match.
 */
static float enough_reach(const struct gh_scores *scores)
{
	const struct gh_score *different[GH_CALIBRATION_RULE_OF];
	size_t count = 0;

	for (size_t i = 0; i < scores->top_count; i++) {
		const struct gh_score *score = &scores->top[i];
		size_t k = 0;

		while (k < count && !same_people(different[k], score))
			k++;
		if (k < count)
			continue;
		different[count++] = score;
		if (count == GH_CALIBRATION_RULE_OF)
			return score->score;
	}
	return scores->top[scores->top_count - 1].score;
}

/* The tail begins where the rule of 30 stops calling a rate measured. */
static void place_tail(const struct gh_scores *scores, struct gh_calibration_curve *curve)
{
	curve->tail_score = enough_reach(scores);
	curve->tail_fmr = gh_scores_fmr(scores, curve->tail_score);
	curve->tail_scale = tail_scale(scores);
	curve->tail_count = gh_curves_top(scores->impostor_count) - 1;
	curve->tail_misfit = tail_misfit(scores, (size_t)curve->tail_count);
}

static void add_point(
	struct gh_calibration_curve *curve, const struct gh_scores *scores, float score, double fmr)
{
	double fnmr = gh_scores_fnmr(scores, score);
	struct gh_calibration_point *points = curve->points;
	size_t count = curve->point_count;

	/* Of the flat beginning, where everything is above, only the end says anything. */
	if (count > 0 && fmr >= 1.0 && points[count - 1].fmr >= 1.0 && fnmr <= 0.0)
		count--;
	points[count] = (struct gh_calibration_point){ score, fmr, fnmr, 0.0 };
	curve->point_count = count + 1;
}

static void add_points(const struct gh_scores *scores, struct gh_calibration_curve *curve)
{
	double all = (double)scores->impostor_count;
	size_t edge = 0;

	for (; gh_scores_edge(edge) < curve->tail_score; edge += BINS_PER_POINT)
		add_point(curve, scores, gh_scores_edge(edge),
			fmax((double)gh_scores_at_or_above(scores, edge) / all, curve->tail_fmr));
	add_point(curve, scores, curve->tail_score, curve->tail_fmr);
	for (; edge <= GH_SCORES_BINS; edge += BINS_PER_TAIL_POINT) {
		float score = gh_scores_edge(edge);

		if (score > curve->tail_score)
			add_point(curve, scores, score,
				curve->tail_fmr *
					exp(-((double)score - (double)curve->tail_score) /
						curve->tail_scale));
	}
	/* The curve ends at 1, however the steps fell. */
	if (curve->points[curve->point_count - 1].score < 1.0f)
		add_point(curve, scores, 1.0f,
			curve->tail_fmr *
				exp(-(1.0 - (double)curve->tail_score) / curve->tail_scale));
}

enum gh_status gh_curves_make(
	const struct gh_scores *scores, struct gh_calibration_curve *curve, struct gh_error *error)
{
	if (scores->top_count < gh_curves_top(scores->impostor_count) || scores->genuine_count == 0)
		return gh_error_set(error, GH_MALFORMED,
			"%llu impostor and %zu genuine pairs are too few for a calibration",
			(unsigned long long)scores->impostor_count, scores->genuine_count);
	curve->points = calloc(POINTS_MAX, sizeof(*curve->points));
	curve->point_count = 0;
	if (!curve->points)
		return gh_error_set(error, GH_NO_MEMORY, "points of the calibration");
	curve->genuine_pairs = scores->genuine_count;
	curve->impostor_pairs = scores->impostor_count;
	place_tail(scores, curve);
	add_points(scores, curve);
	return gh_likelihood_fill(curve, error);
}
