/* SPDX-License-Identifier: Apache-2.0 */
/* The bound of the 8-bit score holds for every kind of row; bad templates are refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rows.h"
#include "support/gallery/synthetic.h"

enum {
	ROWS = 600,
	PROBES = 40
};

static double exact(const struct gh_template *a, const struct gh_template *b)
{
	double sum = 0.0;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		sum += (double)a->values[i] * (double)b->values[i];
	return sum;
}

/* Rows that are hard to quantise: one large value among small ones, few values, equal values. */
static void awkward(uint64_t *seed, size_t kind, struct gh_template *made)
{
	double sum = 0.0;

	synthetic_template(seed, made);
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		if (kind == 1 && i == 7)
			made->values[i] = 3.0f;
		if (kind == 2 && i >= 3)
			made->values[i] = 0.0f;
		if (kind == 3)
			made->values[i] = 1.0f;
		if (kind == 4)
			made->values[i] *= powf(10.0f, -(float)(i % 30));
		sum += (double)made->values[i] * (double)made->values[i];
	}
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		made->values[i] = (float)((double)made->values[i] / sqrt(sum));
}

static void test_bound_holds(void **state)
{
	uint64_t seed = synthetic_seed(21);
	struct gh_rows rows;
	struct gh_template made;
	double tightest = 1.0;
	int32_t dots[ROWS];

	assert_int_equal(gh_rows_init(&rows, ROWS, NULL), GH_OK);
	for (size_t i = 0; i < ROWS; i++) {
		awkward(&seed, i % 5, &made);
		assert_int_equal(gh_rows_add(&rows, &made, (uint32_t)i, NULL), GH_OK);
	}
	for (size_t p = 0; p < PROBES; p++) {
		struct gh_row_query query;

		if (p % 2)
			made = *gh_rows_template(&rows, p);
		else
			awkward(&seed, p % 5, &made);
		assert_int_equal(gh_row_query_init(&query, &made, NULL), GH_OK);
		gh_dot_kernel()->rows(rows.words, ROWS, &query.codes, dots);
		for (size_t i = 0; i < ROWS; i++) {
			double score = exact(&made, gh_rows_template(&rows, i));
			double off = fabs((double)gh_rows_score(&rows, i, &query, dots[i]) - score);
			double bound = (double)gh_rows_bound(&rows, i, &query);

			assert_true(off <= bound);
			assert_true(
				fabs((double)gh_template_score(&made, gh_rows_template(&rows, i)) -
					score) <= (double)GH_ROW_FLOAT_SLACK / 2);
			tightest = fmin(tightest, bound - off);
		}
	}
	printf("smallest distance of an error from its bound: %.2e\n", tightest);
	gh_rows_finish(&rows);
}

/* A bound that is never nearly reached would rank too many rows in float. */
static void test_bound_is_small_for_ordinary_rows(void **state)
{
	uint64_t seed = synthetic_seed(22);
	struct gh_rows rows;
	struct gh_row_query query;
	struct gh_template made;

	assert_int_equal(gh_rows_init(&rows, 1, NULL), GH_OK);
	synthetic_template(&seed, &made);
	assert_int_equal(gh_rows_add(&rows, &made, 0, NULL), GH_OK);
	synthetic_template(&seed, &made);
	assert_int_equal(gh_row_query_init(&query, &made, NULL), GH_OK);
	assert_true(gh_rows_bound(&rows, 0, &query) < 0.012f);
	gh_rows_finish(&rows);
}

static void test_bad_templates_are_refused(void **state)
{
	uint64_t seed = synthetic_seed(23);
	struct gh_error error = GH_ERROR_NONE;
	struct gh_template good;
	struct gh_template bad;
	struct gh_row_query query;
	struct gh_rows rows;

	assert_int_equal(gh_rows_init(&rows, 1, NULL), GH_OK);
	synthetic_template(&seed, &good);
	for (int i = 0; i < 5; i++) {
		bad = good;
		if (i == 0)
			bad.values[511] = NAN;
		else if (i == 1)
			bad.values[0] = INFINITY;
		else if (i == 2)
			bad = (struct gh_template){ { 0.0f } };
		else
			for (size_t k = 0; k < GH_TEMPLATE_VALUES; k++)
				bad.values[k] *= i == 3 ? 1.01f : 0.99f;
		assert_int_equal(gh_rows_add(&rows, &bad, 0, &error), GH_MALFORMED);
		assert_int_equal(gh_row_query_init(&query, &bad, &error), GH_MALFORMED);
		assert_int_equal(gh_rows_count(&rows), 0);
	}
	assert_int_equal(gh_rows_add(&rows, &good, 0, &error), GH_OK);
	assert_int_equal(gh_rows_add(&rows, &good, 0, &error), GH_FULL);
	gh_rows_finish(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound_holds),
		cmocka_unit_test(test_bound_is_small_for_ordinary_rows),
		cmocka_unit_test(test_bad_templates_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
