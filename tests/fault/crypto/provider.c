/* SPDX-License-Identifier: Apache-2.0 */
/* The key provider on a failing disk: no half key is ever left, and the next opening works. */
#include "gatehouse/crypto/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "inject.h"
#include "support/folder.h"

static enum gh_status open_keys(const char *name, struct gh_error *error)
{
	struct gh_provider *provider;
	enum gh_status status = gh_provider_open("file", folder_place(name), &provider, error);

	gh_provider_close(provider);
	return status;
}

static void expect_whole_key(const char *name, const char *file)
{
	struct stat found;
	char inner[128];

	snprintf(inner, sizeof(inner), "%s/%s", name, file);
	if (stat(folder_place(inner), &found) != 0)
		return;
	assert_int_equal(found.st_size, 32);
	assert_int_equal(found.st_mode & 0777, 0600);
}

/* Each call of the first opening fails in turn, in a folder of its own. */
static void open_while(enum inject_point point)
{
	INJECT_EACH(point, n)
	{
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;
		bool hit;
		char name[64];

		inject_pause();
		snprintf(name, sizeof(name), "keys-%d-%lu", (int)point, n);
		inject_arm(point, n);
		status = open_keys(name, &error);
		inject_pause();
		hit = inject_hit();
		/* A temporary file that cannot be removed is no reason to refuse. */
		if (point != INJECT_RENAME)
			assert_int_equal(status != GH_OK, hit);
		assert_int_equal(error.status, status);
		expect_whole_key(name, "master.key");
		expect_whole_key(name, "signing.key");
		assert_int_equal(open_keys(name, NULL), GH_OK);
	}
}

static void memory(void **state)
{
	open_while(INJECT_ALLOC);
}

static void a_full_disk(void **state)
{
	open_while(INJECT_WRITE);
}

static void a_disk_that_cannot_sync(void **state)
{
	open_while(INJECT_SYNC);
}

static void reading(void **state)
{
	open_while(INJECT_READ);
}

static void opening_files(void **state)
{
	open_while(INJECT_OPEN);
}

static void renaming(void **state)
{
	open_while(INJECT_RENAME);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(memory),
		TEST(a_full_disk),
		TEST(a_disk_that_cannot_sync),
		TEST(reading),
		TEST(opening_files),
		TEST(renaming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
