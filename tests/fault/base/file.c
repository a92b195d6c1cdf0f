/* SPDX-License-Identifier: Apache-2.0 */
/* Files on a failing disk: every step of a replacement fails once, old or new content remains. */
#include "gatehouse/base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "inject.h"
#include "support/folder.h"

int __real_fchmod(int descriptor, mode_t mode);
int __wrap_fchmod(int descriptor, mode_t mode);

static int fchmod_failure;

int __wrap_fchmod(int descriptor, mode_t mode)
{
	if (fchmod_failure) {
		errno = fchmod_failure;
		return -1;
	}
	return __real_fchmod(descriptor, mode);
}

static uint8_t large[300000];
static char path[4096];

static int set_up(void **state)
{
	int failure = folder_set_up(state);

	memset(large, 'n', sizeof(large));
	fchmod_failure = 0;
	snprintf(path, sizeof(path), "%s/f", folder_path());
	return failure;
}

static void put_old(void)
{
	assert_int_equal(gh_file_replace(path, gh_view_of_text("old"), 0600, NULL), GH_OK);
}

/* The file is one of the two, whole, and the only one in its folder. */
static bool is_new(void)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	bool new;

	assert_int_equal(gh_file_read(path, sizeof(large), &bytes, NULL), GH_OK);
	new = gh_view_equal(gh_bytes_view(&bytes), (struct gh_view){ large, sizeof(large) });
	if (!new)
		assert_true(gh_view_equal(gh_bytes_view(&bytes), gh_view_of_text("old")));
	gh_bytes_finish(&bytes);
	assert_int_equal(folder_count(""), 1);
	return new;
}

/* Fail each call at a point in turn; the status is expected then, and nothing is lost. */
static void replace_while(enum inject_point point, enum gh_status expected)
{
	INJECT_EACH(point, n)
	{
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;

		inject_pause();
		put_old();
		inject_arm(point, n);
		status = gh_file_replace(
			path, (struct gh_view){ large, sizeof(large) }, 0600, &error);
		inject_pause();
		assert_int_equal(status, inject_hit() ? expected : GH_OK);
		if (inject_hit())
			assert_int_equal(error.status, expected);
		if (status == GH_OK)
			assert_true(is_new());
		else
			(void)is_new();
	}
}

static void a_full_disk(void **state)
{
	replace_while(INJECT_WRITE, GH_FULL);
}

static void a_disk_that_cannot_sync(void **state)
{
	replace_while(INJECT_SYNC, GH_IO);
}

static void a_rename_that_is_denied(void **state)
{
	replace_while(INJECT_RENAME, GH_DENIED);
}

static void no_descriptors_left(void **state)
{
	replace_while(INJECT_OPEN, GH_IO);
}

/* Half a write is no failure: the rest follows. */
static void short_writes_are_continued(void **state)
{
	for (unsigned long n = 1; n <= 3; n++) {
		put_old();
		inject_arm_from(INJECT_SHORT, n);
		assert_int_equal(
			gh_file_replace(path, (struct gh_view){ large, sizeof(large) }, 0600, NULL),
			GH_OK);
		inject_pause();
		assert_true(is_new());
	}
}

/* The folder's fsync comes last: by then the new content is in place. */
static void only_the_last_sync_leaves_the_new_content(void **state)
{
	put_old();
	inject_arm(INJECT_SYNC, 1);
	assert_int_equal(
		gh_file_replace(path, (struct gh_view){ large, sizeof(large) }, 0600, NULL), GH_IO);
	inject_pause();
	assert_false(is_new());
	inject_arm(INJECT_SYNC, 2);
	assert_int_equal(
		gh_file_replace(path, (struct gh_view){ large, sizeof(large) }, 0600, NULL), GH_IO);
	inject_pause();
	assert_true(is_new());
}

static void a_mode_that_cannot_be_set(void **state)
{
	put_old();
	fchmod_failure = EPERM;
	assert_int_equal(
		gh_file_replace(path, (struct gh_view){ large, sizeof(large) }, 0600, NULL),
		GH_DENIED);
	fchmod_failure = 0;
	assert_false(is_new());
}

static void reading_fails_at_each_point(void **state)
{
	static const struct {
		enum inject_point point;
		enum gh_status status;
	} rows[] = {
		{ INJECT_ALLOC, GH_NO_MEMORY },
		{ INJECT_OPEN, GH_IO },
		{ INJECT_READ, GH_IO },
	};
	put_old();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		INJECT_EACH(rows[i].point, n)
		{
			struct gh_bytes bytes = GH_BYTES_EMPTY;
			struct gh_error error = GH_ERROR_NONE;
			enum gh_status status = gh_file_read(path, 100, &bytes, &error);

			inject_pause();
			assert_int_equal(status, inject_hit() ? rows[i].status : GH_OK);
			assert_int_equal(bytes.length_bytes, inject_hit() ? 0 : 3);
			if (inject_hit())
				assert_non_null(strstr(error.text, path));
			gh_bytes_finish(&bytes);
		}
	}
}

static enum gh_status count_bytes(void *count, struct gh_view part, struct gh_error *error)
{
	*(size_t *)count += part.length_bytes;
	return GH_OK;
}

static enum gh_status stop_at_once(void *count, struct gh_view part, struct gh_error *error)
{
	++*(size_t *)count;
	return gh_error_set(error, GH_CANCELLED, "enough");
}

static void scanning_stops_when_told_and_when_it_fails(void **state)
{
	size_t count = 0;

	assert_int_equal(
		gh_file_replace(path, (struct gh_view){ large, sizeof(large) }, 0600, NULL), GH_OK);
	assert_int_equal(
		gh_file_scan(path, sizeof(large), stop_at_once, &count, NULL), GH_CANCELLED);
	assert_int_equal(count, 1);
	INJECT_EACH(INJECT_READ, n)
	{
		enum gh_status status;

		count = 0;
		status = gh_file_scan(path, sizeof(large), count_bytes, &count, NULL);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_IO : GH_OK);
		if (!inject_hit())
			assert_int_equal(count, sizeof(large));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_full_disk),
		TEST(a_disk_that_cannot_sync),
		TEST(a_rename_that_is_denied),
		TEST(no_descriptors_left),
		TEST(short_writes_are_continued),
		TEST(only_the_last_sync_leaves_the_new_content),
		TEST(a_mode_that_cannot_be_set),
		TEST(reading_fails_at_each_point),
		TEST(scanning_stops_when_told_and_when_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
