/* SPDX-License-Identifier: Apache-2.0 */
/* Subnormal numbers count as zero between the two calls, and only there. */
#include "tiny_numbers.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Volatile, so that the processor and not the compiler does the arithmetic. */
static float product(float a, float b)
{
	volatile float x = a;
	volatile float y = b;
	volatile float result = x * y;

	return result;
}

static void test_as_zero(void **state)
{
	uint64_t before = gh_tiny_numbers_as_zero();
	float made = product(FLT_MIN, 0.5f);
	float read = product(FLT_MIN / 4.0f, 1024.0f);
	float normal = product(FLT_MIN, 2.0f);

	gh_tiny_numbers_restore(before);
#if defined(__x86_64__) || defined(__aarch64__)
	assert_true(made == 0.0f);
	assert_true(read == 0.0f);
#else
	(void)made;
	(void)read;
#endif
	assert_true(normal == 2.0f * FLT_MIN);
}

static void test_restored(void **state)
{
	uint64_t outer = gh_tiny_numbers_as_zero();
	uint64_t inner = gh_tiny_numbers_as_zero();

	gh_tiny_numbers_restore(inner);
#if defined(__x86_64__) || defined(__aarch64__)
	assert_true(product(FLT_MIN, 0.5f) == 0.0f);
#endif
	gh_tiny_numbers_restore(outer);
	assert_true(product(FLT_MIN, 0.5f) > 0.0f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_zero),
		cmocka_unit_test(test_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
