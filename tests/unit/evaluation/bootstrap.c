/* SPDX-License-Identifier: Apache-2.0 */
/* The intervals hold what they promise on scores whose true rates are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootstrap.h"
#include "support/gallery/synthetic.h"

enum {
	IDENTITIES = 400,
	PAIRS_EACH = 3,
	TRIALS = 200,
	TOP = 2000
};

#define MISSED 0.08
#define THRESHOLD 0.5f

static struct gh_score genuine[IDENTITIES * PAIRS_EACH];
static struct gh_score top[TOP];
static uint32_t templates_of[IDENTITIES];
static uint32_t failures_of[IDENTITIES];
static struct gh_scores scores;
static struct gh_bootstrap bootstrap;
static struct gh_evaluation_result result;

/* Genuine scores of which MISSED lie below the threshold, all of an identity going together. */
static void draw_trial(uint64_t *seed)
{
	memset(&result, 0, sizeof(result));
	for (size_t i = 0; i < IDENTITIES; i++) {
		bool missed = (double)synthetic_below(seed, 1000000) < 1e6 * MISSED;

		for (size_t k = 0; k < PAIRS_EACH; k++)
			genuine[i * PAIRS_EACH + k] = (struct gh_score){ missed ? 0.4f : 0.7f,
				(uint32_t)i, (uint32_t)i, 0, 0 };
		result.points[0].false_non_matches += missed ? PAIRS_EACH : 0;
		templates_of[i] = 3;
	}
	for (size_t i = 0; i < TOP; i++)
		top[i] = (struct gh_score){ 0.6f - 0.0002f * (float)i,
			(uint32_t)synthetic_below(seed, IDENTITIES),
			(uint32_t)synthetic_below(seed, IDENTITIES), 0, 0 };
	scores.genuine = genuine;
	scores.genuine_count = IDENTITIES * PAIRS_EACH;
	scores.top = top;
	scores.top_count = TOP;
	scores.top_floor = top[TOP - 1].score;
	scores.impostor_count = (uint64_t)IDENTITIES * (IDENTITIES - 1) / 2 * 9;
	result.point_count = 1;
	result.points[0].fmr_target = 1e-3;
	result.points[0].threshold = THRESHOLD;
	result.points[0].false_matches = 501;
	bootstrap = (struct gh_bootstrap){ .scores = &scores,
		.references_of = templates_of,
		.failures_of = failures_of,
		.identity_count = IDENTITIES,
		.identities_compared = IDENTITIES,
		.identities_genuine = IDENTITIES,
		.rounds = 400,
		.seed = synthetic_random(seed) | 1 };
}

static enum gh_status run(void)
{
	struct gh_bootstrapped to = { .points = result.points,
		.point_count = 1,
		.fta = &result.fta_interval,
		.failures = result.failures };

	return gh_bootstrap_run(&bootstrap, &to, NULL);
}

/* A 95 % interval misses the truth in about one trial of twenty. */
static void test_the_interval_covers_the_truth(void **state)
{
	uint64_t seed = synthetic_seed(91);
	unsigned covered = 0;

	for (int trial = 0; trial < TRIALS; trial++) {
		draw_trial(&seed);
		assert_int_equal(run(), GH_OK);
		covered += result.points[0].fnmr_interval.low <= MISSED &&
			result.points[0].fnmr_interval.high >= MISSED;
	}
	printf("covered in %u of %d trials\n", covered, TRIALS);
	/*
	 * Binomial, n = 200, p = 0.95: less than once in a million. An interval that took pairs of
	 * one person for independent would cover in some 150.
	 */
	assert_in_range(covered, 168, 200);
}

/* Pictures of one person are not independent: the interval must be wider than if they were. */
static void test_the_interval_knows_that_pairs_share_a_person(void **state)
{
	uint64_t seed = synthetic_seed(92);
	double width = 0.0;
	double independent = 2 * 1.96 * sqrt(MISSED * (1.0 - MISSED) / (IDENTITIES * PAIRS_EACH));

	for (int trial = 0; trial < 20; trial++) {
		draw_trial(&seed);
		assert_int_equal(run(), GH_OK);
		width +=
			(result.points[0].fnmr_interval.high - result.points[0].fnmr_interval.low) /
			20;
	}
	assert_true(width > 1.4 * independent && width < 2.1 * independent);
}

static void test_the_false_match_rate_lies_in_its_interval(void **state)
{
	uint64_t seed = synthetic_seed(93);
	double rate = 501.0 / (IDENTITIES * (IDENTITIES - 1) / 2.0 * 9.0);

	draw_trial(&seed);
	assert_int_equal(run(), GH_OK);
	assert_true(result.points[0].fmr_interval.low < rate);
	assert_true(result.points[0].fmr_interval.high > rate);
	assert_true(result.points[0].fmr_interval.high < 1.5 * rate);
}

static void test_no_error_seen_is_not_no_error(void **state)
{
	uint64_t seed = synthetic_seed(94);

	draw_trial(&seed);
	result.points[0].false_non_matches = 0;
	assert_int_equal(run(), GH_OK);
	assert_true(result.points[0].fnmr_interval.low == 0.0);
	assert_true(fabs(result.points[0].fnmr_interval.high - 3.0 / IDENTITIES) < 1e-12);
	assert_true(fabs(result.fta_interval.high - 3.0 / IDENTITIES) < 1e-12);
}

static void test_a_seed_gives_the_same_again(void **state)
{
	uint64_t seed = synthetic_seed(95);
	struct gh_evaluation_result first;

	draw_trial(&seed);
	assert_int_equal(run(), GH_OK);
	first = result;
	assert_int_equal(run(), GH_OK);
	assert_memory_equal(&first.points[0], &result.points[0], sizeof(first.points[0]));
}

static bool stop(void *ctx, uint64_t done, uint64_t total)
{
	return done < 10;
}

static void test_progress_can_stop_it(void **state)
{
	uint64_t seed = synthetic_seed(96);

	draw_trial(&seed);
	bootstrap.progress = stop;
	assert_int_equal(run(), GH_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_interval_covers_the_truth),
		cmocka_unit_test(test_the_interval_knows_that_pairs_share_a_person),
		cmocka_unit_test(test_the_false_match_rate_lies_in_its_interval),
		cmocka_unit_test(test_no_error_seen_is_not_no_error),
		cmocka_unit_test(test_a_seed_gives_the_same_again),
		cmocka_unit_test(test_progress_can_stop_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
