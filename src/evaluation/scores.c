/* SPDX-License-Identifier: Apache-2.0 */
/* All pairs of a set of templates: every genuine score, the impostor scores as a histogram. */
#include "scores.h"

#include <math.h>
#include <stdlib.h>

/* 64 templates of 2 kB on either side: a quarter of a megabyte. */
enum {
	BLOCK = 64
};

float gh_scores_edge(size_t i)
{
	return (float)(-1.0 + 2.0 * (double)i / GH_SCORES_BINS);
}

/* The bin of a score, by the same floats as the edges. */
static size_t bin_of(float score)
{
	double at = ((double)score + 1.0) * GH_SCORES_BINS / 2.0;
	size_t bin = at <= 0.0 ? 0 : (size_t)at;

	if (bin >= GH_SCORES_BINS)
		bin = GH_SCORES_BINS - 1;
	if (bin > 0 && score < gh_scores_edge(bin))
		bin--;
	else if (bin + 1 < GH_SCORES_BINS && score >= gh_scores_edge(bin + 1))
		bin++;
	return bin;
}

/* Highest first; equal scores by their persons, so that the order is the same every time. */
static int highest_first(const void *left, const void *right)
{
	const struct gh_score *a = left;
	const struct gh_score *b = right;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	return (a->other > b->other) - (a->other < b->other);
}

/* Sort what was collected and drop what is not asked for. */
static void settle(struct gh_scores *scores)
{
	qsort(scores->top, scores->top_count, sizeof(*scores->top), highest_first);
	if (scores->top_count >= scores->top_kept) {
		scores->top_count = scores->top_kept;
		scores->top_floor = scores->top[scores->top_kept - 1].score;
	}
}

static void add_impostor(struct gh_scores *scores, const struct gh_score *score)
{
	scores->bins[bin_of(score->score)]++;
	scores->impostor_count++;
	scores->impostor_sum += (double)score->score;
	scores->impostor_square += (double)score->score * (double)score->score;
	scores->impostor_max = fmaxf(scores->impostor_max, score->score);
	if (score->score < scores->top_floor)
		return;
	scores->top[scores->top_count++] = *score;
	if (scores->top_count == scores->top_capacity)
		settle(scores);
}

static void compare_pair(
	const struct gh_template_set *set, size_t a, size_t b, struct gh_scores *scores)
{
	struct gh_score score = {
		gh_template_score(&set->templates[a], &set->templates[b]),
		set->identities[a],
		set->identities[b],
	};

	if (score.identity == score.other)
		scores->genuine[scores->genuine_count++] = score;
	else
		add_impostor(scores, &score);
}

/* The pairs of two blocks, or of one block with itself. */
static void compare_blocks(
	const struct gh_template_set *set, size_t first, size_t second, struct gh_scores *scores)
{
	size_t first_end = first + BLOCK < set->count ? first + BLOCK : set->count;
	size_t second_end = second + BLOCK < set->count ? second + BLOCK : set->count;

	for (size_t a = first; a < first_end; a++)
		for (size_t b = first == second ? a + 1 : second; b < second_end; b++)
			compare_pair(set, a, b, scores);
}

static size_t count_genuine(const struct gh_template_set *set)
{
	size_t pairs = 0;
	size_t run = 0;

	for (size_t i = 0; i < set->count; i++) {
		run = i > 0 && set->identities[i] == set->identities[i - 1] ? run + 1 : 0;
		pairs += run;
	}
	return pairs;
}

static int by_identity(const void *left, const void *right)
{
	const struct gh_score *a = left;
	const struct gh_score *b = right;

	return (a->identity > b->identity) - (a->identity < b->identity);
}

enum gh_status gh_scores_compute(const struct gh_template_set *set, size_t top,
	bool (*progress)(void *ctx, size_t done, size_t total), void *ctx, struct gh_scores *scores,
	struct gh_error *error)
{
	*scores = (struct gh_scores){ .top_floor = -INFINITY, .impostor_max = -INFINITY };
	scores->top_kept = top > 0 ? top : 1;
	scores->top_capacity = 2 * scores->top_kept + 1;
	scores->genuine = calloc(count_genuine(set) + 1, sizeof(*scores->genuine));
	scores->top = calloc(scores->top_capacity, sizeof(*scores->top));
	if (!scores->genuine || !scores->top) {
		gh_scores_finish(scores);
		return gh_error_set(error, GH_NO_MEMORY, "scores of %zu templates", set->count);
	}
	for (size_t first = 0; first < set->count; first += BLOCK) {
		for (size_t second = first; second < set->count; second += BLOCK)
			compare_blocks(set, first, second, scores);
		if (progress && !progress(ctx, first, set->count)) {
			gh_scores_finish(scores);
			return gh_error_set(error, GH_CANCELLED, "stopped on request");
		}
	}
	settle(scores);
	qsort(scores->genuine, scores->genuine_count, sizeof(*scores->genuine), by_identity);
	return GH_OK;
}

void gh_scores_finish(struct gh_scores *scores)
{
	free(scores->genuine);
	free(scores->top);
	scores->genuine = NULL;
	scores->top = NULL;
	scores->genuine_count = 0;
	scores->top_count = 0;
}

uint64_t gh_scores_at_or_above(const struct gh_scores *scores, size_t edge)
{
	uint64_t count = 0;

	for (size_t i = edge; i < GH_SCORES_BINS; i++)
		count += scores->bins[i];
	return count;
}

double gh_scores_fnmr(const struct gh_scores *scores, float score)
{
	size_t below = 0;

	for (size_t i = 0; i < scores->genuine_count; i++)
		below += scores->genuine[i].score < score;
	return (double)below / (double)scores->genuine_count;
}

double gh_scores_fmr(const struct gh_scores *scores, float score)
{
	size_t above = 0;

	if (score < scores->top_floor)
		return (double)gh_scores_at_or_above(scores, bin_of(score)) /
			(double)scores->impostor_count;
	while (above < scores->top_count && scores->top[above].score >= score)
		above++;
	return (double)above / (double)scores->impostor_count;
}

float gh_scores_threshold(const struct gh_scores *scores, double fmr)
{
	size_t allowed = (size_t)(fmr * (double)scores->impostor_count);

	/* Just above the first one that is not allowed any more. */
	if (allowed >= scores->top_count)
		return scores->top_floor;
	return nextafterf(scores->top[allowed].score, INFINITY);
}
