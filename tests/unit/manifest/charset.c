/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of character sets: every byte of every set against the C library's own tables. */
#include "charset.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *id;
	const char *name;
} sets[] = {
	{ "UNOC", "ISO-8859-1" },
	{ "UNOD", "ISO-8859-2" },
	{ "UNOE", "ISO-8859-5" },
	{ "UNOF", "ISO-8859-7" },
	{ "UNOG", "ISO-8859-3" },
	{ "UNOH", "ISO-8859-4" },
	{ "UNOI", "ISO-8859-6" },
	{ "UNOJ", "ISO-8859-8" },
	{ "UNOK", "ISO-8859-9" },
};

static const char replacement[] = "\xef\xbf\xbd";

/* The C library's answer, or the replacement character where the set has no such byte. */
static void convert(iconv_t by, uint8_t byte, char text[8])
{
	char *in = (char *)&byte;
	char *out = text;
	size_t in_bytes = 1;
	size_t out_bytes = 7;

	memset(text, 0, 8);
	iconv(by, NULL, NULL, NULL, NULL);
	if (iconv(by, &in, &in_bytes, &out, &out_bytes) == (size_t)-1)
		memcpy(text, replacement, sizeof(replacement));
}

static void compare_set(size_t set, iconv_t by)
{
	struct gh_charset charset = gh_charset_of(gh_view_of_text(sets[set].id));

	for (unsigned byte = 0xa0; byte <= 0xff; byte++) {
		uint8_t one = (uint8_t)byte;
		struct gh_personal made;
		char wanted[8];
		bool odd;

		convert(by, one, wanted);
		assert_true(gh_charset_decode(charset, (struct gh_view){ &one, 1 }, &made, &odd));
		if (strcmp(made.text, wanted) != 0)
			print_error("%s, byte %02x\n", sets[set].id, byte);
		assert_string_equal(made.text, wanted);
	}
}

static void every_byte_of_every_set_is_as_in_the_c_library(void **state)
{
	size_t compared = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		iconv_t by = iconv_open("UTF-8", sets[i].name);

		if (by == (iconv_t)-1)
			continue;
		compare_set(i, by);
		iconv_close(by);
		compared++;
	}
	printf("%zu of %zu sets compared\n", compared, sizeof(sets) / sizeof(sets[0]));
	if (compared == 0)
		skip();
}

static void controls_above_127_are_not_let_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		for (unsigned byte = 0x80; byte < 0xa0; byte++) {
			struct gh_charset charset = gh_charset_of(gh_view_of_text(sets[i].id));
			uint8_t one = (uint8_t)byte;
			struct gh_personal made;
			bool odd;

			assert_true(gh_charset_decode(
				charset, (struct gh_view){ &one, 1 }, &made, &odd));
			assert_string_equal(made.text, replacement);
		}
}

static void ascii_with_foreign_bytes_is_read_as_it_was_meant(void **state)
{
	struct gh_charset charset = gh_charset_of(gh_view_of_text("UNOA"));
	struct gh_personal made;
	bool odd;

	(void)state;
	assert_true(gh_charset_decode(charset, gh_view_of_text("M\xc3\x9cLLER"), &made, &odd));
	assert_string_equal(made.text, "M\xc3\x9cLLER");
	assert_true(odd);
	assert_true(gh_charset_decode(charset, gh_view_of_text("M\xdcLLER"), &made, &odd));
	assert_string_equal(made.text, "M\xc3\x9cLLER");
	assert_true(odd);
	assert_true(gh_charset_decode(charset, gh_view_of_text("MULLER"), &made, &odd));
	assert_false(odd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_of_every_set_is_as_in_the_c_library),
		cmocka_unit_test(controls_above_127_are_not_let_through),
		cmocka_unit_test(ascii_with_foreign_bytes_is_read_as_it_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
