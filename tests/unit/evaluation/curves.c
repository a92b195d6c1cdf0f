/* SPDX-License-Identifier: Apache-2.0 */
/* The curves of a calibration from scores whose distribution is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "curves.h"
#include "support/gallery/synthetic.h"

enum {
	TEMPLATES = 900
};

static struct gh_template templates[TEMPLATES];
static uint32_t identities[TEMPLATES];
static struct gh_template_set set = { templates, identities, TEMPLATES };
static struct gh_scores scores;

/* Pairs of pictures of 450 strangers. */
static int set_up(void **state)
{
	struct gh_calibration *from = synthetic_calibration();
	uint64_t seed = synthetic_seed(81);

	for (size_t i = 0; i < TEMPLATES; i++) {
		identities[i] = (uint32_t)i / 2;
		if (i % 2)
			synthetic_look_alike(&seed, &templates[i - 1], 0.7f, &templates[i]);
		else
			gh_calibration_stranger(from, synthetic_random, &seed, &templates[i]);
	}
	gh_calibration_close(from);
	return gh_scores_compute(&set, 5000, NULL, NULL, &scores, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	gh_scores_finish(&scores);
	return 0;
}

static void test_points_are_the_measured_rates(void **state)
{
	struct gh_calibration_curve curve = { .point_count = 0 };
	size_t measured = 0;

	assert_int_equal(gh_curves_make(&scores, &curve, NULL), GH_OK);
	for (size_t i = 0; i < curve.point_count; i++) {
		const struct gh_calibration_point *point = &curve.points[i];

		if (i > 0) {
			assert_true(point->score > point[-1].score);
			assert_true(point->fmr <= point[-1].fmr);
			assert_true(point->fnmr >= point[-1].fnmr);
		}
		assert_true(fabs(point->fnmr - gh_scores_fnmr(&scores, point->score)) < 1e-12);
		if (point->score > curve.tail_score)
			continue;
		measured++;
		assert_true(fabs(point->fmr - gh_scores_fmr(&scores, point->score)) < 1e-12);
	}
	assert_true(measured > 50);
	assert_true(curve.points[curve.point_count - 1].score == 1.0f);
	free(curve.points);
}

static void test_the_tail_begins_by_the_rule_of_30(void **state)
{
	struct gh_calibration_curve curve = { .point_count = 0 };

	assert_int_equal(gh_curves_make(&scores, &curve, NULL), GH_OK);
	assert_true(curve.tail_fmr * (double)scores.impostor_count >= 30.0 - 1e-6);
	assert_true(gh_scores_fmr(&scores, nextafterf(curve.tail_score, 2.0f)) *
			(double)scores.impostor_count <
		30.0);
	free(curve.points);
}

/* Scores drawn from an exponential give its scale back. */
static void test_the_scale_of_an_exponential_is_found(void **state)
{
	enum {
		TOP = 4001
	};
	struct gh_calibration_curve curve = { .point_count = 0 };
	struct gh_scores drawn = scores;
	struct gh_score *top = calloc(TOP, sizeof(*top));

	assert_non_null(top);
	/* The i-th of n sorted draws, in the middle: -scale * log((i + 0.5) / n). */
	for (size_t i = 0; i < TOP; i++)
		top[i].score = 0.3f - 0.03f * logf(((float)i + 0.5f) / TOP);
	drawn.top = top;
	drawn.top_count = TOP;
	drawn.top_floor = top[TOP - 1].score;
	drawn.impostor_count = 40000000;
	assert_int_equal(gh_curves_top(drawn.impostor_count), TOP);
	assert_int_equal(gh_curves_make(&drawn, &curve, NULL), GH_OK);
	printf("scale %.4f\n", curve.tail_scale);
	assert_true(fabs(curve.tail_scale - 0.03) < 0.0005);
	/* As good a fit as there is. */
	assert_int_equal(curve.tail_count, TOP - 1);
	printf("misfit %.4f\n", curve.tail_misfit);
	assert_true(curve.tail_misfit < 0.1);
	free(curve.points);
	free(top);
}

/* A few scores far beyond the others, as of wrong labels, are no exponential. */
static void test_a_misfit_is_found(void **state)
{
	enum {
		TOP = 401
	};
	struct gh_calibration_curve curve = { .point_count = 0 };
	struct gh_scores drawn = scores;
	struct gh_score *top = calloc(TOP, sizeof(*top));

	assert_non_null(top);
	for (size_t i = 0; i < TOP; i++)
		top[i].score = i < 20 ? 0.9f - 0.001f * (float)i
				      : 0.3f - 0.01f * logf(((float)i - 19.5f) / (TOP - 20));
	drawn.top = top;
	drawn.top_count = TOP;
	drawn.top_floor = top[TOP - 1].score;
	drawn.impostor_count = 4000000;
	assert_int_equal(gh_curves_top(drawn.impostor_count), TOP);
	assert_int_equal(gh_curves_make(&drawn, &curve, NULL), GH_OK);
	printf("misfit %.1f\n", curve.tail_misfit);
	assert_true(curve.tail_misfit > 10.0 * GH_CALIBRATION_MISFIT_MAX);
	free(curve.points);
	free(top);
}

static void test_too_few_scores_are_refused(void **state)
{
	struct gh_calibration_curve curve = { .point_count = 0 };
	struct gh_scores few = scores;
	struct gh_error error = GH_ERROR_NONE;

	few.top_count = GH_TAIL_SCORES_MIN;
	assert_int_equal(gh_curves_make(&few, &curve, &error), GH_MALFORMED);
	assert_null(curve.points);
	few = scores;
	few.genuine_count = 0;
	assert_int_equal(gh_curves_make(&few, &curve, &error), GH_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points_are_the_measured_rates),
		cmocka_unit_test(test_the_tail_begins_by_the_rule_of_30),
		cmocka_unit_test(test_the_scale_of_an_exponential_is_found),
		cmocka_unit_test(test_a_misfit_is_found),
		cmocka_unit_test(test_too_few_scores_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
