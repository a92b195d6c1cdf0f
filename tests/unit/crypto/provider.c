/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the key provider "file": RFC 8032's signatures, modes, and two that open at once. */
#include "gatehouse/crypto/provider.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

#define KEYS "keys"

static struct gh_provider *open_keys(void)
{
	struct gh_provider *provider = NULL;

	assert_int_equal(gh_provider_open("file", folder_place(KEYS), &provider, NULL), GH_OK);
	assert_non_null(provider);
	return provider;
}

static void refuse(enum gh_status expected, const char *reason)
{
	struct gh_provider *provider = (struct gh_provider *)1;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_provider_open("file", folder_place(KEYS), &provider, &error), expected);
	assert_null(provider);
	assert_int_equal(error.status, expected);
	assert_non_null(strstr(error.text, reason));
}

static void put_file(const char *name, const void *data, size_t length, unsigned mode)
{
	assert_int_equal(gh_folder_make(folder_place(KEYS), NULL), GH_OK);
	assert_int_equal(
		gh_file_replace(folder_place(name), (struct gh_view){ data, length }, mode, NULL),
		GH_OK);
}

static void the_first_opening_makes_private_keys(void **state)
{
	struct stat found;

	gh_provider_close(open_keys());
	assert_int_equal(stat(folder_place(KEYS), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0700);
	assert_int_equal(stat(folder_place(KEYS "/master.key"), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(found.st_size, 32);
	assert_int_equal(stat(folder_place(KEYS "/signing.key"), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(folder_count(KEYS), 2);
	gh_provider_close(NULL);
}

static void keys_outlive_the_process(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_aead_key key = { { 1, 2, 3 } };
	struct gh_aead_key back;
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_view context = gh_view_of_text("record");
	uint8_t before[GH_PUBLIC_KEY_BYTES];
	uint8_t after[GH_PUBLIC_KEY_BYTES];

	gh_provider_public_key(provider, before);
	assert_int_equal(gh_provider_wrap(provider, context, &key, &wrapped, NULL), GH_OK);
	gh_provider_close(provider);

	provider = open_keys();
	gh_provider_public_key(provider, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(
		gh_provider_unwrap(provider, context, gh_bytes_view(&wrapped), &back, NULL), GH_OK);
	assert_memory_equal(key.bytes, back.bytes, sizeof(key.bytes));
	gh_provider_close(provider);
	gh_bytes_finish(&wrapped);
}

static void unwrapping_wants_the_same_context(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_aead_key key = { { 1, 2, 3 } };
	static const struct gh_aead_key zero;
	struct gh_aead_key back = key;
	struct gh_bytes wrapped = GH_BYTES_EMPTY;

	assert_int_equal(
		gh_provider_wrap(provider, gh_view_of_text("one"), &key, &wrapped, NULL), GH_OK);
	assert_int_equal(gh_provider_unwrap(provider, gh_view_of_text("two"),
				 gh_bytes_view(&wrapped), &back, NULL),
		GH_INTEGRITY);
	assert_memory_equal(back.bytes, zero.bytes, sizeof(back.bytes));
	assert_int_equal(gh_provider_unwrap(provider, gh_view_of_text("one"),
				 (struct gh_view){ wrapped.data, 27 }, &back, NULL),
		GH_TRUNCATED);
	gh_bytes_finish(&wrapped);
	gh_provider_close(provider);
}

/* Sealed under the master key, yet no data key: its length gives it away. */
static void what_is_no_data_key_is_refused(void **state)
{
	struct gh_provider *provider;
	struct gh_aead_key master = { { 9 } };
	struct gh_aead_key back;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_view none = gh_view_of_text(NULL);

	put_file(KEYS "/master.key", master.bytes, sizeof(master.bytes), 0600);
	provider = open_keys();
	assert_int_equal(gh_aead_seal(&master, none,
				 gh_view_of_text("31 bytes of something different"), &sealed, NULL),
		GH_OK);
	assert_int_equal(gh_provider_unwrap(provider, none, gh_bytes_view(&sealed), &back, NULL),
		GH_INTEGRITY);
	gh_bytes_finish(&sealed);
	gh_provider_close(provider);
}

struct vector {
	const char *secret;
	const char *public;
	const char *message;
	const char *signature;
};

/* Tests 1 to 3 of RFC 8032 section 7.1. */
static const struct vector vectors[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void signatures_of_the_standard(void **state)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t secret[32];
		uint8_t message[8];
		uint8_t signature[GH_SIGNATURE_BYTES];
		uint8_t public_key[GH_PUBLIC_KEY_BYTES];
		char text[2 * GH_SIGNATURE_BYTES + 1];
		struct gh_view view = { message, strlen(vectors[i].message) / 2 };
		struct gh_provider *provider;

		assert_int_equal(
			gh_hex_parse(vectors[i].message, message, view.length_bytes, NULL), GH_OK);
		assert_int_equal(gh_hex_parse(vectors[i].secret, secret, 32, NULL), GH_OK);
		put_file(KEYS "/signing.key", secret, sizeof(secret), 0600);
		provider = open_keys();
		gh_provider_public_key(provider, public_key);
		gh_hex_format(public_key, sizeof(public_key), text);
		assert_string_equal(text, vectors[i].public);
		assert_int_equal(gh_provider_sign(provider, view, signature, NULL), GH_OK);
		gh_hex_format(signature, sizeof(signature), text);
		assert_string_equal(text, vectors[i].signature);
		assert_int_equal(gh_signature_verify(public_key, view, signature, NULL), GH_OK);
		gh_provider_close(provider);
	}
}

static void altered_signatures_are_noticed(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_view message = gh_view_of_text("erased at noon");
	uint8_t signature[GH_SIGNATURE_BYTES];
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];

	gh_provider_public_key(provider, public_key);
	assert_int_equal(gh_provider_sign(provider, message, signature, NULL), GH_OK);
	for (size_t i = 0; i < sizeof(signature); i++) {
		signature[i] ^= 1;
		assert_int_equal(
			gh_signature_verify(public_key, message, signature, NULL), GH_INTEGRITY);
		signature[i] ^= 1;
	}
	assert_int_equal(
		gh_signature_verify(public_key, gh_view_of_text("erased at one"), signature, NULL),
		GH_INTEGRITY);
	public_key[0] ^= 1;
	assert_int_equal(gh_signature_verify(public_key, message, signature, NULL), GH_INTEGRITY);
	gh_provider_close(provider);
}

static void open_modes_are_denied(void **state)
{
	static const unsigned modes[] = { 0640, 0604, 0620, 0666, 0610 };

	gh_provider_close(open_keys());
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(folder_place(KEYS "/master.key"), modes[i]), 0);
		refuse(GH_DENIED, "master.key");
	}
	assert_int_equal(chmod(folder_place(KEYS "/master.key"), 0600), 0);
	assert_int_equal(chmod(folder_place(KEYS), 0750), 0);
	refuse(GH_DENIED, "chmod 700");
	assert_int_equal(chmod(folder_place(KEYS), 0700), 0);
	gh_provider_close(open_keys());
}

static void keys_of_another_user_are_denied(void **state)
{
	if (geteuid() != 0) {
		print_message("only root can give files away: skipped\n");
		skip();
	}
	gh_provider_close(open_keys());
	assert_int_equal(chown(folder_place(KEYS "/signing.key"), 65534, 65534), 0);
	refuse(GH_DENIED, "another user");
}

static void damaged_keys_are_refused(void **state)
{
	uint8_t bytes[33] = { 0 };

	put_file(KEYS "/master.key", bytes, 31, 0600);
	refuse(GH_MALFORMED, "32 bytes");
	put_file(KEYS "/master.key", bytes, 33, 0600);
	refuse(GH_MALFORMED, "32 bytes");
	put_file(KEYS "/master.key", bytes, 0, 0600);
	refuse(GH_MALFORMED, "32 bytes");
	assert_int_equal(unlink(folder_place(KEYS "/master.key")), 0);
	put_file("elsewhere", bytes, 32, 0600);
	assert_int_equal(symlink("../elsewhere", folder_place(KEYS "/master.key")), 0);
	refuse(GH_MALFORMED, "not a regular file");
}

static void a_file_in_the_folders_place(void **state)
{
	assert_int_equal(
		gh_file_replace(folder_place(KEYS), gh_view_of_text("x"), 0600, NULL), GH_OK);
	refuse(GH_IO, KEYS);
}

static void kinds_are_named_when_refused(void **state)
{
	struct gh_provider *provider;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(
		gh_provider_open("tpm9", folder_place(KEYS), &provider, &error), GH_UNSUPPORTED);
	assert_null(provider);
	assert_string_equal(error.text, "no key provider 'tpm9'; there are: file");
	assert_int_equal(access(folder_place(KEYS), F_OK), -1);
}

static void files_are_not_for_service(void **state)
{
	struct gh_provider *provider = open_keys();

	assert_false(gh_provider_for_service(provider));
	gh_provider_close(provider);
}

#define OPENERS 6

static char race_folder[4096];

static void *open_and_tell(void *place)
{
	struct gh_provider *provider;

	if (gh_provider_open("file", race_folder, &provider, NULL) == GH_OK) {
		gh_provider_public_key(provider, place);
		gh_provider_close(provider);
	}
	return NULL;
}

/* Whoever comes first makes the key, and it counts for all. */
static void those_who_open_at_once_get_the_same_keys(void **state)
{
	for (int round = 0; round < 5; round++) {
		uint8_t keys[OPENERS][GH_PUBLIC_KEY_BYTES] = { { 0 } };
		pthread_t threads[OPENERS];
		char name[16] = "race ";

		name[4] = (char)('0' + round);
		snprintf(race_folder, sizeof(race_folder), "%s", folder_place(name));
		for (size_t i = 0; i < OPENERS; i++)
			assert_int_equal(
				pthread_create(&threads[i], NULL, open_and_tell, keys[i]), 0);
		for (size_t i = 0; i < OPENERS; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		for (size_t i = 1; i < OPENERS; i++)
			assert_memory_equal(keys[0], keys[i], sizeof(keys[0]));
		assert_int_equal(folder_count(name), 2);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_first_opening_makes_private_keys),
		TEST(keys_outlive_the_process),
		TEST(unwrapping_wants_the_same_context),
		TEST(what_is_no_data_key_is_refused),
		TEST(signatures_of_the_standard),
		TEST(altered_signatures_are_noticed),
		TEST(open_modes_are_denied),
		TEST(keys_of_another_user_are_denied),
		TEST(damaged_keys_are_refused),
		TEST(a_file_in_the_folders_place),
		TEST(kinds_are_named_when_refused),
		TEST(files_are_not_for_service),
		TEST(those_who_open_at_once_get_the_same_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
