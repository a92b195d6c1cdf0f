/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: a published vector, every damaged bit, foreign keys, and files as they come. */
#include "gatehouse/crypto/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

static const struct gh_view message = { (const uint8_t *)"one message", 11 };

static const char *key_path(void)
{
	return folder_place("a.key");
}

static const char *public_path(void)
{
	return folder_place("a.pub");
}

static void put(const char *path, const char *text, unsigned mode)
{
	const struct gh_view view = { (const uint8_t *)text, strlen(text) };

	assert_int_equal(gh_file_replace(path, view, mode, NULL), GH_OK);
}

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	return gh_signature_make_key(key_path(), public_path(), NULL) == GH_OK ? 0 : -1;
}

static unsigned mode_of(const char *path)
{
	struct stat found;

	assert_int_equal(stat(path, &found), 0);
	return (unsigned)found.st_mode & 0777;
}

static void what_is_signed_verifies(void **state)
{
	struct gh_signature signature;

	assert_int_equal(mode_of(key_path()), 0600);
	assert_int_equal(mode_of(public_path()), 0644);
	assert_int_equal(gh_signature_sign_file(key_path(), message, &signature, NULL), GH_OK);
	assert_int_equal(gh_signature_verify_file(public_path(), message, &signature, NULL), GH_OK);
}

/* RFC 8032 section 7.1, test 3: the secret as PKCS #8 around it. */
static void the_published_vector_comes_out(void **state)
{
	static const uint8_t expected[GH_SIGNATURE_BYTES] = { 0x62, 0x91, 0xd6, 0x57, 0xde, 0xec,
		0x24, 0x02, 0x48, 0x27, 0xe6, 0x9c, 0x3a, 0xbe, 0x01, 0xa3, 0x0c, 0xe5, 0x48, 0xa2,
		0x84, 0x74, 0x3a, 0x44, 0x5e, 0x36, 0x80, 0xd7, 0xdb, 0x5a, 0xc3, 0xac, 0x18, 0xff,
		0x9b, 0x53, 0x8d, 0x16, 0xf2, 0x90, 0xae, 0x67, 0xf7, 0x60, 0x98, 0x4d, 0xc6, 0x59,
		0x4a, 0x7c, 0x15, 0xe9, 0x71, 0x6e, 0xd2, 0x8d, 0xc0, 0x27, 0xbe, 0xce, 0xea, 0x1e,
		0xc4, 0x0a };
	static const uint8_t text[] = { 0xaf, 0x82 };
	struct gh_signature signature;

	put(folder_place("v.key"),
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N77bdELzHct7Fm04U1B28JS4XOOi4LRFj3\n"
		"-----END PRIVATE KEY-----\n",
		0600);
	assert_int_equal(gh_signature_sign_file(folder_place("v.key"),
				 (struct gh_view){ text, sizeof(text) }, &signature, NULL),
		GH_OK);
	assert_memory_equal(signature.bytes, expected, sizeof(expected));
}

static void every_flipped_bit_breaks_it(void **state)
{
	struct gh_signature signature;

	assert_int_equal(gh_signature_sign_file(key_path(), message, &signature, NULL), GH_OK);
	for (size_t bit = 0; bit < 8 * GH_SIGNATURE_BYTES; bit++) {
		signature.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(gh_signature_verify_file(public_path(), message, &signature, NULL),
			GH_INTEGRITY);
		signature.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * message.length_bytes; bit++) {
		uint8_t changed[16];

		memcpy(changed, message.data, message.length_bytes);
		changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(gh_signature_verify_file(public_path(),
					 (struct gh_view){ changed, message.length_bytes },
					 &signature, NULL),
			GH_INTEGRITY);
	}
	assert_int_equal(gh_signature_verify_file(public_path(),
				 (struct gh_view){ message.data, message.length_bytes - 1 },
				 &signature, NULL),
		GH_INTEGRITY);
}

static void another_key_is_not_a_forgery(void **state)
{
	struct gh_signature signature;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(
		gh_signature_make_key(folder_place("b.key"), folder_place("b.pub"), NULL), GH_OK);
	assert_int_equal(
		gh_signature_sign_file(folder_place("b.key"), message, &signature, NULL), GH_OK);
	assert_int_equal(
		gh_signature_verify_file(public_path(), message, &signature, &error), GH_DENIED);
	assert_non_null(strstr(error.text, "another key"));
}

static void keys_are_never_overwritten(void **state)
{
	struct gh_bytes before = GH_BYTES_EMPTY;
	struct gh_bytes after = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(key_path(), 4096, &before, NULL), GH_OK);
	assert_int_equal(
		gh_signature_make_key(key_path(), folder_place("new.pub"), NULL), GH_EXISTS);
	assert_int_equal(
		gh_signature_make_key(folder_place("new.key"), public_path(), NULL), GH_EXISTS);
	assert_int_equal(gh_file_read(key_path(), 4096, &after, NULL), GH_OK);
	assert_int_equal(before.length_bytes, after.length_bytes);
	assert_memory_equal(before.data, after.data, before.length_bytes);
	assert_int_equal(folder_count(""), 2);
	gh_bytes_finish(&before);
	gh_bytes_finish(&after);
}

/* The public half has nowhere to go: the private one does not stay alone. */
static void half_a_pair_is_not_left(void **state)
{
	assert_int_not_equal(
		gh_signature_make_key(folder_place("c.key"), folder_place("nowhere/c.pub"), NULL),
		GH_OK);
	assert_int_equal(folder_count(""), 2);
}

static void a_key_open_to_others_is_refused(void **state)
{
	struct gh_signature signature;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(chmod(key_path(), 0640), 0);
	assert_int_equal(
		gh_signature_sign_file(key_path(), message, &signature, &error), GH_DENIED);
	assert_non_null(strstr(error.text, "mode 640"));
}

static void what_is_no_key_is_refused(void **state)
{
	/* An ECDSA key on P-256, made for this test. */
	static const char other_kind[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcQGlcqgs46NNoQfXWFwGouM4MJnc\n"
		"jfCHcMr5u/29u7g8Qm0E3Nu+uzr+t3IeiSh3oGfvoVrq/IIEBhObGm14Fg==\n"
		"-----END PUBLIC KEY-----\n";
	struct gh_signature signature;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_signature_sign_file(key_path(), message, &signature, NULL), GH_OK);
	put(folder_place("x.pub"), other_kind, 0644);
	assert_int_equal(
		gh_signature_verify_file(folder_place("x.pub"), message, &signature, &error),
		GH_MALFORMED);
	assert_non_null(strstr(error.text, "Ed25519"));
	put(folder_place("x.pub"), "hello", 0644);
	assert_int_equal(
		gh_signature_verify_file(folder_place("x.pub"), message, &signature, &error),
		GH_MALFORMED);
	put(folder_place("x.pub"), "", 0644);
	assert_int_equal(
		gh_signature_verify_file(folder_place("x.pub"), message, &signature, &error),
		GH_MALFORMED);
	assert_int_equal(
		gh_signature_verify_file(folder_place("no.pub"), message, &signature, &error),
		GH_NOT_FOUND);
	put(folder_place("x.key"), "hello", 0600);
	assert_int_equal(gh_signature_sign_file(folder_place("x.key"), message, &signature, &error),
		GH_MALFORMED);
	assert_int_equal(
		gh_signature_sign_file(folder_place("no.key"), message, &signature, &error),
		GH_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_signed_verifies, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			the_published_vector_comes_out, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			every_flipped_bit_breaks_it, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			another_key_is_not_a_forgery, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			keys_are_never_overwritten, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(half_a_pair_is_not_left, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			a_key_open_to_others_is_refused, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_key_is_refused, set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
