/* SPDX-License-Identifier: Apache-2.0 */
/* The store's SQLite database: opening, schema, statements. */
#include "database.h"

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
	struct store *store, const char *folder, struct gh_error *error)
{
	char path[4096];
	enum gh_status status = gh_path_join(folder, "central.lock", path, sizeof(path), error);

	if (status != GH_OK)
		return status;
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock < 0)
		return gh_error_errno(error, errno, "%s", path);
	if (flock(store->lock, LOCK_EX | LOCK_NB) == 0)
		return GH_OK;
	if (errno == EWOULDBLOCK)
		return gh_error_set(error, GH_BUSY, "%s: another process has the store", path);
	return gh_error_errno(error, errno, "%s", path);
}

static enum gh_status set_up(struct store *store, const char *sql, struct gh_error *error)
{
	int code = sqlite3_exec(store->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? GH_OK : fail(code, sql, error);
}

static enum gh_status read_number(
	struct store *store, const char *sql, int64_t *number, struct gh_error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(store->handle, sql, -1, &statement, NULL);

	*number = 0;
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		*number = sqlite3_column_int64(statement, 0);
		sqlite3_finalize(statement);
	}
	return code == SQLITE_ROW ? GH_OK : fail(code, sql, error);
}

static enum gh_status check_owner(struct store *store, int64_t *version, struct gh_error *error)
{
	int64_t application, tables;
	enum gh_status status = read_number(store, "PRAGMA application_id", &application, error);

	if (status == GH_OK)
		status = read_number(store, "PRAGMA user_version", version, error);
	if (status == GH_OK)
		status = read_number(store, "SELECT count(*) FROM sqlite_schema", &tables, error);
	if (status != GH_OK)
		return status;
	if (application != APPLICATION_ID && (application || *version || tables))
		return gh_error_set(error, GH_UNSUPPORTED, "another program's database");
	if (*version < 0 || *version > SCHEMA)
		return gh_error_set(error, GH_UNSUPPORTED,
			"schema %lld, this program knows up to %d", (long long)*version, SCHEMA);
	return GH_OK;
}

static enum gh_status migrate(struct store *store, int64_t version, struct gh_error *error)
{
	char mark[96];

	for (; version < SCHEMA; version++) {
		enum gh_status status = set_up(store, "BEGIN IMMEDIATE", error);

		snprintf(mark, sizeof(mark),
			"PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT",
			APPLICATION_ID, (long long)version + 1);
		if (status == GH_OK)
			status = set_up(store, steps[version], error);
		if (status == GH_OK)
			status = set_up(store, mark, error);
		if (status != GH_OK)
			return status;
	}
	return GH_OK;
}

static enum gh_status prepare_all(struct store *store, struct gh_error *error)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		int code = sqlite3_prepare_v3(store->handle, sql_of[i], -1,
			SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);

		if (code != SQLITE_OK)
			return fail(code, sql_of[i], error);
	}
	return GH_OK;
}

static enum gh_status open_file(struct store *store, const char *path, struct gh_error *error)
{
	int64_t version = 0;
	enum gh_status status;
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code;

	if (file < 0)
		return gh_error_errno(error, errno, "%s", path);
	close(file);
	code = sqlite3_open_v2(path, &store->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (code != SQLITE_OK)
		return fail(code, path, error);
	sqlite3_db_config(store->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	status = set_up(store, "PRAGMA locking_mode = EXCLUSIVE", error);
	if (status == GH_OK)
		status = check_owner(store, &version, error);
	if (status == GH_OK)
		status = set_up(store,
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
			"PRAGMA temp_store = MEMORY",
			error);
	if (status == GH_OK)
		status = migrate(store, version, error);
	if (status == GH_OK)
		status = prepare_all(store, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	return status;
}

enum gh_status store_open(const char *folder, struct store **store, struct gh_error *error)
{
	struct store *made = calloc(1, sizeof(*made));
	char path[4096];
	enum gh_status status;

	*store = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "store");
	made->lock = -1;
	status = take_ownership(made, folder, error);
	if (status == GH_OK)
		status = gh_path_join(folder, "central.db", path, sizeof(path), error);
	if (status == GH_OK)
		status = open_file(made, path, error);
	if (status != GH_OK) {
		store_close(made);
		return status;
	}
	*store = made;
	return GH_OK;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->handle);
	if (store->lock >= 0)
		close(store->lock);
	free(store);
}

struct value store_integer(int64_t integer)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = integer };
}

struct value store_real(double real, bool there)
{
	return (struct value){ .kind = there ? VALUE_REAL : VALUE_NULL, .real = real };
}

struct value store_bytes(struct gh_view bytes)
{
	return (struct value){ .kind = bytes.data ? VALUE_BYTES : VALUE_NULL, .bytes = bytes };
}

struct value store_id(const struct gh_id *id)
{
	return store_bytes((struct gh_view){ id->bytes, sizeof(id->bytes) });
}

struct value store_hash(const struct gh_sha256 *hash)
{
	return store_bytes((struct gh_view){ hash->bytes, sizeof(hash->bytes) });
}

struct value store_text(const char *text)
{
	return (struct value){ .kind = text ? VALUE_TEXT : VALUE_NULL,
		.bytes = gh_view_of_text(text) };
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

enum gh_status store_next(struct store *store, enum statement statement, struct gh_error *error)
{
	int code = sqlite3_step(store->statements[statement]);

	if (code == SQLITE_ROW)
		return GH_OK;
	store_done(store, statement);
	return code == SQLITE_DONE ? GH_NOT_FOUND : fail(code, sql_of[statement], error);
}

enum gh_status store_first(struct store *store, enum statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	for (int i = 0; i < count; i++) {
		int code = bind(store->statements[statement], i + 1, &values[i]);

		if (code != SQLITE_OK) {
			store_done(store, statement);
			return fail(code, sql_of[statement], error);
		}
	}
	return store_next(store, statement, error);
}

void store_done(struct store *store, enum statement statement)
{
	sqlite3_reset(store->statements[statement]);
	sqlite3_clear_bindings(store->statements[statement]);
}

enum gh_status store_run(struct store *store, enum statement statement, const struct value *values,
	int count, struct gh_error *error)
{
	enum gh_status status = store_first(store, statement, values, count, error);

	if (status == GH_OK)
		store_done(store, statement);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status store_begin(struct store *store, struct gh_error *error)
{
	return store_run(store, SQL_BEGIN, NO_VALUES, error);
}

enum gh_status store_end(struct store *store, enum gh_status status, struct gh_error *error)
{
	if (status == GH_OK)
		status = store_run(store, SQL_COMMIT, NO_VALUES, error);
	if (status != GH_OK && !sqlite3_get_autocommit(store->handle)) {
		sqlite3_step(store->statements[SQL_ROLLBACK]);
		sqlite3_reset(store->statements[SQL_ROLLBACK]);
	}
	return status;
}

int64_t store_column_integer(struct store *store, enum statement statement, int column)
{
	return sqlite3_column_int64(store->statements[statement], column);
}

const char *store_column_text(struct store *store, enum statement statement, int column)
{
	const unsigned char *text = sqlite3_column_text(store->statements[statement], column);

	return text ? (const char *)text : "";
}

void store_column_fixed(struct store *store, enum statement statement, int column, uint8_t *bytes,
	size_t length_bytes)
{
	const void *data = sqlite3_column_blob(store->statements[statement], column);
	int length = sqlite3_column_bytes(store->statements[statement], column);

	memset(bytes, 0, length_bytes);
	if (data && (size_t)length == length_bytes)
		memcpy(bytes, data, length_bytes);
}

enum gh_status store_column_copy(struct store *store, enum statement statement, int column,
	struct gh_bytes *bytes, struct gh_error *error)
{
	const void *data = sqlite3_column_blob(store->statements[statement], column);
	int length = sqlite3_column_bytes(store->statements[statement], column);

	gh_bytes_clear(bytes);
	if (!data)
		return GH_OK;
	return gh_bytes_append(bytes, data, (size_t)length, error);
}
