/* SPDX-License-Identifier: Apache-2.0 */
/* What is read off a calibration, thresholds and strangers included. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/gallery/synthetic.h"

static void test_rates_are_monotonic_and_inverse(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	double last_fmr = 1.1;
	double last_fnmr = -0.1;
	bool extrapolated;

	for (float score = -1.2f; score < 1.5f; score += 0.0007f) {
		double fmr = gh_calibration_fmr(calibration, score, &extrapolated);
		double fnmr = gh_calibration_fnmr(calibration, score);

		assert_true(fmr <= last_fmr && fmr >= 0.0);
		assert_true(fnmr >= last_fnmr && fnmr <= 1.0);
		assert_int_equal(
			extrapolated, fmr < gh_calibration_facts(calibration)->fmr_measured_min);
		last_fmr = fmr;
		last_fnmr = fnmr;
	}
	for (double fmr = 0.9; fmr > 1e-12; fmr *= 0.97) {
		float score = gh_calibration_score(calibration, fmr, &extrapolated);

		assert_true(gh_calibration_fmr(calibration, score, NULL) <= fmr);
		/* A little lower is too low: this is the lowest such score. */
		assert_true(gh_calibration_fmr(calibration, score - 2e-6f, NULL) > fmr);
		assert_int_equal(
			extrapolated, fmr < gh_calibration_facts(calibration)->fmr_measured_min);
	}
	gh_calibration_close(calibration);
}

static double normal_above(double score)
{
	return 0.5 * erfc((score - SYNTHETIC_IMPOSTOR_MEAN) / SYNTHETIC_IMPOSTOR_SD / sqrt(2.0));
}

static void test_rates_are_those_of_the_data(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();

	for (float score = -0.2f; score < 0.34f; score += 0.0131f) {
		double fmr = gh_calibration_fmr(calibration, score, NULL);

		assert_true(fabs(fmr / normal_above((double)score) - 1.0) < 0.01);
	}
	/* The exponential tail lies above a normal one: more is referred, never less. */
	for (float score = 0.40f; score < 0.9f; score += 0.01f)
		assert_true(
			gh_calibration_fmr(calibration, score, NULL) > normal_above((double)score));
	assert_true(gh_calibration_fmr(calibration, -1.5f, NULL) == 1.0);
	assert_true(gh_calibration_fnmr(calibration, -1.5f) == 0.0);
	assert_true(gh_calibration_fnmr(calibration, 1.5f) == 1.0);
	gh_calibration_close(calibration);
}

static void test_no_number_asks_for_too_much(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	bool extrapolated = false;

	assert_true(gh_calibration_score(calibration, 0.0, &extrapolated) == GH_SCORE_UNREACHABLE);
	assert_true(extrapolated);
	assert_true(gh_calibration_score(calibration, -1.0, NULL) == GH_SCORE_UNREACHABLE);
	assert_true(gh_calibration_score(calibration, NAN, NULL) == GH_SCORE_UNREACHABLE);
	assert_true(gh_calibration_score(calibration, 1e-300, NULL) == GH_SCORE_UNREACHABLE);
	assert_true(gh_calibration_score(calibration, 1.0, &extrapolated) == -1.0f);
	assert_false(extrapolated);
	assert_true(gh_calibration_fmr(calibration, NAN, NULL) == 1.0);
	gh_calibration_close(calibration);
}

static void test_each_number_of_frames_has_its_curve(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	const struct gh_calibration *last = gh_calibration_averaged(calibration, 3);
	double before = 0.0;

	assert_ptr_equal(gh_calibration_averaged(calibration, 0), calibration);
	assert_ptr_equal(gh_calibration_averaged(calibration, 1), calibration);
	/* More frames than were measured: the longest average there is. */
	assert_ptr_equal(gh_calibration_averaged(calibration, 4), last);
	assert_ptr_equal(gh_calibration_averaged(calibration, UINT32_MAX), last);
	assert_ptr_equal(gh_calibration_averaged(last, 1), calibration);
	for (uint32_t frames = 1; frames <= 3; frames++) {
		const struct gh_calibration *curve = gh_calibration_averaged(calibration, frames);

		assert_int_equal(gh_calibration_facts(curve)->frames_averaged, frames);
		/* Strangers score a little higher with an average. */
		assert_true(gh_calibration_fmr(curve, 0.3f, NULL) > before);
		before = gh_calibration_fmr(curve, 0.3f, NULL);
	}
	assert_true(gh_calibration_fnmr(last, 0.5f) < gh_calibration_fnmr(calibration, 0.5f));
	gh_calibration_close(calibration);
}

static void test_the_likelihood_ratio_rises_and_is_bounded(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	double last = -100.0;

	for (float score = -1.3f; score < 1.3f; score += 0.0007f) {
		double llr = gh_calibration_llr(calibration, score);

		assert_true(llr >= last);
		assert_true(llr >= SYNTHETIC_LLR_MIN - 1e-4 && llr <= SYNTHETIC_LLR_MAX + 1e-4);
		last = llr;
	}
	/* 0.30 lies 3.5 deviations from strangers and 4 from the same person. */
	assert_true(fabs(gh_calibration_llr(calibration, 0.30f) -
			    (0.5 * (3.5 * 3.5 - 4.0 * 4.0) + log(0.8))) < 0.01);
	assert_true(gh_calibration_llr(calibration, NAN) == gh_calibration_llr(calibration, -1.0f));
	gh_calibration_close(calibration);
}

/* The two figures that the architecture names. */
static void test_threshold_follows_the_size_of_the_gallery(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_threshold limit = gh_threshold_for_search(calibration, 420, 0.003);

	assert_true(limit.fmr <= 7.154e-6 && limit.fmr > 7.15e-6);
	assert_true(limit.fpir_predicted <= 0.003 && limit.fpir_predicted > 0.00299);
	assert_int_equal(limit.comparisons, 420);
	limit = gh_threshold_for_search(calibration, 42000, 0.003);
	assert_true(limit.fmr <= 7.154e-8 && limit.fmr > 7.15e-8);
	assert_true(limit.extrapolated);
	limit = gh_threshold_for_search(calibration, 0, 0.003);
	assert_int_equal(limit.comparisons, 1);
	assert_true(limit.fpir_predicted <= 0.003 && !limit.extrapolated);
	gh_calibration_close(calibration);
}

static void test_threshold_rises_with_all_that_asks_for_it(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	float last = -2.0f;

	for (uint64_t count = 1; count < 100000000; count *= 3) {
		struct gh_threshold limit = gh_threshold_for_search(calibration, count, 0.003);

		assert_true(limit.score > last);
		assert_true(limit.fpir_predicted <= 0.003);
		assert_true(gh_threshold_for_search(calibration, count, 0.001).score > limit.score);
		last = limit.score;
	}
	assert_true(gh_threshold_for_claim(calibration, 3, 1e-4).score >
		gh_threshold_for_claim(calibration, 1, 1e-4).score);
	/* A target that cannot be had gives a threshold that nothing reaches; a lax one, none. */
	assert_true(gh_threshold_for_search(calibration, 10, 0.0).score > 1.0f);
	assert_true(gh_threshold_for_search(calibration, 10, NAN).score > 1.0f);
	assert_true(gh_threshold_for_search(calibration, 10, 1.0).score == -1.0f);
	gh_calibration_close(calibration);
}

/* Strangers drawn from the calibration score among themselves as its facts say. */
static void test_strangers_follow_the_measured_distribution(void **state)
{
	enum {
		STRANGERS = 700
	};
	static struct gh_template strangers[STRANGERS];
	struct gh_calibration *calibration = synthetic_calibration();
	const struct gh_calibration_facts *facts = gh_calibration_facts(calibration);
	uint64_t seed = synthetic_seed(41);
	double sum = 0.0;
	double squares = 0.0;
	double pairs = 0.5 * STRANGERS * (STRANGERS - 1);
	double above = 0.0;
	float at = gh_calibration_score(calibration, 1e-2, NULL);
	double mean;
	double sd;

	for (size_t i = 0; i < STRANGERS; i++)
		gh_calibration_stranger(calibration, synthetic_random, &seed, &strangers[i]);
	for (size_t i = 0; i < STRANGERS; i++)
		for (size_t j = 0; j < i; j++) {
			double score = (double)gh_template_score(&strangers[i], &strangers[j]);

			sum += score;
			squares += score * score;
			above += score >= (double)at;
		}
	mean = sum / pairs;
	sd = sqrt(squares / pairs - mean * mean);
	printf("mean %.4f (claimed %.4f), deviation %.4f (%.4f), above FMR 1e-2: %.4f\n", mean,
		facts->impostor_mean, sd, facts->impostor_sd, above / pairs);
	assert_true(fabs(mean - facts->impostor_mean) < 0.01);
	assert_true(above / pairs > 0.006 && above / pairs < 0.014);
	assert_true(fabs(sd / facts->impostor_sd - 1.0) < 0.05);
	gh_calibration_close(calibration);
}

static void test_strangers_repeat_with_their_seed(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_template first;
	struct gh_template second;
	uint64_t seed = 7;

	gh_calibration_stranger(calibration, synthetic_random, &seed, &first);
	gh_calibration_stranger(calibration, synthetic_random, &seed, &second);
	assert_memory_not_equal(&first, &second, sizeof(first));
	assert_true(fabsf(gh_template_score(&first, &first) - 1.0f) < 1e-5f);
	seed = 7;
	gh_calibration_stranger(calibration, synthetic_random, &seed, &second);
	assert_memory_equal(&first, &second, sizeof(first));
	gh_calibration_close(calibration);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates_are_monotonic_and_inverse),
		cmocka_unit_test(test_rates_are_those_of_the_data),
		cmocka_unit_test(test_no_number_asks_for_too_much),
		cmocka_unit_test(test_each_number_of_frames_has_its_curve),
		cmocka_unit_test(test_the_likelihood_ratio_rises_and_is_bounded),
		cmocka_unit_test(test_threshold_follows_the_size_of_the_gallery),
		cmocka_unit_test(test_threshold_rises_with_all_that_asks_for_it),
		cmocka_unit_test(test_strangers_follow_the_measured_distribution),
		cmocka_unit_test(test_strangers_repeat_with_their_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
