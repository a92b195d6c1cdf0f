/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the error story: set, wrapped, cut, and what errno becomes. */
#include "gatehouse/base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void set_replaces_and_returns(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_error_set(&error, GH_IO, "%s at %d", "disk", 7), GH_IO);
	assert_int_equal(error.status, GH_IO);
	assert_string_equal(error.text, "disk at 7");
	assert_int_equal(gh_error_set(&error, GH_GONE, "left"), GH_GONE);
	assert_string_equal(error.text, "left");
	gh_error_clear(&error);
	assert_int_equal(error.status, GH_OK);
	assert_string_equal(error.text, "");
}

static void null_error_keeps_the_status(void **state)
{
	assert_int_equal(gh_error_set(NULL, GH_DENIED, "x"), GH_DENIED);
	assert_int_equal(gh_error_wrap(NULL, "x"), GH_INTERNAL);
	assert_int_equal(gh_error_errno(NULL, ENOSPC, "x"), GH_FULL);
	gh_error_clear(NULL);
}

static void wrap_puts_in_front(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	gh_error_set(&error, GH_NOT_FOUND, "no such row");
	assert_int_equal(gh_error_wrap(&error, "table %d", 3), GH_NOT_FOUND);
	assert_int_equal(gh_error_wrap(&error, "import"), GH_NOT_FOUND);
	assert_string_equal(error.text, "import: table 3: no such row");
}

static void arguments_may_be_the_story_itself(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	gh_error_set(&error, GH_IO, "cause");
	gh_error_set(&error, GH_SETTINGS, "line 4: %s", error.text);
	assert_string_equal(error.text, "line 4: cause");
	gh_error_wrap(&error, "again %s", error.text);
	assert_string_equal(error.text, "again line 4: cause: line 4: cause");
}

static void long_stories_are_cut_with_dots(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	char many[GH_ERROR_TEXT_BYTES * 2];

	memset(many, 'a', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	gh_error_set(&error, GH_IO, "%s", many);
	assert_int_equal(strlen(error.text), GH_ERROR_TEXT_BYTES - 1);
	assert_string_equal(error.text + GH_ERROR_TEXT_BYTES - 5, "a...");
	gh_error_wrap(&error, "front");
	assert_memory_equal(error.text, "front: aaa", 10);
	assert_int_equal(strlen(error.text), GH_ERROR_TEXT_BYTES - 1);
	assert_string_equal(error.text + GH_ERROR_TEXT_BYTES - 5, "a...");
}

/* At every length, what remains of two-byte characters is whole characters. */
static void cuts_do_not_split_characters(void **state)
{
	for (size_t lead = 0; lead < 2; lead++) {
		struct gh_error error = GH_ERROR_NONE;
		char many[GH_ERROR_TEXT_BYTES + 8];
		size_t length;

		memset(many, 'a', lead);
		for (size_t i = lead; i + 2 < sizeof(many); i += 2)
			memcpy(many + i, "\xC3\xA9", 3);
		gh_error_set(&error, GH_IO, "%s", many);
		length = strlen(error.text);
		assert_string_equal(error.text + length - 3, "...");
		assert_int_equal((unsigned char)error.text[length - 4], 0xA9);
	}
}

static void exact_fit_is_not_cut(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	char fits[GH_ERROR_TEXT_BYTES];

	memset(fits, 'b', sizeof(fits) - 1);
	fits[sizeof(fits) - 1] = '\0';
	gh_error_set(&error, GH_IO, "%s", fits);
	assert_string_equal(error.text, fits);
}

static void errno_becomes_a_status(void **state)
{
	static const struct {
		int errnum;
		enum gh_status status;
	} rows[] = {
		{ ENOSPC, GH_FULL },
		{ EDQUOT, GH_FULL },
		{ EROFS, GH_DENIED },
		{ EACCES, GH_DENIED },
		{ EPERM, GH_DENIED },
		{ ENOENT, GH_NOT_FOUND },
		{ EEXIST, GH_EXISTS },
		{ ENOMEM, GH_NO_MEMORY },
		{ ENODEV, GH_GONE },
		{ ENXIO, GH_GONE },
		{ EIO, GH_IO },
		{ EFBIG, GH_IO },
		{ 123456, GH_IO },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(
			gh_error_errno(&error, rows[i].errnum, "open %s", "f"), rows[i].status);
		assert_int_equal(error.status, rows[i].status);
		assert_memory_equal(error.text, "open f: ", 8);
		assert_true(strlen(error.text) > 8);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_replaces_and_returns),
		cmocka_unit_test(null_error_keeps_the_status),
		cmocka_unit_test(wrap_puts_in_front),
		cmocka_unit_test(arguments_may_be_the_story_itself),
		cmocka_unit_test(long_stories_are_cut_with_dots),
		cmocka_unit_test(cuts_do_not_split_characters),
		cmocka_unit_test(exact_fit_is_not_cut),
		cmocka_unit_test(errno_becomes_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
