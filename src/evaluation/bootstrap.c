/* SPDX-License-Identifier: Apache-2.0 */
/* Confidence intervals by drawing identities with replacement. */
#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define LOW_SHARE 0.025
#define HIGH_SHARE 0.975

/* Rates of one point over all rounds. */
struct rates {
	double *fmr;
	double *fnmr;
	double *fnmr_refit;
};

/* A genuine score and whose it is, in order of score. */
struct ranked {
	float score;
	uint32_t identity;
};

struct run {
	const struct gh_bootstrap *from;
	const struct gh_bootstrapped *to;
	uint32_t *weights; /* how often each identity was drawn in this round */
	struct ranked *genuine;
	double *below; /* weight of the genuine scores before each, and of all */
	struct rates rates[GH_EVALUATION_POINTS_MAX];
	double *det[GH_DET_POINTS_MAX];
	double *fta;
	uint64_t random;
};

static void draw(struct run *run)
{
	uint32_t count = run->from->identity_count;

	memset(run->weights, 0, count * sizeof(*run->weights));
	for (uint32_t i = 0; i < count; i++)
		run->weights[gh_random_below(&run->random, count)]++;
}

static double weight_of(const struct run *run, const struct gh_score *score)
{
	return (double)run->weights[score->identity] * (double)run->weights[score->other];
}

/*
 * Impostor pairs among the drawn: copies of one identity are no impostors to each other, so of p
 * probes and n references each they are sum wp sum wn - sum wp wn, half of it where a pair counts
 * once.
 */
static double impostor_pairs(const struct run *run)
{
	const struct gh_bootstrap *from = run->from;
	double probes = 0.0;
	double references = 0.0;
	double own = 0.0;

	if (from->listed) {
		for (size_t i = 0; i < from->scores->top_count; i++)
			own += weight_of(run, &from->scores->top[i]);
		return own;
	}
	for (uint32_t i = 0; i < from->identity_count; i++) {
		double weight = run->weights[i];
		double of_probes =
			weight * (from->probes_of ? from->probes_of[i] : from->references_of[i]);
		double of_references = weight * from->references_of[i];

		probes += of_probes;
		references += of_references;
		own += of_probes * of_references;
	}
	return (probes * references - own) / (from->probes_of ? 1.0 : 2.0);
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

/* The lowest threshold that lets at most a share of the drawn impostors pass. */
static float threshold_of(const struct run *run, double target, double pairs)
{
	const struct gh_scores *scores = run->from->scores;
	double allowed = target * pairs;
	double above = 0.0;

	for (size_t i = 0; i < scores->top_count; i++) {
		above += weight_of(run, &scores->top[i]);
		if (above > allowed)
			return nextafterf(scores->top[i].score, INFINITY);
	}
	return scores->top_floor;
}

static void weigh_genuine(struct run *run)
{
	size_t count = run->from->scores->genuine_count;

	run->below[0] = 0.0;
	for (size_t i = 0; i < count; i++)
		run->below[i + 1] = run->below[i] + run->weights[run->genuine[i].identity];
}

/* Share of the drawn genuine scores below a threshold. */
static double fnmr_at(const struct run *run, float threshold)
{
	size_t count = run->from->scores->genuine_count;
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (run->genuine[middle].score < threshold)
			low = middle + 1;
		else
			high = middle;
	}
	return run->below[count] > 0.0 ? run->below[low] / run->below[count] : 0.0;
}

static double fta_at(const struct run *run)
{
	double failures = 0.0;
	double all = 0.0;

	for (uint32_t i = 0; i < run->from->identity_count; i++) {
		failures += (double)run->weights[i] * run->from->failures_of[i];
		all += (double)run->weights[i] *
			((double)run->from->failures_of[i] + run->from->references_of[i]);
	}
	return all > 0.0 ? failures / all : 0.0;
}

/* One walk down the impostors for all points of the curve, whose FMR rises against its order. */
static void det_of(struct run *run, uint32_t round, double pairs)
{
	const struct gh_scores *scores = run->from->scores;
	double above = 0.0;
	size_t i = 0;

	for (size_t p = run->to->det_count; p-- > 0;) {
		double allowed = run->to->det[p].false_positive * pairs;
		float threshold = scores->top_floor;

		while (i < scores->top_count && above + weight_of(run, &scores->top[i]) <= allowed)
			above += weight_of(run, &scores->top[i++]);
		if (i < scores->top_count)
			threshold = nextafterf(scores->top[i].score, INFINITY);
		run->det[p][round] = fnmr_at(run, threshold);
	}
}

static void round_of(struct run *run, uint32_t round)
{
	double pairs;

	draw(run);
	weigh_genuine(run);
	pairs = impostor_pairs(run);
	if (run->to->fta)
		run->fta[round] = fta_at(run);
	for (size_t i = 0; i < run->to->point_count; i++) {
		const struct gh_operating_point *point = &run->to->points[i];

		run->rates[i].fmr[round] = fmr_at(run, point->threshold, pairs);
		run->rates[i].fnmr[round] = fnmr_at(run, point->threshold);
		run->rates[i].fnmr_refit[round] =
			fnmr_at(run, threshold_of(run, point->fmr_target, pairs));
	}
	det_of(run, round, pairs);
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static struct gh_interval percentiles(double *rates, uint32_t rounds)
{
	uint32_t low = (uint32_t)(LOW_SHARE * (rounds - 1));
	uint32_t high = (uint32_t)(HIGH_SHARE * (rounds - 1) + 0.5);

	qsort(rates, rounds, sizeof(*rates), ascending);
	return (struct gh_interval){ rates[low], rates[high] };
}

/* The interval of the rates; where no error was seen, the rule of three over the units. */
static struct gh_interval interval(double *rates, uint32_t rounds, bool errors, uint32_t units)
{
	if (!errors)
		return (struct gh_interval){ 0.0, units > 3 ? 3.0 / units : 1.0 };
	return percentiles(rates, rounds);
}

static void conclude(struct run *run)
{
	const struct gh_bootstrap *from = run->from;
	const struct gh_bootstrapped *to = run->to;

	if (to->fta)
		*to->fta = interval(run->fta, from->rounds, to->failures > 0, from->identity_count);
	for (size_t i = 0; i < to->point_count; i++) {
		struct gh_operating_point *point = &to->points[i];
		bool missed = point->false_non_matches > 0;

		point->fmr_interval = interval(run->rates[i].fmr, from->rounds,
			point->false_matches > 0, from->identities_compared);
		point->fnmr_interval = interval(
			run->rates[i].fnmr, from->rounds, missed, from->identities_genuine);
		point->fnmr_refit_interval = interval(
			run->rates[i].fnmr_refit, from->rounds, missed, from->identities_genuine);
	}
	for (size_t i = 0; i < to->det_count; i++) {
		to->det[i].has_interval = true;
		to->det[i].false_negative_interval = interval(run->det[i], from->rounds,
			to->det[i].false_negative > 0.0, from->identities_genuine);
	}
}

static int by_score(const void *left, const void *right)
{
	const struct ranked *a = left;
	const struct ranked *b = right;

	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return (a->identity > b->identity) - (a->identity < b->identity);
}

/* Memory of both ways of drawing. */
static bool take_shared(struct run *run)
{
	const struct gh_scores *scores = run->from->scores;

	run->weights = calloc(run->from->identity_count, sizeof(*run->weights));
	run->genuine = calloc(scores->genuine_count + 1, sizeof(*run->genuine));
	run->below = calloc(scores->genuine_count + 1, sizeof(*run->below));
	if (!run->weights || !run->genuine || !run->below)
		return false;
	for (size_t i = 0; i < scores->genuine_count; i++)
		run->genuine[i] =
			(struct ranked){ scores->genuine[i].score, scores->genuine[i].identity };
	qsort(run->genuine, scores->genuine_count, sizeof(*run->genuine), by_score);
	return true;
}

static bool take_rates(struct run *run, size_t points)
{
	uint32_t rounds = run->from->rounds;
	bool all = true;

	for (size_t i = 0; i < points; i++) {
		run->rates[i].fmr = calloc(rounds, sizeof(double));
		run->rates[i].fnmr = calloc(rounds, sizeof(double));
		run->rates[i].fnmr_refit = calloc(rounds, sizeof(double));
		all = all && run->rates[i].fmr && run->rates[i].fnmr && run->rates[i].fnmr_refit;
	}
	return all;
}

static bool take_memory(struct run *run)
{
	bool all = take_shared(run) && take_rates(run, run->to->point_count);

	run->fta = calloc(run->from->rounds, sizeof(*run->fta));
	for (size_t i = 0; i < run->to->det_count; i++) {
		run->det[i] = calloc(run->from->rounds, sizeof(double));
		all = all && run->det[i];
	}
	return all && run->fta;
}

static void free_memory(struct run *run)
{
	free(run->weights);
	free(run->genuine);
	free(run->below);
	free(run->fta);
	for (size_t i = 0; i < GH_EVALUATION_POINTS_MAX; i++) {
		free(run->rates[i].fmr);
		free(run->rates[i].fnmr);
		free(run->rates[i].fnmr_refit);
	}
	for (size_t i = 0; i < GH_DET_POINTS_MAX; i++)
		free(run->det[i]);
}

static enum gh_status tell(const struct gh_bootstrap *from, uint32_t round, struct gh_error *error)
{
	if (!from->progress || from->progress(from->ctx, round + 1, from->rounds))
		return GH_OK;
	return gh_error_set(error, GH_CANCELLED, "stopped on request");
}

static enum gh_status no_memory(const struct gh_bootstrap *from, struct gh_error *error)
{
	return gh_error_set(error, GH_NO_MEMORY, "bootstrap of %u rounds", (unsigned)from->rounds);
}

enum gh_status gh_bootstrap_run(const struct gh_bootstrap *bootstrap,
	const struct gh_bootstrapped *bootstrapped, struct gh_error *error)
{
	struct run run = { .from = bootstrap, .to = bootstrapped, .random = bootstrap->seed };
	enum gh_status status = GH_OK;

	if (!take_memory(&run))
		status = no_memory(bootstrap, error);
	for (uint32_t round = 0; status == GH_OK && round < bootstrap->rounds; round++) {
		round_of(&run, round);
		status = tell(bootstrap, round, error);
	}
	if (status == GH_OK)
		conclude(&run);
	free_memory(&run);
	return status;
}

/* Half of the identities weigh 1, or the others do. */
static void weigh_half(struct run *run, const uint32_t *order, bool second)
{
	uint32_t count = run->from->identity_count;

	for (uint32_t i = 0; i < count; i++)
		run->weights[order[i]] = (i < count / 2) != second;
	weigh_genuine(run);
}

static void halve(struct run *run, const uint32_t *order, struct gh_halved *halved, size_t count,
	uint32_t round)
{
	double pairs;

	weigh_half(run, order, false);
	pairs = impostor_pairs(run);
	for (size_t i = 0; i < count; i++)
		run->rates[i].fnmr_refit[round] =
			(double)threshold_of(run, halved[i].fmr_target, pairs);
	weigh_half(run, order, true);
	pairs = impostor_pairs(run);
	for (size_t i = 0; i < count; i++) {
		float threshold = (float)run->rates[i].fnmr_refit[round];

		run->rates[i].fmr[round] = fmr_at(run, threshold, pairs);
		run->rates[i].fnmr[round] = fnmr_at(run, threshold);
	}
}

static double mean_of(const double *rates, uint32_t rounds)
{
	double sum = 0.0;

	for (uint32_t i = 0; i < rounds; i++)
		sum += rates[i];
	return sum / rounds;
}

static void conclude_halves(struct run *run, struct gh_halved *halved, size_t count)
{
	uint32_t rounds = run->from->rounds;

	for (size_t i = 0; i < count; i++) {
		halved[i].threshold = mean_of(run->rates[i].fnmr_refit, rounds);
		halved[i].fmr = mean_of(run->rates[i].fmr, rounds);
		halved[i].fnmr = mean_of(run->rates[i].fnmr, rounds);
		halved[i].fmr_interval = percentiles(run->rates[i].fmr, rounds);
		halved[i].fnmr_interval = percentiles(run->rates[i].fnmr, rounds);
	}
}

enum gh_status gh_bootstrap_halve(const struct gh_bootstrap *bootstrap, struct gh_halved *halved,
	size_t count, struct gh_error *error)
{
	struct run run = { .from = bootstrap, .random = bootstrap->seed };
	uint32_t *order = calloc(bootstrap->identity_count, sizeof(*order));
	enum gh_status status = GH_OK;

	if (!order || !take_shared(&run) || !take_rates(&run, count))
		status = no_memory(bootstrap, error);
	for (uint32_t i = 0; status == GH_OK && i < bootstrap->identity_count; i++)
		order[i] = i;
	for (uint32_t round = 0; status == GH_OK && round < bootstrap->rounds; round++) {
		gh_random_shuffle(&run.random, order, bootstrap->identity_count);
		halve(&run, order, halved, count, round);
		status = tell(bootstrap, round, error);
	}
	if (status == GH_OK)
		conclude_halves(&run, halved, count);
	free_memory(&run);
	free(order);
	return status;
}
