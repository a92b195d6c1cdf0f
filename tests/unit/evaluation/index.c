/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a data set: what is read, and what is refused by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/index.h"
#include "support/folder.h"

static struct gh_index got;

static enum gh_status parse(const char *text, struct gh_error *error)
{
	return gh_index_parse("index.tsv", "/data", gh_view_of_text(text), &got, error);
}

static void test_identities_are_numbered_and_grouped(void **state)
{
	assert_int_equal(parse("identity\tfile\n"
			       "second\tx/1.jpg\n"
			       "first\t/abs/2.jpg\n"
			       "second\tx/3.jpg\n"
			       "third\t4.jpg",
				 NULL),
		GH_OK);
	assert_int_equal(got.picture_count, 4);
	assert_int_equal(got.identity_count, 3);
	assert_string_equal(got.pictures[0].file, "/data/x/1.jpg");
	assert_string_equal(got.pictures[1].file, "/data/x/3.jpg");
	assert_string_equal(got.pictures[2].file, "/abs/2.jpg");
	assert_string_equal(got.pictures[3].file, "/data/4.jpg");
	assert_int_equal(got.pictures[0].identity, 0);
	assert_int_equal(got.pictures[1].identity, 0);
	assert_int_equal(got.pictures[2].identity, 1);
	assert_int_equal(got.pictures[3].identity, 2);
	assert_int_equal(got.pictures[1].line, 4);
	gh_index_finish(&got);
	gh_index_finish(NULL);
}

static void test_columns_are_found_by_name(void **state)
{
	assert_int_equal(parse("\xEF\xBB\xBF"
			       "sex\tfile\tage_band\tidentity\r\n"
			       "F\ta.jpg\t20-29\tp\r\n"
			       "\r\n"
			       "\tb.jpg\t\tp\r\n",
				 NULL),
		GH_OK);
	assert_int_equal(got.picture_count, 2);
	assert_int_equal(got.identity_count, 1);
	assert_string_equal(got.pictures[1].file, "/data/b.jpg");
	gh_index_finish(&got);
}

static void refused(const char *text, const char *reason)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(parse(text, &error), GH_MALFORMED);
	assert_null(got.pictures);
	assert_int_equal(got.picture_count, 0);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
	assert_null(strstr(error.text, "ERIKSSON"));
}

static void test_bad_lines_are_refused_by_line(void **state)
{
	refused("", "index.tsv:1: the list is empty");
	refused("identity\tpath\n", "index.tsv:1: the first line");
	refused("identity file\nERIKSSON a.jpg\n", "index.tsv:1: the first line");
	refused("identity\tfile\n", "no picture is listed");
	refused("identity\tfile\nERIKSSON\ta.jpg\nERIKSSON\n", "index.tsv:3: not as many");
	refused("identity\tfile\nERIKSSON\ta.jpg\tx\n", "index.tsv:2: not as many");
	refused("identity\tfile\n\ta.jpg\n", "index.tsv:2: the identity is empty");
	refused("identity\tfile\nERIKSSON\t\n", "index.tsv:2: the file is empty");
	refused("identity\tfile\nERIKSSON\ta.jpg\n\nERIKSSON\ta.jpg\n",
		"index.tsv:4: the file is listed a second time");
}

static void test_zero_bytes_and_long_paths_are_refused(void **state)
{
	static char text[8000] = "identity\tfile\np\t";
	struct gh_error error = GH_ERROR_NONE;

	memset(text + strlen(text), 'x', 6000);
	refused(text, "index.tsv:2: the path is too long");
	assert_int_equal(gh_index_parse("i", "", (struct gh_view){ (const uint8_t *)"a\0b", 3 },
				 &got, &error),
		GH_MALFORMED);
}

static void test_too_many_columns(void **state)
{
	char text[400] = "identity\tfile";

	for (int i = 0; i < 70; i++)
		strcat(text, "\tc");
	refused(text, "index.tsv:1: too many columns");
}

static void test_a_file_is_read_and_named(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	char expected[512];

	assert_int_equal(gh_file_replace(folder_place("faces.tsv"),
				 gh_view_of_text("identity\tfile\np\tsub/a.jpg\n"), 0600, NULL),
		GH_OK);
	assert_int_equal(gh_index_read(folder_place("faces.tsv"), &got, &error), GH_OK);
	snprintf(expected, sizeof(expected), "%s/sub/a.jpg", folder_path());
	assert_string_equal(got.pictures[0].file, expected);
	gh_index_finish(&got);
	assert_int_equal(gh_index_read(folder_place("none.tsv"), &got, &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "none.tsv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities_are_numbered_and_grouped),
		cmocka_unit_test(test_columns_are_found_by_name),
		cmocka_unit_test(test_bad_lines_are_refused_by_line),
		cmocka_unit_test(test_zero_bytes_and_long_paths_are_refused),
		cmocka_unit_test(test_too_many_columns),
		cmocka_unit_test(test_a_file_is_read_and_named),
	};

	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
