/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durable puts per second of the outbox beside bare SQLite with the same settings, and a long
 * drain. Both write the same bytes to the same disk, by turns, so that the disk's mood is shared.
 *
 * outbox_put [FOLDER [PUTS [DRAIN]]]: a folder on the disk to be measured, 2,000 puts, 100,000
 * encounters to drain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "../support/outbox/box.h"
#include "gatehouse/base/log.h"

#define PHOTO_BYTES 38000
#define JSON_BYTES 2600
#define TURN 50

static uint8_t json[JSON_BYTES];
static uint8_t photo[PHOTO_BYTES];

static double now_s(void)
{
	return (double)gh_clock_system()->monotonic_us(gh_clock_system()) / 1e6;
}

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "outbox_put: %s failed\n", what);
	exit(1);
}

struct bare {
	sqlite3 *handle;
	sqlite3_stmt *begin, *insert, *commit;
};

static void bare_open(struct bare *bare, const char *path)
{
	static const char set_up[] =
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
		"CREATE TABLE thing (number INTEGER PRIMARY KEY, id BLOB, body BLOB)";

	must(sqlite3_open(path, &bare->handle) == SQLITE_OK, "sqlite3_open");
	must(sqlite3_exec(bare->handle, set_up, NULL, NULL, NULL) == SQLITE_OK, "set-up");
	must(sqlite3_prepare_v2(bare->handle, "BEGIN IMMEDIATE", -1, &bare->begin, NULL) ==
			SQLITE_OK,
		"prepare");
	must(sqlite3_prepare_v2(bare->handle, "INSERT INTO thing (id, body) VALUES (?1, ?2)", -1,
		     &bare->insert, NULL) == SQLITE_OK,
		"prepare");
	must(sqlite3_prepare_v2(bare->handle, "COMMIT", -1, &bare->commit, NULL) == SQLITE_OK,
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
	struct gh_id id = box_id('e', n);

	bare_step(bare->begin);
	bare_insert(bare, &id, json, JSON_BYTES);
	if (with_photo)
		bare_insert(bare, &id, photo, PHOTO_BYTES);
	bare_step(bare->commit);
}

static void bare_close(struct bare *bare)
{
	sqlite3_finalize(bare->begin);
	sqlite3_finalize(bare->insert);
	sqlite3_finalize(bare->commit);
	sqlite3_close(bare->handle);
}

static void outbox_put(struct box *box, uint32_t n, bool with_photo)
{
	struct gh_outbox_put put = { .id = box_id('e', n), .json = { json, JSON_BYTES } };
	struct gh_error error;

	/* Bodies differ, as records do. */
	memcpy(json, &n, sizeof(n));
	if (with_photo)
		put.photo = (struct gh_view){ photo, PHOTO_BYTES };
	must(gh_outbox_put(box->outbox, &put, &error) == GH_OK, "gh_outbox_put");
}

static void measure_puts(struct box *box, uint32_t puts, bool with_photo)
{
	struct bare bare;
	double outbox_s = 0;
	double bare_s = 0;

	bare_open(&bare, box_path(box, "bare.db"));
	for (uint32_t n = 0; n < puts; n += TURN) {
		double start = now_s();

		for (uint32_t i = n; i < n + TURN; i++)
			outbox_put(box, with_photo ? i : 1000000 + i, with_photo);
		double middle = now_s();
		for (uint32_t i = n; i < n + TURN; i++)
			bare_put(&bare, i, with_photo);
		outbox_s += middle - start;
		bare_s += now_s() - middle;
	}
	bare_close(&bare);
	unlink(box_path(box, "bare.db"));
	printf("puts%s: outbox %.0f/s, bare SQLite %.0f/s, ratio %.2f\n",
		with_photo ? " with photo" : "", puts / outbox_s, puts / bare_s, bare_s / outbox_s);
}

static void drain_all(struct box *box, uint32_t count)
{
	uint8_t *seen = calloc(count, 1);
	uint32_t drained = 0;
	double start = now_s();

	must(seen != NULL, "memory");
	for (uint32_t n = 0; n < count; n++)
		outbox_put(box, n, false);
	double middle = now_s();
	for (;;) {
		struct gh_item item;
		enum gh_status status = box_take(box, &item);

		if (status == GH_NOT_FOUND)
			break;
		must(status == GH_OK, "gh_outbox_take");
		must(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL) == GH_OK, "acknowledge");
		must(seen[box_number(&item.id)]++ == 0, "once each");
		drained++;
		gh_item_finish(&item);
	}
	double end = now_s();
	must(drained == count, "all of them");
	printf("drain: %u put in %.1f s, delivered in %.1f s (%.0f/s), none lost, none doubled\n",
		count, middle - start, end - middle, count / (end - middle));
	free(seen);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : ".";
	uint32_t puts = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 2000;
	uint32_t drain = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 100000;
	struct box box;

	gh_log_set_level(GH_LOG_ERROR);
	for (size_t i = 0; i < sizeof(photo); i++)
		photo[i] = (uint8_t)(i * 2654435761u >> 13);
	box_make(&box, folder);
	box_open(&box);
	measure_puts(&box, puts, true);
	measure_puts(&box, puts, false);
	box_remove(&box);

	box_make(&box, folder);
	box_open(&box);
	drain_all(&box, drain);
	box_remove(&box);
	return 0;
}
