/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of many comparisons: every genuine one, the impostor scores as a histogram. */
#include "scores.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#include "product.h"

enum {
	BLOCK = GH_PRODUCT_BLOCK,
	JOBS_MAX = 256
};

/* What the impostor scores of one block of probes add up to: sums are added in the blocks' order,
 * so that they do not depend on which thread had which. */
struct sums {
	double sum;
	double square;
};

/* One comparison of sets, shared by the threads that make it. */
struct effort {
	const struct gh_comparing *from;
	const struct gh_template_set *probes;
	struct sums *sums; /* per block of probes */
	size_t blocks;
	pthread_mutex_t mutex; /* all below */
	size_t next;
	bool stopped;
	bool no_memory;
};

/* A thread's share, and the two sides it is at. */
struct share {
	struct effort *effort;
	struct gh_scores scores;
	struct gh_product_side side;
	float block[BLOCK][BLOCK];
	pthread_t thread;
	bool started;
	bool calls; /* on the calling thread */
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

/* Highest first; equal scores by their templates, so that the order is the same every time. */
static int highest_first(const void *left, const void *right)
{
	const struct gh_score *a = left;
	const struct gh_score *b = right;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return (a->b > b->b) - (a->b < b->b);
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
	scores->impostor_max = fmaxf(scores->impostor_max, score->score);
	if (score->score < scores->top_floor)
		return;
	scores->top[scores->top_count++] = *score;
	if (scores->top_count == scores->top_capacity)
		settle(scores);
}

static bool add_genuine(struct gh_scores *scores, const struct gh_score *score)
{
	size_t capacity = scores->genuine_capacity > 0 ? 2 * scores->genuine_capacity : 256;
	struct gh_score *grown;

	if (scores->genuine_count == scores->genuine_capacity) {
		grown = realloc(scores->genuine, capacity * sizeof(*grown));
		if (!grown)
			return false;
		scores->genuine = grown;
		scores->genuine_capacity = capacity;
	}
	scores->genuine[scores->genuine_count++] = *score;
	return true;
}

static bool went_into(const struct gh_template_set *probes, size_t probe, size_t reference)
{
	for (int i = 0; probes->members && i < GH_AVERAGED_MAX; i++)
		if (probes->members[probe][i] == reference)
			return true;
	return false;
}

static bool add_score(struct share *share, struct sums *sums, const struct gh_score *score)
{
	if (score->identity != score->other) {
		add_impostor(&share->scores, score);
		sums->sum += (double)score->score;
		sums->square += (double)score->score * (double)score->score;
		return true;
	}
	return went_into(share->effort->probes, score->a, score->b) ||
		add_genuine(&share->scores, score);
}

static size_t end_of(size_t first, size_t count)
{
	return first + BLOCK < count ? first + BLOCK : count;
}

/* The pairs of a block of probes with a block of references, or of one block with itself. */
static bool compare_blocks(struct share *share, size_t first, size_t second)
{
	const struct gh_template_set *probes = share->effort->probes;
	const struct gh_template_set *references = share->effort->from->references;
	bool once = !share->effort->from->probes;
	size_t first_end = end_of(first, probes->count);
	size_t second_end = end_of(second, references->count);
	struct sums *sums = &share->effort->sums[first / BLOCK];
	bool fine = true;

	gh_product_lay_out(references->templates + second, second_end - second, &share->side);
	gh_product(probes->templates + first, first_end - first, &share->side, share->block);
	for (size_t a = first; a < first_end; a++)
		for (size_t b = once && second <= a ? a + 1 : second; fine && b < second_end; b++) {
			struct gh_score score = { share->block[a - first][b - second],
				probes->identities[a], references->identities[b], (uint32_t)a,
				(uint32_t)b };

			fine = add_score(share, sums, &score);
		}
	return fine;
}

/* Take the next block of probes; false: there is none, or the rest is not wanted. */
static bool take_block(struct effort *effort, bool failed, size_t *block)
{
	bool more;

	pthread_mutex_lock(&effort->mutex);
	effort->no_memory = effort->no_memory || failed;
	more = !effort->stopped && !effort->no_memory && effort->next < effort->blocks;
	if (more)
		*block = effort->next++;
	pthread_mutex_unlock(&effort->mutex);
	return more;
}

/* Only the calling thread tells how far all have come. */
static void tell(struct share *share, size_t done)
{
	struct effort *effort = share->effort;
	const struct gh_comparing *from = effort->from;

	/* Only this thread sets stopped. */
	if (!share->calls || effort->stopped || !from->progress ||
		from->progress(from->ctx, done, effort->probes->count))
		return;
	pthread_mutex_lock(&effort->mutex);
	effort->stopped = true;
	pthread_mutex_unlock(&effort->mutex);
}

static void *compare(void *argument)
{
	struct share *share = argument;
	const struct gh_comparing *from = share->effort->from;
	bool fine = true;
	size_t block;

	while (take_block(share->effort, !fine, &block)) {
		size_t first = block * BLOCK;

		for (size_t second = from->probes ? 0 : first;
			fine && second < from->references->count; second += BLOCK)
			fine = compare_blocks(share, first, second);
		tell(share, end_of(first, share->effort->probes->count));
	}
	/* The others may have left it no block to tell of. */
	tell(share, share->effort->probes->count);
	return NULL;
}

static int by_identity(const void *left, const void *right)
{
	const struct gh_score *a = left;
	const struct gh_score *b = right;

	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return (a->b > b->b) - (a->b < b->b);
}

static bool begin(struct gh_scores *scores, size_t top)
{
	*scores = (struct gh_scores){ .top_floor = -INFINITY, .impostor_max = -INFINITY };
	scores->top_kept = top > 0 ? top : 1;
	scores->top_capacity = 2 * scores->top_kept + 1;
	scores->top = calloc(scores->top_capacity, sizeof(*scores->top));
	return scores->top != NULL;
}

/* Add what one thread has found. */
static bool join(struct gh_scores *scores, const struct gh_scores *share)
{
	bool fine = true;

	for (size_t i = 0; i < GH_SCORES_BINS; i++)
		scores->bins[i] += share->bins[i];
	scores->impostor_count += share->impostor_count;
	scores->impostor_max = fmaxf(scores->impostor_max, share->impostor_max);
	for (size_t i = 0; fine && i < share->genuine_count; i++)
		fine = add_genuine(scores, &share->genuine[i]);
	for (size_t i = 0; i < share->top_count; i++) {
		if (share->top[i].score < scores->top_floor)
			continue;
		scores->top[scores->top_count++] = share->top[i];
		if (scores->top_count == scores->top_capacity)
			settle(scores);
	}
	return fine;
}

static void conclude(struct gh_scores *scores)
{
	settle(scores);
	/* An empty list is sorted, too, but must be one. */
	if (scores->genuine_count > 0)
		qsort(scores->genuine, scores->genuine_count, sizeof(*scores->genuine),
			by_identity);
}

/* The calling thread works as well: without any other, it does all. */
static bool compare_by(struct effort *effort, struct share *shares, size_t jobs)
{
	bool fine = true;

	for (size_t i = 0; i < jobs; i++) {
		shares[i].effort = effort;
		fine = begin(&shares[i].scores, effort->from->top) && fine;
	}
	for (size_t i = 1; fine && i < jobs; i++)
		shares[i].started =
			pthread_create(&shares[i].thread, NULL, compare, &shares[i]) == 0;
	shares[0].calls = true;
	if (fine)
		compare(&shares[0]);
	for (size_t i = 1; i < jobs; i++)
		if (shares[i].started)
			pthread_join(shares[i].thread, NULL);
	return fine && !effort->no_memory;
}

static bool gather(
	struct effort *effort, struct share *shares, size_t jobs, struct gh_scores *scores)
{
	bool fine = compare_by(effort, shares, jobs);

	for (size_t i = 0; fine && i < jobs; i++)
		fine = join(scores, &shares[i].scores);
	for (size_t i = 0; fine && i < effort->blocks; i++) {
		scores->impostor_sum += effort->sums[i].sum;
		scores->impostor_square += effort->sums[i].square;
	}
	for (size_t i = 0; i < jobs; i++)
		gh_scores_finish(&shares[i].scores);
	return fine;
}

static bool take_memory(struct effort *effort, struct share **shares, size_t jobs)
{
	void *aligned;

	effort->sums = calloc(effort->blocks + 1, sizeof(*effort->sums));
	if (!effort->sums ||
		posix_memalign(&aligned, _Alignof(struct share), jobs * sizeof(**shares)) != 0)
		return false;
	memset(aligned, 0, jobs * sizeof(**shares));
	*shares = aligned;
	return true;
}

/* A thread for each job, but none without a block of its own. */
static size_t jobs_of(const struct effort *effort)
{
	size_t jobs = effort->from->jobs > 0 ? effort->from->jobs : 1;
	size_t most = effort->blocks < JOBS_MAX ? effort->blocks : JOBS_MAX;

	return jobs > most && most > 0 ? most : jobs;
}

enum gh_status gh_scores_compute(
	const struct gh_comparing *comparing, struct gh_scores *scores, struct gh_error *error)
{
	struct effort effort = { .from = comparing,
		.probes = comparing->probes ? comparing->probes : comparing->references };
	struct share *shares = NULL;
	size_t jobs;
	bool fine;

	effort.blocks = (effort.probes->count + BLOCK - 1) / BLOCK;
	jobs = jobs_of(&effort);
	pthread_mutex_init(&effort.mutex, NULL);
	fine = begin(scores, comparing->top) && take_memory(&effort, &shares, jobs) &&
		gather(&effort, shares, jobs, scores);
	pthread_mutex_destroy(&effort.mutex);
	if (shares)
		gh_wipe(shares, jobs * sizeof(*shares));
	free(shares);
	free(effort.sums);
	if (fine && !effort.stopped) {
		conclude(scores);
		return GH_OK;
	}
	gh_scores_finish(scores);
	if (fine)
		return gh_error_set(error, GH_CANCELLED, "stopped on request");
	return gh_error_set(
		error, GH_NO_MEMORY, "scores of %zu templates", comparing->references->count);
}

enum gh_status gh_scores_listed(const struct gh_template_set *set, const struct gh_pairs *pairs,
	const uint32_t *places, struct gh_scores *scores, struct gh_error *error)
{
	bool fine = begin(scores, pairs->count);

	for (size_t i = 0; fine && i < pairs->count; i++) {
		uint32_t a = places[pairs->pairs[i].a];
		uint32_t b = places[pairs->pairs[i].b];
		struct gh_score score = { .a = a, .b = b };

		if (a == UINT32_MAX || b == UINT32_MAX)
			continue;
		score.score = gh_template_score(&set->templates[a], &set->templates[b]);
		score.identity = set->identities[a];
		score.other = set->identities[b];
		if (pairs->pairs[i].genuine) {
			fine = add_genuine(scores, &score);
			continue;
		}
		add_impostor(scores, &score);
		scores->impostor_sum += (double)score.score;
		scores->impostor_square += (double)score.score * (double)score.score;
	}
	if (!fine) {
		gh_scores_finish(scores);
		return gh_error_set(error, GH_NO_MEMORY, "scores of %zu pairs", pairs->count);
	}
	conclude(scores);
	return GH_OK;
}

void gh_scores_finish(struct gh_scores *scores)
{
	free(scores->genuine);
	free(scores->top);
	scores->genuine = NULL;
	scores->top = NULL;
	scores->genuine_count = 0;
	scores->genuine_capacity = 0;
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
