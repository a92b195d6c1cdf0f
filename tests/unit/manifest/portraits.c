/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of matching a folder of portraits. */
#include "gatehouse/manifest/portraits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"
#include "support/manifest/list.h"

static struct gh_voyage voyage;

static int set_up(void **state)
{
	list_voyage(&voyage, 5, 0);
	return folder_set_up(state);
}

static int tear_down(void **state)
{
	gh_voyage_finish(&voyage);
	return folder_tear_down(state);
}

/* A picture whose bytes are its name. */
static void put(const char *name)
{
	assert_int_equal(
		gh_file_replace(folder_place(name), gh_view_of_text(name), 0600, NULL), GH_OK);
}

static struct gh_portraits *match(void)
{
	struct gh_portraits *portraits;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_portraits_match(folder_path(), &voyage, &portraits, &error) != GH_OK)
		fail_msg("%s", error.text);
	return portraits;
}

static void expect_picture(
	struct gh_portraits *portraits, size_t person, uint32_t index, const char *name)
{
	struct gh_bundle_source source = gh_portraits_source(portraits);
	struct gh_bytes picture = GH_BYTES_EMPTY;

	assert_int_equal(
		source.portrait(source.ctx, &voyage.persons[person], index, &picture, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&picture), gh_view_of_text(name)));
	gh_bytes_finish(&picture);
}

static void files_are_matched_and_ordered(void **state)
{
	struct gh_portraits *portraits;
	struct gh_portraits_counts counts;

	put("UTO-N0000001-10.png");
	put("UTO-N0000001-2.JPG");
	put("U<TO-N0000001.jp2");
	put("uto-n0000003.jpeg");
	put("UTO-N0000009.jpg");
	put("XXA-N0000001.jpg");
	put("portrait.jpg");
	put("-N0000001.jpg");
	put("UTO-.jpg");
	put("UTOPIA-N0000001.jpg");
	put("notes.txt");
	put(".UTO-N0000002.jpg");
	portraits = match();
	counts = gh_portraits_counts(portraits);
	assert_int_equal(counts.files, 10);
	assert_int_equal(counts.ignored, 1);
	assert_int_equal(counts.badly_named, 4);
	assert_int_equal(counts.matched, 4);
	assert_int_equal(counts.unmatched, 2);
	assert_int_equal(counts.doubtful, 0);
	assert_int_equal(counts.persons_with, 2);
	assert_int_equal(counts.persons_without, 3);
	assert_int_equal(voyage.persons[1].portrait_count, 3);
	assert_int_equal(voyage.persons[3].portrait_count, 1);
	assert_int_equal(voyage.persons[0].portrait_count, 0);
	expect_picture(portraits, 1, 0, "U<TO-N0000001.jp2");
	expect_picture(portraits, 1, 1, "UTO-N0000001-2.JPG");
	expect_picture(portraits, 1, 2, "UTO-N0000001-10.png");
	expect_picture(portraits, 3, 0, "uto-n0000003.jpeg");
	gh_portraits_finish(portraits);
	gh_portraits_finish(NULL);
}

static void number_that_ends_like_an_order(void **state)
{
	struct gh_portraits *portraits;

	strcpy(voyage.persons[0].document.number.text, "N7-2");
	strcpy(voyage.persons[2].document.number.text, "N7");
	put("UTO-N7-2.jpg");
	put("UTO-N7-2-1.jpg");
	put("UTO-N7-3.jpg");
	put("UTO-N7-0.jpg");
	put("UTO-N7-100.jpg");
	portraits = match();
	assert_int_equal(voyage.persons[0].portrait_count, 2);
	assert_int_equal(voyage.persons[2].portrait_count, 1);
	assert_int_equal(gh_portraits_counts(portraits).unmatched, 2);
	expect_picture(portraits, 0, 0, "UTO-N7-2.jpg");
	expect_picture(portraits, 2, 0, "UTO-N7-3.jpg");
	gh_portraits_finish(portraits);
}

static void too_many_of_one_person(void **state)
{
	struct gh_portraits *portraits;
	char name[64];

	for (int n = 1; n <= 12; n++) {
		snprintf(name, sizeof(name), "UTO-N0000000-%d.jpg", n);
		put(name);
	}
	portraits = match();
	assert_int_equal(voyage.persons[0].portrait_count, GH_PERSON_PORTRAITS_MAX);
	assert_int_equal(gh_portraits_counts(portraits).beyond, 4);
	expect_picture(portraits, 0, 7, "UTO-N0000000-8.jpg");
	gh_portraits_finish(portraits);
}

static void doubled_document_goes_to_the_first_row(void **state)
{
	struct gh_portraits *portraits;

	voyage.persons[4].document = voyage.persons[2].document;
	put("UTO-N0000002.jpg");
	portraits = match();
	assert_int_equal(voyage.persons[2].portrait_count, 1);
	assert_int_equal(voyage.persons[4].portrait_count, 0);
	assert_int_equal(gh_portraits_counts(portraits).doubtful, 1);
	gh_portraits_finish(portraits);
}

static void removed_persons_lose_theirs(void **state)
{
	struct gh_portraits *portraits;

	voyage.persons[2].boarding = GH_BOARDING_REMOVED;
	voyage.persons[2].portrait_count = 3;
	put("UTO-N0000002.jpg");
	portraits = match();
	assert_int_equal(voyage.persons[2].portrait_count, 0);
	assert_int_equal(gh_portraits_counts(portraits).unmatched, 1);
	assert_int_equal(gh_portraits_counts(portraits).persons_without, 4);
	gh_portraits_finish(portraits);
}

static void folder_that_is_not_there(void **state)
{
	struct gh_portraits *portraits;
	struct gh_error error = GH_ERROR_NONE;

	voyage.persons[1].portrait_count = 2;
	assert_int_equal(gh_portraits_match(folder_place("none"), &voyage, &portraits, &error),
		GH_NOT_FOUND);
	assert_null(portraits);
	assert_int_equal(voyage.persons[1].portrait_count, 2);
}

/* One file out of order must not cost a flight its gallery. */
static void files_that_cannot_be_portraits_are_left_out(void **state)
{
	struct gh_portraits *portraits;
	struct gh_portraits_counts counts;

	assert_int_equal(mkdir(folder_place("UTO-N0000000.jpg"), 0700), 0);
	assert_int_equal(mkfifo(folder_place("UTO-N0000000-2.jpg"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", folder_place("UTO-N0000001-1.jpg")), 0);
	assert_int_equal(symlink("nowhere", folder_place("UTO-N0000001-2.jpg")), 0);
	put("UTO-N0000001-3.jpg");
	assert_int_equal(gh_file_replace(folder_place("UTO-N0000002.jpg"),
				 (struct gh_view){ NULL, 0 }, 0600, NULL),
		GH_OK);
	put("UTO-N0000003.jpg");
	assert_int_equal(
		truncate(folder_place("UTO-N0000003.jpg"), (off_t)GH_PORTRAIT_BYTES_MAX + 1), 0);
	assert_int_equal(symlink("UTO-N0000001-3.jpg", folder_place("UTO-N0000004.jpg")), 0);
	portraits = match();
	counts = gh_portraits_counts(portraits);
	assert_int_equal(counts.files, 8);
	assert_int_equal(counts.unreadable, 6);
	assert_int_equal(counts.matched, 2);
	assert_int_equal(counts.unmatched, 0);
	assert_int_equal(counts.persons_without, 3);
	assert_int_equal(voyage.persons[1].portrait_count, 1);
	expect_picture(portraits, 1, 0, "UTO-N0000001-3.jpg");
	expect_picture(portraits, 4, 0, "UTO-N0000001-3.jpg");
	gh_portraits_finish(portraits);
}

/* The file's name is a document number, so what goes wrong later is told by the row. */
static void picture_that_went_away_is_named_by_row(void **state)
{
	struct gh_portraits *portraits;
	struct gh_bundle_source source;
	struct gh_error error = GH_ERROR_NONE;

	put("UTO-N0000003.jpg");
	portraits = match();
	remove(folder_place("UTO-N0000003.jpg"));
	source = gh_portraits_source(portraits);
	assert_int_equal(
		gh_bundle_write(folder_place("v.ghv"), &voyage, &source, &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "row 4: portrait 0: "));
	assert_null(strstr(strstr(error.text, "row 4") + 1, "row 4"));
	assert_null(strstr(error.text, "N0000003"));
	gh_portraits_finish(portraits);
}

static void bundle_is_written_from_a_folder(void **state)
{
	struct gh_portraits *portraits;
	struct gh_bundle_source source;
	struct gh_bundle *bundle;
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	put("UTO-N0000001-2.jpg");
	put("UTO-N0000001-1.jpg");
	portraits = match();
	source = gh_portraits_source(portraits);
	if (gh_bundle_write(folder_place("v.ghv"), &voyage, &source, &error) != GH_OK)
		fail_msg("%s", error.text);
	gh_portraits_finish(portraits);
	assert_int_equal(gh_bundle_open(folder_place("v.ghv"), &bundle, NULL), GH_OK);
	assert_int_equal(gh_bundle_portrait(
				 bundle, &gh_bundle_voyage(bundle)->persons[1], 1, &picture, NULL),
		GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&picture), gh_view_of_text("UTO-N0000001-2.jpg")));
	gh_bytes_finish(&picture);
	gh_bundle_close(bundle);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(files_are_matched_and_ordered),
		CASE(number_that_ends_like_an_order),
		CASE(too_many_of_one_person),
		CASE(doubled_document_goes_to_the_first_row),
		CASE(removed_persons_lose_theirs),
		CASE(folder_that_is_not_there),
		CASE(files_that_cannot_be_portraits_are_left_out),
		CASE(picture_that_went_away_is_named_by_row),
		CASE(bundle_is_written_from_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
