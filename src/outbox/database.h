/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's SQLite database: one owner, kept statements, errors in our words. */
#ifndef GATEHOUSE_SRC_OUTBOX_DATABASE_H
#define GATEHOUSE_SRC_OUTBOX_DATABASE_H

#include <stdbool.h>
#include <stdint.h>
#include <sqlite3.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "statements.h"

/* What a commit means when the power fails: it stands, or it falls with all that came after it. */
enum durability {
	DURABLE,
	ORDERED,
};

struct database {
	sqlite3 *handle;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	int lock;
	enum durability durability;
	bool sealed; /* bodies are sealed: set before the file is opened */
	char path[4096];
	char wal_path[4096 + 4];
};

/* Zero-initialised, but lock is -1. A failed open needs a close all the same. */
enum gh_status database_open(struct database *database, const char *folder, struct gh_error *error);
void database_close(struct database *database);

/* The WAL grows to about so much (SQLite's 1,000 pages) before its content moves into the file. */
#define WAL_USUAL_BYTES (4608u * 1024)

/* The pages that the database has, and what stands on the disk: new pages are in the WAL first. */
struct database_size {
	uint64_t pages_bytes;
	uint64_t unused_bytes; /* of the pages */
	uint64_t disk_bytes;   /* of the file */
	uint64_t wal_bytes;
};

/*
 * Move the WAL's content into the file and cut the WAL to nothing. GH_BUSY when a reader stood in
 * the way: then it is not done.
 */
enum gh_status database_checkpoint(struct database *database, struct gh_error *error);

enum gh_status database_measure(
	struct database *database, struct database_size *size, struct gh_error *error);

/* What SQLite said, as a status, with the story in *error. */
enum gh_status database_fail(
	struct database *database, int code, const char *doing, struct gh_error *error);

/* One transaction; end() commits when status is GH_OK and takes all back otherwise. */
enum gh_status database_begin(
	struct database *database, enum durability durability, struct gh_error *error);
enum gh_status database_end(
	struct database *database, enum gh_status status, struct gh_error *error);

/* A value for a statement's parameter. */
struct value {
	enum {
		VALUE_INTEGER,
		VALUE_BYTES,
		VALUE_TEXT
	} kind;
	int64_t integer;
	struct gh_view bytes;
};

struct value value_integer(int64_t integer);
struct value value_bytes(struct gh_view bytes);
struct value value_id(const struct gh_id *id);
struct value value_text(const char *text);

/*
 * Run a statement with its parameters. For rows: GH_OK and the row may be read
 * with sqlite3_column_*() until database_done(); GH_NOT_FOUND without one.
 */
enum gh_status database_first(struct database *database, enum statement statement,
	const struct value *values, int count, struct gh_error *error);
enum gh_status database_next(
	struct database *database, enum statement statement, struct gh_error *error);
void database_done(struct database *database, enum statement statement);

/* Run a statement that gives no row. */
enum gh_status database_run(struct database *database, enum statement statement,
	const struct value *values, int count, struct gh_error *error);

#define VALUES(...) \
	(const struct value[]){ __VA_ARGS__ }, \
		(int)(sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
#define NO_VALUES NULL, 0

/* Columns of the current row; an id of another length than 16 is none. */
int64_t column_integer(struct database *database, enum statement statement, int column);
struct gh_view column_bytes(struct database *database, enum statement statement, int column);
void column_id(struct database *database, enum statement statement, int column, struct gh_id *id);

#endif
