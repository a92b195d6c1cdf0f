/* SPDX-License-Identifier: Apache-2.0 */
/* Confidence intervals by drawing identities with replacement. */
#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOW_SHARE 0.025
#define HIGH_SHARE 0.975

/* Rates of one point over all rounds. */
struct rates {
	double *fmr;
	double *fnmr;
	double *fnmr_refit;
};

struct run {
	const struct gh_bootstrap *from;
	struct gh_evaluation_result *result;
	uint32_t *weights; /* how often each identity was drawn in this round */
	struct rates rates[GH_EVALUATION_POINTS_MAX];
	double *fta;
	uint64_t random;
};

/* xorshift64*: any seed but 0 will do. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static void draw(struct run *run)
{
	uint32_t count = run->from->identity_count;

	memset(run->weights, 0, count * sizeof(*run->weights));
	for (uint32_t i = 0; i < count; i++)
		run->weights[(next_random(&run->random) >> 32) * count >> 32]++;
}

/*
 * Impostor pairs among the drawn: copies of one identity are no impostors to each other, so
 * ((sum w n)^2 - sum (w n)^2) / 2.
 */
static double impostor_pairs(const struct run *run)
{
	double sum = 0.0;
	double squares = 0.0;

	for (uint32_t i = 0; i < run->from->identity_count; i++) {
		double templates = (double)run->weights[i] * run->from->templates_of[i];

		sum += templates;
		squares += templates * templates;
	}
	return (sum * sum - squares) / 2.0;
}

static double weight_of(const struct run *run, const struct gh_score *score)
{
	return (double)run->weights[score->identity] * (double)run->weights[score->other];
}

/* Share of the drawn impostor scores at or above a threshold. */
static double fmr_at(const struct run *run, float threshold, double pairs)
{
	const struct gh_scores *scores = run->from->scores;
	double above = 0.0;

	for (size_t i = 0; i < scores->top_count && scores->top[i].score >= threshold; i++)
		above += weight_of(run, &scores->top[i]);
	return pairs > 0.0 ? above / pairs : 0.0;
}

/* The highest impostor score that a target does not allow any more among the drawn. */
static float first_refused(const struct run *run, double target, double pairs)
{
	const struct gh_scores *scores = run->from->scores;
	double allowed = target * pairs;
	double above = 0.0;

	for (size_t i = 0; i < scores->top_count; i++) {
		above += weight_of(run, &scores->top[i]);
		if (above > allowed)
			return scores->top[i].score;
	}
	return scores->top_floor;
}

/* Share of the drawn genuine scores below a threshold. */
static double fnmr_at(const struct run *run, float threshold)
{
	const struct gh_scores *scores = run->from->scores;
	double missed = 0.0;
	double all = 0.0;

	for (size_t i = 0; i < scores->genuine_count; i++) {
		double weight = run->weights[scores->genuine[i].identity];

		all += weight;
		if (scores->genuine[i].score < threshold)
			missed += weight;
	}
	return all > 0.0 ? missed / all : 0.0;
}

static double fta_at(const struct run *run)
{
	double failures = 0.0;
	double all = 0.0;

	for (uint32_t i = 0; i < run->from->identity_count; i++) {
		failures += (double)run->weights[i] * run->from->failures_of[i];
		all += (double)run->weights[i] *
			((double)run->from->failures_of[i] + run->from->templates_of[i]);
	}
	return all > 0.0 ? failures / all : 0.0;
}

static void round_of(struct run *run, uint32_t round)
{
	double pairs;

	draw(run);
	pairs = impostor_pairs(run);
	run->fta[round] = fta_at(run);
	for (size_t i = 0; i < run->result->point_count; i++) {
		const struct gh_operating_point *point = &run->result->points[i];

		run->rates[i].fmr[round] = fmr_at(run, point->threshold, pairs);
		run->rates[i].fnmr[round] = fnmr_at(run, point->threshold);
		run->rates[i].fnmr_refit[round] = fnmr_at(
			run, nextafterf(first_refused(run, point->fmr_target, pairs), INFINITY));
	}
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The interval of the rates; where no error was seen, the rule of three over the units. */
static struct gh_interval interval(double *rates, uint32_t rounds, uint64_t errors, uint32_t units)
{
	uint32_t low = (uint32_t)(LOW_SHARE * (rounds - 1));
	uint32_t high = (uint32_t)(HIGH_SHARE * (rounds - 1) + 0.5);

	if (errors == 0)
		return (struct gh_interval){ 0.0, units > 3 ? 3.0 / units : 1.0 };
	qsort(rates, rounds, sizeof(*rates), ascending);
	return (struct gh_interval){ rates[low], rates[high] };
}

static void conclude(struct run *run)
{
	struct gh_evaluation_result *result = run->result;
	uint32_t rounds = run->from->rounds;

	result->fta_interval = interval(run->fta, rounds, result->failures, result->identities);
	for (size_t i = 0; i < result->point_count; i++) {
		struct gh_operating_point *point = &result->points[i];

		point->fmr_interval = interval(run->rates[i].fmr, rounds, point->false_matches,
			result->identities_compared);
		point->fnmr_interval = interval(run->rates[i].fnmr, rounds,
			point->false_non_matches, result->identities_genuine);
		point->fnmr_refit_interval = interval(run->rates[i].fnmr_refit, rounds,
			point->false_non_matches, result->identities_genuine);
	}
}

static bool take_memory(struct run *run)
{
	bool all = true;

	run->weights = calloc(run->from->identity_count, sizeof(*run->weights));
	run->fta = calloc(run->from->rounds, sizeof(*run->fta));
	for (size_t i = 0; i < run->result->point_count; i++) {
		run->rates[i].fmr = calloc(run->from->rounds, sizeof(double));
		run->rates[i].fnmr = calloc(run->from->rounds, sizeof(double));
		run->rates[i].fnmr_refit = calloc(run->from->rounds, sizeof(double));
		all = all && run->rates[i].fmr && run->rates[i].fnmr && run->rates[i].fnmr_refit;
	}
	return all && run->weights && run->fta;
}

static void free_memory(struct run *run)
{
	free(run->weights);
	free(run->fta);
	for (size_t i = 0; i < GH_EVALUATION_POINTS_MAX; i++) {
		free(run->rates[i].fmr);
		free(run->rates[i].fnmr);
		free(run->rates[i].fnmr_refit);
	}
}

enum gh_status gh_bootstrap_run(const struct gh_bootstrap *bootstrap,
	struct gh_evaluation_result *result, struct gh_error *error)
{
	struct run run = { .from = bootstrap, .result = result, .random = bootstrap->seed };
	enum gh_status status = GH_OK;

	if (!take_memory(&run))
		status = gh_error_set(
			error, GH_NO_MEMORY, "bootstrap of %u rounds", (unsigned)bootstrap->rounds);
	for (uint32_t round = 0; status == GH_OK && round < bootstrap->rounds; round++) {
		round_of(&run, round);
		if (bootstrap->progress &&
			!bootstrap->progress(bootstrap->ctx, round + 1, bootstrap->rounds))
			status = gh_error_set(error, GH_CANCELLED, "stopped on request");
	}
	if (status == GH_OK)
		conclude(&run);
	free_memory(&run);
	return status;
}
