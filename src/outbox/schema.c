/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema's history, oldest first.
 *
 *   1  items and bodies apart (a look at the queue never reads a photograph), passages,
 *      encounters whose end is open, counters.
 *   2  receipts: version 1 forgot an item when it was acknowledged, so the same id put once more
 *      was sent once more; erased: version 1 lost a photo_erased addendum when the power failed
 *      between the erasure and the addendum.
 *   3  awaited: version 2 forgot at a restart on whom an officer's word was still to come.
 *   4  since when and why: version 3 kept of them only that they wait.
 *   5  key: up to version 4 a body began with its wrapped key (two bytes of its length, the key),
 *      so that wrapping it anew wrote the whole body; erasing: which data keys are deleted and
 *      still to be logged; limits by the monotonic clock too, and the class of each item.
 *   6  the centre's receipts, and the keys that signed them: version 5 had nothing to show for what
 *      it had delivered.
 *   7  doubtful: of records made by a clock in doubt version 6 could not say how far it was off.
 */
#include "schema.h"

#include <stdio.h>
#include <string.h>

#include "gatehouse/outbox/outbox.h"

/* Up to this version a body held its key, where a sealer was given. */
#define VERSION_BEFORE_KEYS 4

static const char *const steps[] = {
	/* 0 -> 1 */
	"CREATE TABLE item ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),"
	" id BLOB NOT NULL CHECK (length(id) = 16),"
	" encounter BLOB NOT NULL CHECK (length(encounter) = 16),"
	" state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" put_ms INTEGER NOT NULL,"
	" due_us INTEGER NOT NULL,"
	" hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" body_bytes INTEGER NOT NULL,"
	" destroy_by_ms INTEGER,"
	" reason TEXT,"
	" UNIQUE (encounter, kind, id)) STRICT;"
	"CREATE INDEX item_by_state ON item (state, due_us, number);"
	"CREATE INDEX item_by_expiry ON item (destroy_by_ms) WHERE kind = 1;"
	"CREATE TABLE body ("
	" number INTEGER PRIMARY KEY REFERENCES item (number) ON DELETE CASCADE,"
	" sealed BLOB NOT NULL) STRICT;"
	"CREATE TABLE passage ("
	" voyage BLOB NOT NULL CHECK (length(voyage) = 16),"
	" person BLOB NOT NULL CHECK (length(person) = 16),"
	" PRIMARY KEY (voyage, person)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE unsettled ("
	" encounter BLOB PRIMARY KEY CHECK (length(encounter) = 16)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE counter ("
	" name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO counter (name, value) VALUES ('acknowledged', 0);",

	/* 1 -> 2 */
	"CREATE TABLE receipt ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id BLOB NOT NULL CHECK (length(id) = 16),"
	" kind INTEGER NOT NULL,"
	" hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" acknowledged_ms INTEGER NOT NULL,"
	" UNIQUE (id, kind)) STRICT;"
	"CREATE TABLE erased ("
	" encounter BLOB PRIMARY KEY CHECK (length(encounter) = 16)) STRICT, WITHOUT ROWID;",

	/* 2 -> 3 */
	"CREATE TABLE awaited ("
	" encounter BLOB PRIMARY KEY CHECK (length(encounter) = 16),"
	" may_proceed INTEGER NOT NULL CHECK (may_proceed IN (0, 1)),"
	" until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;",

	/* 3 -> 4 */
	"ALTER TABLE awaited ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE awaited ADD COLUMN referrals INTEGER NOT NULL DEFAULT 0;",

	/* 4 -> 5 */
	"CREATE TABLE key ("
	" number INTEGER PRIMARY KEY REFERENCES item (number) ON DELETE CASCADE,"
	" wrapped BLOB NOT NULL) STRICT;"
	"CREATE TABLE erasing ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id BLOB NOT NULL CHECK (length(id) = 16),"
	" what INTEGER NOT NULL,"
	" why INTEGER NOT NULL,"
	" captured_ms INTEGER NOT NULL,"
	" limit_ms INTEGER NOT NULL,"
	" deleted_ms INTEGER NOT NULL,"
	" quality INTEGER NOT NULL,"
	" clock_step_ms INTEGER NOT NULL,"
	" generation INTEGER NOT NULL) STRICT;"
	"ALTER TABLE item ADD COLUMN captured_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN seen_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN seen_us INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN destroy_us INTEGER NOT NULL DEFAULT 9223372036854775807;"
	"ALTER TABLE item ADD COLUMN retention INTEGER NOT NULL DEFAULT 0;"
	"UPDATE item SET captured_ms = put_ms;"
	"CREATE INDEX item_by_age ON item (destroy_us) WHERE kind = 1;"
	"INSERT INTO counter (name, value) VALUES"
	" ('boot', 0), ('erasure_batch', 0), ('erasure_serial', 0);",

	/* 5 -> 6 */
	"CREATE TABLE centre_key ("
	" number INTEGER PRIMARY KEY,"
	" public_key BLOB NOT NULL UNIQUE CHECK (length(public_key) = 32)) STRICT;"
	"CREATE TABLE centre_receipt ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id BLOB NOT NULL CHECK (length(id) = 16),"
	" kind INTEGER NOT NULL,"
	" hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" received_ms INTEGER NOT NULL,"
	" key INTEGER NOT NULL REFERENCES centre_key (number),"
	" signature BLOB NOT NULL CHECK (length(signature) = 64),"
	" UNIQUE (id, kind)) STRICT;"
	"CREATE INDEX centre_receipt_by_time ON centre_receipt (received_ms);"
	"INSERT INTO counter (name, value) VALUES ('centre_key', 0);",

	/* 6 -> 7 */
	"CREATE TABLE doubtful ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" encounter BLOB NOT NULL UNIQUE CHECK (length(encounter) = 16),"
	" base_ms INTEGER NOT NULL) STRICT;",
};

_Static_assert(sizeof(steps) / sizeof(steps[0]) == GH_OUTBOX_SCHEMA, "one step for each version");

static enum gh_status read_number(
	struct database *database, const char *sql, int64_t *number, struct gh_error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);

	*number = 0;
	if (code != SQLITE_OK)
		return database_fail(database, code, "reading the file's header", error);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (code != SQLITE_ROW)
		return database_fail(database, code, "reading the file's header", error);
	return GH_OK;
}

enum gh_status schema_check(struct database *database, struct gh_error *error)
{
	int64_t application = 0, version = 0, tables = 0;
	enum gh_status status = read_number(database, "PRAGMA application_id", &application, error);

	if (status == GH_OK)
		status = read_number(database, "PRAGMA user_version", &version, error);
	if (status == GH_OK)
		status =
			read_number(database, "SELECT count(*) FROM sqlite_schema", &tables, error);
	if (status != GH_OK)
		return status;
	if (application == 0 && version == 0 && tables == 0)
		return GH_OK;
	if (application != SCHEMA_APPLICATION_ID)
		return gh_error_set(
			error, GH_UNSUPPORTED, "the file is another program's database");
	if (version > GH_OUTBOX_SCHEMA)
		return gh_error_set(error, GH_UNSUPPORTED,
			"schema %lld is newer than %d, the newest this program knows",
			(long long)version, GH_OUTBOX_SCHEMA);
	return GH_OK;
}

static enum gh_status run(struct database *database, const char *sql, struct gh_error *error)
{
	int code = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return database_fail(database, code, "migrating the schema", error);
	return GH_OK;
}

/* Statements that part one stored body after the other into key and sealed body. */
struct parting {
	sqlite3_stmt *next;
	sqlite3_stmt *key;
	sqlite3_stmt *body;
};

static int prepare_parting(struct database *database, struct parting *parting)
{
	static const char *const sql[] = {
		"SELECT number, substr(sealed, 1, 2), length(sealed) FROM body"
		" WHERE number > ?1 ORDER BY number LIMIT 1",
		"INSERT INTO key (number, wrapped) SELECT number, substr(sealed, 3, ?2) FROM body"
		" WHERE number = ?1",
		"UPDATE body SET sealed = substr(sealed, ?2) WHERE number = ?1",
	};
	sqlite3_stmt **made[] = { &parting->next, &parting->key, &parting->body };
	int code = SQLITE_OK;

	memset(parting, 0, sizeof(*parting));
	for (size_t i = 0; code == SQLITE_OK && i < sizeof(sql) / sizeof(sql[0]); i++)
		code = sqlite3_prepare_v2(database->handle, sql[i], -1, made[i], NULL);
	return code;
}

static int run_for(sqlite3_stmt *statement, int64_t number, int64_t value)
{
	int code;

	sqlite3_bind_int64(statement, 1, number);
	sqlite3_bind_int64(statement, 2, value);
	code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A body too short for its key was damaged before: its key stays empty, and it will not open. */
static int part_body(struct parting *parting, int64_t number)
{
	const uint8_t *prefix = sqlite3_column_blob(parting->next, 1);
	int prefix_bytes = sqlite3_column_bytes(parting->next, 1);
	int64_t stored = sqlite3_column_int64(parting->next, 2);
	int64_t length = prefix_bytes == 2 ? (int64_t)prefix[0] << 8 | prefix[1] : 0;
	bool whole = prefix_bytes == 2 && length + 2 <= stored;
	int code;

	sqlite3_reset(parting->next);
	code = run_for(parting->key, number, whole ? length : 0);
	return code == SQLITE_OK && whole ? run_for(parting->body, number, length + 3) : code;
}

static enum gh_status part_bodies(struct database *database, struct gh_error *error)
{
	struct parting parting;
	int64_t number = 0;
	int code = prepare_parting(database, &parting);

	while (code == SQLITE_OK) {
		sqlite3_bind_int64(parting.next, 1, number);
		code = sqlite3_step(parting.next);
		if (code != SQLITE_ROW)
			break;
		number = sqlite3_column_int64(parting.next, 0);
		code = part_body(&parting, number);
	}
	sqlite3_finalize(parting.next);
	sqlite3_finalize(parting.key);
	sqlite3_finalize(parting.body);
	if (code != SQLITE_DONE)
		return database_fail(database, code, "parting bodies from their keys", error);
	return GH_OK;
}

static enum gh_status migrate_step(
	struct database *database, int64_t version, struct gh_error *error)
{
	char mark[96];
	enum gh_status status = run(database, "BEGIN IMMEDIATE", error);

	if (status != GH_OK)
		return status;
	snprintf(mark, sizeof(mark),
		"PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT",
		SCHEMA_APPLICATION_ID, (long long)version + 1);
	status = run(database, steps[version], error);
	if (status == GH_OK && version == VERSION_BEFORE_KEYS && database->sealed)
		status = part_bodies(database, error);
	if (status == GH_OK)
		status = run(database, mark, error);
	if (status != GH_OK)
		sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

enum gh_status schema_migrate(struct database *database, struct gh_error *error)
{
	int64_t version;
	enum gh_status status = read_number(database, "PRAGMA user_version", &version, error);

	if (status == GH_OK && version < 0)
		return gh_error_set(error, GH_INTEGRITY, "schema %lld", (long long)version);
	while (status == GH_OK && version < GH_OUTBOX_SCHEMA)
		status = migrate_step(database, version++, error);
	return status;
}
