/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles and portraits when memory, disk or rights fail at the n-th call: old or new, whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/manifest/portraits.h"
#include "inject.h"
#include "support/folder.h"
#include "support/manifest/list.h"

static const char *path(void)
{
	return folder_place("voyage.ghv");
}

static uint32_t version_there(void)
{
	struct gh_bundle *bundle;
	uint32_t version;

	assert_int_equal(gh_bundle_open(path(), &bundle, NULL), GH_OK);
	version = gh_bundle_voyage(bundle)->version;
	gh_bundle_close(bundle);
	return version;
}

/* Write version 2 over version 1 while `point` fails; the file is one of them, whole. */
static void write_over(enum inject_point point, enum gh_status expected)
{
	struct gh_bundle_source source = list_pictures();
	struct gh_voyage voyage;

	list_voyage(&voyage, 3, 2);
	INJECT_EACH(point, n)
	{
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;

		inject_pause();
		voyage.version = 1;
		assert_int_equal(gh_bundle_write(path(), &voyage, &source, NULL), GH_OK);
		voyage.version = 2;
		inject_arm(point, n);
		status = gh_bundle_write(path(), &voyage, &source, &error);
		inject_pause();
		if (!inject_hit() || point == INJECT_SHORT) {
			assert_int_equal(status, GH_OK);
			assert_int_equal(version_there(), 2);
		} else if (status != GH_OK) {
			assert_int_equal(status, expected);
			assert_in_range(version_there(), 1, 2);
		} else {
			/* Only removing the spool may fail in silence. */
			assert_int_equal(point, INJECT_RENAME);
		}
		assert_in_range(folder_count(""), 1, status == GH_OK && inject_hit() ? 99 : 1);
	}
	gh_voyage_finish(&voyage);
}

static void writing_without_memory(void **state)
{
	write_over(INJECT_ALLOC, GH_NO_MEMORY);
}

static void writing_on_a_full_disk(void **state)
{
	write_over(INJECT_WRITE, GH_FULL);
}

static void writing_in_pieces(void **state)
{
	write_over(INJECT_SHORT, GH_OK);
}

static void writing_without_descriptors(void **state)
{
	write_over(INJECT_OPEN, GH_IO);
}

static void writing_without_durability(void **state)
{
	write_over(INJECT_SYNC, GH_IO);
}

static void writing_with_a_bad_disk(void **state)
{
	write_over(INJECT_READ, GH_IO);
}

static void disk_that_stays_full(void **state)
{
	struct gh_bundle_source source = list_pictures();
	struct gh_voyage voyage;

	list_voyage(&voyage, 3, 2);
	assert_int_equal(gh_bundle_write(path(), &voyage, &source, NULL), GH_OK);
	voyage.version = 2;
	for (unsigned long n = 1; n < 8; n++) {
		inject_arm_from(INJECT_WRITE, n);
		assert_int_equal(gh_bundle_write(path(), &voyage, &source, NULL), GH_FULL);
		inject_pause();
		assert_int_equal(version_there(), 1);
		assert_int_equal(folder_count(""), 1);
	}
	gh_voyage_finish(&voyage);
}

static void reading(enum inject_point point, enum gh_status expected)
{
	struct gh_bundle_source source = list_pictures();
	struct gh_voyage voyage;

	list_voyage(&voyage, 5, 2);
	assert_int_equal(gh_bundle_write(path(), &voyage, &source, NULL), GH_OK);
	INJECT_EACH(point, n)
	{
		struct gh_bytes picture = GH_BYTES_EMPTY;
		struct gh_bundle *bundle;
		enum gh_status status = gh_bundle_open(path(), &bundle, NULL);

		if (status == GH_OK)
			status = gh_bundle_portrait(bundle, &voyage.persons[2], 1, &picture, NULL);
		inject_pause();
		/* jansson may take lost memory for broken text. */
		if (inject_hit() && status == GH_MALFORMED)
			status = expected;
		assert_int_equal(status, inject_hit() ? expected : GH_OK);
		gh_bundle_close(bundle);
		gh_bytes_finish(&picture);
	}
	gh_voyage_finish(&voyage);
}

static void reading_without_memory(void **state)
{
	reading(INJECT_ALLOC, GH_NO_MEMORY);
}

static void reading_from_a_bad_disk(void **state)
{
	reading(INJECT_READ, GH_IO);
}

static void matching_without_memory(void **state)
{
	struct gh_voyage voyage;

	list_voyage(&voyage, 3, 1);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "UTO-N0000000.jpg", "UTO-N0000002.jpg",
			"X.jpg" };

		assert_int_equal(gh_file_replace(folder_place(names[i]), gh_view_of_text("picture"),
					 0600, NULL),
			GH_OK);
	}
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_portraits *portraits;
		enum gh_status status =
			gh_portraits_match(folder_path(), &voyage, &portraits, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		/* As it was, until the match succeeds as a whole. */
		assert_int_equal(voyage.persons[1].portrait_count, status == GH_OK ? 0 : 1);
		gh_portraits_finish(portraits);
	}
	gh_voyage_finish(&voyage);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(writing_without_memory),
		CASE(writing_on_a_full_disk),
		CASE(writing_in_pieces),
		CASE(writing_without_descriptors),
		CASE(writing_without_durability),
		CASE(writing_with_a_bad_disk),
		CASE(disk_that_stays_full),
		CASE(reading_without_memory),
		CASE(reading_from_a_bad_disk),
		CASE(matching_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
