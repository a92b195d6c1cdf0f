/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation becomes a calibration, and the strangers of a calibration are held against it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curves.h"
#include "inside.h"
#include "spread.h"

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
	facts->genuine_pairs = result->genuine_pairs;
	facts->impostor_pairs = result->impostor_pairs;
	facts->identities = result->identities_compared;
	facts->pictures = result->pictures;
	facts->failures_to_acquire = result->failures;
	facts->frames_averaged = 1;
	facts->impostor_mean = result->impostor_mean;
	facts->impostor_sd = result->impostor_sd;
	facts->chain = result->chain;
	return GH_OK;
}

enum gh_status gh_evaluation_write_calibration(const struct gh_evaluation *evaluation,
	const char *path, const char *data_set, bool research_only, struct gh_error *error)
{
	struct gh_calibration_content content;
	enum gh_status status;

	memset(&content, 0, sizeof(content));
	status = state_facts(evaluation, data_set, research_only, &content.facts, error);
	if (status == GH_OK)
		status = gh_curves_make(&evaluation->scores, &content, error);
	if (status == GH_OK)
		status = gh_spread_measure(&evaluation->set, &content.spread, error);
	if (status == GH_OK)
		status = gh_calibration_write(path, &content, error);
	free(content.points);
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
