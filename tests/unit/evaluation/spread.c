/* SPDX-License-Identifier: Apache-2.0 */
/* The distribution of templates is found again in what was drawn from a known one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "spread.h"
#include "support/folder.h"
#include "support/gallery/synthetic.h"

enum {
	TEMPLATES = 1500
};

static struct gh_template templates[TEMPLATES];
static uint32_t identities[TEMPLATES];
static struct gh_template_set set = { templates, identities, TEMPLATES, NULL };
static struct gh_calibration *from;
static struct gh_calibration_spread found;

/* What is found in templates drawn from a known distribution. */
static int set_up(void **state)
{
	uint64_t seed = synthetic_seed(71);

	if (folder_set_up(state) != 0)
		return -1;
	from = synthetic_calibration();
	for (size_t i = 0; i < TEMPLATES; i++) {
		gh_calibration_stranger(from, synthetic_random, &seed, &templates[i]);
		identities[i] = (uint32_t)i;
	}
	return gh_spread_measure(&set, &found, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	free(found.directions);
	gh_calibration_close(from);
	return folder_tear_down(state);
}

static void test_a_known_distribution_is_found(void **state)
{
	const struct gh_calibration_spread *known = &gh_calibration_content(from)->spread;
	double variance = 0.0;
	double total = 0.0;

	assert_int_equal(found.direction_count, GH_SPREAD_DIRECTIONS);
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		double sum = (double)found.residual[i] * (double)found.residual[i];

		assert_true(fabsf(found.mean[i] - known->mean[i]) < 0.008f);
		for (size_t k = 0; k < found.direction_count; k++) {
			double value = (double)found.directions[k * GH_TEMPLATE_VALUES + i];

			sum += value * value;
		}
		total += sum + (double)found.mean[i] * (double)found.mean[i];
		variance += sum * sum;
	}
	/* Nothing of a unit vector's length is lost: mean, directions and the rest make it up. */
	printf("squared length %.4f\n", total);
	assert_true(fabs(total - 1.0) < 1e-3);
	assert_true(variance > 0.0);
}

/* Scores of strangers drawn from what was found, against templates that it was not found in. */
static void test_strangers_score_as_the_templates_do(void **state)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_calibration *opened;
	uint64_t seed = synthetic_seed(72);
	double square = 0.0;
	double sum = 0.0;
	double pairs = 300.0 * 300.0;
	double sd;

	content.spread = found;
	assert_int_equal(gh_calibration_write(folder_place("c"), &content, NULL, NULL), GH_OK);
	assert_int_equal(gh_calibration_open(folder_place("c"), &opened, NULL), GH_OK);
	for (int i = 0; i < 300; i++)
		gh_calibration_stranger(from, synthetic_random, &seed, &templates[i]);
	for (int i = 0; i < 300; i++) {
		struct gh_template stranger;

		gh_calibration_stranger(opened, synthetic_random, &seed, &stranger);
		for (int k = 0; k < 300; k++) {
			double score = (double)gh_template_score(&stranger, &templates[k]);

			sum += score;
			square += score * score;
		}
	}
	sd = sqrt(square / pairs - (sum / pairs) * (sum / pairs));
	printf("mean %.4f, deviation %.4f (drawn from %.4f and %.4f)\n", sum / pairs, sd,
		SYNTHETIC_IMPOSTOR_MEAN, SYNTHETIC_IMPOSTOR_SD);
	/*
	 * The mean's own deviation is 0.0012: m'Sm / 300 twice, m being the mean and S the
	 * covariance, m'Sm / 1500, and the scores' variance / 300^2. That of the scores varies by
	 * 0.4 % and lies 3.7 % too high, because what the directions leave is taken as independent.
	 */
	assert_true(fabs(sum / pairs - SYNTHETIC_IMPOSTOR_MEAN) < 7 * 0.0012);
	assert_true(fabs(sd / SYNTHETIC_IMPOSTOR_SD - 1.0) < 0.037 + 7 * 0.004);
	gh_calibration_close(opened);
}

/* Directions are orthogonal and in no case longer than all there is. */
static void test_directions_are_orthogonal(void **state)
{
	for (size_t k = 0; k < 20; k++)
		for (size_t j = 0; j < k; j++) {
			double sum = 0.0;

			for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
				sum += (double)found.directions[k * GH_TEMPLATE_VALUES + i] *
					(double)found.directions[j * GH_TEMPLATE_VALUES + i];
			assert_true(fabs(sum) < 1e-5);
		}
}

/* A person with many pictures weighs as one with a single picture. */
static void test_identities_count_the_same(void **state)
{
	struct gh_calibration_spread two = { .direction_count = 0 };
	struct gh_template few[11] = { { { 0 } } };
	uint32_t whose[11] = { 0 };
	struct gh_template_set unequal = { few, whose, 11, NULL };

	for (size_t i = 0; i < 11; i++)
		few[i].values[i < 10 ? 0 : 1] = 1.0f;
	whose[10] = 1;
	assert_int_equal(gh_spread_measure(&unequal, &two, NULL), GH_OK);
	assert_true(fabsf(two.mean[0] - 0.5f) < 1e-6f);
	assert_true(fabsf(two.mean[1] - 0.5f) < 1e-6f);
	free(two.directions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_known_distribution_is_found),
		cmocka_unit_test(test_directions_are_orthogonal),
		cmocka_unit_test(test_strangers_score_as_the_templates_do),
		cmocka_unit_test(test_identities_count_the_same),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
