/* SPDX-License-Identifier: Apache-2.0 */
/* Every version of the kernel gives the sums of plain arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dot.h"
#include "support/gallery/synthetic.h"

enum {
	ROWS_MAX = 67
};

struct table {
	int8_t codes[ROWS_MAX][GH_TEMPLATE_VALUES];
	int16_t words[ROWS_MAX][GH_DOT_WORDS];
	struct gh_dot_query query;
};

static int32_t plain(const struct table *table, size_t row)
{
	int64_t sum = 0;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		sum += (int64_t)table->codes[row][i] *
			(i % 2 ? table->query.odd[i / 2] : table->query.even[i / 2]);
	assert_in_range(sum + INT32_MAX, 0, 2 * (uint64_t)INT32_MAX);
	return (int32_t)sum;
}

static void run_all(struct table *table)
{
	for (size_t row = 0; row < ROWS_MAX; row++)
		gh_dot_pack(table->codes[row], table->words[row]);
	for (size_t k = 0; k < gh_dot_kernel_count; k++) {
		if (!gh_dot_kernels[k].supported()) {
			printf("kernel %s: not on this processor\n", gh_dot_kernels[k].name);
			continue;
		}
		/* Every remainder of the division into streams, and no write past the end. */
		for (size_t count = 0; count <= ROWS_MAX; count++) {
			int32_t dots[ROWS_MAX + 1];

			dots[count] = 0x5a5a5a5a;
			gh_dot_kernels[k].rows(table->words[0], count, &table->query, dots);
			for (size_t row = 0; row < count; row++)
				assert_int_equal(dots[row], plain(table, row));
			assert_int_equal(dots[count], 0x5a5a5a5a);
		}
	}
}

static void test_random_rows(void **state)
{
	static struct table table;
	uint64_t seed = synthetic_seed(11);

	for (size_t row = 0; row < ROWS_MAX; row++)
		for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
			table.codes[row][i] = (int8_t)((int)synthetic_below(&seed, 255) - 127);
	for (size_t i = 0; i < GH_DOT_WORDS; i++) {
		table.query.even[i] = (int16_t)((int)synthetic_below(&seed, 65535) - 32767);
		table.query.odd[i] = (int16_t)((int)synthetic_below(&seed, 65535) - 32767);
	}
	run_all(&table);
}

static void test_largest_sums_do_not_overflow(void **state)
{
	static struct table table;

	for (size_t row = 0; row < ROWS_MAX; row++)
		memset(table.codes[row], row % 2 ? GH_DOT_CODE_MAX : (uint8_t)-GH_DOT_CODE_MAX,
			GH_TEMPLATE_VALUES);
	for (size_t i = 0; i < GH_DOT_WORDS; i++)
		table.query.even[i] = table.query.odd[i] = GH_DOT_QUERY_MAX;
	assert_int_equal(plain(&table, 1), 2130641408);
	run_all(&table);
}

static void test_the_kernel_chosen_is_supported(void **state)
{
	assert_true(gh_dot_kernel()->supported());
	assert_true(gh_dot_kernels[gh_dot_kernel_count - 1].supported());
	printf("kernel %s\n", gh_dot_kernel()->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_rows),
		cmocka_unit_test(test_largest_sums_do_not_overflow),
		cmocka_unit_test(test_the_kernel_chosen_is_supported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
