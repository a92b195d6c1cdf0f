/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of key providers, run over every kind that this machine has. */
#include "gatehouse/crypto/provider.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/crypto/swtpm.h"
#include "support/folder.h"

#define KEYS "keys"
#define CONTEXT gh_view_of_text("record 1")

/* What a kind needs around it. */
struct kind {
	const char *name;
	bool (*start)(void); /* false: not on this machine, and that was said */
	void (*stop)(void);
	enum gh_provider_strength strength;
	bool for_service;
};

static struct swtpm tpm;

static bool start_nothing(void)
{
	return true;
}

static void stop_nothing(void)
{
}

static bool start_tpm(void)
{
	if (!swtpm_is_there())
		return false;
	swtpm_start(&tpm, folder_place("tpm"));
	return true;
}

static void stop_tpm(void)
{
	swtpm_stop(&tpm);
}

/* The real program, with a host key of this test's own and not this machine's. */
static bool start_creds(void)
{
	if (access("/usr/bin/systemd-creds", X_OK) != 0) {
		print_message("systemd-creds is not installed\n");
		return false;
	}
	return setenv("SYSTEMD_CREDENTIAL_SECRET", folder_place("host.secret"), 1) == 0;
}

static void stop_creds(void)
{
	(void)unsetenv("SYSTEMD_CREDENTIAL_SECRET");
}

static const struct kind file = { "file", start_nothing, stop_nothing, GH_PROVIDER_DISK_OPENS,
	false };
static const struct kind systemd_creds = { "systemd-creds", start_creds, stop_creds,
	GH_PROVIDER_DISK_OPENS, false };
static const struct kind tpm2 = { "tpm2", start_tpm, stop_tpm, GH_PROVIDER_DISK_OPENS_NEVER, true };

static const struct kind *kind_of(void **state)
{
	return *state;
}

static enum gh_status try_open(
	const struct kind *kind, struct gh_provider **provider, struct gh_error *error)
{
	struct gh_provider_options options = { .kind = kind->name,
		.folder = folder_place(KEYS),
		.systemd_key = "host",
		.tpm2_tcti = tpm.tcti };

	return gh_provider_open_with(&options, provider, error);
}

static struct gh_provider *open_keys(const struct kind *kind)
{
	struct gh_provider *provider;
	struct gh_error error = GH_ERROR_NONE;

	if (try_open(kind, &provider, &error) != GH_OK)
		fail_msg("%s", error.text);
	return provider;
}

static struct gh_provider *open_again(const struct kind *kind, struct gh_provider *provider)
{
	gh_provider_close(provider);
	return open_keys(kind);
}

static struct gh_bytes wrap_key(struct gh_provider *provider, uint8_t first)
{
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_aead_key key = { { first } };

	assert_int_equal(gh_provider_wrap(provider, CONTEXT, &key, &wrapped, NULL), GH_OK);
	return wrapped;
}

static enum gh_status try_unwrap(
	struct gh_provider *provider, const struct gh_bytes *wrapped, uint8_t *first)
{
	struct gh_aead_key key;
	enum gh_status status =
		gh_provider_unwrap(provider, CONTEXT, gh_bytes_view(wrapped), &key, NULL);

	*first = key.bytes[0];
	return status;
}

static void expect_key(struct gh_provider *provider, const struct gh_bytes *wrapped, uint8_t first)
{
	uint8_t got;

	assert_int_equal(try_unwrap(provider, wrapped, &got), GH_OK);
	assert_int_equal(got, first);
}

static void expect_gone(struct gh_provider *provider, const struct gh_bytes *wrapped)
{
	uint8_t got;

	assert_int_equal(try_unwrap(provider, wrapped, &got), GH_GONE);
	assert_int_equal(got, 0);
}

static void rewrap(struct gh_provider *provider, struct gh_bytes *wrapped)
{
	struct gh_bytes anew = GH_BYTES_EMPTY;

	assert_int_equal(
		gh_provider_rewrap(provider, CONTEXT, gh_bytes_view(wrapped), &anew, NULL), GH_OK);
	gh_bytes_finish(wrapped);
	*wrapped = anew;
}

static void keep(struct gh_provider *provider, const char *name, const char *secret)
{
	assert_int_equal(
		gh_provider_keep_secret(provider, name, gh_view_of_text(secret), NULL), GH_OK);
}

static void expect_secret(struct gh_provider *provider, const char *name, const char *expected)
{
	struct gh_bytes secret = GH_BYTES_EMPTY;

	assert_int_equal(gh_provider_read_secret(provider, name, &secret, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&secret), gh_view_of_text(expected)));
	gh_bytes_finish(&secret);
}

static void whole_change(struct gh_provider *provider)
{
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
}

static void what_is_wrapped_outlives_the_process(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes wrapped = wrap_key(provider, 7);
	struct gh_aead_key key;

	assert_int_equal(gh_provider_generation(provider), 1);
	assert_int_equal(gh_provider_wrapped_generation(gh_bytes_view(&wrapped)), 1);
	assert_int_equal(gh_provider_strength(provider), kind_of(state)->strength);
	assert_int_equal(gh_provider_for_service(provider), kind_of(state)->for_service);
	provider = open_again(kind_of(state), provider);
	expect_key(provider, &wrapped, 7);
	assert_int_equal(gh_provider_unwrap(provider, gh_view_of_text("record 2"),
				 gh_bytes_view(&wrapped), &key, NULL),
		GH_INTEGRITY);
	gh_bytes_finish(&wrapped);
	gh_provider_close(provider);
}

static void a_change_destroys_what_is_not_rewrapped(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes live = wrap_key(provider, 1);
	struct gh_bytes left = wrap_key(provider, 2);
	struct gh_bytes during;

	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_WRONG_STATE);
	assert_false(gh_provider_changing(provider));
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	assert_true(gh_provider_changing(provider));
	assert_int_equal(gh_provider_generation(provider), 2);
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_EXISTS);
	assert_int_equal(gh_provider_generation(provider), 2);

	during = wrap_key(provider, 3);
	assert_int_equal(gh_provider_wrapped_generation(gh_bytes_view(&during)), 2);
	rewrap(provider, &live);
	assert_int_equal(gh_provider_wrapped_generation(gh_bytes_view(&live)), 2);
	expect_key(provider, &live, 1);
	expect_key(provider, &left, 2);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	assert_false(gh_provider_changing(provider));
	for (int i = 0; i < 2; i++) {
		expect_key(provider, &live, 1);
		expect_gone(provider, &left);
		expect_key(provider, &during, 3);
		assert_int_equal(gh_provider_generation(provider), 2);
		provider = open_again(kind_of(state), provider);
	}
	gh_bytes_finish(&live);
	gh_bytes_finish(&left);
	gh_bytes_finish(&during);
	gh_provider_close(provider);
}

static void rewrapping_twice_changes_nothing(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes wrapped = wrap_key(provider, 1);
	struct gh_bytes again = GH_BYTES_EMPTY;

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	rewrap(provider, &wrapped);
	assert_int_equal(
		gh_provider_rewrap(provider, CONTEXT, gh_bytes_view(&wrapped), &again, NULL),
		GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&wrapped), gh_bytes_view(&again)));
	again.data[20] ^= 1;
	assert_int_equal(
		gh_provider_rewrap(provider, CONTEXT, gh_bytes_view(&again), &wrapped, NULL),
		GH_INTEGRITY);
	assert_int_equal(wrapped.length_bytes, 0);
	gh_bytes_finish(&again);
	gh_bytes_finish(&wrapped);
	gh_provider_close(provider);
}

/* Cut off before, between and after the steps. */
static void a_change_goes_on_after_a_crash(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes live = wrap_key(provider, 1);
	struct gh_bytes left = wrap_key(provider, 2);

	keep(provider, "uplink", "private");
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	provider = open_again(kind_of(state), provider);
	assert_true(gh_provider_changing(provider));
	assert_int_equal(gh_provider_generation(provider), 2);
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_EXISTS);
	expect_key(provider, &live, 1);
	rewrap(provider, &live);
	provider = open_again(kind_of(state), provider);
	assert_true(gh_provider_changing(provider));
	expect_key(provider, &live, 1);
	expect_key(provider, &left, 2);
	expect_secret(provider, "uplink", "private");
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	provider = open_again(kind_of(state), provider);
	assert_false(gh_provider_changing(provider));
	expect_key(provider, &live, 1);
	expect_gone(provider, &left);
	expect_secret(provider, "uplink", "private");
	gh_bytes_finish(&live);
	gh_bytes_finish(&left);
	gh_provider_close(provider);
}

static void many_changes(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes live = wrap_key(provider, 1);
	struct gh_bytes first = wrap_key(provider, 2);

	for (unsigned n = 2; n <= 5; n++) {
		assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
		rewrap(provider, &live);
		assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
		assert_int_equal(gh_provider_generation(provider), n);
		expect_key(provider, &live, 1);
		expect_gone(provider, &first);
	}
	gh_bytes_finish(&live);
	gh_bytes_finish(&first);
	gh_provider_close(provider);
}

static void secrets_are_kept_by_name(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes secret = GH_BYTES_EMPTY;

	assert_int_equal(gh_provider_read_secret(provider, "uplink", &secret, NULL), GH_NOT_FOUND);
	keep(provider, "uplink", "one");
	keep(provider, "a-name-of-thirty-two-characters0", "two");
	keep(provider, "empty", "");
	keep(provider, "uplink", "three");
	for (int i = 0; i < 2; i++) {
		expect_secret(provider, "uplink", "three");
		expect_secret(provider, "a-name-of-thirty-two-characters0", "two");
		expect_secret(provider, "empty", "");
		whole_change(provider);
		provider = open_again(kind_of(state), provider);
	}
	gh_provider_close(provider);
}

static enum gh_status collect(void *ctx, const char *name, struct gh_error *error)
{
	char *names = ctx;

	(void)error;
	strncat(names, name, 32);
	return strlen(names) < 64 ? GH_OK : GH_FULL;
}

static void secrets_are_listed_and_dropped(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes secret = GH_BYTES_EMPTY;
	char names[128] = "";

	assert_int_equal(gh_provider_each_secret(provider, collect, names, NULL), GH_OK);
	assert_string_equal(names, "");
	keep(provider, "one", "1");
	keep(provider, "two", "2");
	assert_int_equal(gh_provider_each_secret(provider, collect, names, NULL), GH_OK);
	assert_int_equal(strlen(names), 6);
	assert_non_null(strstr(names, "one"));
	assert_non_null(strstr(names, "two"));
	assert_int_equal(gh_provider_drop_secret(provider, "one", NULL), GH_OK);
	assert_int_equal(gh_provider_drop_secret(provider, "one", NULL), GH_OK);
	assert_int_equal(gh_provider_drop_secret(provider, "_signing", NULL), GH_MALFORMED);
	assert_int_equal(gh_provider_read_secret(provider, "one", &secret, NULL), GH_NOT_FOUND);
	names[0] = '\0';
	assert_int_equal(gh_provider_each_secret(provider, collect, names, NULL), GH_OK);
	assert_string_equal(names, "two");
	memset(names, 'x', 70);
	names[70] = '\0';
	assert_int_equal(gh_provider_each_secret(provider, collect, names, NULL), GH_FULL);
	gh_provider_close(provider);
	assert_string_equal(gh_provider_secret_name("provider:lane-1"), "lane-1");
	assert_null(gh_provider_secret_name("/etc/provider:lane-1"));
}

static void names_and_sizes_of_secrets(void **state)
{
	static const char *const bad[] = { "", "..", "a/b", "A", "_signing", "a.b",
		"a-name-of-thirty-three-character-" };
	static uint8_t large[GH_PROVIDER_SECRET_BYTES_MAX + 1];
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes secret = GH_BYTES_EMPTY;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			gh_provider_keep_secret(provider, bad[i], CONTEXT, NULL), GH_MALFORMED);
		assert_int_equal(
			gh_provider_read_secret(provider, bad[i], &secret, NULL), GH_MALFORMED);
	}
	assert_int_equal(gh_provider_keep_secret(
				 provider, "large", (struct gh_view){ large, sizeof(large) }, NULL),
		GH_TOO_LARGE);
	assert_int_equal(gh_provider_keep_secret(provider, "large",
				 (struct gh_view){ large, sizeof(large) - 1 }, NULL),
		GH_OK);
	assert_int_equal(gh_provider_read_secret(provider, "large", &secret, NULL), GH_OK);
	assert_int_equal(secret.length_bytes, sizeof(large) - 1);
	gh_bytes_finish(&secret);
	gh_provider_close(provider);
}

/* A secret's file under another secret's name is not that secret. */
static void a_secret_is_bound_to_its_name(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_bytes secret = GH_BYTES_EMPTY;

	keep(provider, "one", "1");
	assert_int_equal(
		rename(folder_place(KEYS "/one.secret"), folder_place(KEYS "/two.secret")), 0);
	assert_int_equal(gh_provider_read_secret(provider, "two", &secret, NULL), GH_INTEGRITY);
	/* It cannot be opened, so it does not keep the old master alive. */
	whole_change(provider);
	gh_provider_close(provider);
}

static void the_signing_key_stays(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	uint8_t before[GH_PUBLIC_KEY_BYTES];
	uint8_t after[GH_PUBLIC_KEY_BYTES];
	uint8_t signature[GH_SIGNATURE_BYTES];

	gh_provider_public_key(provider, before);
	whole_change(provider);
	provider = open_again(kind_of(state), provider);
	gh_provider_public_key(provider, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(gh_provider_sign(provider, CONTEXT, signature, NULL), GH_OK);
	assert_int_equal(gh_signature_verify(before, CONTEXT, signature, NULL), GH_OK);
	signature[3] ^= 1;
	assert_int_equal(gh_signature_verify(before, CONTEXT, signature, NULL), GH_INTEGRITY);
	gh_provider_close(provider);
}

static void one_program_at_a_time(void **state)
{
	struct gh_provider *provider = open_keys(kind_of(state));
	struct gh_provider *second;

	assert_int_equal(try_open(kind_of(state), &second, NULL), GH_BUSY);
	assert_null(second);
	gh_provider_close(open_again(kind_of(state), provider));
}

/* Copy each file of a flat folder; what else is in the target stays, as when a backup is read. */
static void copy_folder(const char *from, const char *to)
{
	DIR *listing = opendir(folder_place(from));
	struct dirent *entry;
	char path[512];

	assert_non_null(listing);
	assert_int_equal(gh_folder_make(folder_place(to), NULL), GH_OK);
	while ((entry = readdir(listing)) != NULL) {
		struct gh_bytes bytes = GH_BYTES_EMPTY;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", from, entry->d_name);
		assert_int_equal(gh_file_read(folder_place(path), 1 << 20, &bytes, NULL), GH_OK);
		snprintf(path, sizeof(path), "%s/%s", to, entry->d_name);
		assert_int_equal(
			gh_file_replace(folder_place(path), gh_bytes_view(&bytes), 0600, NULL),
			GH_OK);
		gh_bytes_finish(&bytes);
	}
	closedir(listing);
}

static void remove_files(const char *name)
{
	DIR *listing = opendir(folder_place(name));
	struct dirent *entry;
	char path[512];

	assert_non_null(listing);
	while ((entry = readdir(listing)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
		(void)unlink(folder_place(path));
	}
	closedir(listing);
}

static const char *const copies[] = { "copy before", "copy begun", "copy rewrapped" };

/* Where the kind promises that a copy opens nothing it opens nothing, and elsewhere it opens. */
static void expect_of_copy(const struct kind *kind, const struct gh_bytes *left)
{
	struct gh_provider *old;
	enum gh_status status = try_open(kind, &old, NULL);

	if (kind->strength == GH_PROVIDER_DISK_OPENS_NEVER) {
		assert_int_equal(status, GH_GONE);
		return;
	}
	assert_int_equal(status, GH_OK);
	expect_key(old, left, 2);
	gh_provider_close(old);
}

/*
 * The disk copied before and during a change, and put back once it is finished: alone, and over
 * what is there.
 */
static void a_copied_disk_is_put_back(void **state)
{
	const struct kind *kind = kind_of(state);
	struct gh_provider *provider = open_keys(kind);
	struct gh_bytes live = wrap_key(provider, 1);
	struct gh_bytes left = wrap_key(provider, 2);

	keep(provider, "uplink", "private");
	copy_folder(KEYS, copies[0]);
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	copy_folder(KEYS, copies[1]);
	rewrap(provider, &live);
	copy_folder(KEYS, copies[2]);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	gh_provider_close(provider);
	copy_folder(KEYS, "ended");

	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		copy_folder(copies[i], KEYS);
		expect_of_copy(kind, &left);
		remove_files(KEYS);
		copy_folder(copies[i], KEYS);
		expect_of_copy(kind, &left);
		remove_files(KEYS);
		copy_folder("ended", KEYS);
		provider = open_keys(kind);
		expect_key(provider, &live, 1);
		expect_gone(provider, &left);
		expect_secret(provider, "uplink", "private");
		gh_provider_close(provider);
	}
	gh_bytes_finish(&live);
	gh_bytes_finish(&left);
}

/* An old file among the new ones: a secret, or the next master that became the master. */
static void old_files_among_new_ones_open_nothing(void **state)
{
	const struct kind *kind = kind_of(state);
	struct gh_provider *provider = open_keys(kind);
	struct gh_bytes secret = GH_BYTES_EMPTY;

	keep(provider, "uplink", "private");
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	copy_folder(KEYS, "copy");
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	whole_change(provider);
	gh_provider_close(provider);
	assert_int_equal(
		rename(folder_place("copy/uplink.secret"), folder_place(KEYS "/uplink.secret")), 0);
	(void)!rename(folder_place("copy/next.master"), folder_place(KEYS "/next.master"));
	provider = open_keys(kind);
	assert_false(gh_provider_changing(provider));
	assert_int_equal(gh_provider_generation(provider), 3);
	assert_int_equal(gh_provider_read_secret(provider, "uplink", &secret, NULL), GH_GONE);
	gh_provider_close(provider);
}

struct scene {
	const char *name;
	void (*act)(void **state);
};

static const struct scene scenes[] = {
	{ "what is wrapped outlives the process", what_is_wrapped_outlives_the_process },
	{ "a change destroys what is not rewrapped", a_change_destroys_what_is_not_rewrapped },
	{ "rewrapping twice changes nothing", rewrapping_twice_changes_nothing },
	{ "a change goes on after a crash", a_change_goes_on_after_a_crash },
	{ "many changes", many_changes },
	{ "secrets are kept by name", secrets_are_kept_by_name },
	{ "secrets are listed and dropped", secrets_are_listed_and_dropped },
	{ "names and sizes of secrets", names_and_sizes_of_secrets },
	{ "a secret is bound to its name", a_secret_is_bound_to_its_name },
	{ "the signing key stays", the_signing_key_stays },
	{ "one program at a time", one_program_at_a_time },
	{ "a copied disk is put back", a_copied_disk_is_put_back },
	{ "old files among new ones open nothing", old_files_among_new_ones_open_nothing },
};

#define SCENES (sizeof(scenes) / sizeof(scenes[0]))

static const struct kind *const kinds[] = { &file, &systemd_creds, &tpm2 };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct play {
	const struct scene *scene;
	const struct kind *kind;
	char name[96];
};

static void run(void **state)
{
	const struct play *play = *state;
	void *kind = (void *)(uintptr_t)play->kind;

	if (!play->kind->start())
		skip();
	play->scene->act(&kind);
	play->kind->stop();
}

static int set_up(void **state)
{
	void *unused;

	(void)state;
	return folder_set_up(&unused);
}

static int tear_down(void **state)
{
	const struct play *play = *state;
	void *unused;

	play->kind->stop();
	return folder_tear_down(&unused);
}

int main(void)
{
	static struct play plays[KINDS * SCENES];
	static struct CMUnitTest tests[KINDS * SCENES];

	for (size_t i = 0; i < KINDS * SCENES; i++) {
		plays[i].kind = kinds[i / SCENES];
		plays[i].scene = &scenes[i % SCENES];
		snprintf(plays[i].name, sizeof(plays[i].name), "%s: %s", plays[i].kind->name,
			plays[i].scene->name);
		tests[i] = (struct CMUnitTest){ .name = plays[i].name,
			.test_func = run,
			.setup_func = set_up,
			.teardown_func = tear_down,
			.initial_state = &plays[i] };
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
