/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on a failing disk: a pair is there whole or not at all, and nothing else is left. */
#include "gatehouse/crypto/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "inject.h"
#include "support/folder.h"

static const struct gh_view message = { (const uint8_t *)"one message", 11 };

static enum gh_status make(struct gh_error *error)
{
	return gh_signature_make_key(folder_place("a.key"), folder_place("a.pub"), error);
}

static bool there(const char *name)
{
	struct stat found;

	return stat(folder_place(name), &found) == 0;
}

static void make_while(enum inject_point point)
{
	INJECT_EACH(point, n)
	{
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;

		inject_pause();
		(void)folder_tear_down(NULL);
		assert_int_equal(folder_set_up(NULL), 0);
		inject_arm(point, n);
		status = make(&error);
		inject_pause();
		if (!inject_hit()) {
			assert_int_equal(status, GH_OK);
			continue;
		}
		if (status == GH_OK)
			continue;
		assert_true(strlen(error.text) > 0);
		/* No private key that has lost its public half. */
		assert_false(there("a.key"));
		assert_true(folder_count("") <= 1);
	}
	assert_true(there("a.key") && there("a.pub"));
}

static void a_full_disk(void **state)
{
	make_while(INJECT_WRITE);
}

static void a_disk_that_cannot_sync(void **state)
{
	make_while(INJECT_SYNC);
}

static void no_memory_for_a_key(void **state)
{
	make_while(INJECT_ALLOC);
}

static void signing_and_verifying_without_memory(void **state)
{
	struct gh_signature signature;

	assert_int_equal(make(NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status =
			gh_signature_sign_file(folder_place("a.key"), message, &signature, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
	}
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status =
			gh_signature_verify_file(folder_place("a.pub"), message, &signature, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
	}
}

static void a_file_that_cannot_be_read(void **state)
{
	struct gh_signature signature;

	assert_int_equal(make(NULL), GH_OK);
	assert_int_equal(
		gh_signature_sign_file(folder_place("a.key"), message, &signature, NULL), GH_OK);
	INJECT_EACH(INJECT_READ, n)
	{
		enum gh_status status =
			gh_signature_verify_file(folder_place("a.pub"), message, &signature, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_IO : GH_OK);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_full_disk),
		TEST(a_disk_that_cannot_sync),
		TEST(no_memory_for_a_key),
		TEST(signing_and_verifying_without_memory),
		TEST(a_file_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
