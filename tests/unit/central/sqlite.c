/* SPDX-License-Identifier: Apache-2.0 */
/* A database of the first version is opened, keeps what it has, and goes on. */
#include "sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/central/counter.h"
#include "gatehouse/base/log.h"

/* As the first version made it, and a record, its addendum, its passage and a voyage. */
static const char first_version[] =
	"PRAGMA application_id = 1195926373; PRAGMA user_version = 1;"
	"CREATE TABLE encounter ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),"
	" hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" lane TEXT NOT NULL, peer TEXT NOT NULL, test INTEGER NOT NULL,"
	" event_ms INTEGER NOT NULL, uploaded_ms INTEGER NOT NULL,"
	" capture TEXT NOT NULL, reason TEXT NOT NULL, comparison TEXT NOT NULL,"
	" outcome TEXT NOT NULL, decision TEXT NOT NULL, referrals TEXT NOT NULL,"
	" score REAL, threshold REAL, answer_ms INTEGER NOT NULL, waiting_ms INTEGER NOT NULL,"
	" photo_state INTEGER NOT NULL CHECK (photo_state BETWEEN 0 AND 3),"
	" photo_hash BLOB NOT NULL, destroy_by_ms INTEGER NOT NULL, key BLOB) STRICT;"
	"CREATE INDEX encounter_by_expiry ON encounter (destroy_by_ms) WHERE key IS NOT NULL;"
	"CREATE INDEX encounter_with_photo ON encounter (photo_state) WHERE photo_state = 2;"
	"CREATE TABLE sealed ("
	" number INTEGER PRIMARY KEY REFERENCES encounter (number),"
	" record BLOB NOT NULL, photo BLOB) STRICT;"
	"CREATE TABLE addendum ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),"
	" encounter BLOB NOT NULL REFERENCES encounter (id),"
	" kind TEXT NOT NULL, disposition TEXT, hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" event_ms INTEGER NOT NULL, uploaded_ms INTEGER NOT NULL, json BLOB NOT NULL) STRICT;"
	"CREATE INDEX addendum_by_encounter ON addendum (encounter);"
	"CREATE TABLE passage ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" voyage BLOB NOT NULL, person BLOB NOT NULL, encounter BLOB NOT NULL) STRICT;"
	"CREATE INDEX passage_by_voyage ON passage (voyage, number);"
	"CREATE INDEX passage_by_encounter ON passage (encounter);"
	"CREATE TABLE voyage ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 16), version INTEGER NOT NULL,"
	" hash BLOB NOT NULL CHECK (length(hash) = 32), test INTEGER NOT NULL,"
	" carrier TEXT NOT NULL, code TEXT NOT NULL, origin TEXT NOT NULL,"
	" destination TEXT NOT NULL, departure_ms INTEGER NOT NULL,"
	" arrival_ms INTEGER NOT NULL, passage_end_ms INTEGER NOT NULL,"
	" published_ms INTEGER NOT NULL, withdrawn INTEGER NOT NULL) STRICT;"
	"INSERT INTO encounter VALUES (7, x'01010101010101010101010101010101', zeroblob(32),"
	" 'lane-1', 'lane-1', 1, 1764000000000, 1764000000001, 'captured', 'none', 'one_to_many',"
	" 'match', 'go', '', 0.5, 0.4, 900, 1200, 2, zeroblob(32), 1764300000000, x'aabb');"
	"INSERT INTO sealed VALUES (7, x'01', x'0203');"
	"INSERT INTO addendum VALUES (3, x'02020202020202020202020202020202',"
	" x'01010101010101010101010101010101', 'passed', NULL, zeroblob(32), 1, 2, x'7b7d');"
	"INSERT INTO passage VALUES (5, x'03030303030303030303030303030303',"
	" x'04040404040404040404040404040404', x'01010101010101010101010101010101');"
	"INSERT INTO voyage VALUES (x'03030303030303030303030303030303', 4, zeroblob(32), 1,"
	" 'ZZ', '1234', 'UTZ', 'UTY', 1764003600000, 0, 0, 1763990000000, 0);";

static const struct gh_id record = { { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } };
static const struct gh_id voyage = { { 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3 } };

static void note_passage(void *ctx, int64_t number, const struct gh_id *person)
{
	assert_int_equal(number, 5);
	assert_int_equal(person->bytes[0], 4);
	(*(int *)ctx)++;
}

static void note_row(void *ctx, const struct store_row *row)
{
	assert_int_equal(row->number, 7);
	assert_string_equal(row->addenda, "passed");
	(*(int *)ctx)++;
}

/* Put a file of the first version in the place of the counter's. */
static void go_back(struct counter *counter)
{
	char path[200];
	sqlite3 *handle;

	store_close(counter->desk.store);
	counter->desk.store = NULL;
	snprintf(path, sizeof(path), "%s/central.db", counter->folder);
	remove(path);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, first_version, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

static void the_first_version_is_brought_on(void **state)
{
	struct counter counter;
	struct store_options options;
	struct store_voyage found;
	struct store_photo photo = { .state = PHOTO_NONE };
	struct store_device device = { .name = "lane-1", .port = "UTZ" };
	struct store_counts counts;
	const struct store_limits limits = { .record_days = 1, .access_days = 0 };
	int passages = 0, rows = 0;

	counter_make(&counter, GH_PURPOSE_DEMO);
	go_back(&counter);
	options = counter_store(&counter);
	assert_int_equal(store_open(&options, &counter.desk.store, NULL), GH_OK);
	counter_reopen(&counter);
	struct store *store = counter.desk.store;

	assert_int_equal(store_find_photo(store, &record, &photo, NULL), GH_OK);
	assert_int_equal(photo.state, PHOTO_STORED);
	assert_int_equal(photo.day, 20416);
	gh_bytes_finish(&photo.wrapped_key);
	assert_int_equal(
		store_list_passages(store, &voyage, 0, 9, note_passage, &passages, NULL), GH_OK);
	assert_int_equal(store_list_records(store, 0, 9, note_row, &rows, NULL), GH_OK);
	assert_true(passages == 1 && rows == 1);
	assert_int_equal(store_find_voyage(store, &voyage, &found, NULL), GH_OK);
	assert_int_equal(found.version, 4);
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	assert_int_equal(store_keep_days(store, (20416 + 1) * STORE_DAY_MS, &limits, NULL), GH_OK);
	assert_int_equal(store_count(store, &counts, NULL), GH_OK);
	assert_int_equal(counts.photos, 1);
	assert_int_equal(store_keep_days(store, (20416 + 2) * STORE_DAY_MS, &limits, NULL), GH_OK);
	assert_int_equal(store_count(store, &counts, NULL), GH_OK);
	assert_int_equal(counts.photos, 0);
	passages = 0;
	assert_int_equal(
		store_list_passages(store, &voyage, 0, 9, note_passage, &passages, NULL), GH_OK);
	assert_int_equal(passages, 0);
	counter_remove(&counter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_version_is_brought_on),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
