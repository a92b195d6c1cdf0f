/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the check of a voyage's persons. */
#include "gatehouse/manifest/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/manifest/list.h"

static struct gh_voyage voyage;

static int set_up(void **state)
{
	list_voyage(&voyage, 6, 1);
	return 0;
}

static int tear_down(void **state)
{
	gh_voyage_finish(&voyage);
	return 0;
}

/* The only finding is of this kind and row. */
static void expect_one(enum gh_finding_kind kind, uint32_t row, uint32_t another_row)
{
	struct gh_findings findings;

	assert_int_equal(gh_voyage_check(&voyage, LIST_TODAY_MS, &findings, NULL), GH_OK);
	if (findings.count != 1)
		fail_msg("%zu findings, the first is %s", findings.count,
			findings.count ? gh_finding_name(findings.items[0].kind) : "none");
	assert_string_equal(gh_finding_name(findings.items[0].kind), gh_finding_name(kind));
	assert_int_equal(findings.items[0].row, row);
	assert_int_equal(findings.items[0].another_row, another_row);
	gh_findings_finish(&findings);
}

static void nothing_is_found_on_a_good_list(void **state)
{
	struct gh_findings findings;

	assert_int_equal(gh_voyage_check(&voyage, LIST_TODAY_MS, &findings, NULL), GH_OK);
	assert_int_equal(findings.count, 0);
	gh_findings_finish(&findings);
	gh_findings_finish(NULL);
}

static void missing_name(void **state)
{
	memset(&voyage.persons[2].surname, 0, sizeof(struct gh_personal));
	memset(&voyage.persons[2].given_names, 0, sizeof(struct gh_personal));
	expect_one(GH_FINDING_NO_NAME, 3, 0);
}

static void missing_document_and_issuer(void **state)
{
	voyage.persons[1].document.number.text[0] = '\0';
	expect_one(GH_FINDING_NO_DOCUMENT, 2, 0);
	strcpy(voyage.persons[1].document.number.text, "N1");
	voyage.persons[1].document.issuer[0] = '\0';
	expect_one(GH_FINDING_NO_ISSUER, 2, 0);
}

static void missing_portrait(void **state)
{
	voyage.persons[5].portrait_count = 0;
	expect_one(GH_FINDING_NO_PORTRAIT, 6, 0);
}

static void doubled_document(void **state)
{
	voyage.persons[4].document = voyage.persons[1].document;
	expect_one(GH_FINDING_DUPLICATE_DOCUMENT, 5, 2);
	/* The same number of another issuer is another document. */
	strcpy(voyage.persons[4].document.issuer, "XXA");
	nothing_is_found_on_a_good_list(state);
	/* A removed row is none. */
	voyage.persons[4].document = voyage.persons[1].document;
	voyage.persons[1].boarding = GH_BOARDING_REMOVED;
	nothing_is_found_on_a_good_list(state);
}

static void expired_on_the_day_after(void **state)
{
	strcpy(voyage.persons[0].document.expiry, "20261124");
	nothing_is_found_on_a_good_list(state);
	strcpy(voyage.persons[0].document.expiry, "20261123");
	expect_one(GH_FINDING_DOCUMENT_EXPIRED, 1, 0);
	strcpy(voyage.persons[0].document.expiry, "");
	nothing_is_found_on_a_good_list(state);
}

static void implausible_dates(void **state)
{
	strcpy(voyage.persons[0].document.expiry, "20261131");
	expect_one(GH_FINDING_EXPIRY_IMPLAUSIBLE, 1, 0);
	strcpy(voyage.persons[0].document.expiry, "20770101");
	expect_one(GH_FINDING_EXPIRY_IMPLAUSIBLE, 1, 0);
	strcpy(voyage.persons[0].document.expiry, "20320415");
	strcpy(voyage.persons[0].birth, "20261125");
	expect_one(GH_FINDING_BIRTH_IMPLAUSIBLE, 1, 0);
	strcpy(voyage.persons[0].birth, "18951231");
	expect_one(GH_FINDING_BIRTH_IMPLAUSIBLE, 1, 0);
	strcpy(voyage.persons[0].birth, "20230229");
	expect_one(GH_FINDING_BIRTH_IMPLAUSIBLE, 1, 0);
	strcpy(voyage.persons[0].birth, "");
	expect_one(GH_FINDING_NO_BIRTH, 1, 0);
}

static void many_findings_are_all_kept(void **state)
{
	struct gh_findings findings;

	gh_voyage_finish(&voyage);
	list_voyage(&voyage, 3000, 0);
	for (size_t i = 0; i < voyage.person_count; i++)
		voyage.persons[i].document = voyage.persons[0].document;
	assert_int_equal(gh_voyage_check(&voyage, LIST_TODAY_MS, &findings, NULL), GH_OK);
	assert_int_equal(findings.count, 3000 + 2999);
	assert_int_equal(findings.items[findings.count - 1].row, 3000);
	assert_int_equal(findings.items[findings.count - 1].another_row, 1);
	gh_findings_finish(&findings);
}

static void every_kind_has_a_name(void **state)
{
	for (int kind = 0; kind < GH_FINDING_KINDS; kind++)
		assert_string_not_equal(gh_finding_name((enum gh_finding_kind)kind), "unknown");
	assert_string_equal(gh_finding_name(GH_FINDING_KINDS), "unknown");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(nothing_is_found_on_a_good_list),
		CASE(missing_name),
		CASE(missing_document_and_issuer),
		CASE(missing_portrait),
		CASE(doubled_document),
		CASE(expired_on_the_day_after),
		CASE(implausible_dates),
		CASE(many_findings_are_all_kept),
		CASE(every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
