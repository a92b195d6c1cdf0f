/* SPDX-License-Identifier: Apache-2.0 */
/* What every kind of store keeps: the same suite on SQLite and on a real PostgreSQL. */
#include "store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/central/either.h"
#include "../../support/encounter/specimen.h"

/* A record whose hash is made of a number, so that the same and another are told apart. */
static struct store_put record_put(const struct gh_encounter *encounter, uint8_t content)
{
	struct store_put put = { .kind = STORE_RECORD };

	put.record = (struct store_record){ .encounter = encounter,
		.hash = { { content } },
		.uploaded_ms = encounter->event_ms + 5,
		.peer = "lane-1",
		.wrapped_key = either_some,
		.sealed = either_some };
	return put;
}

static struct store_put addendum_put(const struct gh_addendum *addendum, uint8_t content)
{
	struct store_put put = { .kind = STORE_ADDENDUM };

	put.addendum = (struct store_addendum){
		.addendum = addendum, .hash = { { content } }, .json = either_some, .uploaded_ms = 9
	};
	return put;
}

static enum gh_status status_of(struct store *store, struct store_put put)
{
	struct store_put *puts[] = { &put };

	assert_int_equal(store_put_all(store, puts, 1, NULL), GH_OK);
	return put.status;
}

static void make_record(void **state, uint64_t seed, struct gh_encounter *encounter)
{
	counter_record(*state, seed, either_some, encounter);
}

static void what_has_an_id_is_stored_once(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounter;
	struct gh_addendum addendum;

	make_record(state, 1, &encounter);
	assert_int_equal(either_put(store, record_put(&encounter, 1)), STORED_NEW);
	assert_int_equal(either_put(store, record_put(&encounter, 1)), STORED_SAME);
	assert_int_equal(either_put(store, record_put(&encounter, 2)), STORED_OTHER);
	/* A day later it is still the same id. */
	encounter.event_ms += STORE_DAY_MS;
	assert_int_equal(either_put(store, record_put(&encounter, 2)), STORED_OTHER);
	specimen_addendum(GH_ADDENDUM_PASSED, &addendum);
	addendum.encounter = encounter.id;
	strcpy(addendum.lane, encounter.lane.lane);
	assert_int_equal(either_put(store, addendum_put(&addendum, 1)), STORED_NEW);
	assert_int_equal(either_put(store, addendum_put(&addendum, 1)), STORED_SAME);
	assert_int_equal(either_put(store, addendum_put(&addendum, 2)), STORED_OTHER);
}

static int64_t received_of(struct store *store, struct store_put put)
{
	struct store_put *puts[] = { &put };

	assert_int_equal(store_put_all(store, puts, 1, NULL), GH_OK);
	assert_int_equal(put.status, GH_OK);
	return put.received_ms;
}

static void what_comes_again_came_at_its_first_time(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounter;
	struct gh_addendum addendum;
	struct store_put record;
	struct store_put note;

	make_record(state, 1, &encounter);
	record = record_put(&encounter, 1);
	record.record.uploaded_ms = INT64_C(1764000000001);
	assert_int_equal(received_of(store, record), INT64_C(1764000000001));
	record.record.uploaded_ms += 86400000;
	assert_int_equal(received_of(store, record), INT64_C(1764000000001));
	specimen_addendum(GH_ADDENDUM_PASSED, &addendum);
	addendum.encounter = encounter.id;
	strcpy(addendum.lane, encounter.lane.lane);
	note = addendum_put(&addendum, 1);
	note.addendum.uploaded_ms = INT64_C(1764000000002);
	assert_int_equal(received_of(store, note), INT64_C(1764000000002));
	note.addendum.uploaded_ms++;
	assert_int_equal(received_of(store, note), INT64_C(1764000000002));
}

static void an_addendum_needs_the_lanes_own_record(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounter;
	struct gh_addendum addendum;

	make_record(state, 1, &encounter);
	specimen_addendum(GH_ADDENDUM_PASSED, &addendum);
	addendum.encounter = encounter.id;
	strcpy(addendum.lane, encounter.lane.lane);
	assert_int_equal(status_of(store, addendum_put(&addendum, 1)), GH_NOT_FOUND);
	either_put(store, record_put(&encounter, 1));
	strcpy(addendum.lane, "another");
	assert_int_equal(status_of(store, addendum_put(&addendum, 1)), GH_DENIED);
	strcpy(addendum.lane, encounter.lane.lane);
	assert_int_equal(either_put(store, addendum_put(&addendum, 1)), STORED_NEW);
}

/* Records, the same and another under an id, and an addendum of one of them: in one transaction. */
static void many_go_together(void **state)
{
	enum {
		RECORDS = 40
	};
	struct store *store = either_store(state);
	static struct gh_encounter encounters[RECORDS];
	struct store_put puts[RECORDS + 4];
	struct store_put *list[RECORDS + 4];
	struct gh_addendum addendum;
	struct store_counts counts;
	size_t count = 0;

	for (uint64_t n = 0; n < RECORDS; n++) {
		make_record(state, n + 1, &encounters[n]);
		puts[count++] = record_put(&encounters[n], 1);
	}
	puts[count++] = record_put(&encounters[3], 1);
	puts[count++] = record_put(&encounters[3], 2);
	specimen_addendum(GH_ADDENDUM_PASSED, &addendum);
	addendum.encounter = encounters[5].id;
	strcpy(addendum.lane, encounters[5].lane.lane);
	puts[count++] = addendum_put(&addendum, 1);
	puts[count++] = (struct store_put){ .kind = STORE_ACCESS,
		.access = { 1, "lane-1", "lane", "putEncounter", "x", 0, &puts[0] } };
	for (size_t i = 0; i < count; i++)
		list[i] = &puts[i];
	assert_int_equal(store_put_all(store, list, count, NULL), GH_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(puts[i].status, GH_OK);
	for (size_t i = 0; i < RECORDS; i++)
		assert_true(i == 3 || puts[i].stored == STORED_NEW);
	/* Of three under one id, one is new, and the others see it. */
	assert_int_equal((puts[3].stored == STORED_NEW) + (puts[RECORDS].stored == STORED_NEW) +
			(puts[RECORDS + 1].stored == STORED_NEW),
		1);
	assert_int_equal(puts[RECORDS + 2].stored, STORED_NEW);
	assert_int_equal(store_count(store, &counts, NULL), GH_OK);
	assert_int_equal(counts.encounters, RECORDS);
	assert_int_equal(counts.addenda, 1);
}

struct rows {
	struct gh_id ids[100];
	int64_t numbers[100];
	size_t count;
	struct store_row last;
	char words[4][32];
};

static void take_row(void *ctx, const struct store_row *row)
{
	struct rows *rows = ctx;

	assert_true(rows->count < 100);
	rows->last = *row;
	snprintf(rows->words[0], 32, "%s", row->lane);
	snprintf(rows->words[1], 32, "%s", row->outcome);
	snprintf(rows->words[2], 32, "%s", row->decision);
	snprintf(rows->words[3], 32, "%s", row->addenda);
	rows->numbers[rows->count] = row->number;
	rows->ids[rows->count++] = row->id;
}

static void records_are_listed_page_by_page(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounter;
	struct gh_id ids[10];
	struct rows rows = { .count = 0 };
	int64_t since = 0;
	size_t before;

	for (uint64_t n = 0; n < 10; n++) {
		make_record(state, n + 1, &encounter);
		/* Of days in another order than they come. */
		encounter.event_ms -= (int64_t)(n * 7 % 5) * STORE_DAY_MS;
		ids[n] = encounter.id;
		either_put(store, record_put(&encounter, 1));
	}
	do {
		before = rows.count;
		assert_int_equal(store_list_records(store, since, 3, take_row, &rows, NULL), GH_OK);
		since = rows.count ? rows.numbers[rows.count - 1] : 0;
	} while (rows.count > before);
	assert_int_equal(rows.count, 10);
	for (size_t i = 0; i < 10; i++) {
		assert_true(gh_id_equal(&rows.ids[i], &ids[i]));
		assert_true(i == 0 || rows.numbers[i] > rows.numbers[i - 1]);
	}
}

static void a_row_says_what_was_put(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounter;
	struct rows rows = { .count = 0 };

	make_record(state, 1, &encounter);
	encounter.comparison.score = 0.3125;
	encounter.comparison.threshold = GH_NOT_ASSESSED;
	encounter.answer_ms = UINT32_MAX;
	encounter.waiting_ms = 17;
	either_put(store, record_put(&encounter, 1));
	assert_int_equal(store_list_records(store, 0, 10, take_row, &rows, NULL), GH_OK);
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.words[0], "lane-1");
	assert_string_equal(rows.words[1], gh_outcome_name(encounter.comparison.outcome));
	assert_string_equal(rows.words[2], gh_decision_name(encounter.decision));
	assert_string_equal(rows.words[3], "");
	assert_true(rows.last.test && rows.last.has_score && !rows.last.has_threshold);
	assert_true(rows.last.score > 0.312 && rows.last.score < 0.313);
	assert_int_equal(rows.last.event_ms, encounter.event_ms);
	assert_int_equal(rows.last.uploaded_ms, encounter.event_ms + 5);
	assert_true(rows.last.answer_ms == UINT32_MAX && rows.last.waiting_ms == 17);
	assert_int_equal(rows.last.photo, PHOTO_AWAITED);
}

struct passages {
	struct gh_id persons[20];
	int64_t last;
	size_t count;
};

static void take_passage(void *ctx, int64_t number, const struct gh_id *person)
{
	struct passages *passages = ctx;

	assert_true(number > passages->last);
	passages->last = number;
	passages->persons[passages->count++] = *person;
}

static void passages_are_told_once_and_taken_back(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounters[5];
	struct gh_addendum addendum;
	struct passages passages = { .count = 0 };
	const struct gh_id voyage = { { 9 } };

	for (uint64_t n = 0; n < 5; n++) {
		make_record(state, n + 1, &encounters[n]);
		encounters[n].voyage = voyage;
		assert_int_equal(encounters[n].decision, GH_DECISION_GO);
		either_put(store, record_put(&encounters[n], 1));
	}
	either_put(store, record_put(&encounters[0], 1));
	assert_int_equal(
		store_list_passages(store, &voyage, 0, 2, take_passage, &passages, NULL), GH_OK);
	assert_int_equal(passages.count, 2);
	assert_int_equal(store_list_passages(
				 store, &voyage, passages.last, 100, take_passage, &passages, NULL),
		GH_OK);
	assert_int_equal(passages.count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_true(gh_id_equal(&passages.persons[i], &encounters[i].person));
	specimen_addendum(GH_ADDENDUM_NOT_PASSED, &addendum);
	addendum.kind = GH_ADDENDUM_NOT_PASSED;
	addendum.encounter = encounters[2].id;
	strcpy(addendum.lane, encounters[2].lane.lane);
	either_put(store, addendum_put(&addendum, 1));
	passages = (struct passages){ .count = 0 };
	assert_int_equal(
		store_list_passages(store, &voyage, 0, 100, take_passage, &passages, NULL), GH_OK);
	assert_int_equal(passages.count, 4);
	assert_true(gh_id_equal(&passages.persons[2], &encounters[3].person));
}

static struct store_put photo_put(const struct gh_id *id, int32_t day)
{
	struct store_put put = { .kind = STORE_PHOTO };

	put.photo = (struct store_picture){
		.encounter = *id, .day = day, .sealed = either_some, .received_ms = 77
	};
	return put;
}

static void a_photo_goes_with_its_record(void **state)
{
	struct store *store = either_store(state);
	struct gh_encounter encounter;
	struct store_photo photo = { .state = PHOTO_NONE };
	struct gh_bytes key = GH_BYTES_EMPTY, sealed = GH_BYTES_EMPTY;
	struct store_put again;
	uint32_t count;

	make_record(state, 1, &encounter);
	assert_int_equal(store_find_photo(store, &encounter.id, &photo, NULL), GH_NOT_FOUND);
	either_put(store, record_put(&encounter, 1));
	assert_int_equal(store_find_photo(store, &encounter.id, &photo, NULL), GH_OK);
	assert_int_equal(photo.state, PHOTO_AWAITED);
	assert_string_equal(photo.lane, "lane-1");
	assert_int_equal(photo.day, store_day(encounter.event_ms));
	assert_memory_equal(photo.hash.bytes, encounter.photo_sha256, 32);
	assert_int_equal(store_read_photo(store, &encounter.id, &key, &sealed, NULL), GH_NOT_FOUND);
	assert_int_equal(photo.received_ms, 0);
	assert_int_equal(either_put(store, photo_put(&encounter.id, photo.day)), STORED_NEW);
	assert_int_equal(store_read_photo(store, &encounter.id, &key, &sealed, NULL), GH_OK);
	assert_int_equal(store_find_photo(store, &encounter.id, &photo, NULL), GH_OK);
	assert_int_equal(photo.received_ms, 77);
	/* Two processes that took it at once: the first time stands. */
	again = photo_put(&encounter.id, photo.day);
	again.photo.received_ms = 78;
	assert_int_equal(received_of(store, again), 77);
	assert_true(gh_view_equal(gh_bytes_view(&sealed), either_some));
	assert_int_equal(
		store_destroy_due(store, encounter.destroy_by_ms - 1, &count, NULL), GH_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_destroy_due(store, encounter.destroy_by_ms, &count, NULL), GH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_read_photo(store, &encounter.id, &key, &sealed, NULL), GH_NOT_FOUND);
	/* A photograph that was on its way meanwhile finds no place. */
	assert_int_equal(status_of(store, photo_put(&encounter.id, photo.day)), GH_BUSY);
	assert_int_equal(store_find_photo(store, &encounter.id, &photo, NULL), GH_OK);
	assert_int_equal(photo.state, PHOTO_DESTROYED);
	assert_int_equal(photo.wrapped_key.length_bytes, 0);
	assert_int_equal(either_put(store, record_put(&encounter, 1)), STORED_SAME);
	gh_bytes_finish(&photo.wrapped_key);
	gh_bytes_finish(&key);
	gh_bytes_finish(&sealed);
}

static void take_voyage(void *ctx, const struct store_voyage *voyage)
{
	char *text = ctx;

	strcat(text, voyage->number);
	strcat(text, " ");
}

static void a_voyage_only_grows(void **state)
{
	struct store *store = either_store(state);
	struct store_voyage voyage = { .id = { { 1 } },
		.version = 2,
		.hash = { { 2 } },
		.carrier = "ZZ",
		.number = "20",
		.from = "UTZ",
		.to = "UTY",
		.departure_ms = 20 };
	struct store_voyage other = voyage;
	struct store_voyage found;
	char text[64] = "";
	enum stored stored;

	assert_int_equal(store_put_voyage(store, &voyage, &stored, NULL), GH_OK);
	assert_int_equal(stored, STORED_NEW);
	assert_int_equal(store_put_voyage(store, &voyage, &stored, NULL), GH_OK);
	assert_int_equal(stored, STORED_SAME);
	voyage.hash.bytes[0]++;
	assert_int_equal(store_put_voyage(store, &voyage, &stored, NULL), GH_OK);
	assert_int_equal(stored, STORED_OTHER);
	voyage.version = 1;
	assert_int_equal(store_put_voyage(store, &voyage, &stored, NULL), GH_OK);
	assert_int_equal(stored, STORED_OTHER);
	other.id.bytes[0] = 2;
	other.departure_ms = 10;
	strcpy(other.number, "10");
	assert_int_equal(store_put_voyage(store, &other, &stored, NULL), GH_OK);
	assert_int_equal(store_list_voyages(store, take_voyage, text, NULL), GH_OK);
	assert_string_equal(text, "10 20 ");
	assert_int_equal(store_find_voyage(store, &voyage.id, &found, NULL), GH_OK);
	assert_true(found.version == 2 && found.hash.bytes[0] == 2);
	assert_string_equal(found.to, "UTY");
	assert_int_equal(store_withdraw_voyage(store, &voyage.id, NULL), GH_OK);
	assert_int_equal(store_withdraw_voyage(store, &voyage.id, NULL), GH_NOT_FOUND);
	assert_int_equal(store_find_voyage(store, &voyage.id, &found, NULL), GH_NOT_FOUND);
	voyage.version = 2;
	assert_int_equal(store_put_voyage(store, &voyage, &stored, NULL), GH_OK);
	assert_int_equal(stored, STORED_OTHER);
	voyage.version = 3;
	assert_int_equal(store_put_voyage(store, &voyage, &stored, NULL), GH_OK);
	assert_int_equal(stored, STORED_NEW);
	assert_int_equal(store_find_voyage(store, &voyage.id, &found, NULL), GH_OK);
}

static void take_device(void *ctx, const struct store_device *device)
{
	strcat(strcat(strcat(ctx, device->name), device->revoked_ms ? "!" : ":"), device->port);
}

static void devices_come_and_go(void **state)
{
	struct store *store = either_store(state);
	struct store_device device = { .name = "lane-2", .port = "UTY", .added_ms = 5 };
	char text[200] = "";

	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	strcpy(device.name, "lane-1'; DROP TABLE device --");
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	assert_int_equal(store_find_device(store, "lane-1", &device, NULL), GH_NOT_FOUND);
	assert_int_equal(store_revoke_device(store, "lane-2", 7, NULL), GH_OK);
	assert_int_equal(store_revoke_device(store, "lane-2", 8, NULL), GH_NOT_FOUND);
	assert_int_equal(store_find_device(store, "lane-2", &device, NULL), GH_OK);
	assert_true(device.added_ms == 5 && device.revoked_ms == 7);
	assert_int_equal(store_list_devices(store, take_device, text, NULL), GH_OK);
	assert_string_equal(text, "lane-1'; DROP TABLE device --:UTYlane-2!UTY");
	strcpy(device.port, "UTZ");
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	assert_int_equal(store_find_device(store, "lane-2", &device, NULL), GH_OK);
	assert_int_equal(device.revoked_ms, 0);
	assert_string_equal(device.port, "UTZ");
}

static void rows_go_after_their_days(void **state)
{
	struct counter *counter = *state;
	struct store *store = either_store(state);
	const struct store_limits limits = { .record_days = 10, .access_days = 5 };
	struct gh_encounter old, young;
	struct gh_addendum addendum;
	struct store_counts counts;
	int64_t now_ms = counter->clock.real_ms;

	make_record(state, 1, &old);
	make_record(state, 2, &young);
	old.event_ms -= 11 * STORE_DAY_MS;
	either_put(store, record_put(&old, 1));
	either_put(store, record_put(&young, 1));
	specimen_addendum(GH_ADDENDUM_PASSED, &addendum);
	addendum.encounter = old.id;
	strcpy(addendum.lane, "lane-1");
	either_put(store, addendum_put(&addendum, 1));
	assert_int_equal(
		store_keep_days(store, now_ms, &(struct store_limits){ 0, 0 }, NULL), GH_OK);
	assert_int_equal(store_count(store, &counts, NULL), GH_OK);
	assert_int_equal(counts.encounters, 2);
	now_ms += STORE_DAY_MS;
	assert_int_equal(store_keep_days(store, now_ms, &limits, NULL), GH_OK);
	assert_int_equal(either_put(store, record_put(&young, 1)), STORED_SAME);
	/* Forgotten altogether: its id is as good as new. */
	assert_int_equal(either_put(store, record_put(&old, 2)), STORED_NEW);
	/* And the days to come have their place. */
	for (uint64_t day = 0; day < 12; day++) {
		make_record(state, 10 + day, &old);
		old.event_ms += (int64_t)day * STORE_DAY_MS;
		either_put(store, record_put(&old, 1));
	}
	now_ms += 6 * STORE_DAY_MS;
	assert_int_equal(store_keep_days(store, now_ms, &limits, NULL), GH_OK);
	assert_int_equal(either_put(store, record_put(&old, 1)), STORED_SAME);
	assert_int_equal(either_put(store, record_put(&old, 2)), STORED_OTHER);
}

static void what_is_stored_survives_a_restart(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct rows rows = { .count = 0 };

	for (uint64_t n = 1; n <= 3; n++) {
		make_record(state, n, &encounter);
		either_put(either_store(state), record_put(&encounter, 1));
		counter_reopen(counter);
	}
	assert_int_equal(either_put(either_store(state), record_put(&encounter, 1)), STORED_SAME);
	assert_int_equal(
		store_list_records(either_store(state), 0, 10, take_row, &rows, NULL), GH_OK);
	assert_int_equal(rows.count, 3);
}

static void an_address_is_of_a_kind(void **state)
{
	struct store_options options = { .folder = "/nowhere", .address = "mysql://secret@x" };
	struct gh_error error = GH_ERROR_NONE;
	struct store *store;

	assert_int_equal(store_open(&options, &store, &error), GH_SETTINGS);
	assert_null(store);
	assert_null(strstr(error.text, "secret"));
}

static void a_day_begins_at_midnight(void **state)
{
	assert_int_equal(store_day(0), 0);
	assert_int_equal(store_day(STORE_DAY_MS - 1), 0);
	assert_int_equal(store_day(STORE_DAY_MS), 1);
	assert_int_equal(store_day(-1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EITHER_TEST(what_has_an_id_is_stored_once),
		EITHER_TEST(an_addendum_needs_the_lanes_own_record),
		EITHER_TEST(many_go_together),
		EITHER_TEST(records_are_listed_page_by_page),
		EITHER_TEST(a_row_says_what_was_put),
		EITHER_TEST(passages_are_told_once_and_taken_back),
		EITHER_TEST(a_photo_goes_with_its_record),
		EITHER_TEST(what_comes_again_came_at_its_first_time),
		EITHER_TEST(a_voyage_only_grows),
		EITHER_TEST(devices_come_and_go),
		EITHER_TEST(rows_go_after_their_days),
		EITHER_TEST(what_is_stored_survives_a_restart),
		cmocka_unit_test(an_address_is_of_a_kind),
		cmocka_unit_test(a_day_begins_at_midnight),
	};

	return either_run(tests, sizeof(tests) / sizeof(tests[0]));
}
