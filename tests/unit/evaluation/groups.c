/* SPDX-License-Identifier: Apache-2.0 */
/* By group: who counts in which, small groups are not told, and ratios between those that are. */
#include "gatehouse/evaluation/groups.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/evaluation/people.h"
#include "support/folder.h"

enum {
	WOMEN = 60,
	MEN = 40,
	FEW = 8,
	PEOPLE = WOMEN + MEN + FEW
};

static struct gh_evaluation *evaluation;
static struct gh_groups *groups;

static const char *fields_of(unsigned who, unsigned picture)
{
	if (who < WOMEN)
		return who == 0 && picture == 1 ? "\t\tUTO" : "\tF\tUTO";
	return who < WOMEN + MEN ? "\tM\tUTO" : "\tX\tXOM";
}

/* Each has two pictures; those of a tenth of the men are of another person, so genuine pairs of
 * theirs are missed. A woman's second picture says nothing of her sex. */
static int set_up(void **state)
{
	struct gh_evaluation_options options;

	if (folder_set_up(state) != 0)
		return -1;
	fake_chain_set(0xc4);
	people_begin("\tsex\tstate");
	for (unsigned who = 0; who < PEOPLE; who++)
		for (unsigned i = 0; i < 2; i++)
			people_add(who, i, FAKE_FACE, fields_of(who, i));
	for (unsigned who = WOMEN; who < WOMEN + 4; who++) {
		struct fake_portrait other = { FAKE_FACE, 10000 + who, 0 };
		struct gh_bytes bytes = GH_BYTES_EMPTY;
		char name[64];

		fake_portrait_write(&other, &bytes);
		snprintf(name, sizeof(name), "%u-1.jpg", who);
		assert_int_equal(
			gh_file_replace(folder_place(name), gh_bytes_view(&bytes), 0600, NULL),
			GH_OK);
		gh_bytes_finish(&bytes);
	}
	people_add(0, 2, FAKE_NO_FACE, "\tF\tUTO");
	people_index();
	options = people_options(2);
	evaluation = people_run(&options);
	return 0;
}

static int tear_down(void **state)
{
	gh_groups_free(groups);
	groups = NULL;
	gh_evaluation_destroy(evaluation);
	people_finish();
	return folder_tear_down(state);
}

static void measure(enum gh_index_column column, uint32_t minimum)
{
	assert_int_equal(gh_groups_measure(evaluation, column, minimum, &groups, NULL), GH_OK);
}

static const struct gh_group *group(const char *value)
{
	for (size_t i = 0; i < groups->count; i++)
		if (strcmp(groups->groups[i].value, value) == 0)
			return &groups->groups[i];
	fail_msg("no group %s", value);
	return NULL;
}

static void test_counts_within_groups(void **state)
{
	const struct gh_group *women, *men;

	measure(GH_INDEX_SEX, 30);
	women = group("F");
	men = group("M");
	assert_false(women->suppressed || men->suppressed);
	assert_int_equal(women->identities, WOMEN);
	assert_int_equal(women->identities_genuine, WOMEN - 1);
	assert_int_equal(women->pictures, 2 * WOMEN);
	assert_int_equal(women->failures, 1);
	assert_true(fabs(women->fta - 1.0 / (2 * WOMEN)) < 1e-12);
	assert_true(women->fta_interval.high > women->fta);
	assert_int_equal(women->genuine_pairs, WOMEN - 1);
	assert_int_equal(women->impostor_pairs, WOMEN * (WOMEN - 1) / 2 * 4 - 2 * (WOMEN - 1));
	assert_int_equal(men->failures, 0);
	assert_true(fabs(men->fta_interval.high - 3.0 / MEN) < 1e-12);
	assert_int_equal(men->genuine_pairs, MEN);
	assert_int_equal(men->impostor_pairs, (uint64_t)MEN * (MEN - 1) / 2 * 4);
}

static void test_rates_at_the_thresholds_of_all(void **state)
{
	const struct gh_evaluation_result *result = gh_evaluation_result(evaluation);
	uint64_t all = 0;

	measure(GH_INDEX_SEX, 5);
	for (size_t p = 0; p < result->point_count; p++) {
		const struct gh_group_point *men = &group("M")->points[p];

		assert_int_equal(men->false_non_matches, 4);
		assert_true(fabs(men->fnmr - 4.0 / MEN) < 1e-12);
		assert_true(men->fnmr_interval.low < men->fnmr);
		assert_true(men->fnmr_interval.high > men->fnmr);
		assert_int_equal(group("F")->points[p].false_non_matches, 0);
		assert_true(
			fabs(group("F")->points[p].fnmr_interval.high - 3.0 / (WOMEN - 1)) < 1e-12);
		/* Nobody missed in one group: no ratio. */
		assert_true(groups->differentials[p].fnmr_ratio == 0.0);
	}
	/* Pairs across groups count in none. */
	for (size_t i = 0; i < groups->count; i++)
		all += groups->groups[i].points[0].false_matches;
	assert_true(all <= result->points[0].false_matches);
}

static void test_small_groups_are_not_told(void **state)
{
	static const struct gh_group_point nothing[GH_EVALUATION_POINTS_MAX];

	measure(GH_INDEX_SEX, 30);
	assert_true(group("X")->suppressed);
	assert_int_equal(group("X")->identities, 0);
	assert_int_equal(group("X")->pictures, 0);
	assert_memory_equal(group("X")->points, nothing, sizeof(nothing));
	assert_true(group("")->suppressed);
	gh_groups_free(groups);
	measure(GH_INDEX_SEX, FEW);
	assert_false(group("X")->suppressed);
	gh_groups_free(groups);
	measure(GH_INDEX_SEX, FEW + 1);
	assert_true(group("X")->suppressed);
}

static void test_columns_that_are_not_there(void **state)
{
	measure(GH_INDEX_AGE_BAND, 30);
	assert_int_equal(groups->count, 0);
	gh_groups_free(groups);
	measure(GH_INDEX_STATE, 5);
	assert_int_equal(groups->count, 2);
	assert_string_equal(groups->groups[0].value, "UTO");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counts_within_groups),
		TEST(test_rates_at_the_thresholds_of_all),
		TEST(test_small_groups_are_not_told),
		TEST(test_columns_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
