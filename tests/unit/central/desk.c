/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk decides, without a server in front of it. */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../support/central/counter.h"
#include "../../support/central/server.h"
#include "../../support/encounter/specimen.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/aead.h"

static const uint8_t photo_bytes[300] = { 0xff, 0xd8, 1, 2, 3 };
static const struct gh_view photo = { photo_bytes, sizeof(photo_bytes) };
static const struct gh_view no_photo = { NULL, 0 };
static char code[32];

/* The server of the second run of these tests; without one they run on SQLite. */
static struct server server;

static int make_counter(void **state, enum gh_purpose purpose)
{
	char address[320] = "";

	if (server.process)
		server_new_address(&server, address);
	*state = calloc(1, sizeof(struct counter));
	counter_make_at(*state, purpose, address);
	return 0;
}

static int demo_counter(void **state)
{
	return make_counter(state, GH_PURPOSE_DEMO);
}

static int service_counter(void **state)
{
	return make_counter(state, GH_PURPOSE_SERVICE);
}

static int end(void **state)
{
	counter_remove(*state);
	free(*state);
	return 0;
}

static void a_service_refuses_what_is_of_a_demo(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct gh_addendum addendum;

	counter_record(counter, 1, no_photo, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 403);
	assert_string_equal(code, "demo_record");
	encounter.lane.purpose = GH_PURPOSE_SERVICE;
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);

	specimen_addendum(GH_ADDENDUM_COUNT * 50, &addendum);
	addendum.encounter = encounter.id;
	addendum.test = true;
	assert_int_equal(counter_put_addendum(counter, &addendum, code), 403);
	addendum.test = false;
	assert_int_equal(counter_put_addendum(counter, &addendum, code), 201);
}

static void a_lane_brings_nothing_in_anothers_name(void **state)
{
	static const char *const others[] = { "lane-2", "lane-11", "lane-", "LANE-1" };
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct gh_addendum addendum;

	counter_record(counter, 1, no_photo, &encounter);
	specimen_addendum(GH_ADDENDUM_COUNT * 50, &addendum);
	addendum.encounter = encounter.id;
	addendum.test = true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		strcpy(encounter.lane.lane, others[i]);
		assert_int_equal(counter_put_record(counter, &encounter, code), 403);
		assert_string_equal(code, "other_lane");
	}
	strcpy(encounter.lane.lane, "lane-1");
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	strcpy(addendum.lane, "lane-2");
	assert_int_equal(counter_put_addendum(counter, &addendum, code), 403);
	assert_string_equal(code, "other_lane");
	strcpy(addendum.lane, "lane-1");
	assert_int_equal(counter_put_addendum(counter, &addendum, code), 201);
}

static void a_test_voyage_has_no_place_in_a_service(void **state)
{
	struct counter *counter = *state;
	struct publication publication = { .id = { { 7 } }, .version = 1, .status = GH_OK };
	struct answer answer;

	publication.voyage.id = publication.id;
	publication.voyage.version = 1;
	publication.voyage.test = true;
	strcpy(publication.path, "/nonexistent");
	answer_init(&answer);
	desk_publish(&counter->desk, &publication, &answer);
	assert_int_equal(answer.status, 403);
	answer_finish(&answer);
}

/* Open what the store holds sealed, as an authorised reader would. */
static enum gh_status open_photo(struct counter *counter, const struct gh_id *id,
	struct gh_bytes *plain, struct gh_error *error)
{
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_aead_key key;
	uint8_t place[17];
	enum gh_status status;

	memcpy(place, id->bytes, 16);
	status = store_read_photo(counter->desk.store, id, &wrapped, &sealed, error);
	place[16] = 'k';
	if (status == GH_OK)
		status = gh_provider_unwrap(counter->desk.provider, (struct gh_view){ place, 17 },
			gh_bytes_view(&wrapped), &key, error);
	place[16] = 'p';
	if (status == GH_OK)
		status = gh_aead_open(
			&key, (struct gh_view){ place, 17 }, gh_bytes_view(&sealed), plain, error);
	gh_bytes_finish(&wrapped);
	gh_bytes_finish(&sealed);
	return status;
}

static void a_photo_is_sealed_and_opens_again(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct gh_bytes plain = GH_BYTES_EMPTY;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_bytes wrapped = GH_BYTES_EMPTY;

	counter_record(counter, 1, photo, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 201);
	assert_int_equal(open_photo(counter, &encounter.id, &plain, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&plain), photo));
	assert_int_equal(
		store_read_photo(counter->desk.store, &encounter.id, &wrapped, &sealed, NULL),
		GH_OK);
	for (size_t at = 0; at + 100 < sealed.length_bytes; at++)
		assert_memory_not_equal(sealed.data + at, photo.data + 100, 100);
	gh_bytes_finish(&plain);
	gh_bytes_finish(&sealed);
	gh_bytes_finish(&wrapped);
}

static void nothing_is_left_when_its_time_is_over(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct gh_bytes plain = GH_BYTES_EMPTY;
	struct store_photo found = { .state = PHOTO_NONE };

	counter_record(counter, 1, photo, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 201);
	counter->clock.real_ms = encounter.destroy_by_ms - 1;
	desk_destroy_due(&counter->desk);
	assert_int_equal(open_photo(counter, &encounter.id, &plain, NULL), GH_OK);
	counter->clock.real_ms = encounter.destroy_by_ms;
	desk_destroy_due(&counter->desk);
	assert_int_equal(open_photo(counter, &encounter.id, &plain, NULL), GH_NOT_FOUND);
	counter_reopen(counter);
	assert_int_equal(store_find_photo(counter->desk.store, &encounter.id, &found, NULL), GH_OK);
	assert_int_equal(found.state, PHOTO_DESTROYED);
	assert_int_equal(found.wrapped_key.length_bytes, 0);
	assert_int_equal(counter_put_record(counter, &encounter, code), 200);
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 410);
	gh_bytes_finish(&plain);
	gh_bytes_finish(&found.wrapped_key);
}

/* The receipt in what the desk said last, which must hold by the desk's own key. */
static struct gh_receipt receipt_said(struct counter *counter)
{
	json_t *root = json_loads(counter->said, 0, NULL);
	char *text = json_dumps(json_object_get(root, "receipt"), JSON_COMPACT);
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	struct gh_receipt receipt;
	char hash[GH_SHA256_TEXT_BYTES];

	assert_non_null(text);
	gh_provider_public_key(counter->desk.provider, key);
	assert_int_equal(gh_receipt_decode(gh_view_of_text(text), &receipt, NULL), GH_OK);
	assert_int_equal(gh_receipt_verify(&receipt, key, NULL), GH_OK);
	gh_sha256_format(&receipt.hash, hash);
	assert_string_equal(json_string_value(json_object_get(root, "sha256")), hash);
	free(text);
	json_decref(root);
	return receipt;
}

static void the_same_content_gets_the_same_receipt(void **state)
{
	struct counter *counter = *state;
	int64_t first_ms = counter->clock.real_ms;
	struct gh_encounter encounter;
	struct gh_addendum addendum;
	struct gh_sha256 hash;
	struct gh_receipt first[3], again[3];

	counter_record(counter, 1, photo, &encounter);
	specimen_addendum(GH_ADDENDUM_COUNT * 50 + GH_ADDENDUM_NOT_PASSED, &addendum);
	addendum.encounter = encounter.id;
	addendum.test = true;
	strcpy(addendum.lane, "lane-1");
	for (int round = 0; round < 2; round++) {
		struct gh_receipt *receipts = round ? again : first;
		int wanted = round ? 200 : 201;

		assert_int_equal(counter_put_record(counter, &encounter, code), wanted);
		receipts[0] = receipt_said(counter);
		assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), wanted);
		receipts[1] = receipt_said(counter);
		assert_int_equal(counter_put_addendum(counter, &addendum, code), wanted);
		receipts[2] = receipt_said(counter);
		counter->clock.real_ms += 60000;
		counter_reopen(counter);
	}
	/* The signature is over all the rest. */
	for (int i = 0; i < 3; i++)
		assert_memory_equal(first[i].signature, again[i].signature, GH_SIGNATURE_BYTES);
	assert_int_equal(gh_sha256_of(photo, &hash, NULL), GH_OK);
	assert_true(gh_sha256_equal(&first[1].hash, &hash));
	assert_int_equal(first[0].kind, GH_RECEIPT_ENCOUNTER);
	assert_int_equal(first[1].kind, GH_RECEIPT_PHOTO);
	assert_int_equal(first[2].kind, GH_RECEIPT_ADDENDUM);
	for (int i = 0; i < 3; i++)
		assert_int_equal(first[i].received_ms, first_ms);
	assert_true(gh_id_equal(&first[1].id, &encounter.id));
	assert_true(gh_id_equal(&first[2].id, &addendum.id));
}

static void a_body_spoilt_on_the_way_is_not_stored(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct gh_sha256 other = { { 1 } };
	struct gh_sha256 right;
	struct store_counts counts;

	counter_record(counter, 1, photo, &encounter);
	counter->digest = &other;
	assert_int_equal(counter_put_record(counter, &encounter, code), 400);
	assert_string_equal(code, "digest_mismatch");
	counter->digest = NULL;
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	counter->digest = &other;
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 400);
	assert_string_equal(code, "digest_mismatch");
	assert_int_equal(store_count(counter->desk.store, &counts, NULL), GH_OK);
	assert_int_equal(counts.photos, 0);
	assert_int_equal(gh_sha256_of(photo, &right, NULL), GH_OK);
	counter->digest = &right;
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 201);
}

static void count_row(void *ctx, const struct store_row *row)
{
	assert_string_equal(row->addenda, "passed disposition:proceed photo_erased");
	(*(int *)ctx)++;
}

static void addenda_are_listed_in_their_order(void **state)
{
	struct counter *counter = *state;
	static const enum gh_addendum_kind kinds[] = { GH_ADDENDUM_PASSED, GH_ADDENDUM_DISPOSITION,
		GH_ADDENDUM_PHOTO_ERASED };
	struct gh_encounter encounter;
	int rows = 0;

	counter_record(counter, 1, no_photo, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	for (size_t i = 0; i < 3; i++) {
		struct gh_addendum addendum;

		specimen_addendum((uint64_t)kinds[i] + GH_ADDENDUM_COUNT * (50 - i), &addendum);
		addendum.encounter = encounter.id;
		if (addendum.kind == GH_ADDENDUM_DISPOSITION)
			addendum.disposition = GH_DISPOSITION_PROCEED;
		assert_int_equal(counter_put_addendum(counter, &addendum, code), 201);
	}
	assert_int_equal(
		store_list_records(counter->desk.store, 0, 10, count_row, &rows, NULL), GH_OK);
	assert_int_equal(rows, 1);
}

static void stores_have_one_owner_and_one_kind(void **state)
{
	struct counter *counter = *state;
	struct store_options options = counter_store(counter);
	struct store *second;
	char path[200];
	sqlite3 *handle;

	assert_int_equal(store_open(&options, &second, NULL), GH_BUSY);
	assert_null(second);
	store_close(counter->desk.store);
	counter->desk.store = NULL;
	snprintf(path, sizeof(path), "%s/central.db", counter->folder);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(handle, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	assert_int_equal(store_open(&options, &second, NULL), GH_UNSUPPORTED);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "PRAGMA user_version = 2; PRAGMA application_id = 5",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(handle);
	assert_int_equal(store_open(&options, &second, NULL), GH_UNSUPPORTED);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	fputs("this is no database at all", file);
	fclose(file);
	assert_int_equal(store_open(&options, &second, NULL), GH_INTEGRITY);
}

static void a_failure_of_ours_is_never_the_records_fault(void **state)
{
	struct answer answer;
	static const struct {
		enum gh_status status;
		int http;
	} cases[] = { { GH_IO, 500 }, { GH_INTERNAL, 500 }, { GH_INTEGRITY, 500 },
		{ GH_MALFORMED, 500 }, { GH_WRONG_STATE, 500 }, { GH_FULL, 503 },
		{ GH_NO_MEMORY, 503 }, { GH_BUSY, 503 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer_init(&answer);
		answer_failure(&answer, cases[i].status);
		assert_int_equal(answer.status, cases[i].http);
		assert_int_equal(answer.retry_after_s > 0, cases[i].http == 503);
		answer_finish(&answer);
	}
}

static void only_registered_lanes_are_let_in(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct store_device device = { .name = "lane-1", .port = "UTZ", .added_ms = 1 };

	counter->desk.registered_only = true;
	counter_record(counter, 1, no_photo, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 403);
	assert_string_equal(code, "device_unknown");
	assert_int_equal(store_put_device(counter->desk.store, &device, NULL), GH_OK);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	assert_int_equal(store_revoke_device(counter->desk.store, "lane-1", 7, NULL), GH_OK);
	assert_int_equal(counter_put_record(counter, &encounter, code), 403);
	assert_string_equal(code, "device_revoked");
	assert_int_equal(store_put_device(counter->desk.store, &device, NULL), GH_OK);
	assert_int_equal(counter_put_record(counter, &encounter, code), 200);
}

static void a_lane_sees_the_voyages_of_its_port(void **state)
{
	struct request request = { .port = "" };
	struct store_voyage voyage = { .from = "UTZ", .to = "UTY" };

	assert_true(desk_shows(&request, &voyage));
	strcpy(request.port, "UTZ");
	assert_true(desk_shows(&request, &voyage));
	strcpy(request.port, "UTY");
	assert_true(desk_shows(&request, &voyage));
	strcpy(request.port, "UT");
	assert_false(desk_shows(&request, &voyage));
}

static void nobody_touches_the_record_of_another_lane(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct gh_addendum addendum;

	counter_record(counter, 1, photo, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	strcpy(counter->peer, "lane-2");
	specimen_addendum(GH_ADDENDUM_COUNT * 50 + GH_ADDENDUM_NOT_PASSED, &addendum);
	addendum.encounter = encounter.id;
	addendum.test = true;
	strcpy(addendum.lane, "lane-2");
	assert_int_equal(counter_put_addendum(counter, &addendum, code), 403);
	assert_string_equal(code, "other_lane");
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 403);
	assert_string_equal(code, "other_lane");
	strcpy(counter->peer, "lane-1");
	strcpy(addendum.lane, "lane-1");
	assert_int_equal(counter_put_addendum(counter, &addendum, code), 201);
	assert_int_equal(counter_put_photo(counter, &encounter.id, photo, code), 201);
}

int main(void)
{
#define DEMO(name) cmocka_unit_test_setup_teardown(name, demo_counter, end)
#define SERVICE(name) cmocka_unit_test_setup_teardown(name, service_counter, end)
	const struct CMUnitTest tests[] = {
		SERVICE(a_service_refuses_what_is_of_a_demo),
		SERVICE(a_test_voyage_has_no_place_in_a_service),
		DEMO(a_lane_brings_nothing_in_anothers_name),
		DEMO(nobody_touches_the_record_of_another_lane),
		DEMO(only_registered_lanes_are_let_in),
		DEMO(a_lane_sees_the_voyages_of_its_port),
		DEMO(a_photo_is_sealed_and_opens_again),
		DEMO(the_same_content_gets_the_same_receipt),
		DEMO(a_body_spoilt_on_the_way_is_not_stored),
		DEMO(nothing_is_left_when_its_time_is_over),
		DEMO(addenda_are_listed_in_their_order),
	};
	const struct CMUnitTest others[] = {
		DEMO(stores_have_one_owner_and_one_kind),
		cmocka_unit_test(a_failure_of_ours_is_never_the_records_fault),
	};
	const char *missing;
	int failed;

	gh_log_set_level((enum gh_log_level)0);
	failed = cmocka_run_group_tests_name("SQLite", tests, NULL, NULL) +
		cmocka_run_group_tests_name("both", others, NULL, NULL);
	missing = server_start(&server, false);
	if (missing)
		print_message("not run on PostgreSQL: %s\n", missing);
	else
		failed += cmocka_run_group_tests_name("PostgreSQL", tests, NULL, NULL);
	server_stop(&server);
	return failed;
}
