/* SPDX-License-Identifier: Apache-2.0 */
/* Settings on a failing disk or without memory: the defaults remain, and the file is named. */
#include "gatehouse/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "inject.h"
#include "support/folder.h"

static void load_while(enum inject_point point, enum gh_status expected)
{
	struct gh_settings defaults;

	gh_settings_default(&defaults);
	assert_int_equal(gh_file_replace(folder_place("f.conf"),
				 gh_view_of_text("[lane]\nid = north\n"), 0600, NULL),
		GH_OK);
	INJECT_EACH(point, n)
	{
		struct gh_settings settings;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_settings_load(folder_place("f.conf"), &settings, &error);

		inject_pause();
		if (inject_hit()) {
			assert_int_equal(status, expected);
			assert_non_null(strstr(error.text, "f.conf"));
			assert_memory_equal(&settings, &defaults, sizeof(settings));
		} else {
			assert_int_equal(status, GH_OK);
			assert_string_equal(settings.lane.id, "north");
		}
	}
}

static void memory(void **state)
{
	load_while(INJECT_ALLOC, GH_NO_MEMORY);
}

static void opening(void **state)
{
	load_while(INJECT_OPEN, GH_IO);
}

static void reading(void **state)
{
	load_while(INJECT_READ, GH_IO);
}

static void a_reference_without_memory(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bytes text = GH_BYTES_EMPTY;
		enum gh_status status = gh_settings_reference(&text, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_bytes_finish(&text);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(memory),
		TEST(opening),
		TEST(reading),
		TEST(a_reference_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
