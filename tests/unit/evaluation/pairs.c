/* SPDX-License-Identifier: Apache-2.0 */
/* A list of pairs: who is one person, and what is refused by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/pairs.h"
#include "support/folder.h"

static struct gh_pairs got;

static enum gh_status parse(const char *text, struct gh_error *error)
{
	return gh_pairs_parse("pairs.tsv", "/data", gh_view_of_text(text), &got, error);
}

static void accepted(const char *text)
{
	struct gh_error error = GH_ERROR_NONE;

	if (parse(text, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static const struct gh_index_picture *picture(const char *file)
{
	for (size_t i = 0; i < got.index.picture_count; i++)
		if (strcmp(got.index.pictures[i].file, file) == 0)
			return &got.index.pictures[i];
	fail_msg("%s is not there", file);
	return NULL;
}

static void names(size_t i, const char *a, const char *b, bool genuine)
{
	assert_string_equal(got.index.pictures[got.pairs[i].a].file, a);
	assert_string_equal(got.index.pictures[got.pairs[i].b].file, b);
	assert_int_equal(got.pairs[i].genuine, genuine);
}

static void test_genuine_pairs_join_people(void **state)
{
	accepted("file_a\tfile_b\tcomparison\n"
		 "z.jpg\ty.jpg\tgenuine\n"
		 "x.jpg\t/abs/w.jpg\timpostor\n"
		 "y.jpg\ta.jpg\tgenuine\n"
		 "a.jpg\tx.jpg\timpostor\n");
	assert_int_equal(got.count, 4);
	assert_int_equal(got.index.picture_count, 5);
	assert_int_equal(got.index.identity_count, 3);
	names(0, "/data/z.jpg", "/data/y.jpg", true);
	names(1, "/data/x.jpg", "/abs/w.jpg", false);
	names(2, "/data/y.jpg", "/data/a.jpg", true);
	names(3, "/data/a.jpg", "/data/x.jpg", false);
	assert_int_equal(got.pairs[2].line, 4);
	/* By way of y. */
	assert_int_equal(picture("/data/z.jpg")->identity, picture("/data/a.jpg")->identity);
	assert_int_equal(picture("/data/z.jpg")->identity, 0);
	assert_int_not_equal(picture("/data/x.jpg")->identity, picture("/abs/w.jpg")->identity);
	gh_pairs_finish(&got);
	gh_pairs_finish(NULL);
}

static void test_identities_say_who_is_who(void **state)
{
	accepted("identity_b\tfile_a\tfile_b\tidentity_a\n"
		 "p\ta.jpg\tb.jpg\tp\n"
		 "q\ta.jpg\tc.jpg\tp\n"
		 "q\td.jpg\tc.jpg\tq\n");
	assert_int_equal(got.index.identity_count, 2);
	names(0, "/data/a.jpg", "/data/b.jpg", true);
	names(1, "/data/a.jpg", "/data/c.jpg", false);
	names(2, "/data/d.jpg", "/data/c.jpg", true);
	for (size_t i = 1; i < got.index.picture_count; i++)
		assert_true(got.index.pictures[i].identity >= got.index.pictures[i - 1].identity);
	gh_pairs_finish(&got);
}

static void refused(const char *text, const char *reason)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(parse(text, &error), GH_MALFORMED);
	assert_null(got.pairs);
	assert_null(got.index.pictures);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
	assert_null(strstr(error.text, "ERIKSSON"));
}

#define HEAD "file_a\tfile_b\tcomparison\n"
#define NAMED "file_a\tfile_b\tidentity_a\tidentity_b\n"

static void test_bad_lists_are_refused_by_line(void **state)
{
	refused("", "pairs.tsv:1: the list is empty");
	refused("file_a\tfile\tcomparison\n", "\"file_a\" and \"file_b\"");
	refused("file_a\tfile_b\n", "neither \"comparison\"");
	refused("file_a\tfile_b\tidentity_a\tcomparison\n", "only one of the identities");
	refused("file_a\tfile_b\tfile_a\tcomparison\n", "named twice");
	refused(HEAD, "no pair is listed");
	refused(HEAD "a\tb\tgenuine\nb\tc\n", "pairs.tsv:3: not as many fields");
	refused(HEAD "a\t\tgenuine\n", "pairs.tsv:2: the file is empty");
	refused(HEAD "a\tb\tsame\n", "pairs.tsv:2: the comparison is neither");
	refused(HEAD "a\ta\tgenuine\n", "pairs.tsv:2: a picture against itself");
	refused(HEAD "a\tb\tgenuine\nb\ta\tgenuine\n", "pairs.tsv:3: the pair is listed a second");
	refused(HEAD "a\tb\tgenuine\nc\tb\tgenuine\na\tc\timpostor\n",
		"pairs.tsv:4: an impostor pair of pictures that genuine pairs join");
	refused(NAMED "a\tb\tERIKSSON\t\n", "pairs.tsv:2: the identity is empty");
	refused(NAMED "a\tb\tERIKSSON\tERIKSSON\nc\ta\tq\tq\n",
		"pairs.tsv:3: the picture had another identity");
	refused("file_a\tfile_b\tidentity_a\tidentity_b\tcomparison\n"
		"a\tb\tERIKSSON\tq\tgenuine\n",
		"pairs.tsv:2: comparison and identities disagree");
}

static void test_a_zero_byte_is_no_text(void **state)
{
	static const uint8_t text[] = "file_a\tfile_b\tcomparison\na\tb\0\tgenuine\n";
	struct gh_view view = { text, sizeof(text) - 1 };

	assert_int_equal(gh_pairs_parse("pairs.tsv", "", view, &got, NULL), GH_MALFORMED);
}

static void test_read_beside_the_list(void **state)
{
	const char *path = folder_place("pairs.tsv");
	char file[512];

	assert_int_equal(
		gh_file_replace(path, gh_view_of_text(HEAD "a\tb\tgenuine\n"), 0600, NULL), GH_OK);
	assert_int_equal(gh_pairs_read(path, &got, NULL), GH_OK);
	snprintf(file, sizeof(file), "%s/a", folder_path());
	assert_non_null(picture(file));
	gh_pairs_finish(&got);
	assert_int_equal(gh_pairs_read(folder_place("none.tsv"), &got, NULL), GH_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_genuine_pairs_join_people),
		cmocka_unit_test(test_identities_say_who_is_who),
		cmocka_unit_test(test_bad_lists_are_refused_by_line),
		cmocka_unit_test(test_a_zero_byte_is_no_text),
		cmocka_unit_test_setup_teardown(
			test_read_beside_the_list, folder_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
