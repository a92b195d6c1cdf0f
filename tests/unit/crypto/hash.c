/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of SHA-256 by the examples of FIPS 180-4, of bytes and of files. */
#include "gatehouse/crypto/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

static void expect(struct gh_view view, const char *expected)
{
	struct gh_sha256 hash;
	char text[GH_SHA256_TEXT_BYTES];

	assert_int_equal(gh_sha256_of(view, &hash, NULL), GH_OK);
	gh_sha256_format(&hash, text);
	assert_string_equal(text, expected);
}

static void examples_of_the_standard(void **state)
{
	expect(gh_view_of_text(NULL),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect(gh_view_of_text("abc"),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect(gh_view_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* A million times 'a': more than one step of the scan. */
static void files_are_hashed_to_their_end(void **state)
{
	static uint8_t many[1000000];
	const char *path = folder_place("a");
	struct gh_sha256 hash;
	char text[GH_SHA256_TEXT_BYTES];

	memset(many, 'a', sizeof(many));
	assert_int_equal(
		gh_file_replace(path, (struct gh_view){ many, sizeof(many) }, 0600, NULL), GH_OK);
	assert_int_equal(gh_sha256_of_file(path, sizeof(many), &hash, NULL), GH_OK);
	gh_sha256_format(&hash, text);
	assert_string_equal(
		text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	expect((struct gh_view){ many, sizeof(many) }, text);
	assert_int_equal(gh_sha256_of_file(path, sizeof(many) - 1, &hash, NULL), GH_TOO_LARGE);

	assert_int_equal(gh_file_replace(path, gh_view_of_text(""), 0600, NULL), GH_OK);
	assert_int_equal(gh_sha256_of_file(path, 0, &hash, NULL), GH_OK);
	gh_sha256_format(&hash, text);
	assert_memory_equal(text, "e3b0c442", 8);
}

static void files_that_cannot_be_read(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_sha256 hash;

	assert_int_equal(gh_sha256_of_file(folder_place("none"), 10, &hash, &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "none"));
	assert_int_equal(gh_sha256_of_file(folder_path(), 10, &hash, &error), GH_UNSUPPORTED);
}

/* However it is cut, the hash is that of the whole; a run may be dropped half-way. */
static void pieces_hash_as_the_whole(void **state)
{
	static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	for (size_t cut = 0; cut < sizeof(text); cut++) {
		struct gh_view first = { (const uint8_t *)text, cut };
		struct gh_view rest = { (const uint8_t *)text + cut, strlen(text) - cut };
		struct gh_sha256_run *run;
		struct gh_sha256 whole;
		struct gh_sha256 pieces;

		if (cut == sizeof(text) - 1)
			rest.data = NULL;
		assert_int_equal(gh_sha256_of(gh_view_of_text(text), &whole, NULL), GH_OK);
		assert_int_equal(gh_sha256_begin(&run, NULL), GH_OK);
		assert_int_equal(gh_sha256_add(run, first, NULL), GH_OK);
		assert_int_equal(gh_sha256_add(run, rest, NULL), GH_OK);
		assert_int_equal(gh_sha256_end(run, &pieces, NULL), GH_OK);
		assert_true(gh_sha256_equal(&whole, &pieces));
		assert_int_equal(gh_sha256_begin(&run, NULL), GH_OK);
		assert_int_equal(gh_sha256_add(run, first, NULL), GH_OK);
		gh_sha256_drop(run);
	}
	gh_sha256_drop(NULL);
}

static void text_form_round_trip(void **state)
{
	struct gh_sha256 hash;
	struct gh_sha256 back;
	char text[GH_SHA256_TEXT_BYTES + 1];

	assert_int_equal(gh_sha256_of(gh_view_of_text("x"), &hash, NULL), GH_OK);
	gh_sha256_format(&hash, text);
	assert_int_equal(gh_sha256_parse(text, &back, NULL), GH_OK);
	assert_true(gh_sha256_equal(&hash, &back));
	memcpy(text + 64, "f", 2);
	assert_int_equal(gh_sha256_parse(text, &back, NULL), GH_MALFORMED);
	text[63] = '\0';
	assert_int_equal(gh_sha256_parse(text, &back, NULL), GH_MALFORMED);
}

static void any_bit_makes_a_difference(void **state)
{
	struct gh_sha256 a;
	struct gh_sha256 b;

	assert_int_equal(gh_sha256_of(gh_view_of_text("x"), &a, NULL), GH_OK);
	for (size_t bit = 0; bit < 256; bit++) {
		b = a;
		b.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(gh_sha256_equal(&a, &b));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_standard),
		cmocka_unit_test(files_are_hashed_to_their_end),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(pieces_hash_as_the_whole),
		cmocka_unit_test(text_form_round_trip),
		cmocka_unit_test(any_bit_makes_a_difference),
	};

	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
