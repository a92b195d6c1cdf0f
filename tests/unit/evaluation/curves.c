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
static struct gh_template_set set = { templates, identities, TEMPLATES, NULL };
static struct gh_scores scores;

/* Pairs of pictures of 450 strangers. */
static int set_up(void **state)
{
	struct gh_comparing comparing = { .references = &set, .top = 5000 };
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
	return gh_scores_compute(&comparing, &scores, NULL) == GH_OK ? 0 : -1;
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
		assert_true(i == 0 || point->llr >= point[-1].llr);
		assert_true(fabs(point->fmr - gh_scores_fmr(&scores, point->score)) < 1e-12);
	}
	assert_true(measured > 50);
	assert_true(curve.points[curve.point_count - 1].score == 1.0f);
	free(curve.points);
}

/* How many pairs of people have an impostor score of at least this. */
static size_t people_at(const struct gh_scores *from, float score)
{
	size_t count = 0;

	for (size_t i = 0; i < from->top_count && from->top[i].score >= score; i++) {
		size_t k = 0;

		while (k < i &&
			(from->top[k].identity + from->top[k].other !=
					from->top[i].identity + from->top[i].other ||
				(from->top[k].identity != from->top[i].identity &&
					from->top[k].identity != from->top[i].other)))
			k++;
		count += k == i;
	}
	return count;
}

static void test_the_tail_begins_by_the_rule_of_30(void **state)
{
	struct gh_calibration_curve curve = { .point_count = 0 };

	assert_int_equal(gh_curves_make(&scores, &curve, NULL), GH_OK);
	assert_true(curve.tail_fmr * (double)scores.impostor_count >= 30.0 - 1e-6);
	assert_int_equal(people_at(&scores, curve.tail_score), 30);
	assert_int_equal(people_at(&scores, nextafterf(curve.tail_score, 2.0f)), 29);
	free(curve.points);
}

/* One wrong label that many averages share is one error, however many scores it gives. */
static void test_one_pair_of_people_counts_once(void **state)
{
	enum {
		TOP = 401
	};
	struct gh_calibration_curve curve = { .point_count = 0 };
	struct gh_scores drawn = scores;
	struct gh_score *top = calloc(TOP, sizeof(*top));

	assert_non_null(top);
	for (uint32_t i = 0; i < TOP; i++)
		top[i] = (struct gh_score){ .score = 0.9f - 0.001f * (float)i,
			.identity = i < 100 ? 3 + i % 2 : i,
			.other = i < 100 ? 4 - i % 2 : 1000 };
	drawn.top = top;
	drawn.top_count = TOP;
	drawn.top_floor = top[TOP - 1].score;
	drawn.impostor_count = 4000000;
	assert_int_equal(gh_curves_make(&drawn, &curve, NULL), GH_OK);
	/* Two people in both orders, then 29 others. */
	assert_true(curve.tail_score == top[128].score);
	free(curve.points);
	free(top);
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
		cmocka_unit_test(test_one_pair_of_people_counts_once),
		cmocka_unit_test(test_the_scale_of_an_exponential_is_found),
		cmocka_unit_test(test_a_misfit_is_found),
		cmocka_unit_test(test_too_few_scores_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
