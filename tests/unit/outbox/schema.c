/* SPDX-License-Identifier: Apache-2.0 */
/* Older, newer, foreign and damaged databases at open. */
#include "schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/hash.h"

static int make_box(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	box_make(box, NULL);
	*state = box;
	return 0;
}

static int remove_box(void **state)
{
	box_remove(*state);
	free(*state);
	return 0;
}

static void run_sql(struct box *box, const char *sql)
{
	sqlite3 *handle;
	char *text = NULL;

	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	sqlite3_close(handle);
}

/* A file as version 1 left it: a record that waits with its photo, one that was being sent. */
static const char schema_1[] =
	"PRAGMA journal_mode = WAL;"
	"CREATE TABLE item (number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),"
	" id BLOB NOT NULL CHECK (length(id) = 16),"
	" encounter BLOB NOT NULL CHECK (length(encounter) = 16),"
	" state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),"
	" attempts INTEGER NOT NULL DEFAULT 0, put_ms INTEGER NOT NULL, due_us INTEGER NOT NULL,"
	" hash BLOB NOT NULL CHECK (length(hash) = 32), body_bytes INTEGER NOT NULL,"
	" destroy_by_ms INTEGER, reason TEXT, UNIQUE (encounter, kind, id)) STRICT;"
	"CREATE INDEX item_by_state ON item (state, due_us, number);"
	"CREATE INDEX item_by_expiry ON item (destroy_by_ms) WHERE kind = 1;"
	"CREATE TABLE body (number INTEGER PRIMARY KEY REFERENCES item (number)"
	" ON DELETE CASCADE, sealed BLOB NOT NULL) STRICT;"
	"CREATE TABLE passage (voyage BLOB NOT NULL CHECK (length(voyage) = 16),"
	" person BLOB NOT NULL CHECK (length(person) = 16),"
	" PRIMARY KEY (voyage, person)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE unsettled (encounter BLOB PRIMARY KEY CHECK (length(encounter) = 16))"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	"INSERT INTO counter VALUES ('acknowledged', 41);"
	"INSERT INTO item VALUES"
	" (1, 0, x'65000000000000000000000000000001', x'65000000000000000000000000000001', 0, 3,"
	"  1764000000000, 99999999999, zeroblob(32), 2, 9223372036854775807, 'http_503'),"
	" (2, 1, x'65000000000000000000000000000001', x'65000000000000000000000000000001', 3, 0,"
	"  1764000000000, 5, zeroblob(32), 3, 1764000000001, NULL),"
	" (3, 0, x'65000000000000000000000000000002', x'65000000000000000000000000000002', 1, 0,"
	"  1764000000000, 5, zeroblob(32), 2, 9223372036854775807, NULL);"
	"INSERT INTO body VALUES (1, x'7b7d'), (2, x'6a7067'), (3, x'7b7d');"
	"INSERT INTO passage VALUES"
	" (x'76000000000000000000000000000001', x'70000000000000000000000000000001');"
	"INSERT INTO unsettled VALUES (x'65000000000000000000000000000002');"
	"PRAGMA application_id = 1195929442;"
	"PRAGMA user_version = 1;";

static void a_database_of_version_1_is_brought_up(void **state)
{
	struct box *box = *state;
	struct gh_passage passage = { box_id('v', 1), box_id('p', 1) };
	struct gh_id ids[2] = { box_id('e', 2), box_id('e', 1) };
	struct gh_outbox_put again = { .id = ids[0], .json = gh_view_of_text("{}") };
	struct gh_item item;
	bool passed = false;

	run_sql(box, schema_1);
	box->options.sealer = (struct gh_sealer){ 0 };
	box_open(box);
	assert_int_equal(box_state(box).schema, GH_OUTBOX_SCHEMA);
	assert_int_equal(box_state(box).acknowledged, 41);
	assert_int_equal(box_state(box).waiting, 3);
	assert_int_equal(gh_outbox_passed(box->outbox, &passage, &passed, NULL), GH_OK);
	assert_true(passed);

	for (int i = 1; i >= 0; i--) {
		assert_int_equal(box_take(box, &item), GH_OK);
		assert_true(gh_id_equal(&item.id, &ids[i]));
		assert_int_equal(item.attempts, i == 1 ? 3 : 0);
		assert_memory_equal(item.body.data, "{}", 2);
		assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
	}
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(item.kind, GH_ITEM_PHOTO);
	gh_item_finish(&item);
	/* What version 2 brought works on it: the hash of the fixture is of other bytes. */
	assert_int_equal(gh_outbox_put(box->outbox, &again, NULL), GH_CONFLICT);
	box_reopen(box);
	assert_int_equal(box_state(box).acknowledged, 43);
}

/* What version 3 stored of a sealed body: the key's length, the key, the body. */
static size_t old_form(struct box *box, const struct gh_id *id, enum gh_item_kind kind,
	struct gh_view plain, uint8_t *stored)
{
	uint8_t context[17];
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	size_t length;

	memcpy(context, id->bytes, 16);
	context[16] = (uint8_t)kind;
	assert_int_equal(box->options.sealer.seal(box, (struct gh_view){ context, 17 }, plain,
				 &wrapped, &sealed, NULL),
		GH_OK);
	length = 2 + wrapped.length_bytes + sealed.length_bytes;
	stored[0] = (uint8_t)(wrapped.length_bytes >> 8);
	stored[1] = (uint8_t)wrapped.length_bytes;
	memcpy(stored + 2, wrapped.data, wrapped.length_bytes);
	memcpy(stored + 2 + wrapped.length_bytes, sealed.data, sealed.length_bytes);
	gh_bytes_finish(&wrapped);
	gh_bytes_finish(&sealed);
	return length;
}

static void set_body(struct box *box, int number, const uint8_t *stored, size_t length)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, "UPDATE body SET sealed = ?2 WHERE number = ?1",
				 -1, &statement, NULL),
		SQLITE_OK);
	sqlite3_bind_int(statement, 1, number);
	sqlite3_bind_blob(statement, 2, stored, (int)length, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
}

static void sealed_bodies_are_parted_from_their_keys(void **state)
{
	struct box *box = *state;
	struct gh_id ids[2] = { box_id('e', 1), box_id('e', 2) };
	uint8_t stored[256];
	struct gh_item item;

	run_sql(box, schema_1);
	set_body(box, 1, stored,
		old_form(box, &ids[0], GH_ITEM_ENCOUNTER, gh_view_of_text("{}"), stored));
	set_body(box, 2, stored,
		old_form(box, &ids[0], GH_ITEM_PHOTO, gh_view_of_text("jpg"), stored));
	/* Its length says more than there is: it was damaged before, and is called so. */
	set_body(box, 3, (const uint8_t *)"\x01\x02x", 3);
	box_open(box);
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_true(gh_id_equal(&item.id, &ids[0]));
	assert_memory_equal(item.body.data, "{}", 2);
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_take(box, &item), GH_INTEGRITY);
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(item.kind, GH_ITEM_PHOTO);
	assert_memory_equal(item.body.data, "jpg", 3);
	gh_item_finish(&item);
	assert_int_equal(box_state(box).quarantined, 1);
}

static struct gh_sha256 hash_of(struct box *box, const char *name)
{
	struct gh_sha256 hash;

	assert_int_equal(gh_sha256_of_file(box_path(box, name), 1u << 30, &hash, NULL), GH_OK);
	return hash;
}

static void assert_refused_untouched(struct box *box, enum gh_status wanted)
{
	struct gh_sha256 before = hash_of(box, "outbox.db");
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_outbox_open(&box->options, &box->outbox, &error), wanted);
	assert_null(box->outbox);
	assert_int_equal(error.status, wanted);
	assert_non_null(strstr(error.text, "outbox"));
	struct gh_sha256 after = hash_of(box, "outbox.db");
	assert_true(gh_sha256_equal(&before, &after));
}

#define NEWER 999
#define TEXT_OF(number) #number
#define PRAGMA_VERSION(number) "PRAGMA user_version = " TEXT_OF(number)

static void a_newer_schema_is_refused(void **state)
{
	struct box *box = *state;

	box_open(box);
	assert_int_equal(box_put(box, 1, 10, NULL), GH_OK);
	box_close(box);
	run_sql(box, PRAGMA_VERSION(NEWER));
	assert_refused_untouched(box, GH_UNSUPPORTED);
	run_sql(box, PRAGMA_VERSION(GH_OUTBOX_SCHEMA));
	box_open(box);
	assert_int_equal(box_state(box).waiting, 2);
}

static void another_programs_database_is_refused(void **state)
{
	struct box *box = *state;

	run_sql(box, "CREATE TABLE bookmark (url TEXT)");
	assert_refused_untouched(box, GH_UNSUPPORTED);
	run_sql(box, "PRAGMA application_id = 7; PRAGMA user_version = 1");
	assert_refused_untouched(box, GH_UNSUPPORTED);
}

static void a_file_that_is_no_database_is_damage(void **state)
{
	struct box *box = *state;
	char junk[9000];

	memset(junk, 'x', sizeof(junk));
	assert_int_equal(gh_file_replace(box_path(box, "outbox.db"),
				 (struct gh_view){ (uint8_t *)junk, sizeof(junk) }, 0600, NULL),
		GH_OK);
	assert_refused_untouched(box, GH_INTEGRITY);
}

/* A database with thirty records, closed, so that all of it is in one file. */
static void fill(struct box *box)
{
	box_open(box);
	for (uint32_t n = 0; n < 30; n++)
		assert_int_equal(box_put(box, n, 3000, NULL), GH_OK);
	box_close(box);
}

static void change_bytes(struct box *box, long at, int count, char value)
{
	FILE *file = fopen(box_path(box, "outbox.db"), "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	for (int i = 0; i < count; i++)
		assert_int_equal(fputc(value, file), value);
	fclose(file);
}

static void a_damaged_page_is_found_and_left_alone(void **state)
{
	struct box *box = *state;
	int refused = 0;

	fill(box);
	struct gh_bytes whole = GH_BYTES_EMPTY;
	assert_int_equal(gh_file_read(box_path(box, "outbox.db"), 1u << 24, &whole, NULL), GH_OK);
	long pages = (long)(whole.length_bytes / 4096);
	/* Spoil the beginning of one page after the other, where its structure stands. */
	for (long page = 0; page < pages; page++) {
		struct gh_error error;
		enum gh_status status;

		change_bytes(box, page * 4096, 64, 'z');
		status = gh_outbox_open(&box->options, &box->outbox, &error);
		if (status == GH_INTEGRITY)
			refused++;
		else
			/* The inside of a body: found when it is opened, not here. */
			assert_int_equal(status, GH_OK);
		box_close(box);
		assert_int_equal(gh_file_replace(box_path(box, "outbox.db"), gh_bytes_view(&whole),
					 0600, NULL),
			GH_OK);
	}
	printf("%d of %ld pages refused when spoilt\n", refused, pages);
	assert_true(refused >= pages / 2);
	gh_bytes_finish(&whole);
}

static void a_file_cut_short_is_damage(void **state)
{
	struct box *box = *state;

	fill(box);
	assert_int_equal(truncate(box_path(box, "outbox.db"), 5 * 4096), 0);
	assert_refused_untouched(box, GH_INTEGRITY);
	assert_int_equal(truncate(box_path(box, "outbox.db"), 50), 0);
	assert_refused_untouched(box, GH_INTEGRITY);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
	struct box *box = *state;

	box->options.folder = "/nonexistent/outbox";
	assert_int_equal(gh_outbox_open(&box->options, &box->outbox, NULL), GH_NOT_FOUND);
	box->options.folder = box->folder;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_box, remove_box)
	const struct CMUnitTest tests[] = {
		TEST(a_database_of_version_1_is_brought_up),
		TEST(sealed_bodies_are_parted_from_their_keys),
		TEST(a_newer_schema_is_refused),
		TEST(another_programs_database_is_refused),
		TEST(a_file_that_is_no_database_is_damage),
		TEST(a_damaged_page_is_found_and_left_alone),
		TEST(a_file_cut_short_is_damage),
		TEST(a_folder_that_is_not_there_is_told),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
