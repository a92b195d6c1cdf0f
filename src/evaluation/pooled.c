/* SPDX-License-Identifier: Apache-2.0 */
/* What all rounds of an identification say together. */
#include "pooled.h"

#include <math.h>
#include <stdlib.h>

#define LOW_SHARE 0.025
#define HIGH_SHARE 0.975

/* Points of a curve in each decade of FPIR. */
#define STEPS 10.0

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static struct gh_interval percentiles(double *rates, uint32_t count)
{
	qsort(rates, count, sizeof(*rates), ascending);
	return (struct gh_interval){ rates[(uint32_t)(LOW_SHARE * (count - 1))],
		rates[(uint32_t)(HIGH_SHARE * (count - 1) + 0.5)] };
}

static void conclude_point(const struct gh_round *rounds, uint32_t count, size_t size,
	size_t target, double *scratch, struct gh_identification_point *point)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct gh_round_point *of = &rounds[i].sizes[size].points[target];

		point->threshold += (double)of->threshold.score / count;
		point->fpir_predicted += of->threshold.fpir_predicted / count;
		point->fpir += of->fpir / count;
		point->fnir_predicted += of->fnir_predicted / count;
		point->fnir += of->fnir / count;
		point->extrapolated += (of->threshold.extrapolated ? 1.0 : 0.0) / count;
		scratch[i] = of->fpir_drawn;
	}
	point->fpir_interval = percentiles(scratch, count);
	for (uint32_t i = 0; i < count; i++)
		scratch[i] = rounds[i].sizes[size].points[target].fnir_drawn;
	point->fnir_interval = percentiles(scratch, count);
}

static void count_searches(const struct gh_round *rounds, uint32_t count, size_t size,
	struct gh_identification_size *to)
{
	double first = 0.0;

	to->disjoint = true;
	for (uint32_t i = 0; i < count; i++) {
		const struct gh_round_size *of = &rounds[i].sizes[size];

		to->templates += (double)of->searches.templates / count;
		to->mated += (double)of->searches.mated / count;
		to->strangers += (double)of->searches.strangers / count;
		to->mated_people += (double)of->mated_people / count;
		to->strange_people += (double)of->strange_people / count;
		to->disjoint = to->disjoint && of->disjoint;
		for (size_t k = 0; k < of->searches.mated; k++)
			first += of->searches.found[k].own;
	}
	to->not_first = to->mated > 0.0 ? 1.0 - first / (to->mated * count) : 0.0;
}

/* Scores of strangers, and of people found first; highest first. */
struct pool {
	double *strangers;
	size_t stranger_count;
	double *found;
	size_t found_count;
	size_t mated; /* found or not */
};

static bool fill_pool(const struct gh_round *rounds, uint32_t count, size_t size, struct pool *pool)
{
	size_t strangers = 0;

	for (uint32_t i = 0; i < count; i++) {
		pool->mated += rounds[i].sizes[size].searches.mated;
		strangers += rounds[i].sizes[size].searches.strangers;
	}
	pool->strangers = calloc(strangers + 1, sizeof(double));
	pool->found = calloc(pool->mated + 1, sizeof(double));
	if (!pool->strangers || !pool->found)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct gh_searches *searches = &rounds[i].sizes[size].searches;

		for (size_t k = 0; k < searches->mated; k++)
			if (searches->found[k].own)
				pool->found[pool->found_count++] = (double)searches->found[k].score;
		for (size_t k = 0; k < searches->strangers; k++)
			pool->strangers[pool->stranger_count++] =
				(double)searches->found[searches->mated + k].score;
	}
	qsort(pool->strangers, pool->stranger_count, sizeof(double), ascending);
	qsort(pool->found, pool->found_count, sizeof(double), ascending);
	return true;
}

/* How many of the ascending scores lie below a threshold. */
static size_t below(const double *scores, size_t count, double threshold)
{
	size_t low = 0;

	while (count > 0) {
		size_t half = count / 2;

		if (scores[low + half] < threshold) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return low;
}

static void draw_curve(const struct pool *pool, struct gh_identification_size *to)
{
	for (size_t i = 0; pool->mated > 0 && i < GH_DET_POINTS_MAX; i++) {
		double fpir = pow(10.0, -(double)i / STEPS);
		size_t allowed = (size_t)(fpir * (double)pool->stranger_count);
		double threshold = -1.0;
		size_t found;

		if (allowed < 1)
			break;
		if (allowed < pool->stranger_count)
			threshold = nextafter(
				pool->strangers[pool->stranger_count - 1 - allowed], INFINITY);
		found = pool->found_count - below(pool->found, pool->found_count, threshold);
		to->det[to->det_count++] = (struct gh_det_point){
			.false_positive = fpir,
			.false_negative = 1.0 - (double)found / (double)pool->mated,
			.threshold = (float)threshold,
		};
	}
}

static bool conclude_size(const struct gh_round_plan *plan, const struct gh_round *rounds,
	uint32_t count, size_t size, struct gh_identification_size *to)
{
	struct pool pool = { .strangers = NULL };
	double *scratch = calloc(count, sizeof(*scratch));
	bool fine = scratch && fill_pool(rounds, count, size, &pool);

	to->people = plan->sizes[size];
	if (fine) {
		count_searches(rounds, count, size, to);
		for (size_t i = 0; i < plan->target_count; i++) {
			to->points[i].fpir_target = plan->targets[i];
			conclude_point(rounds, count, size, i, scratch, &to->points[i]);
		}
		draw_curve(&pool, to);
	}
	free(pool.strangers);
	free(pool.found);
	free(scratch);
	return fine;
}

enum gh_status gh_pooled_conclude(const struct gh_round_plan *plan, const struct gh_round *rounds,
	uint32_t count, struct gh_identification_result *result, struct gh_error *error)
{
	result->size_count = plan->size_count;
	result->target_count = plan->target_count;
	result->references = plan->references;
	result->rounds = count;
	result->seed = plan->seed;
	for (size_t i = 0; i < plan->size_count; i++)
		if (!conclude_size(plan, rounds, count, i, &result->sizes[i]))
			return gh_error_set(error, GH_NO_MEMORY, "%u rounds", (unsigned)count);
	return GH_OK;
}
