/* SPDX-License-Identifier: Apache-2.0 */
/* A driver's options: what is read, what is refused and what the refusal says. */
#include "gatehouse/device/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const paces[] = { "wall", "fast", NULL };

static uint32_t number;
static uint32_t pace;
static uint32_t loop;

static const struct gh_option options[] = {
	{ "number", NULL, 5, 4000000000u, &number },
	{ "pace", paces, 0, 0, &pace },
	{ "loop", gh_option_switch, 0, 0, &loop },
};

static enum gh_status parse(const char *text, struct gh_error *error)
{
	number = 7;
	pace = 0;
	loop = 0;
	return gh_options_parse(text, options, 3, error);
}

static void good_options_are_read(void **state)
{
	assert_int_equal(parse("", NULL), GH_OK);
	assert_int_equal(number, 7);
	assert_int_equal(parse("number=5", NULL), GH_OK);
	assert_int_equal(number, 5);
	assert_int_equal(parse("loop=yes,number=4000000000,pace=fast", NULL), GH_OK);
	assert_int_equal(number, 4000000000u);
	assert_int_equal(pace, 1);
	assert_int_equal(loop, 1);
	assert_int_equal(parse("number=0000000000000005", NULL), GH_OK);
	assert_int_equal(number, 5);
}

static void bad_options_are_refused(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} bad[] = {
		{ "number", "no '='" },
		{ "number=", "a number from 5 to 4000000000" },
		{ "number=4", "a number from" },
		{ "number=4000000001", "a number from" },
		{ "number=18446744073709551621", "a number from" },
		{ "number=-5", "a number from" },
		{ "number=+5", "a number from" },
		{ "number= 5", "a number from" },
		{ "number=5 ", "a number from" },
		{ "number=5x", "a number from" },
		{ "number=0x10", "a number from" },
		{ "loop=y", "one of no, yes" },
		{ "loop=YES", "one of no, yes" },
		{ "pace=", "one of wall, fast" },
		{ "speed=1", "there are: number, pace, loop" },
		{ "=1", "there are: number, pace, loop" },
		{ " number=6", "there are:" },
		{ "number=6,number=7", "given twice" },
		{ "number=6,", "end with ','" },
		{ ",number=6", "no '='" },
		{ "number=6,,loop=yes", "no '='" },
		{ ",", "no '='" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		assert_int_equal(parse(bad[i].text, &error), GH_SETTINGS);
		if (!strstr(error.text, bad[i].said))
			fail_msg("'%s': %s", bad[i].text, error.text);
	}
}

static void long_garbage_is_not_repeated_whole(void **state)
{
	char text[300];
	struct gh_error error = GH_ERROR_NONE;
	memset(text, 'k', sizeof(text));
	text[100] = '=';
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(parse(text, &error), GH_SETTINGS);
	assert_true(strlen(error.text) < 120);
}

static void none_are_known_without_a_table(void **state)
{
	assert_int_equal(gh_options_parse("", NULL, 0, NULL), GH_OK);
	assert_int_equal(gh_options_parse("a=b", NULL, 0, NULL), GH_SETTINGS);
}

static void numbers_of_commands(void **state)
{
	uint32_t value = 1;
	assert_int_equal(gh_number_parse("42", 0, 50, &value, NULL), GH_OK);
	assert_int_equal(value, 42);
	assert_int_equal(gh_number_parse("51", 0, 50, &value, NULL), GH_MALFORMED);
	assert_int_equal(gh_number_parse("", 0, 50, &value, NULL), GH_MALFORMED);
	assert_int_equal(gh_number_parse("4,2", 0, 50, &value, NULL), GH_MALFORMED);
	assert_int_equal(value, 42);
	assert_int_equal(gh_number_parse("4294967295", 0, UINT32_MAX, &value, NULL), GH_OK);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(gh_number_parse("4294967296", 0, UINT32_MAX, &value, NULL), GH_MALFORMED);
}

static void verbs_of_commands(void **state)
{
	assert_string_equal(gh_command_rest("load /a b", "load"), "/a b");
	assert_string_equal(gh_command_rest("load", "load"), "");
	assert_string_equal(gh_command_rest("load ", "load"), "");
	assert_null(gh_command_rest("loads", "load"));
	assert_null(gh_command_rest("loa", "load"));
	assert_null(gh_command_rest("", "load"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_options_are_read),
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(long_garbage_is_not_repeated_whole),
		cmocka_unit_test(none_are_known_without_a_table),
		cmocka_unit_test(numbers_of_commands),
		cmocka_unit_test(verbs_of_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
