/* SPDX-License-Identifier: Apache-2.0 */
/* A calibration when memory or disk fail at any point: whole, or not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/crypto/signature.h"
#include "inject.h"
#include "support/folder.h"
#include "support/gallery/synthetic.h"

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	return gh_signature_make_key(folder_place("a.key"), folder_place("a.pub"), NULL) == GH_OK
		? 0
		: -1;
}

static enum gh_status write_signed(struct gh_error *error)
{
	struct gh_calibration_content content = synthetic_content();

	return gh_calibration_write(folder_place("c"), &content, folder_place("a.key"), error);
}

static void expect_whole(void)
{
	struct gh_calibration *calibration;

	assert_int_equal(gh_calibration_open(folder_place("c"), &calibration, NULL), GH_OK);
	assert_int_equal(gh_calibration_verify(calibration, folder_place("a.pub"), NULL), GH_OK);
	gh_calibration_close(calibration);
}

/* What was there before is there after a failure. */
static void write_while(enum inject_point point, enum gh_status expected)
{
	assert_int_equal(write_signed(NULL), GH_OK);
	INJECT_EACH(point, n)
	{
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = write_signed(&error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? expected : GH_OK);
		expect_whole();
		assert_int_equal(folder_count(""), 3);
	}
}

static void written_without_memory(void **state)
{
	write_while(INJECT_ALLOC, GH_NO_MEMORY);
}

static void written_to_a_full_disk(void **state)
{
	write_while(INJECT_WRITE, GH_FULL);
}

static void read_without_memory(void **state)
{
	assert_int_equal(write_signed(NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_calibration *calibration;
		enum gh_status status = gh_calibration_open(folder_place("c"), &calibration, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_true((calibration != NULL) == (status == GH_OK));
		gh_calibration_close(calibration);
	}
}

static void read_from_a_failing_disk(void **state)
{
	assert_int_equal(write_signed(NULL), GH_OK);
	INJECT_EACH(INJECT_READ, n)
	{
		struct gh_calibration *calibration;
		enum gh_status status = gh_calibration_open(folder_place("c"), &calibration, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_IO : GH_OK);
		gh_calibration_close(calibration);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(written_without_memory),
		TEST(written_to_a_full_disk),
		TEST(read_without_memory),
		TEST(read_from_a_failing_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
