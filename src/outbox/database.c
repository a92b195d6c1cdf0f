/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's SQLite database: one owner, kept statements, errors in our words. */
#include "database.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "schema.h"

/* A larger file is checked without its bodies, which are sealed and so checked when they go out. */
#define WHOLE_CHECK_MAX_BYTES (64LL * 1024 * 1024)

static const char *const sql_of[] = {
#define STATEMENT_SQL(name, sql) sql,
	STATEMENT_LIST(STATEMENT_SQL)
#undef STATEMENT_SQL
};

static enum gh_status status_of(int code, int errnum)
{
	if (code == SQLITE_IOERR_NOMEM)
		return GH_NO_MEMORY;
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return GH_OK;
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
		return GH_DENIED;
	case SQLITE_CANTOPEN:
		return errnum == EACCES || errnum == EROFS || errnum == EPERM ? GH_DENIED : GH_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
		return GH_INTEGRITY;
	case SQLITE_TOOBIG:
		return GH_TOO_LARGE;
	case SQLITE_IOERR:
		return errnum == ENOSPC || errnum == EDQUOT ? GH_FULL : GH_IO;
	default:
		return GH_INTERNAL;
	}
}

enum gh_status database_fail(
	struct database *database, int code, const char *doing, struct gh_error *error)
{
	int extended = code;
	int errnum = 0;

	if (database->handle) {
		errnum = sqlite3_system_errno(database->handle);
		if ((sqlite3_extended_errcode(database->handle) & 0xff) == (code & 0xff))
			extended = sqlite3_extended_errcode(database->handle);
	}
	return gh_error_set(error, status_of(extended, errnum), "%s: %s (SQLite %d)", doing,
		sqlite3_errstr(extended), extended);
}

static enum gh_status take_ownership(
	struct database *database, const char *folder, struct gh_error *error)
{
	char path[4096];
	enum gh_status status = gh_path_join(folder, "outbox.lock", path, sizeof(path), error);

	if (status != GH_OK)
		return status;
	database->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (database->lock < 0)
		return gh_error_errno(error, errno, "%s", path);
	if (flock(database->lock, LOCK_EX | LOCK_NB) == 0)
		return GH_OK;
	if (errno == EWOULDBLOCK)
		return gh_error_set(error, GH_BUSY, "%s: another process has the outbox", path);
	return gh_error_errno(error, errno, "%s", path);
}

/* Make the file ourselves, so that it and its WAL are open to nobody else. */
static enum gh_status make_file(const char *path, struct gh_error *error)
{
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (file < 0)
		return gh_error_errno(error, errno, "%s", path);
	close(file);
	return GH_OK;
}

static enum gh_status set_up(struct database *database, const char *sql, struct gh_error *error)
{
	int code = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return database_fail(database, code, sql, error);
	return GH_OK;
}

/*
 * A page that the disk did not give is no damage: the file may be whole, and only the words of the
 * check tell the two apart.
 */
static enum gh_status judge_check(const char *text, struct gh_error *error)
{
	const char *code = strstr(text, "error code=");
	enum gh_status status = GH_INTEGRITY;

	if (strcmp(text, "ok") == 0)
		return GH_OK;
	if (code)
		status = status_of((int)strtol(code + strlen("error code="), NULL, 10), 0);
	else if (strstr(text, "failed to get page"))
		status = GH_IO;
	return gh_error_set(error, status, "the database does not pass its check: %s", text);
}

static enum gh_status check_with(struct database *database, const char *sql, struct gh_error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
	enum gh_status status;

	if (code != SQLITE_OK)
		return database_fail(database, code, "checking the file", error);
	code = sqlite3_step(statement);
	const char *text =
		code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	if (code == SQLITE_ROW && !text)
		code = SQLITE_NOMEM;
	if (text)
		status = judge_check(text, error);
	else
		status = database_fail(database, code, "checking the file", error);
	sqlite3_finalize(statement);
	return status;
}

static enum gh_status check_tables(struct database *database, struct gh_error *error)
{
	static const char *const names[] = { "sqlite_schema", "item", "passage", "unsettled",
		"counter", "receipt", "erased", "awaited", "key", "erasing" };
	enum gh_status status = GH_OK;

	for (size_t i = 0; status == GH_OK && i < sizeof(names) / sizeof(names[0]); i++) {
		char sql[64];

		snprintf(sql, sizeof(sql), "PRAGMA quick_check(%s)", names[i]);
		/* Tables that an older schema lacks are not there to be checked. */
		if (sqlite3_table_column_metadata(database->handle, "main", names[i], NULL, NULL,
			    NULL, NULL, NULL, NULL) == SQLITE_OK)
			status = check_with(database, sql, error);
	}
	return status;
}

static enum gh_status check_integrity(
	struct database *database, const char *path, struct gh_error *error)
{
	struct stat file;

	if (stat(path, &file) != 0)
		return gh_error_errno(error, errno, "%s", path);
	if (file.st_size > WHOLE_CHECK_MAX_BYTES)
		return check_tables(database, error);
	return check_with(database, "PRAGMA quick_check(1)", error);
}

static enum gh_status prepare_all(struct database *database, struct gh_error *error)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		int code = sqlite3_prepare_v3(database->handle, sql_of[i], -1,
			SQLITE_PREPARE_PERSISTENT, &database->statements[i], NULL);

		if (code != SQLITE_OK)
			return database_fail(database, code, sql_of[i], error);
	}
	return GH_OK;
}

/* Look first, write only when what is there is ours and whole. */
static enum gh_status open_file(struct database *database, const char *path, struct gh_error *error)
{
	int code = sqlite3_open_v2(path, &database->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	enum gh_status status;

	if (code != SQLITE_OK)
		return database_fail(database, code, "opening", error);
	if (sqlite3_db_readonly(database->handle, "main") == 1)
		return gh_error_set(error, GH_DENIED, "the file may only be read");
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	status = set_up(
		database, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON", error);
	if (status == GH_OK)
		status = schema_check(database, error);
	if (status == GH_OK)
		status = check_integrity(database, path, error);
	if (status == GH_OK)
		status = set_up(database,
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
			"PRAGMA journal_size_limit = 4194304; PRAGMA temp_store = MEMORY",
			error);
	if (status == GH_OK)
		status = schema_migrate(database, error);
	return status == GH_OK ? prepare_all(database, error) : status;
}

enum gh_status database_open(struct database *database, const char *folder, struct gh_error *error)
{
	enum gh_status status = take_ownership(database, folder, error);

	if (status == GH_OK)
		status = gh_path_join(folder, "outbox.db", database->path,
			sizeof(database->path) - strlen("-wal"), error);
	if (status != GH_OK)
		return status;
	snprintf(database->wal_path, sizeof(database->wal_path), "%s-wal", database->path);
	status = make_file(database->path, error);
	if (status != GH_OK)
		return status;
	status = open_file(database, database->path, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", database->path);
	return status;
}

void database_close(struct database *database)
{
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(database->statements[i]);
	if (database->handle) {
		int code = sqlite3_close(database->handle);

		assert(code == SQLITE_OK);
		(void)code;
	}
	if (database->lock >= 0)
		close(database->lock);
	memset(database, 0, sizeof(*database));
	database->lock = -1;
}

enum gh_status database_measure(
	struct database *database, struct database_size *size, struct gh_error *error)
{
	enum gh_status status = database_first(database, SQL_PAGES, NO_VALUES, error);
	struct stat file, wal;

	if (status != GH_OK)
		return status;
	uint64_t page_bytes = (uint64_t)column_integer(database, SQL_PAGES, 2);
	size->pages_bytes = (uint64_t)column_integer(database, SQL_PAGES, 0) * page_bytes;
	size->unused_bytes = (uint64_t)column_integer(database, SQL_PAGES, 1) * page_bytes;
	database_done(database, SQL_PAGES);
	size->disk_bytes = stat(database->path, &file) == 0 ? (uint64_t)file.st_size : 0;
	size->wal_bytes = stat(database->wal_path, &wal) == 0 ? (uint64_t)wal.st_size : 0;
	return GH_OK;
}

enum gh_status database_checkpoint(struct database *database, struct gh_error *error)
{
	struct stat wal;
	int code = sqlite3_wal_checkpoint_v2(
		database->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	if (code != SQLITE_OK)
		return database_fail(database, code, "emptying the write-ahead log", error);
	if (stat(database->wal_path, &wal) == 0 && wal.st_size > 0)
		return gh_error_set(error, GH_BUSY,
			"the write-ahead log still has %lld bytes after its checkpoint",
			(long long)wal.st_size);
	return GH_OK;
}

enum gh_status database_begin(
	struct database *database, enum durability durability, struct gh_error *error)
{
	if (durability != database->durability) {
		enum gh_status status = set_up(database,
			durability == DURABLE ? "PRAGMA synchronous = FULL"
					      : "PRAGMA synchronous = NORMAL",
			error);

		if (status != GH_OK)
			return status;
		database->durability = durability;
	}
	return database_run(database, SQL_BEGIN, NO_VALUES, error);
}

enum gh_status database_end(
	struct database *database, enum gh_status status, struct gh_error *error)
{
	if (status == GH_OK)
		status = database_run(database, SQL_COMMIT, NO_VALUES, error);
	/* SQLite may have taken it back already, or COMMIT failed and left it open. */
	if (status != GH_OK && !sqlite3_get_autocommit(database->handle)) {
		sqlite3_step(database->statements[SQL_ROLLBACK]);
		sqlite3_reset(database->statements[SQL_ROLLBACK]);
	}
	return status;
}

struct value value_integer(int64_t integer)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = integer };
}

struct value value_bytes(struct gh_view bytes)
{
	return (struct value){ .kind = VALUE_BYTES, .bytes = bytes };
}

struct value value_id(const struct gh_id *id)
{
	return value_bytes((struct gh_view){ id->bytes, sizeof(id->bytes) });
}

struct value value_text(const char *text)
{
	return (struct value){ .kind = VALUE_TEXT, .bytes = gh_view_of_text(text) };
}

static int bind(sqlite3_stmt *statement, int place, const struct value *value)
{
	/* An empty blob is a blob, not NULL. */
	const void *data = value->bytes.data ? (const void *)value->bytes.data : "";

	switch (value->kind) {
	case VALUE_INTEGER:
		return sqlite3_bind_int64(statement, place, value->integer);
	case VALUE_BYTES:
		return sqlite3_bind_blob64(
			statement, place, data, value->bytes.length_bytes, SQLITE_STATIC);
	case VALUE_TEXT:
		break;
	}
	return sqlite3_bind_text64(
		statement, place, data, value->bytes.length_bytes, SQLITE_STATIC, SQLITE_UTF8);
}

enum gh_status database_next(
	struct database *database, enum statement statement, struct gh_error *error)
{
	int code = sqlite3_step(database->statements[statement]);
	enum gh_status status = GH_NOT_FOUND;

	if (code == SQLITE_ROW)
		return GH_OK;
	if (code != SQLITE_DONE)
		status = database_fail(database, code, sql_of[statement], error);
	database_done(database, statement);
	return status;
}

enum gh_status database_first(struct database *database, enum statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	sqlite3_stmt *prepared = database->statements[statement];

	for (int i = 0; i < count; i++) {
		int code = bind(prepared, i + 1, &values[i]);

		if (code != SQLITE_OK) {
			database_done(database, statement);
			return database_fail(database, code, sql_of[statement], error);
		}
	}
	return database_next(database, statement, error);
}

void database_done(struct database *database, enum statement statement)
{
	sqlite3_reset(database->statements[statement]);
	sqlite3_clear_bindings(database->statements[statement]);
}

enum gh_status database_run(struct database *database, enum statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	enum gh_status status = database_first(database, statement, values, count, error);

	if (status == GH_OK)
		database_done(database, statement);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

int64_t column_integer(struct database *database, enum statement statement, int column)
{
	return sqlite3_column_int64(database->statements[statement], column);
}

struct gh_view column_bytes(struct database *database, enum statement statement, int column)
{
	sqlite3_stmt *prepared = database->statements[statement];
	const void *data = sqlite3_column_blob(prepared, column);

	return (struct gh_view){ data, (size_t)sqlite3_column_bytes(prepared, column) };
}

void column_id(struct database *database, enum statement statement, int column, struct gh_id *id)
{
	struct gh_view bytes = column_bytes(database, statement, column);

	memset(id, 0, sizeof(*id));
	if (bytes.length_bytes == sizeof(id->bytes))
		memcpy(id->bytes, bytes.data, sizeof(id->bytes));
}
