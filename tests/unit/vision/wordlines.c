/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of words, and the numbers in them. */
#include "wordlines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct gh_wordlines lines_of(const char *text)
{
	return (struct gh_wordlines){ .text = gh_view_of_text(text) };
}

static void comments_and_empty_lines_are_passed_over(void **state)
{
	struct gh_wordlines lines = lines_of("# head\n\none two\n#\nthree\n\n# end\n");

	assert_int_equal(gh_wordlines_next(&lines, NULL), GH_OK);
	assert_int_equal(lines.number, 3);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.words[0], "one");
	assert_string_equal(lines.words[1], "two");
	assert_false(gh_wordlines_over(&lines));
	lines = lines_of("last");
	assert_int_equal(gh_wordlines_next(&lines, NULL), GH_OK);
	assert_string_equal(lines.words[0], "last");
	assert_int_equal(gh_wordlines_next(&lines, NULL), GH_TRUNCATED);
	lines = lines_of("\n# only\n");
	assert_true(gh_wordlines_over(&lines));
}

static void what_is_no_line_of_words_is_refused(void **state)
{
	static const char *const wrong[] = { "two  blanks", " first", "last ", "a\tb",
		"caf\xc3\xa9", "1 2 3 4 5 6 7 8 9", "a\r\n", "12345678901234567890123456789012" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gh_wordlines lines = lines_of(wrong[i]);
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(gh_wordlines_next(&lines, &error), GH_MALFORMED);
		assert_non_null(strstr(error.text, "line 1"));
	}
}

static void a_text_has_its_limit(void **state)
{
	static char text[WORDLINES_BYTES_MAX + 2];
	struct gh_wordlines lines;

	memset(text, '\n', sizeof(text) - 1);
	lines = lines_of(text);
	assert_int_equal(gh_wordlines_next(&lines, NULL), GH_MALFORMED);
}

static void whole_numbers_are_digits(void **state)
{
	static const char *const wrong[] = { "", "-1", "+1", "1.0", "1234567890", "0x1", "1 " };
	int64_t value;

	assert_true(gh_word_whole("0", &value));
	assert_int_equal(value, 0);
	assert_true(gh_word_whole("999999999", &value));
	assert_int_equal(value, 999999999);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(gh_word_whole(wrong[i], &value));
}

static void numbers_may_have_a_point_and_a_sign(void **state)
{
	static const char *const wrong[] = { "", "-", ".", ".5", "1..2", "1.2.3", "1e3", "nan",
		"inf", "--1", "+1", "1,5", "1234567890123456" };
	float value;

	assert_true(gh_word_number("38.2946", &value));
	assert_float_equal(value, 38.2946f, 0);
	assert_true(gh_word_number("-1.4", &value));
	assert_float_equal(value, -1.4f, 0);
	assert_true(gh_word_number("127", &value));
	assert_float_equal(value, 127.0f, 0);
	assert_true(gh_word_number("5.", &value));
	assert_float_equal(value, 5.0f, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(gh_word_number(wrong[i], &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_and_empty_lines_are_passed_over),
		cmocka_unit_test(what_is_no_line_of_words_is_refused),
		cmocka_unit_test(a_text_has_its_limit),
		cmocka_unit_test(whole_numbers_are_digits),
		cmocka_unit_test(numbers_may_have_a_point_and_a_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
