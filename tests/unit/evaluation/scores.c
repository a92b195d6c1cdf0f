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

#include "scores.h"
#include "support/gallery/synthetic.h"

enum {
	TEMPLATES = 333
};

static struct gh_template templates[TEMPLATES];
static uint32_t identities[TEMPLATES];
static struct gh_template_set set = { templates, identities, TEMPLATES };

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

static void test_same_as_a_double_loop(void **state)
{
	struct gh_scores scores;
	uint64_t genuine = 0;
	uint64_t impostor = 0;
	double sum = 0.0;

	make_set(synthetic_seed(61));
	assert_int_equal(gh_scores_compute(&set, 500, NULL, NULL, &scores, NULL), GH_OK);
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
	assert_true(fabs(scores.impostor_sum - sum) < 1e-6);
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
	assert_int_equal(gh_scores_compute(&set, 500, NULL, NULL, &scores, NULL), GH_OK);
	for (size_t edge = 0; edge <= GH_SCORES_BINS; edge += 40) {
		float at = gh_scores_edge(edge);
		uint64_t above = 0;
		uint64_t below = 0;

		for (size_t a = 0; a < TEMPLATES; a++)
			for (size_t b = a + 1; b < TEMPLATES; b++) {
				float score = gh_template_score(&templates[a], &templates[b]);
				bool same = identities[a] == identities[b];

				above += !same && score >= at;
				below += same && score < at;
			}
		assert_true(fabs(gh_scores_fmr(&scores, at) -
				    (double)above / (double)scores.impostor_count) < 1e-12);
		assert_true(fabs(gh_scores_fnmr(&scores, at) -
				    (double)below / (double)scores.genuine_count) < 1e-12);
		if (edge < GH_SCORES_BINS)
			assert_int_equal(gh_scores_at_or_above(&scores, edge), above);
	}
	gh_scores_finish(&scores);
}

static void test_the_threshold_is_the_lowest_allowed(void **state)
{
	static const double targets[] = { 1e-2, 5e-3, 1e-3, 1e-4, 1e-6 };
	struct gh_scores scores;

	make_set(synthetic_seed(63));
	assert_int_equal(gh_scores_compute(&set, 2000, NULL, NULL, &scores, NULL), GH_OK);
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

	assert_int_equal(
		gh_scores_compute(&set, 10, stop_at_once, NULL, &scores, NULL), GH_CANCELLED);
	assert_null(scores.genuine);
}

static void test_edges_are_exact(void **state)
{
	struct gh_template pair[2] = { { { 1.0f } }, { { 1.0f } } };
	uint32_t two[2] = { 0, 1 };
	struct gh_template_set both = { pair, two, 2 };
	struct gh_scores scores;

	/* A score of exactly 1 and one of exactly -1 have a bin. */
	assert_int_equal(gh_scores_compute(&both, 10, NULL, NULL, &scores, NULL), GH_OK);
	assert_int_equal(gh_scores_at_or_above(&scores, GH_SCORES_BINS - 1), 1);
	gh_scores_finish(&scores);
	pair[1].values[0] = -1.0f;
	assert_int_equal(gh_scores_compute(&both, 10, NULL, NULL, &scores, NULL), GH_OK);
	assert_int_equal(gh_scores_at_or_above(&scores, 0), 1);
	assert_int_equal(gh_scores_at_or_above(&scores, 1), 0);
	gh_scores_finish(&scores);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_a_double_loop),
		cmocka_unit_test(test_rates_at_any_score),
		cmocka_unit_test(test_the_threshold_is_the_lowest_allowed),
		cmocka_unit_test(test_progress_can_stop_it),
		cmocka_unit_test(test_edges_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
