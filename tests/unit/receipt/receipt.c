/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt is what one key signed about one content, and nothing else passes for it. */
#include "gatehouse/receipt/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/folder.h"
#include "gatehouse/base/log.h"

static struct gh_provider *provider;
static uint8_t key[GH_PUBLIC_KEY_BYTES];

static int open_provider(void **state)
{
	if (folder_set_up(state) != 0 ||
		gh_provider_open("file", folder_place("keys"), &provider, NULL) != GH_OK)
		return -1;
	gh_provider_public_key(provider, key);
	return 0;
}

static int close_provider(void **state)
{
	gh_provider_close(provider);
	return folder_tear_down(state);
}

static struct gh_receipt signed_receipt(void)
{
	struct gh_receipt receipt = {
		.kind = GH_RECEIPT_PHOTO,
		.id = { { 0x11, 0x22, 0, 0, 0, 0, 0x40, 0, 0x80, 1 } },
		.hash = { { 0xaa, 0xbb } },
		.received_ms = INT64_C(1764000000123),
	};

	assert_int_equal(gh_receipt_sign(provider, &receipt, NULL), GH_OK);
	return receipt;
}

static void the_message_is_as_the_contract_lays_it_out(void **state)
{
	struct gh_receipt receipt = signed_receipt();
	uint8_t message[GH_RECEIPT_MESSAGE_BYTES];

	gh_receipt_message(&receipt, message);
	assert_memory_equal(message, "gatehouse delivery receipt\n\0\0\0\0\0", 32);
	assert_memory_equal(message + 32, "\0\0\0\1\0\0\0\2", 8);
	assert_memory_equal(message + 40, receipt.id.bytes, 16);
	assert_memory_equal(message + 56, receipt.hash.bytes, 32);
	assert_memory_equal(message + 88, "\x00\x00\x01\x9a\xb6\x97\xe8\x7b", 8);
	assert_memory_equal(message + 96, key, 32);
}

static void the_same_is_signed_alike(void **state)
{
	struct gh_receipt one = signed_receipt();
	struct gh_receipt two = signed_receipt();

	assert_memory_equal(one.signature, two.signature, sizeof(one.signature));
	assert_int_equal(gh_receipt_verify(&one, key, NULL), GH_OK);
	assert_int_equal(gh_receipt_verify(&one, NULL, NULL), GH_OK);
}

static void each_byte_counts(void **state)
{
	struct gh_receipt good = signed_receipt();
	struct gh_receipt bad = good;

	bad.kind = GH_RECEIPT_ENCOUNTER;
	assert_int_equal(gh_receipt_verify(&bad, key, NULL), GH_INTEGRITY);
	bad = good;
	bad.received_ms++;
	assert_int_equal(gh_receipt_verify(&bad, key, NULL), GH_INTEGRITY);
	for (size_t i = 0; i < 16; i++) {
		bad = good;
		bad.id.bytes[i] ^= 1;
		assert_int_equal(gh_receipt_verify(&bad, key, NULL), GH_INTEGRITY);
	}
	for (size_t i = 0; i < 32; i++) {
		bad = good;
		bad.hash.bytes[i] ^= 0x80;
		assert_int_equal(gh_receipt_verify(&bad, key, NULL), GH_INTEGRITY);
		bad = good;
		bad.public_key[i] ^= 4;
		assert_int_equal(gh_receipt_verify(&bad, key, NULL), GH_DENIED);
		assert_int_not_equal(gh_receipt_verify(&bad, NULL, NULL), GH_OK);
	}
	for (size_t i = 0; i < sizeof(bad.signature); i++) {
		bad = good;
		bad.signature[i] ^= 2;
		assert_int_equal(gh_receipt_verify(&bad, key, NULL), GH_INTEGRITY);
	}
}

static void json_goes_there_and_back(void **state)
{
	static const enum gh_receipt_kind kinds[] = { GH_RECEIPT_ENCOUNTER, GH_RECEIPT_PHOTO,
		GH_RECEIPT_ADDENDUM };
	struct gh_bytes json = GH_BYTES_EMPTY;

	for (size_t i = 0; i < 3; i++) {
		struct gh_receipt receipt = signed_receipt();
		struct gh_receipt read;

		receipt.kind = kinds[i];
		assert_int_equal(gh_receipt_sign(provider, &receipt, NULL), GH_OK);
		assert_int_equal(gh_receipt_encode(&receipt, &json, NULL), GH_OK);
		assert_true(json.length_bytes <= GH_RECEIPT_JSON_BYTES_MAX);
		assert_int_equal(gh_receipt_decode(gh_bytes_view(&json), &read, NULL), GH_OK);
		assert_int_equal(gh_receipt_verify(&read, key, NULL), GH_OK);
		assert_int_equal(read.kind, kinds[i]);
	}
	gh_bytes_finish(&json);
}

/* The JSON of a good receipt with the first `from` in it changed to `to`. */
static enum gh_status decode_changed(const char *from, const char *to)
{
	struct gh_receipt receipt = signed_receipt();
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_receipt read;
	char text[2048];
	char *found;

	assert_int_equal(gh_receipt_encode(&receipt, &json, NULL), GH_OK);
	snprintf(text, sizeof(text), "%.*s", (int)json.length_bytes, (const char *)json.data);
	gh_bytes_finish(&json);
	found = strstr(text, from);
	assert_non_null(found);
	memmove(found + strlen(to), found + strlen(from), strlen(found + strlen(from)) + 1);
	memcpy(found, to, strlen(to));
	return gh_receipt_decode(gh_view_of_text(text), &read, NULL);
}

static void what_is_no_receipt_is_refused(void **state)
{
	struct gh_receipt read;
	char large[GH_RECEIPT_JSON_BYTES_MAX + 2];

	assert_int_equal(decode_changed("\"format\":1", "\"format\":2"), GH_UNSUPPORTED);
	assert_int_equal(decode_changed("\"format\":1", "\"format\":\"1\""), GH_MALFORMED);
	assert_int_equal(
		decode_changed("\"kind\":\"photo\"", "\"kind\":\"picture\""), GH_MALFORMED);
	assert_int_equal(decode_changed("\"id\":\"11", "\"id\":\"1"), GH_MALFORMED);
	assert_int_equal(decode_changed("\"sha256\":\"aa", "\"sha256\":\"a"), GH_MALFORMED);
	assert_int_equal(decode_changed("\"received\":\"2", "\"received\":\"x"), GH_MALFORMED);
	assert_int_equal(decode_changed("\"public_key\":\"", "\"public_key\":\"0"), GH_MALFORMED);
	assert_int_equal(decode_changed("\"signature\":\"", "\"signature\":\"0"), GH_MALFORMED);
	assert_int_equal(decode_changed("\"format\":1", "\"format\":1,\"format\":1"), GH_MALFORMED);
	assert_int_equal(decode_changed("\"format\":1", "\"more\":[],\"format\":1"), GH_OK);
	assert_int_equal(gh_receipt_decode(gh_view_of_text(""), &read, NULL), GH_MALFORMED);
	assert_int_equal(gh_receipt_decode(gh_view_of_text("[1]"), &read, NULL), GH_MALFORMED);
	memset(large, ' ', sizeof(large));
	memcpy(large, "{}", 2);
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(gh_receipt_decode(gh_view_of_text(large), &read, NULL), GH_MALFORMED);
	assert_string_equal(gh_receipt_kind_name((enum gh_receipt_kind)0), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_message_is_as_the_contract_lays_it_out),
		cmocka_unit_test(the_same_is_signed_alike),
		cmocka_unit_test(each_byte_counts),
		cmocka_unit_test(json_goes_there_and_back),
		cmocka_unit_test(what_is_no_receipt_is_refused),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, open_provider, close_provider);
}
