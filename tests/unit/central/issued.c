/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that were issued, and tokens for them, on either kind of store. */
#include "store.h"

#include <stdio.h>
#include <string.h>

#include "../../support/central/either.h"

static const struct gh_sha256 hash_of_token = { { 9 } };

static struct store_certificate certificate_of(const char *name, uint8_t number)
{
	struct store_certificate made = { .key_id = { { number } },
		.fingerprint = { { number, 1 } },
		.issued_ms = 100 + number,
		.not_after_ms = 10000 + number };

	snprintf(made.serial, sizeof(made.serial), "%032x", number);
	snprintf(made.name, sizeof(made.name), "%s", name);
	return made;
}

static enum gh_status put_certificate(struct store *store, const struct store_certificate *made,
	bool by_token, enum stored *stored)
{
	return store_put_certificate(
		store, made, either_some, by_token ? &hash_of_token : NULL, stored, NULL);
}

static void put_token(struct store *store, const char *name)
{
	struct store_token token = { .hash = hash_of_token, .made_ms = 50, .expires_ms = 5000 };

	strcpy(token.name, name);
	assert_int_equal(store_put_token(store, &token, NULL), GH_OK);
}

static void a_token_is_good_for_one_key(void **state)
{
	struct store *store = either_store(state);
	struct store_certificate first = certificate_of("lane-1", 1);
	struct store_certificate second = certificate_of("lane-1", 2);
	struct store_certificate elsewhere = certificate_of("lane-2", 3);
	struct store_token token;
	enum stored stored;

	assert_int_equal(store_find_token(store, "lane-1", &token, NULL), GH_NOT_FOUND);
	assert_int_equal(put_certificate(store, &first, true, &stored), GH_DENIED);
	put_token(store, "lane-1");
	assert_int_equal(put_certificate(store, &elsewhere, true, &stored), GH_DENIED);
	assert_int_equal(store_find_token(store, "lane-1", &token, NULL), GH_OK);
	assert_true(!token.used && token.made_ms == 50 && token.expires_ms == 5000);
	assert_true(gh_sha256_equal(&token.hash, &hash_of_token));
	assert_int_equal(put_certificate(store, &first, true, &stored), GH_OK);
	assert_int_equal(stored, STORED_NEW);
	/* For the same key once more, since the answer may be lost; for another never again. */
	assert_int_equal(put_certificate(store, &first, true, &stored), GH_OK);
	assert_int_equal(stored, STORED_SAME);
	assert_int_equal(put_certificate(store, &second, true, &stored), GH_DENIED);
	assert_int_equal(store_find_token(store, "lane-1", &token, NULL), GH_OK);
	assert_true(token.used && gh_sha256_equal(&token.key_id, &first.key_id));
	/* A new one takes its place, and is unused. */
	put_token(store, "lane-1");
	second.issued_ms = 5000;
	assert_int_equal(put_certificate(store, &second, true, &stored), GH_DENIED);
	second.issued_ms = 4999;
	assert_int_equal(put_certificate(store, &second, true, &stored), GH_OK);
	assert_int_equal(stored, STORED_NEW);
}

static void wrong_tokens_are_counted(void **state)
{
	struct store *store = either_store(state);
	struct store_token token;

	assert_int_equal(store_count_failure(store, "nobody", NULL), GH_OK);
	put_token(store, "lane-1");
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_count_failure(store, "lane-1", NULL), GH_OK);
	assert_int_equal(store_find_token(store, "lane-1", &token, NULL), GH_OK);
	assert_int_equal(token.failures, 3);
	put_token(store, "lane-1");
	assert_int_equal(store_find_token(store, "lane-1", &token, NULL), GH_OK);
	assert_int_equal(token.failures, 0);
}

static void take_certificate(void *ctx, const struct store_certificate *certificate)
{
	strcat(ctx, certificate->serial + 31);
	strcat(ctx, certificate->revoked_ms ? "!" : ".");
}

static void expect_standing(struct store *store, const char *name,
	const struct store_certificate *shown, bool registered, int64_t revoked_ms, bool issued,
	int64_t certificate_revoked_ms)
{
	struct store_standing standing;

	assert_int_equal(
		store_find_standing(store, name, &shown->fingerprint, &standing, NULL), GH_OK);
	assert_int_equal(standing.registered, registered);
	assert_int_equal(standing.revoked_ms, revoked_ms);
	assert_int_equal(standing.issued, issued);
	assert_int_equal(standing.certificate_revoked_ms, certificate_revoked_ms);
	assert_string_equal(standing.port, registered ? "UTZ" : "");
}

static void certificates_are_kept_found_and_revoked(void **state)
{
	struct store *store = either_store(state);
	const struct store_device device = { .name = "lane-1", .port = "UTZ", .added_ms = 5 };
	struct store_certificate made[4], found;
	struct gh_bytes der = GH_BYTES_EMPTY;
	char text[64] = "";
	enum stored stored;

	for (uint8_t i = 1; i < 4; i++) {
		made[i] = certificate_of(i == 3 ? "lane-2" : "lane-1", i);
		assert_int_equal(put_certificate(store, &made[i], false, &stored), GH_OK);
		assert_int_equal(stored, STORED_NEW);
	}
	made[0] = certificate_of("lane-1", 8);
	assert_int_equal(
		store_find_certificate(store, &made[0].key_id, &found, &der, NULL), GH_NOT_FOUND);
	assert_int_equal(store_find_certificate(store, &made[2].key_id, &found, &der, NULL), GH_OK);
	assert_string_equal(found.name, "lane-1");
	assert_string_equal(found.serial, made[2].serial);
	assert_true(gh_sha256_equal(&found.fingerprint, &made[2].fingerprint));
	assert_true(found.issued_ms == 102 && found.not_after_ms == 10002);
	assert_true(found.revoked_ms == 0 && gh_view_equal(gh_bytes_view(&der), either_some));
	gh_bytes_finish(&der);
	expect_standing(store, "lane-1", &made[1], false, 0, true, 0);
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	expect_standing(store, "lane-1", &made[0], true, 0, false, 0);
	assert_int_equal(store_revoke_certificate(store, made[1].serial, 77, NULL), GH_OK);
	assert_int_equal(store_revoke_certificate(store, made[1].serial, 78, NULL), GH_NOT_FOUND);
	assert_int_equal(store_revoke_certificate(store, "x", 78, NULL), GH_NOT_FOUND);
	expect_standing(store, "lane-1", &made[1], true, 0, true, 77);
	expect_standing(store, "lane-1", &made[2], true, 0, true, 0);
	assert_int_equal(
		store_list_certificates(store, "lane-1", take_certificate, text, NULL), GH_OK);
	assert_string_equal(text, "1!2.");
}

/* Whoever holds the key of a lane that was revoked is not let in when the lane is put in anew. */
static void what_was_revoked_stays_so(void **state)
{
	struct store *store = either_store(state);
	const struct store_device device = { .name = "lane-1", .port = "UTZ", .added_ms = 5 };
	struct store_certificate made = certificate_of("lane-1", 1);
	struct store_certificate other = certificate_of("lane-2", 2);
	struct store_token token;
	enum stored stored;

	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	assert_int_equal(put_certificate(store, &made, false, &stored), GH_OK);
	assert_int_equal(put_certificate(store, &other, false, &stored), GH_OK);
	put_token(store, "lane-1");
	put_token(store, "lane-2");
	assert_int_equal(store_revoke_device(store, "lane-1", 66, NULL), GH_OK);
	expect_standing(store, "lane-1", &made, true, 66, true, 66);
	assert_int_equal(store_find_token(store, "lane-1", &token, NULL), GH_NOT_FOUND);
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	expect_standing(store, "lane-1", &made, true, 0, true, 66);
	/* Of others nothing was touched, nor by a revocation of nobody. */
	assert_int_equal(store_revoke_device(store, "lane-2", 66, NULL), GH_NOT_FOUND);
	expect_standing(store, "lane-2", &other, false, 0, true, 0);
	assert_int_equal(store_find_token(store, "lane-2", &token, NULL), GH_OK);
}

static void certificates_that_are_over_go(void **state)
{
	struct store *store = either_store(state);
	const struct store_limits limits = { .access_days = 5 };
	struct store_certificate made = certificate_of("lane-1", 1);
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct store_certificate found;
	enum stored stored;

	made.not_after_ms = 20000 * STORE_DAY_MS;
	assert_int_equal(put_certificate(store, &made, false, &stored), GH_OK);
	assert_int_equal(
		store_keep_days(store, made.not_after_ms + 4 * STORE_DAY_MS, &limits, NULL), GH_OK);
	assert_int_equal(store_find_certificate(store, &made.key_id, &found, &der, NULL), GH_OK);
	gh_bytes_finish(&der);
	assert_int_equal(
		store_keep_days(store, made.not_after_ms + 6 * STORE_DAY_MS, &limits, NULL), GH_OK);
	assert_int_equal(
		store_find_certificate(store, &made.key_id, &found, &der, NULL), GH_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EITHER_TEST(a_token_is_good_for_one_key),
		EITHER_TEST(wrong_tokens_are_counted),
		EITHER_TEST(certificates_are_kept_found_and_revoked),
		EITHER_TEST(what_was_revoked_stays_so),
		EITHER_TEST(certificates_that_are_over_go),
	};

	return either_run(tests, sizeof(tests) / sizeof(tests[0]));
}
