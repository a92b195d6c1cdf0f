/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of buffers (growth, wiping), UTF-8, text about persons and hexadecimal. */
#include "gatehouse/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void __real_free(void *memory);
void __wrap_free(void *memory);

static const uint8_t *watched;
static size_t watched_bytes;
static bool freed_wiped;

/* Called for every free() of the room: was the watched block all zero by then? */
void __wrap_free(void *memory)
{
	if (memory && memory == watched) {
		freed_wiped = true;
		for (size_t i = 0; i < watched_bytes; i++)
			freed_wiped = freed_wiped && watched[i] == 0;
		watched = NULL;
	}
	__real_free(memory);
}

static void watch(const struct gh_bytes *bytes)
{
	watched = bytes->data;
	watched_bytes = bytes->length_bytes;
	freed_wiped = false;
}

static void append_grows_and_keeps(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	uint8_t expected[1000];

	for (size_t i = 0; i < sizeof(expected); i++) {
		expected[i] = (uint8_t)(i * 7);
		assert_int_equal(gh_bytes_append(&bytes, &expected[i], 1, NULL), GH_OK);
	}
	assert_int_equal(bytes.length_bytes, sizeof(expected));
	assert_true(bytes.capacity_bytes >= bytes.length_bytes);
	assert_memory_equal(bytes.data, expected, sizeof(expected));
	gh_bytes_finish(&bytes);
	assert_null(bytes.data);
	assert_int_equal(bytes.capacity_bytes, 0);
}

static void growth_and_finish_wipe_the_old_place(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_bytes_append(&bytes, "secret", 6, NULL), GH_OK);
	watch(&bytes);
	assert_int_equal(gh_bytes_reserve(&bytes, bytes.capacity_bytes + 1, NULL), GH_OK);
	assert_null(watched);
	assert_true(freed_wiped);
	assert_memory_equal(bytes.data, "secret", 6);

	watch(&bytes);
	gh_bytes_finish(&bytes);
	assert_null(watched);
	assert_true(freed_wiped);
}

static void clear_wipes_and_keeps_the_memory(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	const uint8_t *place;

	assert_int_equal(gh_bytes_append(&bytes, "secret", 6, NULL), GH_OK);
	place = bytes.data;
	gh_bytes_clear(&bytes);
	assert_int_equal(bytes.length_bytes, 0);
	assert_ptr_equal(bytes.data, place);
	for (size_t i = 0; i < bytes.capacity_bytes; i++)
		assert_int_equal(place[i], 0);
	gh_bytes_finish(&bytes);
}

static void impossible_sizes_are_refused(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_bytes_append(&bytes, "x", 1, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&bytes, "y", SIZE_MAX, &error), GH_NO_MEMORY);
	assert_int_equal(error.status, GH_NO_MEMORY);
	assert_int_equal(bytes.length_bytes, 1);
	assert_int_equal(bytes.data[0], 'x');
	gh_bytes_finish(&bytes);
}

static void nothing_is_a_value_too(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_bytes_append(&bytes, NULL, 0, NULL), GH_OK);
	assert_int_equal(gh_bytes_reserve(&bytes, 0, NULL), GH_OK);
	assert_null(bytes.data);
	gh_bytes_clear(&bytes);
	assert_int_equal(gh_bytes_view(&bytes).length_bytes, 0);
	gh_bytes_finish(&bytes);
	gh_bytes_finish(NULL);
	gh_wipe(NULL, 0);
}

static void print_appends_formatted_text(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_bytes_print(&bytes, NULL, "%s=%d", "n", 42), GH_OK);
	assert_int_equal(gh_bytes_print(&bytes, NULL, "%s", ""), GH_OK);
	assert_int_equal(gh_bytes_print(&bytes, NULL, ";%0200d", 1), GH_OK);
	assert_int_equal(bytes.length_bytes, 4 + 201);
	assert_memory_equal(bytes.data, "n=42;000", 8);
	assert_int_equal(bytes.data[204], '1');
	gh_bytes_finish(&bytes);
}

static void views_compare_by_content(void **state)
{
	assert_true(gh_view_equal(gh_view_of_text("abc"), gh_view_of_text("abc")));
	assert_false(gh_view_equal(gh_view_of_text("abc"), gh_view_of_text("abd")));
	assert_false(gh_view_equal(gh_view_of_text("abc"), gh_view_of_text("ab")));
	assert_true(gh_view_equal(gh_view_of_text(NULL), gh_view_of_text("")));
}

static void utf8_is_read_strictly(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		uint32_t code_point;
	} rows[] = {
		{ "A", 1, 'A' },
		{ "\xC2\x80", 2, 0x80 },
		{ "\xC3\x89z", 2, 0xC9 },
		{ "\xE0\xA0\x80", 3, 0x800 },
		{ "\xED\x9F\xBF", 3, 0xD7FF },
		{ "\xEE\x80\x80", 3, 0xE000 },
		{ "\xF0\x90\x80\x80", 4, 0x10000 },
		{ "\xF4\x8F\xBF\xBF", 4, 0x10FFFF },
		/* refused: empty, lone, short, overlong, surrogate, beyond, Latin-1 */
		{ "", 0, 0 },
		{ "\x80", 0, 0 },
		{ "\xC3", 0, 0 },
		{ "\xC3z", 0, 0 },
		{ "\xE2\x82", 0, 0 },
		{ "\xC0\x80", 0, 0 },
		{ "\xC1\xBF", 0, 0 },
		{ "\xE0\x9F\xBF", 0, 0 },
		{ "\xF0\x8F\xBF\xBF", 0, 0 },
		{ "\xED\xA0\x80", 0, 0 },
		{ "\xED\xBF\xBF", 0, 0 },
		{ "\xF4\x90\x80\x80", 0, 0 },
		{ "\xF8\x88\x80\x80\x80", 0, 0 },
		{ "\xFF", 0, 0 },
		{ "\xE9t\xE9", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code_point = 1;

		assert_int_equal(
			gh_utf8_decode(gh_view_of_text(rows[i].text), &code_point), rows[i].length);
		assert_int_equal(code_point, rows[i].code_point);
	}
}

static void personal_keeps_whole_characters(void **state)
{
	struct gh_personal personal;
	char text[200];

	assert_true(gh_personal_set(&personal, gh_view_of_text("ERIKSSON<<ANNA<MARIA")));
	assert_string_equal(personal.text, "ERIKSSON<<ANNA<MARIA");

	memset(text, 'x', sizeof(text));
	memcpy(text + 126, "\xC3\xA9", 2);
	assert_false(gh_personal_set(&personal, (struct gh_view){ (uint8_t *)text, 128 }));
	assert_int_equal(strlen(personal.text), 126);
	assert_true(gh_personal_set(&personal, (struct gh_view){ (uint8_t *)text, 126 }));
	assert_true(gh_personal_set(&personal, (struct gh_view){ (uint8_t *)text + 1, 127 }));
	assert_int_equal(strlen(personal.text), 127);
}

static void personal_cleans_what_is_not_text(void **state)
{
	static const uint8_t hostile[] = { 'A', 0x1B, '[', 0, 0xE9, 0xC2, 0x85, 0x7F, 'B' };
	struct gh_personal personal;

	assert_true(gh_personal_set(&personal, (struct gh_view){ hostile, sizeof(hostile) }));
	assert_string_equal(personal.text,
		"A\xEF\xBF\xBD[\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
		"B");
	assert_true(gh_personal_set(&personal, gh_view_of_text("")));
	for (size_t i = 0; i < sizeof(personal.text); i++)
		assert_int_equal(personal.text[i], 0);
}

static void hex_round_trip(void **state)
{
	uint8_t bytes[256];
	uint8_t back[256];
	char text[2 * sizeof(bytes) + 1];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	gh_hex_format(bytes, sizeof(bytes), text);
	assert_memory_equal(text, "000102030405060708090a0b", 24);
	assert_int_equal(gh_hex_parse(text, back, sizeof(back), NULL), GH_OK);
	assert_memory_equal(bytes, back, sizeof(bytes));
	assert_int_equal(gh_hex_parse("AbCd", back, 2, NULL), GH_OK);
	assert_int_equal(back[0], 0xAB);
	gh_hex_format(NULL, 0, text);
	assert_string_equal(text, "");
}

static void hex_takes_exactly_its_length(void **state)
{
	static const char *const wrong[] = { "", "a", "abc", "abcde", "abcg", "ab cd", "0xab",
		"-1ab" };
	uint8_t bytes[2];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(gh_hex_parse(wrong[i], bytes, 2, &error), GH_MALFORMED);
		assert_int_equal(error.status, GH_MALFORMED);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(append_grows_and_keeps),
		cmocka_unit_test(growth_and_finish_wipe_the_old_place),
		cmocka_unit_test(clear_wipes_and_keeps_the_memory),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(nothing_is_a_value_too),
		cmocka_unit_test(print_appends_formatted_text),
		cmocka_unit_test(views_compare_by_content),
		cmocka_unit_test(utf8_is_read_strictly),
		cmocka_unit_test(personal_keeps_whole_characters),
		cmocka_unit_test(personal_cleans_what_is_not_text),
		cmocka_unit_test(hex_round_trip),
		cmocka_unit_test(hex_takes_exactly_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
