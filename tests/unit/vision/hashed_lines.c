/* SPDX-License-Identifier: Apache-2.0 */
/* Lines under a hash: what is read, what is refused, and the line that is named. */
#include "hashed_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct gh_error error;

static struct gh_hashed_lines lines_of(const char *text)
{
	return (struct gh_hashed_lines){ .text = gh_view_of_text(text), .error = &error };
}

static void values_are_read_in_order(void **state)
{
	struct gh_hashed_lines lines = lines_of(
		"specimen 3\nname two words\ncount 4294967295\nnumbers 1 -2.5 3e2\nyes no\n");
	float numbers[3];
	uint32_t count;
	char text[10];
	bool yes;

	(void)state;
	assert_int_equal(gh_hashed_lines_begin(&lines, "specimen", 3), GH_OK);
	assert_int_equal(gh_hashed_lines_text(&lines, "name", text, sizeof(text)), GH_OK);
	assert_string_equal(text, "two words");
	assert_int_equal(gh_hashed_lines_count(&lines, "count", &count), GH_OK);
	assert_int_equal(count, UINT32_MAX);
	assert_int_equal(gh_hashed_lines_numbers(&lines, "numbers", numbers, 3), GH_OK);
	assert_float_equal(numbers[1], -2.5f, 0);
	assert_float_equal(numbers[2], 300.0f, 0);
	assert_int_equal(gh_hashed_lines_yes(&lines, "yes", &yes), GH_OK);
	assert_false(yes);
	assert_int_equal(gh_hashed_lines_yes(&lines, "yes", &yes), GH_TRUNCATED);
}

static void assert_wrong(enum gh_status status, uint32_t line)
{
	char word[32];

	snprintf(word, sizeof(word), "line %u:", line);
	assert_int_equal(status, GH_MALFORMED);
	assert_non_null(strstr(error.text, word));
}

static void what_is_no_value_names_its_line(void **state)
{
	static const char *const counts[] = { "n -1\n", "n 4294967296\n", "n 1 \n", "n \n",
		"n 0x1\n", "m 1\n", "n1\n" };
	static const char *const numbers[] = { "n 1\n", "n 1 2 3\n", "n 1  2\n", "n nan 2\n",
		"n 1 2e6\n", "n  1 2\n", "n 1 2 \n" };
	char text[10];
	float two[2];
	uint32_t count;
	bool yes;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct gh_hashed_lines lines = lines_of(counts[i]);

		assert_wrong(gh_hashed_lines_count(&lines, "n", &count), 1);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct gh_hashed_lines lines = lines_of(numbers[i]);

		assert_wrong(gh_hashed_lines_numbers(&lines, "n", two, 2), 1);
	}
	struct gh_hashed_lines lines = lines_of("n 1\nyes maybe\ntext 0123456789\n");

	assert_int_equal(gh_hashed_lines_count(&lines, "n", &count), GH_OK);
	assert_wrong(gh_hashed_lines_yes(&lines, "yes", &yes), 2);
	assert_wrong(gh_hashed_lines_text(&lines, "text", text, sizeof(text)), 3);
}

static void long_lines_and_zero_bytes_are_refused(void **state)
{
	char text[HASHED_LINE_BYTES + 3];
	struct gh_hashed_lines lines;
	char *value;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = '\0';
	lines = lines_of(text);
	assert_wrong(gh_hashed_lines_take(&lines, "x", &value), 1);
	lines = (struct gh_hashed_lines){ .text = { (const uint8_t *)"x y\0z\n", 6 },
		.error = &error };
	assert_wrong(gh_hashed_lines_take(&lines, "x", &value), 1);
}

static void the_hash_is_of_all_before_it(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	uint32_t count;

	(void)state;
	assert_int_equal(gh_bytes_print(&text, NULL, "n 5\n"), GH_OK);
	assert_int_equal(gh_hashed_lines_seal(&text, NULL), GH_OK);
	for (int changed = 0; changed < 3; changed++) {
		struct gh_hashed_lines lines = { .text = gh_bytes_view(&text), .error = &error };

		if (changed == 1)
			text.data[2] = '6';
		if (changed == 2)
			assert_int_equal(gh_bytes_print(&text, NULL, "more\n"), GH_OK);
		lines.text = gh_bytes_view(&text);
		assert_int_equal(gh_hashed_lines_count(&lines, "n", &count), GH_OK);
		assert_int_equal(gh_hashed_lines_end(&lines),
			changed == 0           ? GH_OK
				: changed == 1 ? GH_INTEGRITY
					       : GH_MALFORMED);
	}
	gh_bytes_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_in_order),
		cmocka_unit_test(what_is_no_value_names_its_line),
		cmocka_unit_test(long_lines_and_zero_bytes_are_refused),
		cmocka_unit_test(the_hash_is_of_all_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
