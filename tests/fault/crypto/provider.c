/* SPDX-License-Identifier: Apache-2.0 */
/* The key provider on a failing disk: no half key is ever left, and the next opening works. */
#include "gatehouse/crypto/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "inject.h"
#include "support/folder.h"

static enum gh_status open_keys(const char *name, struct gh_error *error)
{
	struct gh_provider *provider;
	enum gh_status status = gh_provider_open("file", folder_place(name), &provider, error);

	gh_provider_close(provider);
	return status;
}

static void expect_whole_key(const char *name, const char *file)
{
	struct stat found;
	char inner[128];

	snprintf(inner, sizeof(inner), "%s/%s", name, file);
	if (stat(folder_place(inner), &found) != 0)
		return;
	assert_int_equal(found.st_size, 32);
	assert_int_equal(found.st_mode & 0777, 0600);
}

/* Each call of the first opening fails in turn, in a folder of its own. */
static void open_while(enum inject_point point)
{
	INJECT_EACH(point, n)
	{
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;
		bool hit;
		char name[64];

		inject_pause();
		snprintf(name, sizeof(name), "keys-%d-%lu", (int)point, n);
		inject_arm(point, n);
		status = open_keys(name, &error);
		inject_pause();
		hit = inject_hit();
		/* A temporary file that cannot be removed is no reason to refuse. */
		if (point != INJECT_RENAME)
			assert_int_equal(status != GH_OK, hit);
		assert_int_equal(error.status, status);
		expect_whole_key(name, "master.key");
		expect_whole_key(name, "signing.key");
		assert_int_equal(open_keys(name, NULL), GH_OK);
	}
}

/*
 * A change that fails at each call in turn: what is wrapped opens in the same process, after it was
 * opened again, and after the change has gone on to its end; what was not rewrapped opens never
 * again.
 */
struct ledger {
	struct gh_provider *provider;
	struct gh_bytes live; /* rewrapped on the way */
	struct gh_bytes left; /* never rewrapped */
};

static const struct gh_aead_key live_key = { { 1, 2, 3 } };
static const struct gh_aead_key left_key = { { 4, 5, 6 } };

static struct gh_view context_of(const char *text)
{
	return gh_view_of_text(text);
}

static void expect_key(
	struct ledger *ledger, const struct gh_bytes *wrapped, const struct gh_aead_key *expected)
{
	struct gh_aead_key key;

	assert_int_equal(gh_provider_unwrap(ledger->provider, context_of("id"),
				 gh_bytes_view(wrapped), &key, NULL),
		GH_OK);
	assert_memory_equal(key.bytes, expected->bytes, sizeof(key.bytes));
}

static void expect_secret(struct ledger *ledger)
{
	struct gh_bytes secret = GH_BYTES_EMPTY;

	assert_int_equal(gh_provider_read_secret(ledger->provider, "uplink", &secret, NULL), GH_OK);
	assert_int_equal(secret.length_bytes, 7);
	assert_memory_equal(secret.data, "private", 7);
	gh_bytes_finish(&secret);
}

/* Rewrap what is live: the new form counts only when it is whole, as in a database. */
static enum gh_status rewrap_live(struct ledger *ledger)
{
	struct gh_bytes anew = GH_BYTES_EMPTY;
	enum gh_status status = gh_provider_rewrap(
		ledger->provider, context_of("id"), gh_bytes_view(&ledger->live), &anew, NULL);

	if (status != GH_OK)
		return status;
	gh_bytes_finish(&ledger->live);
	ledger->live = anew;
	return GH_OK;
}

/* The whole change, or what is left of one. */
static enum gh_status change(struct ledger *ledger)
{
	enum gh_status status = gh_provider_begin_change(ledger->provider, NULL);

	if (status == GH_OK || status == GH_EXISTS)
		status = rewrap_live(ledger);
	if (status == GH_OK)
		status = gh_provider_finish_change(ledger->provider, NULL);
	return status;
}

static void open_again(struct ledger *ledger, const char *name)
{
	gh_provider_close(ledger->provider);
	assert_int_equal(
		gh_provider_open("file", folder_place(name), &ledger->provider, NULL), GH_OK);
}

static void begin_ledger(struct ledger *ledger, const char *name)
{
	struct gh_view secret = gh_view_of_text("private");

	memset(ledger, 0, sizeof(*ledger));
	open_again(ledger, name);
	assert_int_equal(gh_provider_wrap(ledger->provider, context_of("id"), &live_key,
				 &ledger->live, NULL),
		GH_OK);
	assert_int_equal(gh_provider_wrap(ledger->provider, context_of("id"), &left_key,
				 &ledger->left, NULL),
		GH_OK);
	assert_int_equal(gh_provider_keep_secret(ledger->provider, "uplink", secret, NULL), GH_OK);
}

static void expect_ended(struct ledger *ledger)
{
	struct gh_aead_key key;

	assert_false(gh_provider_changing(ledger->provider));
	assert_int_equal(gh_provider_unwrap(ledger->provider, context_of("id"),
				 gh_bytes_view(&ledger->left), &key, NULL),
		GH_GONE);
	expect_key(ledger, &ledger->live, &live_key);
	expect_secret(ledger);
}

/* Whether it was cut off: then go on, after a crash or in the same process. */
static void change_while(enum inject_point point, bool crash)
{
	INJECT_EACH(point, n)
	{
		struct ledger ledger;
		enum gh_status status;
		bool hit;
		char name[64];

		inject_pause();
		snprintf(name, sizeof(name), "change-%d-%lu", (int)point, n);
		begin_ledger(&ledger, name);
		inject_arm(point, n);
		status = change(&ledger);
		inject_pause();
		hit = inject_hit();
		if (!hit)
			assert_int_equal(status, GH_OK);
		expect_key(&ledger, &ledger.live, &live_key);
		if (crash)
			open_again(&ledger, name);
		expect_key(&ledger, &ledger.live, &live_key);
		expect_secret(&ledger);
		if (status != GH_OK && gh_provider_changing(ledger.provider))
			assert_int_equal(change(&ledger), GH_OK);
		else if (status != GH_OK && gh_provider_generation(ledger.provider) == 1)
			assert_int_equal(change(&ledger), GH_OK);
		assert_int_equal(gh_provider_generation(ledger.provider), 2);
		expect_ended(&ledger);
		open_again(&ledger, name);
		expect_ended(&ledger);
		gh_provider_close(ledger.provider);
		gh_bytes_finish(&ledger.live);
		gh_bytes_finish(&ledger.left);
	}
}

static void a_change_that_fails(void **state)
{
	static const enum inject_point points[] = { INJECT_ALLOC, INJECT_OPEN, INJECT_READ,
		INJECT_WRITE, INJECT_SYNC, INJECT_RENAME };

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		change_while(points[i], false);
}

static void a_change_that_a_crash_cuts_off(void **state)
{
	static const enum inject_point points[] = { INJECT_ALLOC, INJECT_OPEN, INJECT_READ,
		INJECT_WRITE, INJECT_SYNC, INJECT_RENAME };

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		change_while(points[i], true);
}

/* A disk that takes half of what is written goes on with the rest. */
static void half_writes(void **state)
{
	change_while(INJECT_SHORT, true);
}

static void memory(void **state)
{
	open_while(INJECT_ALLOC);
}

static void a_full_disk(void **state)
{
	open_while(INJECT_WRITE);
}

static void a_disk_that_cannot_sync(void **state)
{
	open_while(INJECT_SYNC);
}

static void reading(void **state)
{
	open_while(INJECT_READ);
}

static void opening_files(void **state)
{
	open_while(INJECT_OPEN);
}

static void renaming(void **state)
{
	open_while(INJECT_RENAME);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(memory),
		TEST(a_full_disk),
		TEST(a_disk_that_cannot_sync),
		TEST(reading),
		TEST(opening_files),
		TEST(renaming),
		TEST(a_change_that_fails),
		TEST(a_change_that_a_crash_cuts_off),
		TEST(half_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
