/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record costs the centre from its JSON to the commit, beside a bare insert (SQLite) or COPY
 * (PostgreSQL) of rows of the same size in transactions of the same size; and how the cost grows
 * with the rows that are there.
 *
 * central_store sqlite|postgresql [RECORDS [FULL_ROWS [SLIM_ROWS [FOLDER]]]]: 5,000 records, growth
 * at 10,000 and ten times more up to FULL_ROWS (none by default), then SLIM_ROWS more whose sealed
 * part is gone already. Processor time of the service's side and of the server are added: the rate
 * is of one core, whatever else runs. Wall time is printed beside it.
 */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/central/counter.h"
#include "../support/central/server.h"
#include "../support/encounter/specimen.h"
#include "gatehouse/base/log.h"

#define TOGETHER 64
#define JSON_MAX 8192
#define ROW_BYTES 2700
#define PROBE 2048
#define SLIM_STEP 1000000

static struct server server;
static struct counter counter;
static const uint8_t photo_bytes[300] = { 0xff, 0xd8, 1, 2, 3 };
static uint64_t next_seed = 1;

struct times {
	double wall_s;
	double processor_s;
};

static double now_s(void)
{
	return (double)gh_clock_system()->monotonic_us(gh_clock_system()) / 1e6;
}

/* Of the server and what it has waited for: of sessions that have ended. */
static double server_s(void)
{
	char path[64];
	unsigned long ticks[4] = { 0 };
	FILE *file;

	if (server.process == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)server.process);
	file = fopen(path, "r");
	if (!file ||
		fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
			&ticks[0], &ticks[1], &ticks[2], &ticks[3]) != 4)
		exit(1);
	fclose(file);
	return (double)(ticks[0] + ticks[1] + ticks[2] + ticks[3]) / (double)sysconf(_SC_CLK_TCK);
}

static struct times read_times(void)
{
	struct rusage own;

	/* A session's time counts once it has ended. */
	if (server.process)
		server_wait(300);
	getrusage(RUSAGE_SELF, &own);
	return (struct times){ now_s(),
		(double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
			(double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6 + server_s() };
}

static struct times since(struct times began)
{
	struct times now = read_times();

	return (struct times){ now.wall_s - began.wall_s - (server.process ? 0.3 : 0),
		now.processor_s - began.processor_s };
}

struct goods {
	struct gh_id *ids;
	struct gh_bytes *jsons;
	size_t count;
};

static struct goods make_goods(size_t count)
{
	struct goods goods = { calloc(count, sizeof(*goods.ids)),
		calloc(count, sizeof(*goods.jsons)), count };
	struct gh_view photo = { photo_bytes, sizeof(photo_bytes) };
	struct gh_error error;

	for (size_t i = 0; goods.ids && goods.jsons && i < count; i++) {
		struct gh_encounter encounter;

		counter_record(&counter, next_seed++, photo, &encounter);
		goods.ids[i] = encounter.id;
		if (gh_encounter_encode(&encounter, &goods.jsons[i], &error) != GH_OK)
			exit(1);
	}
	return goods;
}

static void free_goods(struct goods *goods)
{
	for (size_t i = 0; i < goods->count; i++)
		gh_bytes_finish(&goods->jsons[i]);
	free(goods->jsons);
	free(goods->ids);
}

/* A group as the service stores it: decoded, checked, sealed, and noted who brought it. */
static void store_group(const struct goods *goods, size_t first, size_t count)
{
	static struct request requests[TOGETHER];
	static struct answer answers[TOGETHER];
	static struct deposit deposits[TOGETHER];
	struct deposit *list[TOGETHER] = { NULL };

	for (size_t i = 0; i < count; i++) {
		requests[i] = (struct request){ .endpoint = ENDPOINT_ENCOUNTER_PUT,
			.id = goods->ids[first + i],
			.role = ROLE_LANE,
			.peer = "lane-1",
			.body = gh_bytes_view(&goods->jsons[first + i]) };
		answer_init(&answers[i]);
		deposit_begin(&deposits[i], &requests[i], &answers[i]);
		desk_decide(&counter.desk, &deposits[i]);
		desk_note(&counter.desk, &deposits[i]);
		list[i] = &deposits[i];
	}
	desk_settle(&counter.desk, list, count);
	for (size_t i = 0; i < count; i++) {
		if (answers[i].status != 201) {
			fprintf(stderr, "central_store: answered %d\n", answers[i].status);
			exit(1);
		}
		deposit_finish(&deposits[i]);
		answer_finish(&answers[i]);
	}
}

/* The part of it before the store: decoding, checking, sealing. */
static double seal_s(size_t count)
{
	struct goods goods = make_goods(count);
	struct times began = read_times();
	struct times took;

	for (size_t i = 0; i < count; i++) {
		struct request request = { .endpoint = ENDPOINT_ENCOUNTER_PUT,
			.id = goods.ids[i],
			.role = ROLE_LANE,
			.peer = "lane-1",
			.body = gh_bytes_view(&goods.jsons[i]) };
		struct answer answer;
		struct deposit deposit;

		answer_init(&answer);
		deposit_begin(&deposit, &request, &answer);
		desk_decide(&counter.desk, &deposit);
		deposit_finish(&deposit);
		answer_finish(&answer);
	}
	took = since(began);
	free_goods(&goods);
	return took.processor_s;
}

static struct times store_all(size_t count, size_t together)
{
	struct goods goods = make_goods(count);
	struct times began, took;

	counter_reopen(&counter);
	began = read_times();
	for (size_t i = 0; i < count; i += together)
		store_group(&goods, i, count - i < together ? count - i : together);
	counter_reopen(&counter);
	took = since(began);
	free_goods(&goods);
	return took;
}

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "central_store: %s\n", what);
	exit(1);
}

/* Rows of the same size with an id for their key: all that a table can be asked for at the least. */
static struct times insert_bare(size_t count, size_t together)
{
	static uint8_t row[ROW_BYTES + 400];
	struct times began = read_times();
	char path[200];
	sqlite3 *handle;
	sqlite3_stmt *insert;

	snprintf(path, sizeof(path), "%s/bare-%zu.db", counter.folder, together);
	must(sqlite3_open(path, &handle) == SQLITE_OK &&
			sqlite3_exec(handle,
				"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
				"PRAGMA synchronous = FULL; CREATE TABLE bare (id BLOB PRIMARY KEY,"
				" row BLOB)",
				NULL, NULL, NULL) == SQLITE_OK &&
			sqlite3_prepare_v2(handle, "INSERT INTO bare VALUES (?1, ?2)", -1, &insert,
				NULL) == SQLITE_OK,
		"bare table");
	for (size_t i = 0; i < count; i++) {
		struct gh_id id;

		must(gh_id_make(&id, NULL) == GH_OK, "id");
		if (i % together == 0)
			must(sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "begin");
		sqlite3_bind_blob(insert, 1, id.bytes, 16, SQLITE_STATIC);
		sqlite3_bind_blob(insert, 2, row, sizeof(row), SQLITE_STATIC);
		must(sqlite3_step(insert) == SQLITE_DONE, "insert");
		sqlite3_reset(insert);
		if (i % together == together - 1 || i == count - 1)
			must(sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK,
				"commit");
	}
	sqlite3_finalize(insert);
	sqlite3_close(handle);
	return since(began);
}

static void copy_row(PGconn *connection, size_t number)
{
	static char line[2 * (ROW_BYTES + 400) + 64];
	struct gh_id id;
	char text[GH_ID_TEXT_BYTES];
	size_t used;

	(void)number;
	must(gh_id_make(&id, NULL) == GH_OK, "id");
	gh_id_format(&id, text);
	used = (size_t)snprintf(line, sizeof(line), "%s\t\\\\x", text);
	memset(line + used, 'a', (size_t)2 * (ROW_BYTES + 400));
	used += (size_t)2 * (ROW_BYTES + 400);
	line[used++] = '\n';
	must(PQputCopyData(connection, line, (int)used) == 1, "copy");
}

static struct times copy_bare(size_t count, size_t together)
{
	struct times began = read_times();
	char address[320];
	PGconn *connection;

	server_new_address(&server, address);
	connection = PQconnectdb(address);
	PQclear(PQexec(connection,
		"CREATE TABLE bare (id uuid PRIMARY KEY, row bytea);"
		"ALTER TABLE bare ALTER row SET STORAGE EXTERNAL"));
	for (size_t i = 0; i < count; i++) {
		if (i % together == 0)
			PQclear(PQexec(connection, "COPY bare FROM STDIN"));
		copy_row(connection, i);
		if (i % together == together - 1 || i == count - 1) {
			PGresult *result;

			must(PQputCopyEnd(connection, NULL) == 1, "end of copy");
			result = PQgetResult(connection);
			must(PQresultStatus(result) == PGRES_COMMAND_OK, "copied");
			PQclear(result);
			PQclear(PQgetResult(connection));
		}
	}
	PQfinish(connection);
	return since(began);
}

static void compare(size_t count, size_t together)
{
	struct times ours = store_all(count, together);
	struct times bare =
		server.process ? copy_bare(count, together) : insert_bare(count, together);
	double n = (double)count;

	printf("%3zu together: %6.0f records/s of one core (wall %6.0f/s); bare %s %6.0f/s of one core "
	       "(wall %6.0f/s); ratio %.2f (wall %.2f)\n",
		together, n / ours.processor_s, n / ours.wall_s, server.process ? "COPY" : "insert",
		n / bare.processor_s, n / bare.wall_s, bare.processor_s / ours.processor_s,
		bare.wall_s / ours.wall_s);
}

/* Rows as they would be after as many records, made by the database itself. */
static void fill_postgres(size_t rows, bool full)
{
	char sql[2400];

	snprintf(sql, sizeof(sql),
		"SET synchronous_commit = off;"
		"WITH made AS (INSERT INTO item (id, kind, day, hash, lane)"
		" SELECT gen_random_uuid(), 1, 20416 - i %% 3, sha256(i::text::bytea), 'lane-1'"
		" FROM generate_series(1, %zu) i RETURNING id, day, hash),"
		" e AS (INSERT INTO encounter (day, id, number, lane, peer, test, event_ms,"
		" uploaded_ms, capture, reason, comparison, outcome, decision, referrals, score,"
		" threshold, answer_ms, waiting_ms, photo_state, photo_hash, destroy_by_ms, key)"
		" SELECT day, id, (extract(epoch FROM clock_timestamp()) * 1000000)::int8 << 11,"
		" 'lane-1', 'lane-1', 1, day * 86400000::int8, day * 86400000::int8, 'captured',"
		" 'none', 'one_to_many', 'match', 'go', '', 0.5, 0.4, 900, 1200, 1, hash,"
		" 1900000000000, %s FROM made)"
		" INSERT INTO sealed (day, id, record) SELECT day, id,"
		" decode(repeat('ab', %d), 'hex') FROM made WHERE %s",
		rows, full ? "hash || hash" : "NULL", ROW_BYTES, full ? "true" : "false");
	server_run(counter.address, sql, NULL);
}

static void fill_sqlite(size_t rows)
{
	char path[200];
	char sql[1400];
	sqlite3 *handle;

	store_close(counter.desk.store);
	snprintf(path, sizeof(path), "%s/central.db", counter.folder);
	snprintf(sql, sizeof(sql),
		"PRAGMA synchronous = OFF; BEGIN;"
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %zu)"
		" INSERT INTO encounter (id, hash, lane, peer, test, event_ms, uploaded_ms, capture,"
		" reason, comparison, outcome, decision, referrals, score, threshold, answer_ms,"
		" waiting_ms, photo_state, photo_hash, destroy_by_ms, key, day) SELECT"
		" randomblob(16), randomblob(32), 'lane-1', 'lane-1', 1, 1764000000000,"
		" 1764000000000, 'captured', 'none', 'one_to_many', 'match', 'go', '', 0.5, 0.4,"
		" 900, 1200, 1, randomblob(32), 1900000000000, randomblob(64), 20416 - i %% 3"
		" FROM n;"
		"INSERT INTO sealed SELECT number, randomblob(%d), NULL FROM encounter"
		" WHERE number > (SELECT ifnull(max(number), 0) FROM sealed); COMMIT;"
		"PRAGMA wal_checkpoint(TRUNCATE)",
		rows, ROW_BYTES);
	must(sqlite3_open(path, &handle) == SQLITE_OK &&
			sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK,
		"filled");
	sqlite3_close(handle);
	counter.desk.store = NULL;
	struct store_options options = counter_store(&counter);
	must(store_open(&options, &counter.desk.store, NULL) == GH_OK, "opened again");
}

/* In parts, each a statement of its own. */
static void fill(size_t rows, bool full)
{
	const size_t part = 100000;

	for (size_t done = 0; done < rows; done += part) {
		size_t now = rows - done < part ? rows - done : part;

		if (server.process)
			fill_postgres(now, full);
		else
			fill_sqlite(now);
	}
	if (server.process)
		server_run(counter.address, "VACUUM ANALYZE", NULL);
}

static void probe(const char *what, size_t rows)
{
	struct times took = store_all(PROBE, TOGETHER);

	printf("at %8zu %s rows: %6.0f us of a core a record (wall %6.0f us)\n", rows, what,
		took.processor_s / PROBE * 1e6, took.wall_s / PROBE * 1e6);
	fflush(stdout);
}

static void grow(size_t full_rows, size_t slim_rows)
{
	size_t there = 0;

	for (size_t rows = 10000; rows <= full_rows; rows *= 10) {
		fill(rows - there, true);
		there = rows;
		probe("full", there);
	}
	for (size_t slim = 0; slim < slim_rows;) {
		size_t now = slim_rows - slim < SLIM_STEP ? slim_rows - slim : SLIM_STEP;

		fill(now, false);
		slim += now;
		probe("full and slim", there + slim);
	}
}

int main(int argc, char **argv)
{
	bool postgres = argc > 1 && strcmp(argv[1], "postgresql") == 0;
	size_t records = argc > 2 ? strtoul(argv[2], NULL, 10) : 5000;
	size_t full_rows = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	size_t slim_rows = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	char address[320] = "";
	const char *missing;

	gh_log_set_level((enum gh_log_level)0);
	missing = postgres ? server_start(&server, true) : NULL;
	if (missing) {
		fprintf(stderr, "central_store: %s\n", missing);
		server_stop(&server);
		return 77;
	}
	if (postgres)
		server_new_address(&server, address);
	counter_make_at(&counter, GH_PURPOSE_DEMO, address);
	printf("%s\n", postgres ? "PostgreSQL, durable" : "SQLite, WAL, synchronous = FULL");
	if (records > 0) {
		printf("before the store: %.0f us of a core a record\n",
			seal_s(records) / (double)records * 1e6);
		compare(records, 1);
		compare(records, 8);
		compare(records, TOGETHER);
	}
	grow(full_rows, slim_rows);
	counter_remove(&counter);
	server_stop(&server);
	return 0;
}
