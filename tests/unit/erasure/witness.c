/* SPDX-License-Identifier: Apache-2.0 */
/* What lane and centre say to each other about a head. */
#include "gatehouse/erasure/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/folder.h"

static void heads_come_back_as_they_went(void **state)
{
	struct gh_erasure_head head = { .lane = "lane-1", .number = 7, .hash = { { 1, 2, 3 } } };
	struct gh_erasure_head again = { .number = 0 };
	struct gh_bytes json = GH_BYTES_EMPTY;

	(void)state;
	assert_int_equal(gh_erasure_head_encode(&head, &json, NULL), GH_OK);
	assert_int_equal(gh_erasure_head_decode(gh_bytes_view(&json), &again, NULL), GH_OK);
	assert_string_equal(again.lane, "lane-1");
	assert_int_equal(again.number, 7);
	assert_memory_equal(again.hash.bytes, head.hash.bytes, GH_SHA256_BYTES);
	gh_bytes_finish(&json);
}

static void a_receipt_is_signed_and_comes_back_as_it_went(void **state)
{
	struct gh_erasure_head head = {
		.chain = { { 9 } }, .lane = "lane-1", .number = 7, .hash = { { 1, 2, 3 } }
	};
	struct gh_erasure_receipt receipt, again;
	uint8_t message[GH_ERASURE_WITNESS_BYTES];
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_provider *centre;

	(void)state;
	assert_int_equal(gh_provider_open("file", folder_place("centre"), &centre, NULL), GH_OK);
	assert_int_equal(
		gh_erasure_countersign(&head, 1790000000123, centre, &receipt, NULL), GH_OK);
	assert_int_equal(gh_erasure_receipt_encode(&receipt, &json, NULL), GH_OK);
	assert_int_equal(gh_erasure_receipt_decode(gh_bytes_view(&json), &again, NULL), GH_OK);
	assert_memory_equal(&again, &receipt, sizeof(again));
	gh_erasure_witness_message(&again, message);
	assert_int_equal(
		gh_signature_verify(again.public_key, (struct gh_view){ message, sizeof(message) },
			again.signature, NULL),
		GH_OK);
	gh_bytes_finish(&json);
	gh_provider_close(centre);
}

static void what_is_neither_is_refused(void **state)
{
	static const char *const texts[] = { "", "{}", "[]", "7", "{\"lane\":\"lane-1\"}",
		"{\"lane\":\"l\",\"number\":0,\"hash\":\"00\"}",
		"{\"lane\":7,\"number\":\"1\",\"hash\":[]}" };
	struct gh_erasure_head head;
	struct gh_erasure_receipt receipt;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(gh_erasure_head_decode(gh_view_of_text(texts[i]), &head, NULL),
			GH_MALFORMED);
		assert_int_equal(
			gh_erasure_receipt_decode(gh_view_of_text(texts[i]), &receipt, NULL),
			GH_MALFORMED);
	}
}

static void the_path_names_the_chain(void **state)
{
	struct gh_id chain;
	char path[GH_ERASURE_WITNESS_PATH_BYTES];

	(void)state;
	assert_int_equal(gh_id_parse("7d444840-9dc0-41d1-b245-5ffdce74fad2", &chain, NULL), GH_OK);
	gh_erasure_witness_path(&chain, path);
	assert_string_equal(path, "/v1/witness/7d444840-9dc0-41d1-b245-5ffdce74fad2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_come_back_as_they_went),
		cmocka_unit_test_setup_teardown(a_receipt_is_signed_and_comes_back_as_it_went,
			folder_set_up, folder_tear_down),
		cmocka_unit_test(what_is_neither_is_refused),
		cmocka_unit_test(the_path_names_the_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
