/* SPDX-License-Identifier: Apache-2.0 */
/* Confidence intervals by drawing identities with replacement. */
#ifndef EVALUATION_BOOTSTRAP_H
#define EVALUATION_BOOTSTRAP_H

#include "gatehouse/evaluation/evaluation.h"

#include "scores.h"

/* What is drawn from. Templates and failures are counted per identity. */
struct gh_bootstrap {
	const struct gh_scores *scores;
	const uint32_t *templates_of; /* per identity of the index, 0 for none */
	const uint32_t *failures_of;
	uint32_t identity_count;
	uint32_t rounds;
	uint64_t seed;
	bool (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
	void *ctx;
};

/*
 * Fill the intervals of all points, and of the failure-to-acquire rate. GH_OK, GH_NO_MEMORY,
 * GH_CANCELLED.
 */
GH_MUST_USE enum gh_status gh_bootstrap_run(const struct gh_bootstrap *bootstrap,
	struct gh_evaluation_result *result, struct gh_error *error);

#endif
