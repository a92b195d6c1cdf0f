/* SPDX-License-Identifier: Apache-2.0 */
/* The table of quality measures: ids, words, and what nothing assessed looks like. */
#include "gatehouse/base/measures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void ids_grow_and_stay_in_the_standard(void **state)
{
	uint8_t before = 0x41;

	(void)state;
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		const struct gh_measure_facts *facts = gh_measure_facts((enum gh_measure_name)i);

		assert_true(facts->qaa_id >= before && facts->qaa_id <= 0x5C);
		before = facts->qaa_id;
	}
}

static void words_are_unlike(void **state)
{
	(void)state;
	for (int i = 0; i < GH_MEASURE_COUNT; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(gh_measure_facts((enum gh_measure_name)i)->word,
				gh_measure_facts((enum gh_measure_name)k)->word);
}

static void an_id_has_one_measure_under_the_standards_name(void **state)
{
	int standard[256] = { 0 };

	(void)state;
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		const struct gh_measure_facts *facts = gh_measure_facts((enum gh_measure_name)i);

		standard[facts->qaa_id] += facts->standard;
		assert_true(standard[facts->qaa_id] <= 1);
	}
}

static void outside_the_list_are_no_facts(void **state)
{
	(void)state;
	assert_null(gh_measure_facts(GH_MEASURE_COUNT));
	assert_null(gh_measure_facts((enum gh_measure_name) - 1));
}

static void cleared_is_not_assessed_and_not_zero(void **state)
{
	struct gh_measures measures;

	(void)state;
	memset(&measures, 0, sizeof(measures));
	gh_measures_clear(&measures);
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		assert_false(measures.list[i].assessed);
		assert_int_equal(measures.list[i].component, GH_COMPONENT_NOT_ASSESSED);
		assert_int_equal(measures.list[i].suspicion, GH_SUSPICION_NOT_ASSESSED);
	}
}

/* No measure is a mere name: what has no component says so by its origin. */
static void every_row_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		const struct gh_measure_facts *facts = gh_measure_facts((enum gh_measure_name)i);

		assert_true(facts->word[0] && facts->unit[0] && facts->better[0]);
		assert_non_null(gh_origin_name(facts->origin));
		assert_int_equal(facts->standard, facts->origin == GH_ORIGIN_STANDARD);
	}
	assert_int_equal(gh_measure_facts(GH_MEASURE_UNIFIED_QUALITY)->origin, GH_ORIGIN_ABSENT);
	assert_int_equal(gh_measure_facts(GH_MEASURE_NO_HEAD_COVERING)->origin, GH_ORIGIN_ABSENT);
	assert_string_equal(gh_measure_facts(GH_MEASURE_EYES_OPEN)->better, "higher");
	assert_null(gh_origin_name((enum gh_origin)4));
}

static void a_suspicion_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(gh_suspicion_name(GH_SUSPICION_NOT_ASSESSED), "not_assessed");
	assert_string_equal(gh_suspicion_name(GH_SUSPICION_NO), "no");
	assert_string_equal(gh_suspicion_name(GH_SUSPICION_YES), "yes");
	assert_null(gh_suspicion_name((enum gh_suspicion)GH_SUSPICION_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_grow_and_stay_in_the_standard),
		cmocka_unit_test(words_are_unlike),
		cmocka_unit_test(an_id_has_one_measure_under_the_standards_name),
		cmocka_unit_test(outside_the_list_are_no_facts),
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(a_suspicion_has_a_word),
		cmocka_unit_test(cleared_is_not_assessed_and_not_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
