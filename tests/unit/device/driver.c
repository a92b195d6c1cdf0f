/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers are found by their whole name. */
#include "gatehouse/device/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake/fake.h"

static void all_of_the_table_are_found(void **state)
{
	for (size_t i = 0; i < gh_driver_table_length; i++)
		assert_ptr_equal(gh_driver_find(gh_driver_table[i]->name), gh_driver_table[i]);
}

static void others_are_not(void **state)
{
	static const char *const names[] = { "", "camera", "camera/", "camera/fakes", "CAMERA/FAKE",
		"camera/fake " };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(gh_driver_find(names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_the_table_are_found),
		cmocka_unit_test(others_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
