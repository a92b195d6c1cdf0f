/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A round over a full outbox, and sealed durable puts beside bare SQLite.
 *
 * erasure_round [FOLDER [KEYS [PUTS]]]: a folder on the disk to be measured, 100,000 live keys to
 * wrap anew, 2,000 puts. Beside the round: the same keys through the provider without a database,
 * which no rewrapping can be faster than.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../support/erasure/station.h"
#include "gatehouse/base/log.h"

#define PHOTO_BYTES 38000
#define JSON_BYTES 2600
#define TURN 50

static struct station lane;
static uint8_t json[JSON_BYTES];
static uint8_t photo[PHOTO_BYTES];

static double now_s(void)
{
	return (double)gh_clock_system()->monotonic_us(gh_clock_system()) / 1e6;
}

static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "erasure_round: %s failed\n", what);
	exit(1);
}

static void put(uint32_t n, bool with_photo)
{
	struct gh_outbox_put item = { .id = station_id(n), .json = { json, JSON_BYTES } };

	memcpy(json, &n, sizeof(n));
	if (with_photo)
		item.photo = (struct gh_view){ photo, PHOTO_BYTES };
	must(gh_outbox_put(lane.outbox, &item, NULL) == GH_OK, "gh_outbox_put");
}

struct bare {
	sqlite3 *handle;
	sqlite3_stmt *begin, *insert, *commit;
};

static void bare_open(struct bare *bare)
{
	static const char set_up[] =
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
		"CREATE TABLE thing (number INTEGER PRIMARY KEY, id BLOB, body BLOB)";
	static const char *const sql[] = { "BEGIN IMMEDIATE",
		"INSERT INTO thing (id, body) VALUES (?1, ?2)", "COMMIT" };
	sqlite3_stmt **statements[] = { &bare->begin, &bare->insert, &bare->commit };

	must(sqlite3_open(station_place(&lane, "bare.db"), &bare->handle) == SQLITE_OK, "open");
	must(sqlite3_exec(bare->handle, set_up, NULL, NULL, NULL) == SQLITE_OK, "set-up");
	for (int i = 0; i < 3; i++)
		must(sqlite3_prepare_v2(bare->handle, sql[i], -1, statements[i], NULL) == SQLITE_OK,
			"prepare");
}

static void bare_step(sqlite3_stmt *statement)
{
	must(sqlite3_step(statement) == SQLITE_DONE, "sqlite3_step");
	sqlite3_reset(statement);
}

static void bare_insert(struct bare *bare, const struct gh_id *id, const void *data, int length)
{
	sqlite3_bind_blob(bare->insert, 1, id->bytes, 16, SQLITE_STATIC);
	sqlite3_bind_blob(bare->insert, 2, data, length, SQLITE_STATIC);
	bare_step(bare->insert);
}

static void bare_put(struct bare *bare, uint32_t n, bool with_photo)
{
	struct gh_id id = station_id(n);

	bare_step(bare->begin);
	bare_insert(bare, &id, json, JSON_BYTES);
	if (with_photo)
		bare_insert(bare, &id, photo, PHOTO_BYTES);
	bare_step(bare->commit);
}

static void measure_puts(uint32_t puts, bool with_photo)
{
	struct bare bare;
	double sealed_s = 0;
	double bare_s = 0;

	bare_open(&bare);
	for (uint32_t n = 0; n < puts; n += TURN) {
		double start = now_s();

		for (uint32_t i = n; i < n + TURN; i++)
			put(with_photo ? i : 1000000 + i, with_photo);
		double middle = now_s();
		for (uint32_t i = n; i < n + TURN; i++)
			bare_put(&bare, i, with_photo);
		sealed_s += middle - start;
		bare_s += now_s() - middle;
	}
	for (int i = 0; i < 3; i++)
		sqlite3_finalize(i == 0 ? bare.begin : i == 1 ? bare.insert : bare.commit);
	sqlite3_close(bare.handle);
	remove(station_place(&lane, "bare.db"));
	printf("sealed puts%s: %.0f/s, bare SQLite %.0f/s, ratio %.2f\n",
		with_photo ? " with photo" : "", puts / sealed_s, puts / bare_s, bare_s / sealed_s);
}

/* What the provider alone takes for as many keys. */
static void measure_provider(uint32_t keys)
{
	struct station_key *key = &lane.keys[0];
	struct gh_bytes rewrapped = GH_BYTES_EMPTY;
	double start = now_s();
	double cpu = cpu_s();

	for (uint32_t i = 0; i < keys; i++)
		must(gh_provider_rewrap(lane.provider,
			     (struct gh_view){ key->context, sizeof(key->context) },
			     (struct gh_view){ key->wrapped, key->length }, &rewrapped,
			     NULL) == GH_OK,
			"rewrap");
	printf("the provider alone: %u keys in %.2f s (%.2f s of CPU)\n", keys, now_s() - start,
		cpu_s() - cpu);
	gh_bytes_finish(&rewrapped);
}

static void measure_round(uint32_t keys)
{
	double start;
	double cpu;

	for (uint32_t n = 0; n < keys; n++)
		put(2000000 + n, false);
	must(station_deliver(&lane) == GH_OK, "deliver");
	must(gh_outbox_checkpoint(lane.outbox, NULL) == GH_OK, "checkpoint");
	must(gh_provider_begin_change(lane.provider, NULL) == GH_OK, "begin");
	measure_provider(keys);
	start = now_s();
	cpu = cpu_s();
	must(gh_outbox_rewrap(lane.outbox, NULL) == GH_OK, "rewrap");
	printf("rewrap: %u keys in %.2f s (%.2f s of CPU)\n", keys, now_s() - start, cpu_s() - cpu);
	start = now_s();
	must(gh_outbox_checkpoint(lane.outbox, NULL) == GH_OK, "checkpoint");
	printf("checkpoint: %.2f s\n", now_s() - start);
	must(gh_erasure_round(lane.erasure, NULL) == GH_OK, "round");
	must(station_deliver(&lane) == GH_OK, "deliver");
	start = now_s();
	must(gh_erasure_round(lane.erasure, NULL) == GH_OK, "round");
	printf("a whole round: %.2f s\n", now_s() - start);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : ".";
	uint32_t keys = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000;
	uint32_t puts = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 2000;

	setvbuf(stdout, NULL, _IOLBF, 0);
	gh_log_set_level(GH_LOG_ERROR);
	for (size_t i = 0; i < sizeof(photo); i++)
		photo[i] = (uint8_t)(i * 2654435761u >> 13);
	station_make_below(&lane, folder);
	station_open(&lane);
	measure_puts(puts, true);
	measure_puts(puts, false);
	measure_round(keys);
	station_remove(&lane);
	return 0;
}
