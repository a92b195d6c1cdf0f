/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the statuses: every one has a name of its own, a text and a remedy. */
#include "gatehouse/base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void names_are_lower_case_and_distinct(void **state)
{
	for (int i = 0; i < GH_STATUS_COUNT; i++) {
		const char *name = gh_status_name((enum gh_status)i);

		assert_true(strlen(name) >= 2);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, gh_status_name((enum gh_status)j));
	}
}

static void named_values(void **state)
{
	assert_string_equal(gh_status_name(GH_OK), "ok");
	assert_string_equal(gh_status_name(GH_NOT_FOUND), "not_found");
	assert_string_equal(gh_status_name(GH_NO_MEMORY), "no_memory");
	assert_string_equal(gh_status_name(GH_INTERNAL), "internal");
	assert_string_equal(gh_status_text(GH_FULL), "no room is left");
	assert_int_equal(gh_status_remedy(GH_OK), GH_REMEDY_NONE);
	assert_int_equal(gh_status_remedy(GH_OFFLINE), GH_REMEDY_LATER);
	assert_int_equal(gh_status_remedy(GH_NO_FACE), GH_REMEDY_TRAVELLER);
}

static void unknown_values_have_answers(void **state)
{
	static const int strangers[] = { -1, GH_STATUS_COUNT, INT32_MAX, INT32_MIN };

	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		enum gh_status status = (enum gh_status)strangers[i];

		assert_string_equal(gh_status_name(status), "unknown");
		assert_non_null(gh_status_text(status));
		assert_int_equal(gh_status_remedy(status), GH_REMEDY_DEVELOPER);
	}
	assert_string_equal(gh_remedy_name((enum gh_remedy)99), "unknown");
}

static void remedies_are_named(void **state)
{
	assert_string_equal(gh_remedy_name(GH_REMEDY_NONE), "none");
	assert_string_equal(gh_remedy_name(GH_REMEDY_TRAVELLER), "traveller");
	assert_string_equal(gh_remedy_name(GH_REMEDY_OFFICER), "officer");
	assert_string_equal(gh_remedy_name(GH_REMEDY_LATER), "later");
	assert_string_equal(gh_remedy_name(GH_REMEDY_TECHNICIAN), "technician");
	assert_string_equal(gh_remedy_name(GH_REMEDY_DEVELOPER), "developer");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_lower_case_and_distinct),
		cmocka_unit_test(named_values),
		cmocka_unit_test(unknown_values_have_answers),
		cmocka_unit_test(remedies_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
