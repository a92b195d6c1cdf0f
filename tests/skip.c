/* SPDX-License-Identifier: Apache-2.0 */
/* A cmocka program in which every test skipped exits with 77, which ctest shows as skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum {
	EXIT_SKIPPED = 77
};

static size_t tests_found;
static size_t tests_skipped;

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
void __real__skip(const char *file, int line);
void __wrap__skip(const char *file, int line);
int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown);

void __wrap__skip(const char *file, int line)
{
	tests_skipped++;
	__real__skip(file, line);
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown)
{
	for (size_t i = 0; i < count; i++)
		tests_found += tests[i].test_func != NULL;
	return __real__cmocka_run_group_tests(name, tests, count, setup, teardown);
}

int __wrap_main(int argc, char **argv)
{
	int result = __real_main(argc, argv);

	if (tests_found == 0)
		return result;
	if (tests_skipped > 0)
		printf("skipped %zu of %zu tests\n", tests_skipped, tests_found);
	if (result == 0 && tests_skipped == tests_found)
		return EXIT_SKIPPED;
	/* cmocka returns the number of failures: 77 or 256 of them are failures all the same. */
	return result != 0;
}
