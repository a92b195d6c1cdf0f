/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the PAXLST reader: limits, hostile sizes, and what is told of a file. */
#include "gatehouse/manifest/paxlst.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/manifest/list.h"

static enum gh_status parse(struct gh_view file, struct gh_paxlst *paxlst, struct gh_error *error)
{
	enum gh_status status = gh_paxlst_parse(file, LIST_TODAY_MS, paxlst, error);

	if (status != GH_OK) {
		assert_null(paxlst->voyage.persons);
		assert_null(paxlst->warnings);
		assert_int_equal(paxlst->voyage.person_count, 0);
	}
	return status;
}

static void fill(struct gh_bytes *bytes, const char *pattern, size_t length)
{
	size_t step = strlen(pattern);

	assert_int_equal(gh_bytes_reserve(bytes, bytes->length_bytes + length, NULL), GH_OK);
	for (size_t i = 0; i < length; i++)
		bytes->data[bytes->length_bytes + i] = (uint8_t)pattern[i % step];
	bytes->length_bytes += length;
}

/* 10 MB without a terminator, of one long value or of nothing but separators. */
static void long_segment_is_refused(void **state)
{
	static const char *const patterns[] = { "A", ":", "+", "?A", "A\n", "*", "??" };
	static const struct list list;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct gh_bytes text = GH_BYTES_EMPTY;
		struct gh_paxlst paxlst;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;

		list_begin(&text, &list);
		list_person(&text, "NAD+FL+++X:");
		fill(&text, patterns[i], 10u << 20);
		status = parse(gh_bytes_view(&text), &paxlst, &error);
		/* Separators take no room: there the file ends before the limit is felt. */
		if (status != GH_TOO_LARGE && status != GH_TRUNCATED)
			fail_msg("'%s' gives %s", patterns[i], gh_status_name(status));
		assert_non_null(strstr(error.text, "segment 9"));
		gh_bytes_finish(&text);
	}
}

static void file_beyond_the_limit_is_refused(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_paxlst paxlst;

	fill(&text, "U", (size_t)GH_PAXLST_BYTES_MAX + 1);
	assert_int_equal(parse(gh_bytes_view(&text), &paxlst, NULL), GH_TOO_LARGE);
	text.length_bytes--;
	assert_int_equal(parse(gh_bytes_view(&text), &paxlst, NULL), GH_MALFORMED);
	gh_bytes_finish(&text);
}

/* 4 MB that look like the beginning of an interchange over and over. */
static void search_for_the_beginning_is_linear(void **state)
{
	static const char *const patterns[] = { "UNB", "UNA", "UN", "UNA:+.? ' ", "UNB+UNO",
		"\nU" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct gh_bytes text = GH_BYTES_EMPTY;
		struct gh_paxlst paxlst;

		fill(&text, patterns[i], 4u << 20);
		assert_int_not_equal(parse(gh_bytes_view(&text), &paxlst, NULL), GH_OK);
		gh_bytes_finish(&text);
	}
}

static void full_voyage_is_read_and_one_more_refused(void **state)
{
	static const struct list list;
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_paxlst paxlst;
	struct gh_error error = GH_ERROR_NONE;

	list_begin(&text, &list);
	for (unsigned n = 0; n < GH_VOYAGE_PERSONS_MAX; n++)
		list_specimen(&text, n);
	list_end(&text, &list);
	list_parse(&text, &paxlst);
	assert_int_equal(paxlst.voyage.person_count, GH_VOYAGE_PERSONS_MAX);
	assert_int_equal(paxlst.warning_count, 0);
	assert_string_equal(paxlst.voyage.persons[19999].surname.text, "SPECIMEN19999");
	assert_int_equal(paxlst.voyage.persons[19999].row, 20000);
	gh_paxlst_finish(&paxlst);
	gh_bytes_clear(&text);

	list_begin(&text, &list);
	for (unsigned n = 0; n <= GH_VOYAGE_PERSONS_MAX; n++)
		list_specimen(&text, n);
	list_end(&text, &list);
	assert_int_equal(parse(gh_bytes_view(&text), &paxlst, &error), GH_TOO_LARGE);
	gh_bytes_finish(&text);
}

static void warnings_are_kept_to_a_number(void **state)
{
	static const struct list list;
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_paxlst paxlst;

	list_begin(&text, &list);
	for (unsigned n = 0; n < 500; n++)
		list_person(&text, "NAD+FL+++X:Y'DTM+329:991399'");
	list_end(&text, &list);
	list_parse(&text, &paxlst);
	assert_int_equal(paxlst.warning_count, 200);
	assert_int_equal(paxlst.warnings_dropped, 300);
	assert_int_equal(paxlst.voyage.person_count, 500);
	gh_paxlst_finish(&paxlst);
	gh_bytes_finish(&text);
	gh_paxlst_finish(NULL);
}

static void warning_says_where(void **state)
{
	static const struct list list;
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_paxlst paxlst;
	size_t offset;

	list_begin(&text, &list);
	list_person(&text, "NAD+FL+++X:Y'\n");
	offset = text.length_bytes;
	list_person(&text, "DTM+329:991399'\n");
	list_end(&text, &list);
	list_parse(&text, &paxlst);
	assert_int_equal(paxlst.warning_count, 1);
	assert_int_equal(paxlst.warnings[0].offset_bytes, offset);
	assert_int_equal(paxlst.warnings[0].segment, 10);
	gh_paxlst_finish(&paxlst);
	gh_bytes_finish(&text);
}

/* Whatever is wrong with a person, nothing told of it repeats what was sent. */
static void nothing_told_repeats_a_person(void **state)
{
	static const char secret[] = "SECRETPERSON";
	static const char *const persons[] = {
		"NAD+SECRETPERSON+++SECRETPERSON:SECRETPERSON'",
		"NAD+FL+++X:Y'DTM+329:SECRETPERSON'DOC+SECRETPERSON+SECRETPERSON'"
		"DTM+36:SECRETPERSON'"
		"LOC+91+SECRETPERSON'",
		"NAD+FL+++X:Y'ATT+2++SECRETPERSON'NAT+2+SECRETPERSON'RFF+AVF:SECRETPERSON'",
		"CNT+42:SECRETPERSON'",
		"TDT+20+SECRETPERSON+++SECRETPERSON'LOC+125+SECRETPERSON'DTM+189:SECRETPERSON'",
		"BGM+745+SECRETPERSON+SECRETPERSON'RFF+TN:X:::SECRETPERSON'",
		"SECRETPERSON+X'",
		"SEC+SECRETPERSON",
		"UNT+SECRETPERSON+SECRETPERSON'UNE+SECRETPERSON+SECRETPERSON'",
	};
	static const struct list list;

	for (size_t i = 0; i < sizeof(persons) / sizeof(persons[0]); i++) {
		struct gh_bytes text = GH_BYTES_EMPTY;
		struct gh_paxlst paxlst;
		struct gh_error error = GH_ERROR_NONE;

		list_begin(&text, &list);
		list_person(&text, persons[i]);
		list_end(&text, &list);
		if (parse(gh_bytes_view(&text), &paxlst, &error) != GH_OK)
			assert_null(strstr(error.text, secret));
		for (size_t k = 0; k < paxlst.warning_count; k++)
			assert_null(strstr(paxlst.warnings[k].text, secret));
		gh_paxlst_finish(&paxlst);
		gh_bytes_finish(&text);
	}
}

static void purposes_have_names(void **state)
{
	assert_string_equal(gh_paxlst_purpose_name(GH_PAXLST_PASSENGERS), "passengers");
	assert_string_equal(gh_paxlst_purpose_name(GH_PAXLST_CLOSE), "close");
	assert_string_equal(gh_paxlst_purpose_name((enum gh_paxlst_purpose)99), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_segment_is_refused),
		cmocka_unit_test(file_beyond_the_limit_is_refused),
		cmocka_unit_test(search_for_the_beginning_is_linear),
		cmocka_unit_test(full_voyage_is_read_and_one_more_refused),
		cmocka_unit_test(warnings_are_kept_to_a_number),
		cmocka_unit_test(warning_says_where),
		cmocka_unit_test(nothing_told_repeats_a_person),
		cmocka_unit_test(purposes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
