/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of retention classes: over all facts, and to the millisecond. */
#include "gatehouse/encounter/retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

static enum gh_retention classify(
	bool identified, const char *nationality, bool exempt, bool opted_out)
{
	struct gh_retention_facts facts = {
		.identified = identified,
		.exempt = exempt,
		.opted_out = opted_out,
	};

	strcpy(facts.nationality, nationality);
	return gh_retention_classify(&facts);
}

static void classes_follow_document_and_manifest(void **state)
{
	assert_int_equal(classify(true, "USA", false, false), GH_RETENTION_US_CITIZEN);
	assert_int_equal(classify(true, "UTO", false, false), GH_RETENTION_OTHER);
	assert_int_equal(classify(true, "UTO", true, false), GH_RETENTION_EXEMPT);
	assert_int_equal(classify(true, "", true, false), GH_RETENTION_EXEMPT);
	assert_int_equal(classify(true, "", false, false), GH_RETENTION_UNKNOWN);
	assert_int_equal(classify(false, "", false, false), GH_RETENTION_UNKNOWN);
}

/* Whatever a document says, it says nothing of a person who was not identified with it. */
static void nobody_identified_is_unknown(void **state)
{
	static const char *const nations[] = { "", "USA", "UTO", "XXA" };

	for (size_t i = 0; i < sizeof(nations) / sizeof(nations[0]); i++) {
		assert_int_equal(classify(false, nations[i], false, false), GH_RETENTION_UNKNOWN);
		assert_int_equal(classify(false, nations[i], true, false), GH_RETENTION_UNKNOWN);
		assert_int_equal(classify(false, nations[i], true, true), GH_RETENTION_OPTED_OUT);
		assert_int_equal(classify(true, nations[i], false, true), GH_RETENTION_OPTED_OUT);
	}
}

static void codes_near_usa_are_not_usa(void **state)
{
	assert_int_equal(classify(true, "US", false, false), GH_RETENTION_OTHER);
	assert_int_equal(classify(true, "usa", false, false), GH_RETENTION_OTHER);
}

static void exempt_documents_are_whole_codes_of_the_list(void **state)
{
	static const char list[] = "PD  PO A";

	assert_true(gh_retention_exempt(list, "PD"));
	assert_true(gh_retention_exempt(list, "PO"));
	assert_true(gh_retention_exempt(list, "A"));
	assert_false(gh_retention_exempt(list, "P"));
	assert_false(gh_retention_exempt(list, "PDX"));
	assert_false(gh_retention_exempt(list, "D"));
	assert_false(gh_retention_exempt(list, "AC"));
	assert_false(gh_retention_exempt(list, ""));
	assert_false(gh_retention_exempt("", "PD"));
	assert_false(gh_retention_exempt("   ", "PD"));
	assert_false(gh_retention_exempt("", ""));
}

static void limits_are_those_of_the_class(void **state)
{
	static const int64_t captured_ms = INT64_C(1795521600123);
	static const enum gh_retention limited[] = { GH_RETENTION_UNKNOWN, GH_RETENTION_US_CITIZEN,
		GH_RETENTION_EXEMPT };

	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++) {
		assert_int_equal(gh_retention_destroy_by(limited[i], captured_ms, 96),
			captured_ms + 12 * HOUR_MS);
		assert_int_equal(gh_retention_destroy_by(limited[i], captured_ms, 1),
			captured_ms + 12 * HOUR_MS);
	}
	assert_int_equal(gh_retention_destroy_by(GH_RETENTION_OTHER, captured_ms, 96),
		captured_ms + 96 * HOUR_MS);
	assert_int_equal(gh_retention_destroy_by(GH_RETENTION_OTHER, captured_ms, 336),
		captured_ms + 14 * 24 * HOUR_MS);
	assert_int_equal(gh_retention_destroy_by(GH_RETENTION_OTHER, captured_ms, 337),
		captured_ms + 14 * 24 * HOUR_MS);
	assert_int_equal(gh_retention_destroy_by(GH_RETENTION_OTHER, captured_ms, UINT32_MAX),
		captured_ms + 14 * 24 * HOUR_MS);
	assert_int_equal(
		gh_retention_destroy_by(GH_RETENTION_OPTED_OUT, captured_ms, 96), captured_ms);
	/* A value that is no class gets the short limit. */
	assert_int_equal(gh_retention_destroy_by((enum gh_retention)99, captured_ms, 96),
		captured_ms + 12 * HOUR_MS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_follow_document_and_manifest),
		cmocka_unit_test(nobody_identified_is_unknown),
		cmocka_unit_test(codes_near_usa_are_not_usa),
		cmocka_unit_test(exempt_documents_are_whole_codes_of_the_list),
		cmocka_unit_test(limits_are_those_of_the_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
