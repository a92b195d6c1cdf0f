/* SPDX-License-Identifier: Apache-2.0 */
/* The store's SQLite database: opening, schema, statements. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gatehouse/base/file.h"

/* "GHce" */
#define APPLICATION_ID 0x47486365

/*
 * The schema's history, oldest first.
 *
 *   1  records with what is personal sealed apart under a key of their own, addenda, passages,
 *      voyages.
 *   2  the day of a record, after which its row may go; devices; who asked for what.
 *   3  certificates that were issued, and tokens for them.
 *   4  the last heartbeat of each lane, what was captured step by step, alarms.
 *   5  when a photograph came: a receipt says it, and is the same for the same content.
 */
static const char *const steps[] = {
	/* 0 -> 1 */
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
	" published_ms INTEGER NOT NULL, withdrawn INTEGER NOT NULL) STRICT;",
	/* 1 -> 2 */
	"ALTER TABLE encounter ADD COLUMN day INTEGER NOT NULL DEFAULT 0;"
	"UPDATE encounter SET day = event_ms / 86400000;"
	"CREATE INDEX encounter_by_day ON encounter (day);"
	"CREATE TABLE device ("
	" name TEXT PRIMARY KEY, port TEXT NOT NULL, added_ms INTEGER NOT NULL,"
	" revoked_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE access ("
	" number INTEGER PRIMARY KEY, day INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	" peer TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, item TEXT NOT NULL,"
	" status INTEGER NOT NULL) STRICT;"
	"CREATE INDEX access_by_day ON access (day);",
	/* 2 -> 3 */
	"CREATE TABLE certificate ("
	" key_id BLOB PRIMARY KEY CHECK (length(key_id) = 32),"
	" fingerprint BLOB NOT NULL UNIQUE CHECK (length(fingerprint) = 32),"
	" serial TEXT NOT NULL UNIQUE, name TEXT NOT NULL, issued_ms INTEGER NOT NULL,"
	" not_after_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL, der BLOB NOT NULL) STRICT;"
	"CREATE INDEX certificate_by_name ON certificate (name);"
	"CREATE INDEX certificate_by_end ON certificate (not_after_ms);"
	"CREATE TABLE token ("
	" name TEXT PRIMARY KEY, hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, key_id BLOB,"
	" failures INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
	/* 3 -> 4 */
	"CREATE TABLE heartbeat ("
	" lane TEXT PRIMARY KEY, boot BLOB NOT NULL CHECK (length(boot) = 16),"
	" number INTEGER NOT NULL, sent_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,"
	" interval_ms INTEGER NOT NULL, captured INTEGER NOT NULL,"
	" not_captured INTEGER NOT NULL, oldest_ms INTEGER NOT NULL,"
	" quarantined INTEGER NOT NULL, disk_free_permille INTEGER NOT NULL,"
	" certificate_end_ms INTEGER NOT NULL, devices_down INTEGER NOT NULL,"
	" json BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE capture_step ("
	" lane TEXT NOT NULL, at_ms INTEGER NOT NULL, captured INTEGER NOT NULL,"
	" not_captured INTEGER NOT NULL, PRIMARY KEY (lane, at_ms)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX capture_step_by_time ON capture_step (at_ms);"
	"CREATE TABLE alarm ("
	" lane TEXT NOT NULL, kind TEXT NOT NULL, state INTEGER NOT NULL,"
	" since_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, value INTEGER NOT NULL,"
	" bound INTEGER NOT NULL, PRIMARY KEY (lane, kind)) STRICT, WITHOUT ROWID;",
	/* 4 -> 5 */
	"ALTER TABLE encounter ADD COLUMN photo_received_ms INTEGER NOT NULL DEFAULT 0;",
};

#define SCHEMA ((int)(sizeof(steps) / sizeof(steps[0])))

static const char *const sql_of[] = {
#define STATEMENT_SQL(name, sql) sql,
	STATEMENT_LIST(STATEMENT_SQL)
#undef STATEMENT_SQL
};

static enum gh_status status_of(int code)
{
	if (code == SQLITE_IOERR_NOMEM)
		return GH_NO_MEMORY;
	switch (code & 0xff) {
	case SQLITE_FULL:
		return GH_FULL;
	case SQLITE_NOMEM:
		return GH_NO_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return GH_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return GH_DENIED;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return GH_INTEGRITY;
	case SQLITE_IOERR:
		return GH_IO;
	default:
		return GH_INTERNAL;
	}
}

static enum gh_status fail(int code, const char *doing, struct gh_error *error)
{
	return gh_error_set(
		error, status_of(code), "%s: %s (SQLite %d)", doing, sqlite3_errstr(code), code);
}

static enum gh_status take_ownership(
	struct database *base, const char *folder, struct gh_error *error)
{
	char path[4096];
	enum gh_status status = gh_path_join(folder, "central.lock", path, sizeof(path), error);

	if (status != GH_OK)
		return status;
	base->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (base->lock < 0)
		return gh_error_errno(error, errno, "%s", path);
	if (flock(base->lock, LOCK_EX | LOCK_NB) == 0)
		return GH_OK;
	if (errno == EWOULDBLOCK)
		return gh_error_set(error, GH_BUSY, "%s: another process has the store", path);
	return gh_error_errno(error, errno, "%s", path);
}

static enum gh_status set_up(struct database *base, const char *sql, struct gh_error *error)
{
	int code = sqlite3_exec(base->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? GH_OK : fail(code, sql, error);
}

static enum gh_status read_number(
	struct database *base, const char *sql, int64_t *number, struct gh_error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(base->handle, sql, -1, &statement, NULL);

	*number = 0;
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		*number = sqlite3_column_int64(statement, 0);
		sqlite3_finalize(statement);
	}
	return code == SQLITE_ROW ? GH_OK : fail(code, sql, error);
}

static enum gh_status check_owner(struct database *base, int64_t *version, struct gh_error *error)
{
	int64_t application, tables;
	enum gh_status status = read_number(base, "PRAGMA application_id", &application, error);

	if (status == GH_OK)
		status = read_number(base, "PRAGMA user_version", version, error);
	if (status == GH_OK)
		status = read_number(base, "SELECT count(*) FROM sqlite_schema", &tables, error);
	if (status != GH_OK)
		return status;
	if (application != APPLICATION_ID && (application || *version || tables))
		return gh_error_set(error, GH_UNSUPPORTED, "another program's database");
	if (*version < 0 || *version > SCHEMA)
		return gh_error_set(error, GH_UNSUPPORTED,
			"schema %lld, this program knows up to %d", (long long)*version, SCHEMA);
	return GH_OK;
}

static enum gh_status migrate(struct database *base, int64_t version, struct gh_error *error)
{
	char mark[96];

	for (; version < SCHEMA; version++) {
		enum gh_status status = set_up(base, "BEGIN IMMEDIATE", error);

		snprintf(mark, sizeof(mark),
			"PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT",
			APPLICATION_ID, (long long)version + 1);
		if (status == GH_OK)
			status = set_up(base, steps[version], error);
		if (status == GH_OK)
			status = set_up(base, mark, error);
		if (status != GH_OK)
			return status;
	}
	return GH_OK;
}

static enum gh_status prepare_all(struct database *base, struct gh_error *error)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		int code = sqlite3_prepare_v3(base->handle, sql_of[i], -1,
			SQLITE_PREPARE_PERSISTENT, &base->statements[i], NULL);

		if (code != SQLITE_OK)
			return fail(code, sql_of[i], error);
	}
	return GH_OK;
}

static enum gh_status open_file(struct database *base, const char *path, struct gh_error *error)
{
	int64_t version = 0;
	enum gh_status status;
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code;

	if (file < 0)
		return gh_error_errno(error, errno, "%s", path);
	close(file);
	code = sqlite3_open_v2(path, &base->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (code != SQLITE_OK)
		return fail(code, path, error);
	sqlite3_db_config(base->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(base->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	status = set_up(base, "PRAGMA locking_mode = EXCLUSIVE", error);
	if (status == GH_OK)
		status = check_owner(base, &version, error);
	if (status == GH_OK)
		status = set_up(base,
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
			"PRAGMA temp_store = MEMORY",
			error);
	if (status == GH_OK)
		status = migrate(base, version, error);
	if (status == GH_OK)
		status = prepare_all(base, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	return status;
}

enum gh_status sql_open(
	const struct store_options *options, struct store **store, struct gh_error *error)
{
	struct database *made = calloc(1, sizeof(*made));
	char path[4096];
	enum gh_status status;

	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "store");
	made->store.kind = &store_sqlite;
	made->lock = -1;
	status = take_ownership(made, options->folder, error);
	if (status == GH_OK)
		status = gh_path_join(options->folder, "central.db", path, sizeof(path), error);
	if (status == GH_OK)
		status = open_file(made, path, error);
	if (status != GH_OK) {
		sql_close(&made->store);
		return status;
	}
	*store = &made->store;
	return GH_OK;
}

void sql_close(struct store *store)
{
	struct database *base = sql_base(store);

	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(base->statements[i]);
	sqlite3_close(base->handle);
	if (base->lock >= 0)
		close(base->lock);
	free(base);
}

static int bind(sqlite3_stmt *statement, int place, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL:
		return sqlite3_bind_null(statement, place);
	case VALUE_INTEGER:
		return sqlite3_bind_int64(statement, place, value->integer);
	case VALUE_REAL:
		return sqlite3_bind_double(statement, place, value->real);
	case VALUE_BYTES:
		return sqlite3_bind_blob64(statement, place, value->bytes.data,
			value->bytes.length_bytes, SQLITE_STATIC);
	case VALUE_TEXT:
		break;
	}
	return sqlite3_bind_text64(statement, place, (const char *)value->bytes.data,
		value->bytes.length_bytes, SQLITE_STATIC, SQLITE_UTF8);
}

enum gh_status sql_next(struct database *base, enum statement statement, struct gh_error *error)
{
	int code = sqlite3_step(base->statements[statement]);

	if (code == SQLITE_ROW)
		return GH_OK;
	sql_done(base, statement);
	return code == SQLITE_DONE ? GH_NOT_FOUND : fail(code, sql_of[statement], error);
}

enum gh_status sql_first(struct database *base, enum statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	for (int i = 0; i < count; i++) {
		int code = bind(base->statements[statement], i + 1, &values[i]);

		if (code != SQLITE_OK) {
			sql_done(base, statement);
			return fail(code, sql_of[statement], error);
		}
	}
	return sql_next(base, statement, error);
}

void sql_done(struct database *base, enum statement statement)
{
	sqlite3_reset(base->statements[statement]);
	sqlite3_clear_bindings(base->statements[statement]);
}

enum gh_status sql_run(struct database *base, enum statement statement, const struct value *values,
	int count, struct gh_error *error)
{
	enum gh_status status = sql_first(base, statement, values, count, error);

	if (status == GH_OK)
		sql_done(base, statement);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status sql_begin(struct database *base, struct gh_error *error)
{
	return sql_run(base, SQL_BEGIN, NO_VALUES, error);
}

enum gh_status sql_end(struct database *base, enum gh_status status, struct gh_error *error)
{
	if (status == GH_OK)
		status = sql_run(base, SQL_COMMIT, NO_VALUES, error);
	if (status != GH_OK && !sqlite3_get_autocommit(base->handle)) {
		sqlite3_step(base->statements[SQL_ROLLBACK]);
		sqlite3_reset(base->statements[SQL_ROLLBACK]);
	}
	return status;
}

int64_t sql_column_integer(struct database *base, enum statement statement, int column)
{
	return sqlite3_column_int64(base->statements[statement], column);
}

const char *sql_column_text(struct database *base, enum statement statement, int column)
{
	const unsigned char *text = sqlite3_column_text(base->statements[statement], column);

	return text ? (const char *)text : "";
}

void sql_column_fixed(struct database *base, enum statement statement, int column, uint8_t *bytes,
	size_t length_bytes)
{
	const void *data = sqlite3_column_blob(base->statements[statement], column);
	int length = sqlite3_column_bytes(base->statements[statement], column);

	memset(bytes, 0, length_bytes);
	if (data && (size_t)length == length_bytes)
		memcpy(bytes, data, length_bytes);
}

enum gh_status sql_column_copy(struct database *base, enum statement statement, int column,
	struct gh_bytes *bytes, struct gh_error *error)
{
	const void *data = sqlite3_column_blob(base->statements[statement], column);
	int length = sqlite3_column_bytes(base->statements[statement], column);

	gh_bytes_clear(bytes);
	if (!data)
		return GH_OK;
	return gh_bytes_append(bytes, data, (size_t)length, error);
}
