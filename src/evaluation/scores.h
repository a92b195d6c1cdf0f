/* SPDX-License-Identifier: Apache-2.0 */
/* All pairs of a set of templates: every genuine score, the impostor scores as a histogram. */
#ifndef EVALUATION_SCORES_H
#define EVALUATION_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/vision/template.h"

/* Bins of the histogram: bin i holds scores from gh_scores_edge(i) to the next edge. */
#define GH_SCORES_BINS 4000u

/* A genuine score, or a high impostor score, and whose it is. */
struct gh_score {
	float score;
	uint32_t identity;
	uint32_t other; /* the same for a genuine score */
};

/* The scores of all pairs. Zero-initialised is empty and valid. */
struct gh_scores {
	struct gh_score *genuine; /* in order of identity */
	size_t genuine_count;
	struct gh_score *top; /* the highest impostor scores, highest first */
	size_t top_count;
	size_t top_capacity;
	size_t top_kept; /* how many are asked for */
	float top_floor; /* lower scores are not collected */
	uint64_t bins[GH_SCORES_BINS];
	uint64_t impostor_count;
	double impostor_sum;
	double impostor_square;
	float impostor_max;
};

/* A set of templates; those of one identity follow each other. */
struct gh_template_set {
	struct gh_template *templates;
	uint32_t *identities;
	size_t count;
};

/*
 * Compare all pairs, block by block so that both sides stay in the cache. The `top` highest
 * impostor scores are kept with their persons. progress may be NULL; it is told templates done.
 * GH_OK; GH_NO_MEMORY; GH_CANCELLED.
 */
GH_MUST_USE enum gh_status gh_scores_compute(const struct gh_template_set *set, size_t top,
	bool (*progress)(void *ctx, size_t done, size_t total), void *ctx, struct gh_scores *scores,
	struct gh_error *error);

/* Free. */
void gh_scores_finish(struct gh_scores *scores);

/* The lowest score of bin i; i may be GH_SCORES_BINS. */
float gh_scores_edge(size_t i);

/* How many impostor scores lie at or above an edge. */
uint64_t gh_scores_at_or_above(const struct gh_scores *scores, size_t edge);

/* Share of genuine scores below a score. */
double gh_scores_fnmr(const struct gh_scores *scores, float score);

/* Share of impostor scores at or above a score: exact above top_floor, by bins below. */
double gh_scores_fmr(const struct gh_scores *scores, float score);

/*
 * The lowest score that at most fmr of all impostor scores reach. Exact; fmr * impostor_count
 * must be less than top_count.
 */
float gh_scores_threshold(const struct gh_scores *scores, double fmr);

#endif
