/* SPDX-License-Identifier: Apache-2.0 */
/* One random halving of the people: calibrate with one half, search in the other. */
#ifndef GATEHOUSE_SRC_EVALUATION_ROUND_H
#define GATEHOUSE_SRC_EVALUATION_ROUND_H

#include "gatehouse/evaluation/identification.h"

#include "search.h"

/* What all rounds have in common. */
struct gh_round_plan {
	const struct gh_template_set *set;
	struct gh_people people;
	struct gh_model_chain chain;
	const uint32_t *sizes;
	size_t size_count;
	const double *targets;
	size_t target_count;
	uint32_t references;
	uint32_t pictures_least;
	uint64_t seed;
};

/* Rates at one threshold; those drawn are of probe people drawn with replacement. */
struct gh_round_point {
	struct gh_threshold threshold;
	double fpir;
	double fpir_drawn;
	double fnir;
	double fnir_drawn;
	double fnir_predicted;
};

/* One size in one round. */
struct gh_round_size {
	struct gh_searches searches;
	struct gh_round_point points[GH_IDENTIFICATION_TARGETS_MAX];
	uint32_t mated_people;
	uint32_t strange_people;
	bool disjoint;
};

struct gh_round {
	struct gh_round_size sizes[GH_IDENTIFICATION_SIZES_MAX];
};

/* Make a round. *round is zero before and is finished on every outcome. Any thread. */
GH_MUST_USE enum gh_status gh_round_make(const struct gh_round_plan *plan, uint32_t number,
	struct gh_round *round, struct gh_error *error);

/* Free. */
void gh_round_finish(struct gh_round *round);

#endif
