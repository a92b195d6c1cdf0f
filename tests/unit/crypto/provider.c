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
#include "provider_state.h"
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
	static const uint8_t header[] = { 'k', 0, 0, 0, 0, 0, 0, 0, 1 };
	struct gh_provider *provider;
	struct gh_aead_key master = { { 9 } };
	struct gh_aead_key back;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	put_file(KEYS "/master.key", master.bytes, sizeof(master.bytes), 0600);
	provider = open_keys();
	assert_int_equal(gh_aead_seal(&master, (struct gh_view){ header, sizeof(header) },
				 gh_view_of_text("31 bytes of something different"), &sealed, NULL),
		GH_OK);
	assert_int_equal(gh_bytes_append(&wrapped, header, sizeof(header), NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&wrapped, sealed.data, sealed.length_bytes, NULL), GH_OK);
	assert_int_equal(gh_provider_unwrap(provider, gh_view_of_text(NULL),
				 gh_bytes_view(&wrapped), &back, &error),
		GH_INTEGRITY);
	assert_string_equal(error.text, "unwrap: 31 bytes are no data key");
	gh_bytes_finish(&wrapped);
	gh_bytes_finish(&sealed);
	gh_provider_close(provider);
}

static struct gh_bytes wrap_key(struct gh_provider *provider, uint8_t first)
{
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_aead_key key = { { first } };

	assert_int_equal(
		gh_provider_wrap(provider, gh_view_of_text("record"), &key, &wrapped, NULL), GH_OK);
	return wrapped;
}

static void expect_unwrap(struct gh_provider *provider, const struct gh_bytes *wrapped,
	uint8_t first, enum gh_status expected)
{
	struct gh_aead_key key;

	assert_int_equal(gh_provider_unwrap(provider, gh_view_of_text("record"),
				 gh_bytes_view(wrapped), &key, NULL),
		expected);
	assert_int_equal(key.bytes[0], expected == GH_OK ? first : 0);
}

/* What a lane has wrapped before there were generations. */
static void keys_of_former_times_are_of_generation_one(void **state)
{
	struct gh_aead_key master = { { 7 } };
	struct gh_aead_key key = { { 42 } };
	struct gh_provider *provider;
	struct gh_bytes former = GH_BYTES_EMPTY;
	struct gh_bytes anew = GH_BYTES_EMPTY;

	put_file(KEYS "/master.key", master.bytes, sizeof(master.bytes), 0600);
	assert_int_equal(gh_aead_seal(&master, gh_view_of_text("record"),
				 (struct gh_view){ key.bytes, sizeof(key.bytes) }, &former, NULL),
		GH_OK);
	assert_int_equal(former.length_bytes, 60);
	assert_int_equal(gh_provider_wrapped_generation(gh_bytes_view(&former)), 1);

	provider = open_keys();
	assert_int_equal(gh_provider_generation(provider), 1);
	expect_unwrap(provider, &former, 42, GH_OK);
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	expect_unwrap(provider, &former, 42, GH_OK);
	assert_int_equal(gh_provider_rewrap(provider, gh_view_of_text("record"),
				 gh_bytes_view(&former), &anew, NULL),
		GH_OK);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	expect_unwrap(provider, &former, 42, GH_GONE);
	expect_unwrap(provider, &anew, 42, GH_OK);
	gh_provider_close(provider);
	gh_bytes_finish(&former);
	gh_bytes_finish(&anew);
}

/* Every bit of a wrapped key counts, its generation included. */
static void altered_wrapped_keys_are_noticed(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_bytes old = wrap_key(provider, 1);
	struct gh_bytes wrapped;
	struct gh_aead_key key;

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	wrapped = wrap_key(provider, 2);
	assert_int_equal(wrapped.length_bytes, 69);
	for (size_t i = 0; i < wrapped.length_bytes; i++) {
		enum gh_status status;

		wrapped.data[i] ^= 1;
		status = gh_provider_unwrap(
			provider, gh_view_of_text("record"), gh_bytes_view(&wrapped), &key, NULL);
		assert_int_equal(status, GH_INTEGRITY);
		wrapped.data[i] ^= 1;
	}
	/* Under one master, said to be under the other: both are there. */
	old.data[8] = 2;
	expect_unwrap(provider, &old, 1, GH_INTEGRITY);
	for (size_t length = 0; length < 37; length++) {
		struct gh_view cut = { wrapped.data, length };

		assert_int_equal(
			gh_provider_unwrap(provider, gh_view_of_text("record"), cut, &key, NULL),
			GH_TRUNCATED);
		assert_int_equal(gh_provider_wrapped_generation(cut), 0);
	}
	gh_bytes_finish(&old);
	gh_bytes_finish(&wrapped);
	gh_provider_close(provider);
}

/* What is under a master that this folder has not reached yet: the folder is an old copy. */
static void a_later_generation_is_not_taken_for_damage_of_an_old_one(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_bytes wrapped;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_aead_key key;

	wrapped = wrap_key(provider, 1);
	wrapped.data[8] = 9;
	assert_int_equal(gh_provider_unwrap(provider, gh_view_of_text("record"),
				 gh_bytes_view(&wrapped), &key, &error),
		GH_INTEGRITY);
	assert_string_equal(
		error.text, "unseal: under generation 9 of the master, the newest here is 1");
	gh_bytes_finish(&wrapped);
	gh_provider_close(provider);
}

static void the_files_of_a_change(void **state)
{
	struct gh_provider *provider = open_keys();

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	assert_int_equal(access(folder_place(KEYS "/master.key"), F_OK), 0);
	assert_int_equal(access(folder_place(KEYS "/master-2.key"), F_OK), 0);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	assert_int_equal(access(folder_place(KEYS "/master.key"), F_OK), -1);
	assert_int_equal(access(folder_place(KEYS "/master-2.key"), F_OK), 0);
	assert_int_equal(folder_count(KEYS), 2);
	gh_provider_close(provider);
}

/* The unlinked file keeps its bytes while somebody has it open: they are zeros. */
static void a_destroyed_master_is_overwritten_first(void **state)
{
	struct gh_provider *provider = open_keys();
	static const uint8_t zeros[32];
	uint8_t bytes[33];
	FILE *old = fopen(folder_place(KEYS "/master.key"), "rb");

	assert_non_null(old);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), old), 32);
	assert_memory_not_equal(bytes, zeros, 32);
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	rewind(old);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), old), 32);
	assert_memory_equal(bytes, zeros, 32);
	fclose(old);
	gh_provider_close(provider);
}

/* A crash after the old master was overwritten and before it was unlinked. */
static void an_overwritten_master_is_destroyed(void **state)
{
	static const uint8_t zeros[32];
	struct gh_provider *provider = open_keys();
	struct gh_bytes wrapped = wrap_key(provider, 1);

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	gh_provider_close(provider);
	put_file(KEYS "/master.key", zeros, sizeof(zeros), 0600);
	provider = open_keys();
	assert_false(gh_provider_changing(provider));
	assert_int_equal(gh_provider_generation(provider), 2);
	expect_unwrap(provider, &wrapped, 1, GH_GONE);
	assert_int_equal(access(folder_place(KEYS "/master.key"), F_OK), -1);
	gh_provider_close(provider);
	gh_bytes_finish(&wrapped);

	put_file(KEYS "/master-2.key", zeros, sizeof(zeros), 0600);
	refuse(GH_INTEGRITY, "overwritten");
}

static void a_master_that_was_put_back_is_noticed(void **state)
{
	static const uint8_t bytes[32] = { 1 };
	struct gh_provider *provider = open_keys();

	for (int i = 0; i < 2; i++) {
		assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
		assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	}
	gh_provider_close(provider);
	put_file(KEYS "/master.key", bytes, sizeof(bytes), 0600);
	refuse(GH_MALFORMED, "put back");
}

/* Other files beside the keys are left alone; leftovers of a crash are not. */
static void leftovers_are_swept(void **state)
{
	static const char *const left[] = { KEYS "/.0123456789abcdef.part",
		KEYS "/.f81d4fae-7dec-41d0-a765-00a0c91e6bf6" };
	struct gh_provider *provider = open_keys();
	struct gh_bytes wrapped = wrap_key(provider, 1);

	gh_provider_close(provider);
	put_file(left[0], "key of nobody", 13, 0600);
	/* Former writers linked the finished file to its name, and unlinked the first name. */
	assert_int_equal(link(folder_place(KEYS "/master.key"), folder_place(left[1])), 0);
	put_file(KEYS "/master-02.key", "x", 1, 0600);
	put_file(KEYS "/master-0.key", "x", 1, 0600);
	put_file(KEYS "/notes", "x", 1, 0600);
	provider = open_keys();
	expect_unwrap(provider, &wrapped, 1, GH_OK);
	assert_int_equal(access(folder_place(left[0]), F_OK), -1);
	assert_int_equal(access(folder_place(left[1]), F_OK), -1);
	assert_int_equal(folder_count(KEYS), 5);
	gh_provider_close(provider);
	gh_bytes_finish(&wrapped);
}

static void one_program_at_a_time(void **state)
{
	struct gh_provider *provider = open_keys();

	refuse(GH_BUSY, "another process");
	gh_provider_close(provider);
	gh_provider_close(open_keys());
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
	uint8_t bytes[33] = { 1 };

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
	assert_string_equal(
		error.text, "no key provider 'tpm9'; there are: file, systemd-creds, tpm2");
	assert_int_equal(access(folder_place(KEYS), F_OK), -1);
}

static void files_are_not_for_service(void **state)
{
	struct gh_provider *provider = open_keys();

	assert_false(gh_provider_for_service(provider));
	gh_provider_close(provider);
}

/* The flags of the memory that holds an address, from the kernel's own list. */
static void read_memory_flags(const void *address, char flags[256])
{
	FILE *list = fopen("/proc/self/smaps", "r");
	char line[512];
	bool here = false;

	flags[0] = '\0';
	assert_non_null(list);
	while (fgets(line, sizeof(line), list)) {
		unsigned long from;
		unsigned long to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= (uintptr_t)address && (uintptr_t)address < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, 256, "%.255s", line);
	}
	fclose(list);
}

/* Locked against swap, and left out of core dumps. */
/* Programs of one service: they share what is there, and none changes it. */
static void those_who_share_open_together(void **state)
{
	const struct gh_provider_options shared = {
		.kind = "file", .folder = folder_place("keys"), .shared = true
	};
	struct gh_provider_options alone = shared;
	struct gh_provider *first, *second, *third;
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_aead_key key = { { 7 } };
	struct gh_aead_key found;

	alone.shared = false;
	assert_int_equal(gh_provider_open_with(&shared, &first, NULL), GH_OK);
	assert_int_equal(gh_provider_open_with(&shared, &second, NULL), GH_OK);
	assert_int_equal(gh_provider_open_with(&alone, &third, NULL), GH_BUSY);
	assert_int_equal(
		gh_provider_wrap(first, gh_view_of_text("x"), &key, &wrapped, NULL), GH_OK);
	assert_int_equal(gh_provider_unwrap(second, gh_view_of_text("x"), gh_bytes_view(&wrapped),
				 &found, NULL),
		GH_OK);
	assert_memory_equal(&key, &found, sizeof(key));
	assert_int_equal(gh_provider_begin_change(first, NULL), GH_UNSUPPORTED);
	gh_provider_close(first);
	gh_provider_close(second);
	assert_int_equal(gh_provider_open_with(&alone, &third, NULL), GH_OK);
	assert_int_equal(gh_provider_begin_change(third, NULL), GH_OK);
	gh_provider_close(third);
	gh_bytes_finish(&wrapped);
}

static void keys_stay_in_memory(void **state)
{
	struct gh_provider *provider = open_keys();
	char flags[256];

	read_memory_flags(provider->keys, flags);
	assert_non_null(strstr(flags, " lo"));
	assert_non_null(strstr(flags, " dd"));
	read_memory_flags(provider, flags);
	assert_null(strstr(flags, " dd"));
	gh_provider_close(provider);
}

#define OPENERS 6

static char race_folder[4096];

static void *open_and_tell(void *place)
{
	struct gh_provider *provider;
	enum gh_status status;

	do
		status = gh_provider_open("file", race_folder, &provider, NULL);
	while (status == GH_BUSY);
	if (status == GH_OK) {
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
		TEST(keys_of_former_times_are_of_generation_one),
		TEST(altered_wrapped_keys_are_noticed),
		TEST(a_later_generation_is_not_taken_for_damage_of_an_old_one),
		TEST(the_files_of_a_change),
		TEST(a_destroyed_master_is_overwritten_first),
		TEST(an_overwritten_master_is_destroyed),
		TEST(a_master_that_was_put_back_is_noticed),
		TEST(leftovers_are_swept),
		TEST(one_program_at_a_time),
		TEST(those_who_share_open_together),
		TEST(keys_stay_in_memory),
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
