/* SPDX-License-Identifier: Apache-2.0 */
/* The blocked product against the product's own score, for any number of rows and columns. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "product.h"
#include "support/gallery/synthetic.h"

static struct gh_template rows[GH_PRODUCT_BLOCK];
static struct gh_template columns[GH_PRODUCT_BLOCK];
static struct gh_product_side side;
static float scores[GH_PRODUCT_BLOCK][GH_PRODUCT_BLOCK];

static void test_agrees_with_the_score(void **state)
{
	uint64_t seed = synthetic_seed(141);

	for (int i = 0; i < GH_PRODUCT_BLOCK; i++) {
		synthetic_template(&seed, &rows[i]);
		synthetic_look_alike(&seed, &rows[i], i % 3 ? 0.5f : 0.999f, &columns[i]);
	}
	for (size_t count = 1; count <= GH_PRODUCT_BLOCK; count += count < 9 ? 1 : 11) {
		gh_product_lay_out(columns, count, &side);
		gh_product(rows, count, &side, scores);
		for (size_t r = 0; r < count; r++)
			for (size_t c = 0; c < GH_PRODUCT_BLOCK; c++) {
				float wanted =
					c < count ? gh_template_score(&rows[r], &columns[c]) : 0.0f;

				assert_true(fabsf(scores[r][c] - wanted) < 1e-6f);
			}
	}
}

/* Where in a block a pair stands must not show in its score. */
static void test_the_place_does_not_matter(void **state)
{
	uint64_t seed = synthetic_seed(142);
	float first;

	for (int i = 0; i < GH_PRODUCT_BLOCK; i++) {
		synthetic_template(&seed, &rows[i]);
		synthetic_template(&seed, &columns[i]);
	}
	gh_product_lay_out(columns, GH_PRODUCT_BLOCK, &side);
	gh_product(rows, GH_PRODUCT_BLOCK, &side, scores);
	first = scores[0][0];
	for (size_t place = 1; place < GH_PRODUCT_BLOCK; place++) {
		struct gh_template row = rows[place], column = columns[place];

		rows[place] = rows[0];
		columns[place] = columns[0];
		gh_product_lay_out(columns, place + 1, &side);
		gh_product(rows, place + 1, &side, scores);
		assert_true(scores[place][place] == first);
		rows[place] = row;
		columns[place] = column;
	}
}

static void test_no_score_beyond_a_cosine(void **state)
{
	uint64_t seed = synthetic_seed(143);

	for (int trial = 0; trial < 200; trial++) {
		synthetic_template(&seed, &rows[0]);
		gh_product_lay_out(rows, 1, &side);
		gh_product(rows, 1, &side, scores);
		assert_true(scores[0][0] <= 1.0f && scores[0][0] > 0.99999f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_the_score),
		cmocka_unit_test(test_the_place_does_not_matter),
		cmocka_unit_test(test_no_score_beyond_a_cosine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
