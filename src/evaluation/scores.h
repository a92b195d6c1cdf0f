/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of many comparisons: every genuine one, the impostor scores as a histogram. */
#ifndef EVALUATION_SCORES_H
#define EVALUATION_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/evaluation/pairs.h"
#include "gatehouse/vision/template.h"

/* Bins of the histogram: bin i holds scores from gh_scores_edge(i) to the next edge. */
#define GH_SCORES_BINS 4000u

/* Pictures averaged into one probe, at most. */
enum {
	GH_AVERAGED_MAX = 3
};

/* A genuine score, or a high impostor score, and whose it is. */
struct gh_score {
	float score;
	uint32_t identity; /* of the probe */
	uint32_t other;    /* of the reference; the same for a genuine score */
	uint32_t a;        /* probe and reference themselves, as numbers in their sets */
	uint32_t b;
};

/* The scores of all pairs. Zero-initialised is empty and valid. */
struct gh_scores {
	struct gh_score *genuine; /* in order of identity */
	size_t genuine_count;
	size_t genuine_capacity;
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
	/* For averaged probes: the references that went into each, UINT32_MAX for none. */
	uint32_t (*members)[GH_AVERAGED_MAX];
};

/* What is compared, and by how many threads. */
struct gh_comparing {
	const struct gh_template_set *probes; /* NULL: every pair of references once */
	const struct gh_template_set *references;
	size_t top;  /* this many impostor scores are kept with their persons */
	size_t jobs; /* threads; 0 is 1 */
	bool (*progress)(void *ctx, size_t done, size_t total); /* may be NULL; any thread */
	void *ctx;
};

/*
 * Compare all probes with all references, block by block so that both sides stay in the cache; a
 * probe is never compared with a reference that went into it. Whatever the number of threads, the
 * scores are the same. GH_OK; GH_NO_MEMORY; GH_CANCELLED. The caller finishes *scores on GH_OK.
 */
GH_MUST_USE enum gh_status gh_scores_compute(
	const struct gh_comparing *comparing, struct gh_scores *scores, struct gh_error *error);

/*
 * Compare what a list says. places[i] is the template of picture i of the list's index, UINT32_MAX
 * where there is none; such pairs are passed over. All impostor scores are kept in top.
 */
GH_MUST_USE enum gh_status gh_scores_listed(const struct gh_template_set *set,
	const struct gh_pairs *pairs, const uint32_t *places, struct gh_scores *scores,
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
