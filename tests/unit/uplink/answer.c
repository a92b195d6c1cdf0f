/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's answers are read strictly and within bounds. */
#include "answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID "10200000-0000-0000-0000-000000000001"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NOW_MS INT64_C(1764000000000) /* Mon, 24 Nov 2025 16:00:00 GMT */

static struct listed_voyage voyages[ANSWER_VOYAGES_MAX];
static struct gh_id persons[ANSWER_PASSAGES_MAX];

static enum gh_status read_voyages(const char *text, size_t *count)
{
	struct gh_error error;

	return answer_voyages(gh_view_of_text(text), voyages, count, &error);
}

static void a_list_of_voyages_is_read(void **state)
{
	size_t count = 9;

	assert_int_equal(read_voyages("{\"voyages\":[]}", &count), GH_OK);
	assert_int_equal(count, 0);
	assert_int_equal(read_voyages("{\"voyages\":[{\"id\":\"" ID "\",\"etag\":\"" HASH
				      "\",\"version\":7,\"more\":null}]}",
				 &count),
		GH_OK);
	assert_int_equal(count, 1);
	assert_string_equal(voyages[0].etag, HASH);
	assert_int_equal(voyages[0].id.bytes[0], 0x10);
}

static void a_list_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "null", "{\"voyages\":{}}", "{}",
		"{\"voyages\":[1]}", "{\"voyages\":[{}]}", "{\"voyages\":[{\"id\":\"" ID "\"}]}",
		"{\"voyages\":[{\"id\":\"" ID "\",\"etag\":\"short\"}]}",
		"{\"voyages\":[{\"id\":\"x\",\"etag\":\"" HASH "\"}]}",
		"{\"voyages\":[],\"voyages\":[]}" };
	size_t count;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		count = 9;
		assert_int_equal(read_voyages(bad[i], &count), GH_MALFORMED);
		assert_int_equal(count, 0);
	}
}

/* {"NAME":[ITEM, ITEM ...]REST */
static char *long_list(const char *name, const char *item, size_t items, const char *rest)
{
	size_t room = strlen(name) + (strlen(item) + 1) * items + strlen(rest) + 20;
	char *text = malloc(room);
	size_t used;

	assert_non_null(text);
	used = (size_t)snprintf(text, room, "{\"%s\":[", name);
	for (size_t i = 0; i < items; i++)
		used += (size_t)snprintf(text + used, room - used, "%s%s", i ? "," : "", item);
	snprintf(text + used, room - used, "]%s", rest);
	return text;
}

static void a_list_beyond_its_bound_is_refused(void **state)
{
	static const char item[] = "{\"id\":\"" ID "\",\"etag\":\"" HASH "\"}";
	size_t count;
	char *text = long_list("voyages", item, ANSWER_VOYAGES_MAX, "}");

	assert_int_equal(read_voyages(text, &count), GH_OK);
	assert_int_equal(count, ANSWER_VOYAGES_MAX);
	free(text);
	text = long_list("voyages", item, ANSWER_VOYAGES_MAX + 1, "}");
	assert_int_equal(read_voyages(text, &count), GH_TOO_LARGE);
	assert_int_equal(count, 0);
	free(text);
}

static void passages_are_read_with_their_next_page(void **state)
{
	struct gh_error error;
	int64_t next;
	size_t count;
	char *text;

	assert_int_equal(answer_passages(gh_view_of_text("{\"next\":12,\"passages\":[\"" ID "\"]}"),
				 persons, &count, &next, &error),
		GH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(next, 12);
	static const char *const bad[] = { "{\"passages\":[]}", "{\"next\":-1,\"passages\":[]}",
		"{\"next\":\"1\",\"passages\":[]}", "{\"next\":1}",
		"{\"next\":1,\"passages\":[\"x\"]}", "{\"next\":1,\"passages\":[null]}" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			answer_passages(gh_view_of_text(bad[i]), persons, &count, &next, &error),
			GH_MALFORMED);
		assert_int_equal(count, 0);
	}
	text = long_list("passages", "\"" ID "\"", ANSWER_PASSAGES_MAX + 1, ",\"next\":1}");
	assert_int_equal(answer_passages(gh_view_of_text(text), persons, &count, &next, &error),
		GH_TOO_LARGE);
	free(text);
}

static void the_centres_word_is_taken_only_as_a_word(void **state)
{
	char word[16];

	answer_error_code(gh_view_of_text("{\"error\":{\"code\":\"schema\"}}"), word, sizeof(word));
	assert_string_equal(word, "schema");
	static const char *const bad[] = { "", "{}", "{\"error\":1}", "{\"error\":{\"code\":1}}",
		"{\"error\":{\"code\":\"ERIKSSON<<ANNA\"}}",
		"{\"error\":{\"code\":\"much_too_long_to_be_kept\"}}" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		answer_error_code(gh_view_of_text(bad[i]), word, sizeof(word));
		assert_string_equal(word, "");
	}
}

static void retry_after_is_seconds_or_a_date_and_bounded(void **state)
{
	static const struct {
		const char *value;
		uint32_t seconds;
	} cases[] = { { "", 0 }, { "0", 0 }, { "17", 17 }, { "3600", 3600 }, { "3601", 3600 },
		{ "99999999999999999999999", 3600 }, { "-5", 0 }, { "soon", 0 }, { "5s", 0 },
		{ "Mon, 24 Nov 2025 16:00:30 GMT", 30 }, { "Mon, 24 Nov 2025 15:00:00 GMT", 0 },
		{ "Tue, 24 Nov 2026 16:00:00 GMT", 3600 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(answer_retry_after(cases[i].value, NOW_MS), cases[i].seconds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_voyages_is_read),
		cmocka_unit_test(a_list_that_is_none_is_refused),
		cmocka_unit_test(a_list_beyond_its_bound_is_refused),
		cmocka_unit_test(passages_are_read_with_their_next_page),
		cmocka_unit_test(the_centres_word_is_taken_only_as_a_word),
		cmocka_unit_test(retry_after_is_seconds_or_a_date_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
