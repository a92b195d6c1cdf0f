/* SPDX-License-Identifier: Apache-2.0 */
/* Confidence intervals by drawing identities with replacement. */
#ifndef EVALUATION_BOOTSTRAP_H
#define EVALUATION_BOOTSTRAP_H

#include "gatehouse/evaluation/evaluation.h"

#include "scores.h"

/* What is drawn from. Counts are per identity of the index, 0 for none. */
struct gh_bootstrap {
	const struct gh_scores *scores;
	const uint32_t *references_of;
	const uint32_t *probes_of;   /* NULL: every pair of references once */
	const uint32_t *failures_of; /* may be NULL */
	bool listed; /* the pairs are those of the scores, not all: top has every impostor */
	uint32_t identity_count;
	uint32_t identities_compared;
	uint32_t identities_genuine;
	uint32_t rounds;
	uint64_t seed;
	bool (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
	void *ctx;
};

/* What gets its intervals: rates and thresholds are there already. */
struct gh_bootstrapped {
	struct gh_operating_point *points;
	size_t point_count;
	struct gh_det_point *det; /* those whose FMR top reaches down from are to be first */
	size_t det_count;         /* only as many as shall have an interval */
	struct gh_interval *fta;  /* may be NULL */
	uint32_t failures;
};

/* GH_OK, GH_NO_MEMORY, GH_CANCELLED. */
GH_MUST_USE enum gh_status gh_bootstrap_run(const struct gh_bootstrap *bootstrap,
	const struct gh_bootstrapped *bootstrapped, struct gh_error *error);

/*
 * Halve the identities `rounds` times: find the threshold of each target in one half, measure it in
 * the other. halved has fmr_target and gets the rest. Statuses as above.
 */
GH_MUST_USE enum gh_status gh_bootstrap_halve(const struct gh_bootstrap *bootstrap,
	struct gh_halved *halved, size_t count, struct gh_error *error);

#endif
