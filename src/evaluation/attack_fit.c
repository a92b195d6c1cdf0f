/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logistic regression over hinges. A hinge begins at the bona fide's 80 % point and is as wide as
 * the upper part of their range, so that only what leaves that range speaks for an attack.
 */
#include "attack_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/evaluation/attack.h"

#define CUES GH_ATTACK_CUE_COUNT
#define CASES_MIN 20

/* Steps of the descent, and the pull of the weights towards 0 against separable cases. */
#define STEPS 6000
#define RATE 0.3
#define RIDGE 2e-3

/* Where a hinge begins and what its width is made of, per mille of bona fide above. */
#define CENTRE_PERMILLE 200
#define FAR_PERMILLE 30

/* No hinge is narrower than this, or this part of the typical value: cues are not that exact. */
#define SCALE_MIN 0.05f

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

float gh_attack_upper_quantile(float *values, size_t count, uint32_t permille)
{
	size_t above = count * permille / 1000;

	qsort(values, count, sizeof(*values), compare);
	if (above == 0)
		return nextafterf(values[count - 1], INFINITY);
	if (above >= count)
		return values[0];
	/* Equal values lie on one side of the limit together. */
	return values[count - above] > values[count - above - 1]
		? values[count - above]
		: nextafterf(values[count - above], INFINITY);
}

/* Cases as the regression sees them. */
struct problem {
	size_t count;
	const struct gh_attack_case **cases;
	double *weights;
	double *hinges; /* CUES for each */
	float *values;  /* scratch */
};

static size_t count_kind(const struct problem *problem, bool attack)
{
	size_t count = 0;

	for (size_t i = 0; i < problem->count; i++)
		count += (problem->cases[i]->species > 0) == attack;
	return count;
}

/* Half of all weight to the bona fide, the rest in equal parts to the species there are. */
static void weigh(struct problem *problem)
{
	uint32_t shown[GH_ATTACK_SPECIES_MAX] = { 0 }, species = 0;

	for (size_t i = 0; i < problem->count; i++)
		shown[problem->cases[i]->species]++;
	for (uint32_t s = 1; s < GH_ATTACK_SPECIES_MAX; s++)
		species += shown[s] > 0;
	for (size_t i = 0; i < problem->count; i++) {
		uint32_t s = problem->cases[i]->species;

		problem->weights[i] = 0.5 / shown[s] / (s == 0 ? 1 : species);
	}
}

static void place_hinge(struct problem *problem, int cue, struct gh_attack_term *term)
{
	size_t count = 0;
	float far;

	*term = (struct gh_attack_term){ 0.0f, 0.0f, 1.0f, 0.0f };
	for (size_t i = 0; i < problem->count; i++)
		if (problem->cases[i]->species == 0 && problem->cases[i]->cues[cue].assessed)
			problem->values[count++] = problem->cases[i]->cues[cue].native;
	if (count < CASES_MIN)
		return;
	qsort(problem->values, count, sizeof(*problem->values), compare);
	term->typical = problem->values[count / 2];
	term->centre = problem->values[count - 1 - count * CENTRE_PERMILLE / 1000];
	far = problem->values[count - 1 - count * FAR_PERMILLE / 1000];
	term->scale =
		fmaxf(0.5f * (far - term->typical), SCALE_MIN * fmaxf(1.0f, fabsf(term->typical)));
	/* Evidence by unit weight. */
	term->weight = 1.0f;
}

static double odds_of(const struct problem *problem, size_t i, const double *beta)
{
	double sum = beta[CUES];

	for (int c = 0; c < CUES; c++)
		sum += beta[c] * problem->hinges[i * CUES + (size_t)c];
	return sum;
}

/* Projected gradient descent with the curvature of each coordinate: few cues, no need for more. */
static void descend(const struct problem *problem, const bool used[CUES], double beta[CUES + 1])
{
	double spread[CUES + 1];

	for (int c = 0; c <= CUES; c++) {
		spread[c] = 1e-6;
		for (size_t i = 0; i < problem->count; i++) {
			double x = c < CUES ? problem->hinges[i * CUES + (size_t)c] : 1.0;

			spread[c] += problem->weights[i] * x * x;
		}
	}
	for (int step = 0; step < STEPS; step++) {
		double slope[CUES + 1] = { 0 };

		for (size_t i = 0; i < problem->count; i++) {
			double attack = problem->cases[i]->species > 0 ? 1.0 : 0.0;
			double off = 1.0 / (1.0 + exp(-odds_of(problem, i, beta))) - attack;

			off *= problem->weights[i];
			for (int c = 0; c < CUES; c++)
				slope[c] += off * problem->hinges[i * CUES + (size_t)c];
			slope[CUES] += off;
		}
		for (int c = 0; c <= CUES; c++) {
			beta[c] -=
				RATE * (slope[c] + (c < CUES ? RIDGE * beta[c] : 0.0)) / spread[c];
			if (c < CUES && (beta[c] < 0.0 || !used[c]))
				beta[c] = 0.0;
		}
	}
}

static void place_limits(struct problem *problem, struct gh_attack_fusion *fusion)
{
	size_t count = 0;

	for (size_t i = 0; i < problem->count; i++)
		if (problem->cases[i]->species == 0)
			problem->values[count++] = gh_attack_score(fusion, problem->cases[i]->cues);
	for (int i = 0; i < GH_ATTACK_BPCER_COUNT; i++)
		fusion->limits[i] = gh_attack_upper_quantile(
			problem->values, count, gh_attack_bpcers_permille[i]);
}

static void fit(struct problem *problem, bool network, struct gh_attack_fusion *fusion)
{
	double beta[CUES + 1] = { 0 };
	bool used[CUES];

	for (int c = 0; c < CUES; c++) {
		place_hinge(problem, c, &fusion->terms[c]);
		used[c] = fusion->terms[c].weight > 0.0f && (network || c != GH_ATTACK_CUE_NETWORK);
		for (size_t i = 0; i < problem->count; i++)
			problem->hinges[i * CUES + (size_t)c] = (double)gh_attack_evidence(
				&fusion->terms[c], &problem->cases[i]->cues[c]);
	}
	descend(problem, used, beta);
	for (int c = 0; c < CUES; c++)
		fusion->terms[c].weight = (float)beta[c];
	fusion->bias = (float)beta[CUES];
	place_limits(problem, fusion);
}

static uint32_t count_people(const struct problem *problem)
{
	uint32_t count = 0;

	for (size_t i = 0; i < problem->count; i++) {
		bool known = false;

		for (size_t j = 0; j < i && !known; j++)
			known = problem->cases[j]->identity == problem->cases[i]->identity;
		count += !known;
	}
	return count;
}

static enum gh_status take_problem(struct problem *problem, const struct gh_attack_case *cases,
	size_t count, struct gh_error *error)
{
	size_t room = count > 0 ? count : 1;

	problem->cases = calloc(room, sizeof(*problem->cases));
	problem->weights = calloc(room, sizeof(*problem->weights));
	problem->hinges = calloc(room * CUES, sizeof(*problem->hinges));
	problem->values = calloc(room, sizeof(*problem->values));
	if (!problem->cases || !problem->weights || !problem->hinges || !problem->values)
		return gh_error_set(error, GH_NO_MEMORY, "%zu cases", count);
	for (size_t i = 0; i < count; i++) {
		if (cases[i].species >= GH_ATTACK_SPECIES_MAX)
			return gh_error_set(
				error, GH_MALFORMED, "case %zu: species %u", i, cases[i].species);
		if (cases[i].acquired)
			problem->cases[problem->count++] = &cases[i];
	}
	if (count_kind(problem, false) < CASES_MIN || count_kind(problem, true) < CASES_MIN)
		return gh_error_set(error, GH_MALFORMED,
			"at least %d bona fide and %d attack presentations are needed", CASES_MIN,
			CASES_MIN);
	return GH_OK;
}

enum gh_status gh_attack_fit(const struct gh_attack_case *cases, size_t count,
	struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct problem problem = { 0 };
	enum gh_status status = take_problem(&problem, cases, count, error);

	if (status == GH_OK) {
		weigh(&problem);
		parameters->people = count_people(&problem);
		parameters->bona_fide = (uint32_t)count_kind(&problem, false);
		parameters->attacks = (uint32_t)count_kind(&problem, true);
		fit(&problem, true, &parameters->with_network);
		fit(&problem, false, &parameters->without_network);
	}
	free(problem.cases);
	free(problem.weights);
	free(problem.hinges);
	free(problem.values);
	return status;
}
