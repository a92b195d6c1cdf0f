/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation becomes a calibration, and the strangers of a calibration are held against it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curves.h"
#include "inside.h"
#include "spread.h"

/* Sum of squares about their mean of the scores that others of a person have with one picture. */
static double scatter(const struct gh_template_set *set, size_t first, size_t end, size_t reference)
{
	double count = (double)(end - first - 1);
	double square = 0.0;
	double sum = 0.0;

	for (size_t i = first; i < end; i++) {
		double score;

		if (i == reference)
			continue;
		score = (double)gh_template_score(&set->templates[i], &set->templates[reference]);
		sum += score;
		square += score * score;
	}
	return fmax(square - sum * sum / count, 0.0);
}

/*
 * How far scores of several pictures of a person with one reference lie apart: pooled over all
 * references of people with three pictures or more.
 */
static double frame_spread(const struct gh_template_set *set)
{
	double freedom = 0.0;
	double sum = 0.0;
	size_t end;

	for (size_t first = 0; first < set->count; first = end) {
		for (end = first; end < set->count; end++)
			if (set->identities[end] != set->identities[first])
				break;
		if (end - first < 3)
			continue;
		for (size_t i = first; i < end; i++)
			sum += scatter(set, first, end, i);
		freedom += (double)(end - first) * (double)(end - first - 2);
	}
	return freedom > 0.0 ? sqrt(sum / freedom) : 0.0;
}

static enum gh_status state_facts(const struct gh_evaluation *evaluation, const char *data_set,
	bool research_only, struct gh_calibration_facts *facts, struct gh_error *error)
{
	const struct gh_evaluation_result *result = &evaluation->result;

	if (strlen(data_set) >= sizeof(facts->data_set) || strpbrk(data_set, "\r\n"))
		return gh_error_set(error, GH_MALFORMED,
			"the name of the data set has over %zu bytes or a line break",
			sizeof(facts->data_set) - 1);
	memcpy(facts->data_set, data_set, strlen(data_set) + 1);
	facts->research_only = research_only;
	facts->identities = result->identities_compared;
	facts->pictures = result->pictures;
	facts->failures_to_acquire = result->failures;
	facts->impostor_mean = result->impostor_mean;
	facts->impostor_sd = result->impostor_sd;
	facts->frame_spread = frame_spread(&evaluation->set);
	facts->chain = result->chain;
	return GH_OK;
}

/* All pairs for single pictures, and as many averages as were measured on somebody. */
static enum gh_status make_curves(const struct gh_evaluation *evaluation,
	struct gh_calibration_content *content, struct gh_error *error)
{
	enum gh_status status = gh_curves_make(&evaluation->scores, &content->curves[0], error);

	content->curve_count = 1;
	for (size_t i = 1; i < evaluation->result.averaged_count; i++) {
		const struct gh_scores *scores = &evaluation->averaged[i].scores;

		if (status != GH_OK || i == GH_CALIBRATION_CURVES_MAX || scores->genuine_count == 0)
			break;
		status = gh_curves_make(scores, &content->curves[i], error);
		content->curve_count = i + 1;
	}
	return status;
}

enum gh_status gh_evaluation_write_calibration(const struct gh_evaluation *evaluation,
	const char *path, const char *data_set, bool research_only, const char *key_path,
	struct gh_error *error)
{
	struct gh_calibration_content content;
	enum gh_status status;

	memset(&content, 0, sizeof(content));
	status = state_facts(evaluation, data_set, research_only, &content.facts, error);
	if (status == GH_OK)
		status = make_curves(evaluation, &content, error);
	if (status == GH_OK)
		status = gh_spread_measure(&evaluation->set, &content.spread, error);
	if (status == GH_OK)
		status = gh_calibration_write(path, &content, key_path, error);
	for (size_t i = 0; i < GH_CALIBRATION_CURVES_MAX; i++)
		free(content.curves[i].points);
	free(content.spread.directions);
	return status;
}

/* splitmix64 never sticks at zero, whatever the seed. */
static uint64_t next_random(void *ctx)
{
	uint64_t *state = ctx;
	uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

void gh_evaluation_compare_strangers(const struct gh_evaluation *evaluation,
	const struct gh_calibration *calibration, uint32_t strangers, uint64_t seed,
	struct gh_stranger_agreement *agreement)
{
	const struct gh_evaluation_result *result = &evaluation->result;
	double sum = 0.0;
	double square = 0.0;
	double pairs;

	memset(agreement, 0, sizeof(*agreement));
	for (uint32_t s = 0; s < strangers; s++) {
		struct gh_template stranger;

		gh_calibration_stranger(calibration, next_random, &seed, &stranger);
		for (size_t t = 0; t < evaluation->set.count; t++) {
			float score = gh_template_score(&stranger, &evaluation->set.templates[t]);

			sum += (double)score;
			square += (double)score * (double)score;
			for (size_t i = 0; i < result->point_count; i++)
				agreement->above[i] += score >= result->points[i].threshold;
		}
	}
	agreement->pairs = (uint64_t)strangers * evaluation->set.count;
	pairs = agreement->pairs > 0 ? (double)agreement->pairs : 1.0;
	agreement->mean = sum / pairs;
	agreement->sd = sqrt(fmax(square / pairs - agreement->mean * agreement->mean, 0.0));
	for (size_t i = 0; i < result->point_count; i++)
		agreement->above[i] /= pairs;
}
