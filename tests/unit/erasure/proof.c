/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs: what the lane can show elsewhere, and every way to make one say something else. */
#include "gatehouse/erasure/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "gatehouse/base/log.h"
#include "support/erasure/station.h"

static struct station lane;
static uint8_t lane_key[GH_PUBLIC_KEY_BYTES];
static uint8_t centre_key[GH_PUBLIC_KEY_BYTES];

/* Three rounds, a record in each; the second is countersigned, by way of the third's head. */
static int set_up(void **state)
{
	(void)state;
	station_make(&lane);
	station_open(&lane);
	station_key(&lane, lane_key);
	station_centre_key(&lane, centre_key);
	for (uint32_t n = 1; n <= 3; n++) {
		assert_int_equal(station_put(&lane, n, 12), GH_OK);
		assert_int_equal(station_put(&lane, n + 10, 12), GH_OK);
		while (station_deliver(&lane) == GH_OK)
			;
		station_wait(&lane, STATION_HOUR_MS);
		assert_int_equal(gh_erasure_round(lane.erasure, NULL), GH_OK);
		if (n == 2)
			station_witness(&lane);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	station_remove(&lane);
	return 0;
}

static json_t *prove(uint32_t n)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_id id = station_id(n);
	json_t *proof;

	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_OK);
	proof = json_loadb((const char *)json.data, json.length_bytes, 0, NULL);
	gh_bytes_finish(&json);
	assert_non_null(proof);
	return proof;
}

static enum gh_status verify_with(const json_t *proof, const uint8_t *key, const uint8_t *central,
	struct gh_erasure_verdict *verdict)
{
	char *text = json_dumps(proof, 0);
	enum gh_status status =
		gh_erasure_verify(gh_view_of_text(text), key, central, verdict, NULL);

	free(text);
	return status;
}

static enum gh_status verify(const json_t *proof)
{
	struct gh_erasure_verdict verdict;

	return verify_with(proof, lane_key, centre_key, &verdict);
}

static void a_proof_holds_and_tells_the_times(void **state)
{
	json_t *proof = prove(1);
	struct gh_erasure_verdict verdict;
	struct gh_id id = station_id(1);

	(void)state;
	assert_int_equal(verify_with(proof, lane_key, centre_key, &verdict), GH_OK);
	assert_true(gh_id_equal(&verdict.record, &id));
	assert_string_equal(verdict.lane, "lane-1");
	assert_int_equal(verdict.count, 2);
	assert_int_equal(verdict.entries[0].what, GH_ERASED_RECORD);
	assert_int_equal(verdict.entries[1].what, GH_ERASED_PHOTO);
	assert_int_equal(verdict.late_ms, 0);
	assert_int_equal(verdict.attested, GH_ERASURE_WITNESSED);
	assert_int_equal(verdict.witnessed_ms - verdict.destroyed_ms[0], STATION_HOUR_MS);
	assert_true(verdict.witnessed_in_time);
	assert_int_equal(verdict.batches, 2);
	assert_int_equal(verdict.strength, GH_PROVIDER_DISK_OPENS);
	json_decref(proof);
}

static void without_a_receipt_it_rests_on_the_lanes_clock(void **state)
{
	json_t *proof = prove(3);
	struct gh_erasure_verdict verdict;

	(void)state;
	assert_true(json_is_null(json_object_get(proof, "receipt")));
	assert_int_equal(verify_with(proof, lane_key, centre_key, &verdict), GH_OK);
	assert_int_equal(verdict.attested, GH_ERASURE_LANE_CLOCK);
	assert_int_equal(verdict.witnessed_ms, 0);
	json_decref(proof);
}

static void without_the_centres_key_a_receipt_attests_less(void **state)
{
	json_t *proof = prove(2);
	struct gh_erasure_verdict verdict;

	(void)state;
	assert_int_equal(verify_with(proof, lane_key, NULL, &verdict), GH_OK);
	assert_int_equal(verdict.attested, GH_ERASURE_SEEN);
	assert_memory_equal(verdict.witness, centre_key, sizeof(centre_key));
	assert_int_equal(verify_with(proof, lane_key, lane_key, &verdict), GH_INTEGRITY);
	assert_int_equal(verify_with(proof, centre_key, centre_key, &verdict), GH_INTEGRITY);
	json_decref(proof);
}

static void nothing_of_a_person_is_in_it(void **state)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_id id = station_id(1);

	(void)state;
	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&json, "", 1, NULL), GH_OK);
	assert_null(strstr((const char *)json.data, "ANNA"));
	assert_non_null(strstr((const char *)json.data, "no other copy exists"));
	gh_bytes_finish(&json);
}

static void what_is_still_held_has_no_proof(void **state)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_id id = station_id(77);

	(void)state;
	assert_int_equal(station_put(&lane, 77, 12), GH_OK);
	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_NOT_FOUND);
	while (station_deliver(&lane) == GH_OK)
		;
	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_NOT_FOUND);
	assert_int_equal(json.length_bytes, 0);
}

/* Change one digit of a string of hexadecimal digits. */
static void turn_digit(json_t *value, size_t at)
{
	char *text = strdup(json_string_value(value));

	text[at] = text[at] == '0' ? '1' : '0';
	json_string_set(value, text);
	free(text);
}

static void every_digit_changed_is_noticed(void **state)
{
	json_t *whole = prove(1);
	static const char *const places[] = { "public_key", "headers", "leaf", "path", "hash",
		"signature", "chain", "receipt key" };

	(void)state;
	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
		for (size_t at = 0; at < 64; at++) {
			json_t *proof = json_deep_copy(whole);
			json_t *entry = json_array_get(json_object_get(proof, "entries"), 1);
			json_t *receipt = json_object_get(proof, "receipt");
			json_t *targets[] = { json_object_get(proof, "public_key"),
				json_array_get(json_object_get(proof, "headers"), at % 2),
				json_object_get(entry, "leaf"),
				json_array_get(json_object_get(entry, "path"), 0),
				json_object_get(receipt, "hash"),
				json_object_get(receipt, "signature"),
				json_object_get(receipt, "chain"),
				json_object_get(receipt, "public_key") };
			size_t length = json_string_length(targets[p]);
			enum gh_status status;

			turn_digit(targets[p], (at * 17 + at / 2) % length);
			status = verify(proof);
			if (status != GH_INTEGRITY && status != GH_MALFORMED)
				fail_msg("%s, digit %zu: status %d", places[p], at, (int)status);
			json_decref(proof);
		}
	json_decref(whole);
}

static void words_that_say_something_else_are_refused(void **state)
{
	json_t *proof = prove(1);
	json_t *says =
		json_object_get(json_array_get(json_object_get(proof, "entries"), 0), "says");

	(void)state;
	json_object_set_new(says, "destroyed_by", json_string("2020-01-01T00:00:00.000Z"));
	assert_int_equal(verify(proof), GH_INTEGRITY);
	json_decref(proof);
}

static void a_proof_with_a_gap_or_another_record_is_refused(void **state)
{
	json_t *proof = prove(1);
	json_t *other = prove(11);
	char id[GH_ID_TEXT_BYTES];
	struct gh_id record = station_id(11);

	(void)state;
	station_witness(&lane);
	json_decref(proof);
	proof = prove(1);
	/* The receipt for batch 2 is nearer: three headers only when it is taken away. */
	json_array_remove(json_object_get(proof, "headers"), 0);
	assert_int_equal(verify(proof), GH_MALFORMED);
	json_decref(proof);

	proof = prove(1);
	json_array_remove(json_object_get(proof, "headers"), 1);
	assert_int_equal(verify(proof), GH_INTEGRITY);
	json_decref(proof);

	proof = prove(1);
	gh_id_format(&record, id);
	json_object_set_new(proof, "record", json_string(id));
	assert_int_equal(verify(proof), GH_INTEGRITY);
	json_decref(proof);

	/* An entry of somebody else in this one's place, its path and all. */
	proof = prove(1);
	json_array_set(json_object_get(proof, "entries"), 0,
		json_array_get(json_object_get(other, "entries"), 0));
	assert_int_equal(verify(proof), GH_INTEGRITY);
	json_decref(proof);
	json_decref(other);
}

static void an_entry_twice_is_refused(void **state)
{
	json_t *proof = prove(1);
	json_t *entries = json_object_get(proof, "entries");

	(void)state;
	json_array_append(entries, json_array_get(entries, 1));
	assert_int_equal(verify(proof), GH_INTEGRITY);
	json_decref(proof);
}

static void what_is_no_proof_is_called_so(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{}", "null",
		"{\"format\":\"gatehouse-erasure-proof\",\"version\":1}",
		"{\"format\":7,\"version\":1,\"record\":[]}" };
	struct gh_erasure_verdict verdict;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(gh_erasure_verify(
					 gh_view_of_text(texts[i]), lane_key, NULL, &verdict, NULL),
			GH_MALFORMED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_proof_holds_and_tells_the_times),
		TEST(without_a_receipt_it_rests_on_the_lanes_clock),
		TEST(without_the_centres_key_a_receipt_attests_less),
		TEST(nothing_of_a_person_is_in_it),
		TEST(what_is_still_held_has_no_proof),
		TEST(every_digit_changed_is_noticed),
		TEST(words_that_say_something_else_are_refused),
		TEST(a_proof_with_a_gap_or_another_record_is_refused),
		TEST(an_entry_twice_is_refused),
		TEST(what_is_no_proof_is_called_so),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
