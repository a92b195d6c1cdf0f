/* SPDX-License-Identifier: Apache-2.0 */
/* All pairs against a plain double loop. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "averaging.h"
#include "scores.h"
#include "support/gallery/synthetic.h"

enum {
	TEMPLATES = 333
};

static struct gh_template templates[TEMPLATES];
static uint32_t identities[TEMPLATES];
static struct gh_template_set set = { templates, identities, TEMPLATES, NULL };

static void make_set(uint64_t seed)
{
	uint32_t identity = 0;

	for (size_t i = 0; i < TEMPLATES; i++) {
		bool same = i > 0 && synthetic_below(&seed, 3) > 0;

		if (same)
			synthetic_look_alike(&seed, &templates[i - 1], 0.6f, &templates[i]);
		else
			synthetic_template(&seed, &templates[i]);
		if (i > 0 && !same)
			identity++;
		identities[i] = identity;
	}
}

static enum gh_status compute(size_t top, size_t jobs, struct gh_scores *scores)
{
	struct gh_comparing comparing = { .references = &set, .top = top, .jobs = jobs };

	return gh_scores_compute(&comparing, scores, NULL);
}

static void test_same_as_a_double_loop(void **state)
{
	struct gh_scores scores;
	uint64_t genuine = 0;
	uint64_t impostor = 0;
	double sum = 0.0;

	make_set(synthetic_seed(61));
	assert_int_equal(compute(500, 1, &scores), GH_OK);
	for (size_t a = 0; a < TEMPLATES; a++)
		for (size_t b = a + 1; b < TEMPLATES; b++) {
			float score = gh_template_score(&templates[a], &templates[b]);

			if (identities[a] == identities[b]) {
				genuine++;
				continue;
			}
			impostor++;
			sum += (double)score;
		}
	assert_int_equal(scores.genuine_count, genuine);
	assert_int_equal(scores.impostor_count, impostor);
	assert_true(fabs(scores.impostor_sum - sum) < 1e-3);
	assert_int_equal(gh_scores_at_or_above(&scores, 0), impostor);
	assert_int_equal(scores.top_count, 500);
	for (size_t i = 1; i < scores.top_count; i++)
		assert_true(scores.top[i].score <= scores.top[i - 1].score);
	for (size_t i = 1; i < scores.genuine_count; i++)
		assert_true(scores.genuine[i].identity >= scores.genuine[i - 1].identity);
	assert_true(scores.top[0].score == scores.impostor_max);
	gh_scores_finish(&scores);
}

/* Both ways of counting give what a loop over all pairs gives. */
static void test_rates_at_any_score(void **state)
{
	struct gh_scores scores;

	make_set(synthetic_seed(62));
	assert_int_equal(compute(500, 1, &scores), GH_OK);
	for (size_t edge = 0; edge <= GH_SCORES_BINS; edge += 40) {
		float at = gh_scores_edge(edge);
		uint64_t above = 0;
		uint64_t below = 0;
		uint64_t close = 0;

		for (size_t a = 0; a < TEMPLATES; a++)
			for (size_t b = a + 1; b < TEMPLATES; b++) {
				float score = gh_template_score(&templates[a], &templates[b]);
				bool same = identities[a] == identities[b];

				/* Summed in another order, a score may fall to the other side. */
				close += fabsf(score - at) < 2e-6f;
				above += !same && score >= at;
				below += same && score < at;
			}
		assert_true(fabs(gh_scores_fmr(&scores, at) * (double)scores.impostor_count -
				    (double)above) < (double)close + 1e-6);
		assert_true(fabs(gh_scores_fnmr(&scores, at) * (double)scores.genuine_count -
				    (double)below) < (double)close + 1e-6);
		if (edge < GH_SCORES_BINS)
			assert_true(llabs((long long)gh_scores_at_or_above(&scores, edge) -
					    (long long)above) <= (long long)close);
	}
	gh_scores_finish(&scores);
}

static void test_the_threshold_is_the_lowest_allowed(void **state)
{
	static const double targets[] = { 1e-2, 5e-3, 1e-3, 1e-4, 1e-6 };
	struct gh_scores scores;

	make_set(synthetic_seed(63));
	assert_int_equal(compute(2000, 1, &scores), GH_OK);
	for (size_t i = 0; i < 5; i++) {
		float threshold = gh_scores_threshold(&scores, targets[i]);

		assert_true(gh_scores_fmr(&scores, threshold) <= targets[i]);
		assert_true(gh_scores_fmr(&scores, nextafterf(threshold, -1.0f)) > targets[i]);
	}
	gh_scores_finish(&scores);
}

static bool stop_at_once(void *ctx, size_t done, size_t total)
{
	return false;
}

static void test_progress_can_stop_it(void **state)
{
	struct gh_scores scores;

	make_set(synthetic_seed(64));
	for (size_t jobs = 1; jobs <= 3; jobs++) {
		struct gh_comparing comparing = {
			.references = &set, .top = 10, .jobs = jobs, .progress = stop_at_once
		};

		assert_int_equal(gh_scores_compute(&comparing, &scores, NULL), GH_CANCELLED);
		assert_null(scores.genuine);
	}
}

static void test_edges_are_exact(void **state)
{
	struct gh_template pair[2] = { { { 1.0f } }, { { 1.0f } } };
	uint32_t two[2] = { 0, 1 };
	struct gh_template_set both = { pair, two, 2, NULL };
	struct gh_comparing comparing = { .references = &both, .top = 10 };
	struct gh_scores scores;

	/* A score of exactly 1 and one of exactly -1 have a bin. */
	assert_int_equal(gh_scores_compute(&comparing, &scores, NULL), GH_OK);
	assert_int_equal(gh_scores_at_or_above(&scores, GH_SCORES_BINS - 1), 1);
	gh_scores_finish(&scores);
	pair[1].values[0] = -1.0f;
	assert_int_equal(gh_scores_compute(&comparing, &scores, NULL), GH_OK);
	assert_int_equal(gh_scores_at_or_above(&scores, 0), 1);
	assert_int_equal(gh_scores_at_or_above(&scores, 1), 0);
	gh_scores_finish(&scores);
}

/* Each thread takes what is there; what comes out of it must not show that. */
static void test_any_number_of_threads_gives_the_same(void **state)
{
	struct gh_scores one;

	make_set(synthetic_seed(65));
	assert_int_equal(compute(500, 1, &one), GH_OK);
	for (size_t jobs = 2; jobs <= 9; jobs++) {
		struct gh_scores many;

		assert_int_equal(compute(500, jobs, &many), GH_OK);
		assert_int_equal(one.genuine_count, many.genuine_count);
		assert_int_equal(one.top_count, many.top_count);
		assert_memory_equal(
			one.genuine, many.genuine, one.genuine_count * sizeof(*one.genuine));
		assert_memory_equal(one.top, many.top, one.top_count * sizeof(*one.top));
		assert_memory_equal(one.bins, many.bins, sizeof(one.bins));
		assert_true(one.impostor_sum == many.impostor_sum);
		assert_true(one.impostor_square == many.impostor_square);
		gh_scores_finish(&many);
	}
	gh_scores_finish(&one);
}

/* Averaged probes: the references that went into one are no comparison for it. */
static void test_a_probe_is_not_compared_with_itself(void **state)
{
	uint32_t probes_of[TEMPLATES] = { 0 };
	struct gh_template_set probes;
	struct gh_comparing comparing = { .references = &set, .top = 100, .jobs = 2 };
	struct gh_scores scores;
	uint64_t genuine = 0;
	uint64_t impostor = 0;

	make_set(synthetic_seed(66));
	assert_int_equal(gh_averaging_make(&set, 2, 3, &probes, probes_of, NULL), GH_OK);
	assert_true(probes.count > 20);
	comparing.probes = &probes;
	assert_int_equal(gh_scores_compute(&comparing, &scores, NULL), GH_OK);
	for (size_t p = 0; p < probes.count; p++)
		for (size_t r = 0; r < set.count; r++) {
			bool member = probes.members[p][0] == r || probes.members[p][1] == r;

			assert_true(!member || probes.identities[p] == identities[r]);
			genuine += !member && probes.identities[p] == identities[r];
			impostor += probes.identities[p] != identities[r];
		}
	assert_int_equal(scores.genuine_count, genuine);
	assert_int_equal(scores.impostor_count, impostor);
	for (size_t i = 0; i < scores.genuine_count; i++) {
		const struct gh_score *score = &scores.genuine[i];

		assert_true(probes.members[score->a][0] != score->b);
		assert_true(probes.members[score->a][1] != score->b);
		assert_true(fabsf(score->score -
				    gh_template_score(&probes.templates[score->a],
					    &templates[score->b])) < 2e-6f);
	}
	gh_scores_finish(&scores);
	gh_template_set_finish(&probes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_a_double_loop),
		cmocka_unit_test(test_rates_at_any_score),
		cmocka_unit_test(test_the_threshold_is_the_lowest_allowed),
		cmocka_unit_test(test_progress_can_stop_it),
		cmocka_unit_test(test_edges_are_exact),
		cmocka_unit_test(test_any_number_of_threads_gives_the_same),
		cmocka_unit_test(test_a_probe_is_not_compared_with_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
