/* SPDX-License-Identifier: Apache-2.0 */
/* Base64: the vectors of the standard, and what is refused. */
#include "gatehouse/crypto/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648, section 10. */
static const char *const vectors[][2] = {
	{ "", "" },
	{ "f", "Zg==\n" },
	{ "fo", "Zm8=\n" },
	{ "foo", "Zm9v\n" },
	{ "foob", "Zm9vYg==\n" },
	{ "fooba", "Zm9vYmE=\n" },
	{ "foobar", "Zm9vYmFy\n" },
};

static void the_standards_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct gh_bytes text = GH_BYTES_EMPTY;
		struct gh_bytes bytes = GH_BYTES_EMPTY;

		assert_int_equal(
			gh_base64_encode(gh_view_of_text(vectors[i][0]), &text, NULL), GH_OK);
		assert_true(gh_view_equal(gh_bytes_view(&text), gh_view_of_text(vectors[i][1])));
		assert_int_equal(gh_base64_decode(gh_bytes_view(&text), 100, &bytes, NULL), GH_OK);
		assert_true(gh_view_equal(gh_bytes_view(&bytes), gh_view_of_text(vectors[i][0])));
		gh_bytes_finish(&text);
		gh_bytes_finish(&bytes);
	}
}

static void every_byte_in_lines_of_64(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_bytes back = GH_BYTES_EMPTY;
	uint8_t bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(255 - i);
	assert_int_equal(
		gh_base64_encode((struct gh_view){ bytes, sizeof(bytes) }, &text, NULL), GH_OK);
	for (size_t i = 64; i < text.length_bytes; i += 65)
		assert_int_equal(text.data[i], '\n');
	assert_int_equal(gh_base64_decode(gh_bytes_view(&text), 1000, &back, NULL), GH_OK);
	assert_int_equal(back.length_bytes, sizeof(bytes));
	assert_memory_equal(back.data, bytes, sizeof(bytes));
	gh_bytes_finish(&text);
	gh_bytes_finish(&back);
}

static enum gh_status decode(const char *text, size_t limit_bytes)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status =
		gh_base64_decode(gh_view_of_text(text), limit_bytes, &bytes, &error);

	if (status != GH_OK) {
		assert_null(bytes.data);
		assert_int_not_equal(error.text[0], '\0');
	}
	gh_bytes_finish(&bytes);
	return status;
}

static void blanks_are_passed_over(void **state)
{
	(void)state;
	assert_int_equal(decode(" Zm\r\n9v\tYmF y\n\n", 100), GH_OK);
	assert_int_equal(decode("   ", 100), GH_OK);
	assert_int_equal(decode("Zg\n=\n=", 100), GH_OK);
}

static void what_is_not_base64_is_refused(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "=",
		"====", "Z===", "Zg==Zg==", "Zg=a", "Zm9v=", "Zm-_", "Zm9v!",
		"Zm9vYmFy====", "\x80\x80\x80\x80", "-----BEGIN" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (decode(bad[i], 100) != GH_MALFORMED)
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(decode("Zm9v", 3), GH_TOO_LARGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_vectors),
		cmocka_unit_test(every_byte_in_lines_of_64),
		cmocka_unit_test(blanks_are_passed_over),
		cmocka_unit_test(what_is_not_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
