/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of sealing: known answers of the GCM specification, and every byte altered. */
#include "gatehouse/crypto/aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/id.h"

#define OVERHEAD_BYTES (GH_AEAD_NONCE_BYTES + GH_AEAD_TAG_BYTES)

struct vector {
	const char *key;
	const char *nonce;
	const char *context;
	const char *plain;
	const char *cipher;
	const char *tag;
};

/* Test cases 13, 14 and 16 of "The Galois/Counter Mode of Operation", McGrew and Viega. */
static const struct vector vectors[] = {
	{ "0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ "0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "", "00000000000000000000000000000000",
		"cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919" },
	{ "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		"76fc6ece0f4e1768cddf8853bb2d551b" },
};

static size_t unhex(const char *text, uint8_t *bytes)
{
	size_t length = strlen(text) / 2;

	assert_int_equal(gh_hex_parse(text, bytes, length, NULL), GH_OK);
	return length;
}

static void known_answers(void **state)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct gh_bytes plain = GH_BYTES_EMPTY;
		struct gh_aead_key key;
		uint8_t sealed[256];
		uint8_t context[64];
		uint8_t expected[128];
		size_t length = unhex(vectors[i].nonce, sealed);
		struct gh_view bound = { context, unhex(vectors[i].context, context) };

		unhex(vectors[i].key, key.bytes);
		length += unhex(vectors[i].cipher, sealed + length);
		length += unhex(vectors[i].tag, sealed + length);
		assert_int_equal(
			gh_aead_open(&key, bound, (struct gh_view){ sealed, length }, &plain, NULL),
			GH_OK);
		assert_int_equal(plain.length_bytes, unhex(vectors[i].plain, expected));
		assert_memory_equal(plain.data, expected, plain.length_bytes);
		gh_bytes_finish(&plain);
	}
}

static struct gh_aead_key make_key(void)
{
	struct gh_aead_key key;

	assert_int_equal(gh_random_fill(key.bytes, sizeof(key.bytes), NULL), GH_OK);
	return key;
}

static void round_trip_at_many_lengths(void **state)
{
	struct gh_aead_key key = make_key();
	struct gh_view context = gh_view_of_text("record");
	uint8_t data[1100];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31);
	for (size_t length = 0; length < sizeof(data); length += length < 40 ? 1 : 97) {
		struct gh_bytes sealed = GH_BYTES_EMPTY;
		struct gh_bytes plain = GH_BYTES_EMPTY;

		assert_int_equal(gh_aead_seal(&key, context, (struct gh_view){ data, length },
					 &sealed, NULL),
			GH_OK);
		assert_int_equal(sealed.length_bytes, length + OVERHEAD_BYTES);
		assert_int_equal(
			gh_aead_open(&key, context, gh_bytes_view(&sealed), &plain, NULL), GH_OK);
		assert_true(gh_view_equal(gh_bytes_view(&plain), (struct gh_view){ data, length }));
		gh_bytes_finish(&sealed);
		gh_bytes_finish(&plain);
	}
}

static void refuse(const struct gh_aead_key *key, struct gh_view context, struct gh_view sealed,
	enum gh_status expected)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_bytes plain = GH_BYTES_EMPTY;

	assert_int_equal(gh_bytes_append(&plain, "old", 3, NULL), GH_OK);
	assert_int_equal(gh_aead_open(key, context, sealed, &plain, &error), expected);
	assert_int_equal(error.status, expected);
	assert_null(plain.data);
	assert_int_equal(plain.length_bytes, 0);
}

static void every_altered_byte_is_noticed(void **state)
{
	struct gh_aead_key key = make_key();
	struct gh_view context = gh_view_of_text("record 7");
	struct gh_bytes sealed = GH_BYTES_EMPTY;

	assert_int_equal(
		gh_aead_seal(&key, context, gh_view_of_text("a portrait"), &sealed, NULL), GH_OK);
	for (size_t i = 0; i < sealed.length_bytes; i++) {
		sealed.data[i] ^= 1;
		refuse(&key, context, gh_bytes_view(&sealed), GH_INTEGRITY);
		sealed.data[i] ^= 1;
	}
	for (size_t i = 0; i < sealed.length_bytes; i++)
		refuse(&key, context, (struct gh_view){ sealed.data, i },
			i < OVERHEAD_BYTES ? GH_TRUNCATED : GH_INTEGRITY);
	refuse(&key, gh_view_of_text("record 8"), gh_bytes_view(&sealed), GH_INTEGRITY);
	refuse(&key, gh_view_of_text(NULL), gh_bytes_view(&sealed), GH_INTEGRITY);
	key.bytes[31] ^= 1;
	refuse(&key, context, gh_bytes_view(&sealed), GH_INTEGRITY);
	gh_bytes_finish(&sealed);
}

/* The same twice looks different: the nonce is never the same. */
static void nonces_are_fresh(void **state)
{
	struct gh_aead_key key = make_key();
	struct gh_bytes first = GH_BYTES_EMPTY;
	struct gh_bytes second = GH_BYTES_EMPTY;
	struct gh_view none = gh_view_of_text(NULL);

	assert_int_equal(gh_aead_seal(&key, none, gh_view_of_text("same"), &first, NULL), GH_OK);
	assert_int_equal(gh_aead_seal(&key, none, gh_view_of_text("same"), &second, NULL), GH_OK);
	assert_memory_not_equal(first.data, second.data, GH_AEAD_NONCE_BYTES);
	assert_memory_not_equal(
		first.data + GH_AEAD_NONCE_BYTES, second.data + GH_AEAD_NONCE_BYTES, 4);
	gh_bytes_finish(&first);
	gh_bytes_finish(&second);
}

static void impossible_lengths_are_refused(void **state)
{
	struct gh_aead_key key = make_key();
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	uint8_t byte = 0;

	assert_int_equal(gh_aead_seal(&key, gh_view_of_text(NULL),
				 (struct gh_view){ &byte, SIZE_MAX }, &sealed, NULL),
		GH_NO_MEMORY);
	assert_null(sealed.data);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(round_trip_at_many_lengths),
		cmocka_unit_test(every_altered_byte_is_noticed),
		cmocka_unit_test(nonces_are_fresh),
		cmocka_unit_test(impossible_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
