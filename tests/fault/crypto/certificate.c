/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's certificates on a failing disk: the next run always ends with a set that fits. */
#include "gatehouse/crypto/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "inject.h"
#include "support/folder.h"

static const char *const clients[] = { "lane-1" };
static const char *const roles[] = { GH_ROLE_LANE };

static enum gh_status make(struct gh_error *error)
{
	return gh_demo_certificates_make(folder_place("demo"), clients, roles, 1, error);
}

static void expect_a_set_that_fits(void)
{
	static const char *const names[] = { "ca", "central", "signer", "lane-1" };

	assert_int_equal(make(NULL), GH_OK);
	assert_int_equal(folder_count("demo"), 8);
	for (size_t i = 0; i < 4; i++) {
		char pem[64];
		char key[64];

		snprintf(pem, sizeof(pem), "demo/%s.pem", names[i]);
		snprintf(key, sizeof(key), "demo/%s.key", names[i]);
		assert_int_equal(
			gh_certificate_match_key(folder_place(pem), folder_place(key), NULL),
			GH_OK);
	}
}

static void make_while(enum inject_point point, enum gh_status expected)
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
		assert_int_equal(status, inject_hit() ? expected : GH_OK);
		if (inject_hit())
			assert_memory_equal(error.text, "demo certificates: ", 19);
		expect_a_set_that_fits();
	}
}

static void a_full_disk(void **state)
{
	make_while(INJECT_WRITE, GH_FULL);
}

static void a_disk_that_cannot_sync(void **state)
{
	make_while(INJECT_SYNC, GH_IO);
}

static void a_rename_that_is_denied(void **state)
{
	make_while(INJECT_RENAME, GH_DENIED);
}

static void reading_without_memory(void **state)
{
	assert_int_equal(make(NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_certificate certificate;
		enum gh_status status =
			gh_certificate_read(folder_place("demo/lane-1.pem"), &certificate, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(strlen(certificate.name), inject_hit() ? 0 : 6);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_full_disk),
		TEST(a_disk_that_cannot_sync),
		TEST(a_rename_that_is_denied),
		TEST(reading_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
