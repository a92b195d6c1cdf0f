/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of templates, and bringing sums to unit length. */
#include "gatehouse/vision/template.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct gh_template axis(size_t i, float value)
{
	struct gh_template t = { { 0 } };

	t.values[i] = value;
	return t;
}

static void scores_are_cosines(void **state)
{
	struct gh_template a = axis(0, 1), b = axis(511, 1), c = axis(0, -1);
	struct gh_template d = { { 0 } };

	d.values[0] = 0.6f;
	d.values[511] = 0.8f;
	assert_float_equal(gh_template_score(&a, &a), 1.0f, 0.0f);
	assert_float_equal(gh_template_score(&a, &b), 0.0f, 0.0f);
	assert_float_equal(gh_template_score(&a, &c), -1.0f, 0.0f);
	assert_float_equal(gh_template_score(&a, &d), 0.6f, 1e-6f);
	assert_float_equal(gh_template_score(&d, &b), 0.8f, 1e-6f);
}

static void a_score_stays_within_a_cosine(void **state)
{
	struct gh_template a = axis(7, 1.0001f);
	struct gh_template b = axis(7, -1.0001f);

	assert_float_equal(gh_template_score(&a, &a), 1.0f, 0.0f);
	assert_float_equal(gh_template_score(&a, &b), -1.0f, 0.0f);
}

/* The sum of 512 products in another order than the plain loop's differs by rounding alone. */
static void a_score_is_the_sum_of_products(void **state)
{
	struct gh_template a, b;
	double sum = 0;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		a.values[i] = 0.04f * sinf((float)i);
		b.values[i] = 0.04f * cosf(1.3f * (float)i) + 0.01f;
		sum += (double)a.values[i] * (double)b.values[i];
	}
	assert_float_equal(gh_template_score(&a, &b), (float)sum, 1e-6f);
}

static void sums_come_to_unit_length(void **state)
{
	struct gh_template sum = { { 0 } };

	sum.values[3] = 30;
	sum.values[4] = -40;
	assert_int_equal(gh_template_normalise(&sum, NULL), GH_OK);
	assert_float_equal(sum.values[3], 0.6f, 1e-6f);
	assert_float_equal(sum.values[4], -0.8f, 1e-6f);
	sum = axis(0, 1e-3f);
	assert_int_equal(gh_template_normalise(&sum, NULL), GH_OK);
	assert_float_equal(sum.values[0], 1.0f, 1e-6f);
}

static void what_has_no_length_is_refused(void **state)
{
	struct gh_template sums[] = { { { 0 } }, axis(2, NAN), axis(2, INFINITY) };

	for (size_t i = 0; i < 3; i++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(gh_template_normalise(&sums[i], &error), GH_MALFORMED);
		assert_int_equal(error.status, GH_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_cosines),
		cmocka_unit_test(a_score_stays_within_a_cosine),
		cmocka_unit_test(a_score_is_the_sum_of_products),
		cmocka_unit_test(sums_come_to_unit_length),
		cmocka_unit_test(what_has_no_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
