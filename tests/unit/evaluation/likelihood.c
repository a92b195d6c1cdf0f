/* SPDX-License-Identifier: Apache-2.0 */
/* Likelihood ratios of curves whose distributions are known. */
#include "likelihood.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
	POINTS = 201
};

static struct gh_calibration_point points[POINTS];

static double below(double score, double mean)
{
	return 0.5 * erfc((mean - score) / 0.1 / sqrt(2.0));
}

/* Two normal distributions of deviation 0.1: the ratio's logarithm is straight in the score. */
static struct gh_calibration_curve two_normals(void)
{
	struct gh_calibration_curve curve = { .genuine_pairs = 30000,
		.impostor_pairs = 3000000,
		.points = points,
		.point_count = POINTS };

	for (size_t i = 0; i < POINTS; i++) {
		double score = -1.0 + 0.01 * (double)i;

		points[i] = (struct gh_calibration_point){ (float)score, below(-score, 0.0),
			below(score, 0.4), 0.0 };
		if (points[i].fmr * 3e6 < 30.0)
			continue;
		curve.tail_score = points[i].score;
		curve.tail_fmr = points[i].fmr;
	}
	return curve;
}

static double known(double score)
{
	return (0.4 * score - 0.08) / 0.01;
}

static void the_known_ratio_comes_out(void **state)
{
	struct gh_calibration_curve curve = two_normals();
	size_t compared = 0;

	assert_int_equal(gh_likelihood_fill(&curve, NULL), GH_OK);
	for (size_t i = 0; i < POINTS; i++) {
		if (points[i].fnmr * 30000.0 < 100.0 || points[i].fmr * 3e6 < 100.0)
			continue;
		compared++;
		assert_true(fabs(points[i].llr - known((double)points[i].score)) < 0.1);
	}
	assert_true(compared > 15);
}

static void it_rises_and_keeps_to_what_thirty_scores_bear_out(void **state)
{
	struct gh_calibration_curve curve = two_normals();

	assert_int_equal(gh_likelihood_fill(&curve, NULL), GH_OK);
	for (size_t i = 1; i < POINTS; i++)
		assert_true(points[i].llr >= points[i - 1].llr);
	assert_true(points[0].llr >= log(30.0 / 30000.0));
	assert_true(points[0].llr < -5.0);
	assert_true(points[POINTS - 1].llr <= log(3000000.0 / 30.0));
	assert_true(points[POINTS - 1].llr > 9.0);
	assert_true(points[POINTS - 1].llr == points[POINTS - 20].llr);
}

/* Where the share of genuine scores falls for a while, the ratio stays level. */
static void a_dent_is_pooled(void **state)
{
	struct gh_calibration_curve curve = two_normals();

	for (size_t i = 125; i < 130; i++)
		points[i].fnmr = points[125].fnmr;
	assert_int_equal(gh_likelihood_fill(&curve, NULL), GH_OK);
	for (size_t i = 1; i < POINTS; i++) {
		assert_true(isfinite(points[i].llr));
		assert_true(points[i].llr >= points[i - 1].llr);
	}
	assert_true(points[127].llr == points[128].llr);
}

static void scores_that_tell_nothing_have_no_weight(void **state)
{
	struct gh_calibration_curve curve = two_normals();

	for (size_t i = 0; i < POINTS; i++)
		points[i].fnmr = 1.0 - points[i].fmr;
	assert_int_equal(gh_likelihood_fill(&curve, NULL), GH_OK);
	for (size_t i = 0; i < POINTS; i++)
		assert_true(fabs(points[i].llr) < 1e-9);
	/* Nor do so few that thirty are not among them. */
	curve = two_normals();
	curve.genuine_pairs = 20;
	assert_int_equal(gh_likelihood_fill(&curve, NULL), GH_OK);
	for (size_t i = 0; i < POINTS; i++)
		assert_true(fabs(points[i].llr) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_ratio_comes_out),
		cmocka_unit_test(it_rises_and_keeps_to_what_thirty_scores_bear_out),
		cmocka_unit_test(a_dent_is_pooled),
		cmocka_unit_test(scores_that_tell_nothing_have_no_weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
