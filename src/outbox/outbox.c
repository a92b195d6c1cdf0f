/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's life, its transactions and its bounds. */
#include "gatehouse/outbox/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "gatehouse/base/log.h"
#include "inside.h"

/* Room that encounters leave for the addenda of those already in. */
#define RESERVE_SHARE 16
#define RESERVE_MAX_BYTES (1024u * 1024)
#define RESERVE_MAX_ITEMS 1024u

/* Row, index entries and the unused rest of the last page. */
#define ITEM_COST_BYTES 4096u

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t outbox_item_count(const struct gh_outbox *outbox)
{
	uint64_t sum = 0;

	for (int i = 0; i < ITEM_GONE; i++)
		sum += outbox->counts[i];
	return sum;
}

/* What holds between two steps, whatever happened. */
static bool consistent(const struct gh_outbox *outbox)
{
	return sqlite3_get_autocommit(outbox->database.handle) &&
		outbox->stray_count <= STRAYS_MAX &&
		outbox->counts[ITEM_SENDING] >= outbox->stray_count;
}

enum gh_status outbox_begin(
	struct gh_outbox *outbox, enum durability durability, struct gh_error *error)
{
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	assert(consistent(outbox));
	memcpy(outbox->counts_before, outbox->counts, sizeof(outbox->counts));
	status = database_begin(&outbox->database, durability, error);
	if (status != GH_OK)
		pthread_mutex_unlock(&outbox->lock);
	return status;
}

enum gh_status outbox_finish(
	struct gh_outbox *outbox, enum gh_status status, struct gh_error *error)
{
	status = database_end(&outbox->database, status, error);
	if (status != GH_OK)
		memcpy(outbox->counts, outbox->counts_before, sizeof(outbox->counts));
	assert(consistent(outbox));
	pthread_mutex_unlock(&outbox->lock);
	return status;
}

void outbox_count(struct gh_outbox *outbox, enum item_state from, enum item_state to, uint64_t n)
{
	if (from != ITEM_GONE) {
		assert(outbox->counts[from] >= n);
		outbox->counts[from] -= n;
	}
	if (to != ITEM_GONE)
		outbox->counts[to] += n;
}

enum gh_status outbox_find(struct gh_outbox *outbox, const struct gh_item *item,
	struct item_row *row, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status = database_first(database, SQL_ITEM_FIND,
		VALUES(value_id(&item->encounter), value_integer(item->kind), value_id(&item->id)),
		error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "the outbox does not hold this %s",
			gh_item_kind_name(item->kind));
	if (status != GH_OK)
		return status;
	struct gh_view hash = column_bytes(database, SQL_ITEM_FIND, 2);

	row->number = column_integer(database, SQL_ITEM_FIND, 0);
	row->state = (enum item_state)column_integer(database, SQL_ITEM_FIND, 1);
	if (hash.length_bytes == sizeof(row->hash))
		memcpy(row->hash, hash.data, sizeof(row->hash));
	else
		status =
			gh_error_set(error, GH_INTEGRITY, "a hash of %zu bytes", hash.length_bytes);
	database_done(database, SQL_ITEM_FIND);
	return status;
}

/* The row goes, its body and its key with it: from here on that is an erasure to be logged. */
static enum gh_status delete_item(struct gh_outbox *outbox, const struct item_row *row,
	enum item_event event, struct gh_error *error)
{
	const struct gh_clock *clock = outbox->clock;
	enum gh_erased_why why = event == ITEM_EXPIRED ? GH_ERASED_LIMIT : GH_ERASED_ACKNOWLEDGED;
	enum gh_status status = database_run(&outbox->database, SQL_ERASING_ITEM,
		VALUES(value_integer(row->number), value_integer(why),
			value_integer(clock->real_ms(clock)),
			value_integer((int64_t)clock->monotonic_us(clock)),
			value_integer(clock->quality(clock)),
			value_integer((int64_t)outbox->generation)),
		error);

	if (status != GH_OK)
		return status;
	return database_run(
		&outbox->database, SQL_ITEM_DELETE, VALUES(value_integer(row->number)), error);
}

enum gh_status outbox_step(struct gh_outbox *outbox, const struct item_row *row,
	enum item_event event, struct gh_error *error)
{
	enum item_state next;
	enum gh_status status;

	if (!item_step(row->state, event, &next))
		return gh_error_set(error, GH_WRONG_STATE, "event %d on an item that is %s",
			(int)event, item_state_name(row->state));
	if (next == ITEM_GONE)
		status = delete_item(outbox, row, event, error);
	else
		status = database_run(&outbox->database, SQL_ITEM_MOVE,
			VALUES(value_integer(row->number), value_integer(next)), error);
	if (status == GH_OK)
		outbox_count(outbox, row->state, next, 1);
	return status;
}

void outbox_context(
	const struct gh_id *id, enum gh_item_kind kind, uint8_t context[SEAL_CONTEXT_BYTES])
{
	memcpy(context, id->bytes, sizeof(id->bytes));
	context[sizeof(id->bytes)] = (uint8_t)kind;
}

/* What others need of the disk stays free; room inside the file needs none of it. */
/* As a disk becomes by itself when it finds itself damaged. */
static bool is_read_only(const struct gh_outbox *outbox)
{
	struct statvfs disk;

	return statvfs(outbox->folder, &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0;
}

static enum gh_status room_on_disk(
	struct gh_outbox *outbox, uint64_t growth_bytes, struct gh_error *error)
{
	struct statvfs disk;

	if (statvfs(outbox->folder, &disk) != 0)
		return gh_error_errno(error, errno, "%s", outbox->folder);
	uint64_t available = (uint64_t)disk.f_bavail * disk.f_frsize;

	if (available < growth_bytes || available - growth_bytes < outbox->free_disk_min_bytes)
		return gh_error_set(error, GH_FULL, "%s: %llu bytes are free, %llu must stay",
			outbox->folder, (unsigned long long)available,
			(unsigned long long)outbox->free_disk_min_bytes);
	return GH_OK;
}

enum gh_status outbox_room(struct gh_outbox *outbox, enum gh_item_kind kind, uint64_t body_bytes,
	uint64_t items, struct gh_error *error)
{
	struct database_size size;
	uint64_t size_max = outbox->size_max_bytes;
	uint64_t items_max = outbox->items_max;
	uint64_t cost = (body_bytes + items * ITEM_COST_BYTES);
	enum gh_status status = database_measure(&outbox->database, &size, error);

	if (status != GH_OK)
		return status;
	if (kind != GH_ITEM_ADDENDUM) {
		size_max -= lesser(size_max / RESERVE_SHARE, RESERVE_MAX_BYTES);
		items_max -= lesser(items_max / RESERVE_SHARE, RESERVE_MAX_ITEMS);
	}
	/* Deliveries make the WAL grow too, and its content moves into the file: count both. */
	uint64_t wal = lesser(size.wal_bytes, WAL_USUAL_BYTES);
	uint64_t to_come = WAL_USUAL_BYTES - wal + size.pages_bytes -
		lesser(size.pages_bytes, size.disk_bytes);
	uint64_t used =
		size.pages_bytes - size.unused_bytes + size.wal_bytes + WAL_USUAL_BYTES - wal;
	if (used + cost > size_max)
		return gh_error_set(error, GH_FULL, "the outbox holds %llu of %llu bytes",
			(unsigned long long)used, (unsigned long long)size_max);
	if (outbox_item_count(outbox) + items > items_max)
		return gh_error_set(error, GH_FULL, "the outbox holds %llu of %llu items",
			(unsigned long long)outbox_item_count(outbox),
			(unsigned long long)items_max);
	return room_on_disk(outbox, to_come + cost - lesser(cost, size.unused_bytes), error);
}

void outbox_note_put(struct gh_outbox *outbox, enum gh_status status)
{
	pthread_mutex_lock(&outbox->lock);
	if (status == GH_OK)
		outbox->doubtful = false;
	else if (status == GH_IO || status == GH_DENIED || status == GH_INTEGRITY)
		outbox->doubtful = true;
	pthread_mutex_unlock(&outbox->lock);
}

bool outbox_writable(struct gh_outbox *outbox)
{
	struct gh_error error;
	enum gh_status status;

	if (is_read_only(outbox))
		return false;
	if (!outbox->doubtful)
		return true;
	status = database_begin(&outbox->database, DURABLE, &error);
	if (status != GH_OK)
		return false;
	status = database_run(&outbox->database, SQL_COUNTER_TRY, NO_VALUES, &error);
	outbox->doubtful = database_end(&outbox->database, status, &error) != GH_OK;
	return !outbox->doubtful;
}

static enum gh_status load_counts(struct gh_outbox *outbox, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (int i = 0; status == GH_OK && i < ITEM_GONE; i++) {
		status = database_first(
			&outbox->database, SQL_STATE_COUNT, VALUES(value_integer(i)), error);
		if (status != GH_OK)
			break;
		outbox->counts[i] = (uint64_t)column_integer(&outbox->database, SQL_STATE_COUNT, 0);
		database_done(&outbox->database, SQL_STATE_COUNT);
	}
	return status;
}

/* What was being sent may or may not have arrived: it goes out again, and so does all else. */
static enum gh_status take_back(struct gh_outbox *outbox, struct gh_error *error)
{
	enum item_state next = ITEM_SENDING;
	bool allowed = item_step(ITEM_SENDING, ITEM_REOPENED, &next);
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	assert(allowed);
	if (status != GH_OK)
		return status;
	status = database_run(&outbox->database, SQL_ITEM_REOPEN,
		VALUES(value_integer(ITEM_SENDING), value_integer(next)), error);
	if (status == GH_OK)
		outbox_count(outbox, ITEM_SENDING, next, outbox->counts[ITEM_SENDING]);
	/* Due times count from a boot that may be over. */
	if (status == GH_OK)
		status = database_run(&outbox->database, SQL_ITEM_DUE_AT_ONCE, NO_VALUES, error);
	if (status == GH_OK)
		status = database_run(&outbox->database, SQL_ERASING_LOWER,
			VALUES(value_integer((int64_t)outbox->generation)), error);
	return outbox_finish(outbox, status, error);
}

int64_t outbox_destroy_us(
	const struct gh_outbox *outbox, int64_t captured_ms, int64_t destroy_by_ms)
{
	int64_t now_us = (int64_t)outbox->clock->monotonic_us(outbox->clock);
	int64_t left_ms = destroy_by_ms - outbox->clock->real_ms(outbox->clock);

	if (destroy_by_ms == INT64_MAX)
		return INT64_MAX;
	/* A real clock that was set back does not make the limit longer than it is. */
	if (left_ms > destroy_by_ms - captured_ms)
		left_ms = destroy_by_ms - captured_ms;
	if (left_ms > LIMIT_AHEAD_MAX_MS)
		left_ms = LIMIT_AHEAD_MAX_MS;
	return left_ms > 0 ? now_us + left_ms * 1000 : now_us;
}

/* The monotonic clock began anew with the machine: limits are counted from here on. */
static enum gh_status rebase(struct gh_outbox *outbox, int64_t boot, struct gh_error *error)
{
	const struct gh_clock *clock = outbox->clock;
	struct database *database = &outbox->database;
	enum gh_status status =
		database_first(database, SQL_COUNTER_READ, VALUES(value_text("boot")), error);

	if (status != GH_OK)
		return status;
	bool same = boot != 0 && column_integer(database, SQL_COUNTER_READ, 0) == boot;
	database_done(database, SQL_COUNTER_READ);
	if (same)
		return GH_OK;
	status = outbox_begin(outbox, DURABLE, error);
	if (status != GH_OK)
		return status;
	status = database_run(database, SQL_ITEM_REBASE,
		VALUES(value_integer(clock->real_ms(clock)),
			value_integer((int64_t)clock->monotonic_us(clock)),
			value_integer(LIMIT_AHEAD_MAX_MS)),
		error);
	if (status == GH_OK)
		status = database_run(database, SQL_DOUBTFUL_FORGET, NO_VALUES, error);
	if (status == GH_OK)
		status = database_run(database, SQL_COUNTER_SET,
			VALUES(value_text("boot"), value_integer(boot)), error);
	return outbox_finish(outbox, status, error);
}

/* Eight bytes of the id are enough to tell two boots apart; 0: not known. */
static int64_t boot_number(const struct gh_id *boot)
{
	uint64_t number = 0;

	for (size_t i = 0; i < 8; i++)
		number = number << 8 | boot->bytes[i];
	return (int64_t)(number & INT64_MAX);
}

static enum gh_status bound_pages(struct gh_outbox *outbox, struct gh_error *error)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %llu",
		(unsigned long long)lesser(outbox->size_max_bytes / 4096 + 1, INT32_MAX));
	int code = sqlite3_exec(outbox->database.handle, sql, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return database_fail(&outbox->database, code, "bounding the file", error);
	return GH_OK;
}

static enum gh_status set_options(
	struct gh_outbox *outbox, const struct gh_outbox_options *options, struct gh_error *error)
{
	size_t length = strlen(options->folder);

	if (length >= sizeof(outbox->folder))
		return gh_error_set(error, GH_TOO_LARGE, "the folder's name is too long");
	memcpy(outbox->folder, options->folder, length + 1);
	outbox->size_max_bytes = options->size_max_bytes;
	outbox->free_disk_min_bytes = options->free_disk_min_bytes;
	outbox->items_max = options->items_max;
	outbox->receipt_days = options->receipt_days;
	outbox->sealer = options->sealer;
	outbox->clock = options->clock;
	outbox->generation = options->generation;
	outbox->database.sealed = options->sealer.seal != NULL;
	return GH_OK;
}

enum gh_status gh_outbox_open(
	const struct gh_outbox_options *options, struct gh_outbox **outbox, struct gh_error *error)
{
	struct gh_outbox *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*outbox = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "outbox");
	pthread_mutex_init(&made->lock, NULL);
	made->database.lock = -1;
	status = set_options(made, options, error);
	if (status == GH_OK)
		status = database_open(&made->database, made->folder, error);
	if (status == GH_OK)
		status = bound_pages(made, error);
	if (status == GH_OK)
		status = load_counts(made, error);
	if (status == GH_OK)
		status = take_back(made, error);
	if (status == GH_OK)
		status = rebase(made, boot_number(&options->boot), error);
	if (status != GH_OK) {
		gh_outbox_close(made);
		gh_error_wrap(error, "opening the outbox");
		return status;
	}
	gh_log(GH_LOG_INFO, "outbox", "open",
		gh_log_integer("items", (int64_t)outbox_item_count(made)),
		gh_log_integer("schema", GH_OUTBOX_SCHEMA));
	*outbox = made;
	return GH_OK;
}

void gh_outbox_close(struct gh_outbox *outbox)
{
	if (!outbox)
		return;
	database_close(&outbox->database);
	pthread_mutex_destroy(&outbox->lock);
	free(outbox);
}

const char *gh_item_kind_name(enum gh_item_kind kind)
{
	switch (kind) {
	case GH_ITEM_ENCOUNTER:
		return "encounter";
	case GH_ITEM_PHOTO:
		return "photo";
	case GH_ITEM_ADDENDUM:
		return "addendum";
	}
	return "unknown";
}
