/* SPDX-License-Identifier: Apache-2.0 */
/* Data keys wrapped anew, and the rows of those that are deleted. */
#include "gatehouse/outbox/erasing.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/log.h"
#include "inside.h"

/* Keys read, and written, in one transaction: others wait a few milliseconds. */
#define KEYS_AT_ONCE 256

struct key_row {
	int64_t number;
	uint8_t context[SEAL_CONTEXT_BYTES];
	struct gh_bytes wrapped;
	struct gh_bytes rewrapped;
	bool damaged;
};

/* Keys in hand between two transactions, and what became of them. */
struct key_batch {
	struct key_row rows[KEYS_AT_ONCE];
	size_t count;
	int64_t last;
	uint64_t done;
	uint64_t damaged;
};

void gh_outbox_expect_generation(struct gh_outbox *outbox, uint64_t generation)
{
	pthread_mutex_lock(&outbox->lock);
	if (outbox->generation < generation)
		outbox->generation = generation;
	pthread_mutex_unlock(&outbox->lock);
}

static void clear(struct key_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		gh_bytes_finish(&batch->rows[i].wrapped);
		gh_bytes_finish(&batch->rows[i].rewrapped);
	}
	batch->count = 0;
}

static enum gh_status read_key(
	struct database *database, struct key_batch *batch, struct gh_error *error)
{
	struct key_row *row = &batch->rows[batch->count];
	struct gh_view wrapped = column_bytes(database, SQL_KEY_NEXT, 3);
	struct gh_id id;

	memset(row, 0, sizeof(*row));
	row->number = column_integer(database, SQL_KEY_NEXT, 0);
	column_id(database, SQL_KEY_NEXT, 1, &id);
	outbox_context(
		&id, (enum gh_item_kind)column_integer(database, SQL_KEY_NEXT, 2), row->context);
	batch->last = row->number;
	batch->count++;
	return gh_bytes_append(&row->wrapped, wrapped.data, wrapped.length_bytes, error);
}

static enum gh_status read_keys(
	struct gh_outbox *outbox, struct key_batch *batch, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_KEY_NEXT,
		VALUES(value_integer(batch->last), value_integer(KEYS_AT_ONCE)), error);
	while (status == GH_OK && batch->count < KEYS_AT_ONCE) {
		status = read_key(database, batch, error);
		if (status == GH_OK)
			status = database_next(database, SQL_KEY_NEXT, error);
	}
	if (status != GH_NOT_FOUND)
		database_done(database, SQL_KEY_NEXT);
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

/* Whether the key opens never, whatever is done: such a one must not stop the others. */
static bool is_lost(enum gh_status status)
{
	return status == GH_INTEGRITY || status == GH_TRUNCATED || status == GH_MALFORMED ||
		status == GH_GONE;
}

static enum gh_status rewrap_all(
	const struct gh_sealer *sealer, struct key_batch *batch, struct gh_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct key_row *row = &batch->rows[i];
		enum gh_status status = sealer->rewrap(sealer->ctx,
			(struct gh_view){ row->context, sizeof(row->context) },
			gh_bytes_view(&row->wrapped), &row->rewrapped, error);

		row->damaged = is_lost(status);
		batch->damaged += row->damaged;
		if (status != GH_OK && !row->damaged)
			return status;
	}
	return GH_OK;
}

/*
 * A row that went meanwhile stays gone: its number is never given again. Power may take this back
 * until the checkpoint, and the old master is there until then.
 */
static enum gh_status write_keys(
	struct gh_outbox *outbox, const struct key_batch *batch, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, ORDERED, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; status == GH_OK && i < batch->count; i++) {
		const struct key_row *row = &batch->rows[i];

		if (row->damaged)
			continue;
		status = database_run(&outbox->database, SQL_KEY_REPLACE,
			VALUES(value_integer(row->number),
				value_bytes(gh_bytes_view(&row->rewrapped))),
			error);
	}
	return outbox_finish(outbox, status, error);
}

static enum gh_status rewrap_batches(
	struct gh_outbox *outbox, struct key_batch *batch, struct gh_error *error)
{
	enum gh_status status;
	bool more;

	do {
		status = read_keys(outbox, batch, error);
		more = batch->count == KEYS_AT_ONCE;
		if (status == GH_OK)
			status = rewrap_all(&outbox->sealer, batch, error);
		if (status == GH_OK && batch->count > 0)
			status = write_keys(outbox, batch, error);
		batch->done += batch->count;
		clear(batch);
	} while (status == GH_OK && more);
	return status;
}

enum gh_status gh_outbox_rewrap(struct gh_outbox *outbox, struct gh_error *error)
{
	struct key_batch *batch;
	enum gh_status status;

	if (!outbox->sealer.rewrap)
		return GH_OK;
	batch = calloc(1, sizeof(*batch));
	if (!batch)
		return gh_error_set(error, GH_NO_MEMORY, "wrapping keys anew");
	pthread_mutex_lock(&outbox->lock);
	outbox->rewraps++;
	pthread_mutex_unlock(&outbox->lock);
	status = rewrap_batches(outbox, batch, error);
	if (batch->damaged > 0)
		gh_log(GH_LOG_ERROR, "outbox", "keys_damaged",
			gh_log_integer("count", (int64_t)batch->damaged));
	if (status == GH_OK)
		gh_log(GH_LOG_INFO, "outbox", "rewrapped",
			gh_log_integer("count", (int64_t)batch->done));
	free(batch);
	return status;
}

enum gh_status gh_outbox_checkpoint(struct gh_outbox *outbox, struct gh_error *error)
{
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	status = database_checkpoint(&outbox->database, error);
	pthread_mutex_unlock(&outbox->lock);
	return status;
}

enum gh_status gh_outbox_erasing_add(
	struct gh_outbox *outbox, const struct gh_erasing *erasing, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (status != GH_OK)
		return status;
	status = database_run(&outbox->database, SQL_ERASING_INSERT,
		VALUES(value_id(&erasing->id), value_integer(erasing->what),
			value_integer(erasing->why), value_integer(erasing->captured_ms),
			value_integer(erasing->limit_ms), value_integer(erasing->deleted_ms),
			value_integer(erasing->quality), value_integer(erasing->clock_step_ms),
			value_integer((int64_t)outbox->generation)),
		error);
	return outbox_finish(outbox, status, error);
}

static void read_erasing(struct database *database, struct gh_erasing *row)
{
	const enum statement next = SQL_ERASING_NEXT;

	row->serial = (uint64_t)column_integer(database, next, 0);
	column_id(database, next, 1, &row->id);
	row->what = (enum gh_erased_what)column_integer(database, next, 2);
	row->why = (enum gh_erased_why)column_integer(database, next, 3);
	row->captured_ms = column_integer(database, next, 4);
	row->limit_ms = column_integer(database, next, 5);
	row->deleted_ms = column_integer(database, next, 6);
	row->quality = (enum gh_clock_quality)column_integer(database, next, 7);
	row->clock_step_ms = column_integer(database, next, 8);
	row->generation = (uint64_t)column_integer(database, next, 9);
}

enum gh_status gh_outbox_erasing_read(struct gh_outbox *outbox, uint64_t after, uint64_t generation,
	struct gh_erasing *rows, size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	*count = 0;
	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_ERASING_NEXT,
		VALUES(value_integer((int64_t)after), value_integer(GH_ERASING_READ_MAX)), error);
	while (status == GH_OK && *count < GH_ERASING_READ_MAX) {
		read_erasing(database, &rows[*count]);
		if (rows[*count].generation > generation)
			break;
		++*count;
		status = database_next(database, SQL_ERASING_NEXT, error);
	}
	if (status == GH_OK)
		database_done(database, SQL_ERASING_NEXT);
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static enum gh_status last_serial(
	struct database *database, int64_t *serial, struct gh_error *error)
{
	enum gh_status status = database_first(database, SQL_ERASING_LAST, NO_VALUES, error);

	*serial = 0;
	if (status != GH_OK)
		return status;
	*serial = column_integer(database, SQL_ERASING_LAST, 0);
	database_done(database, SQL_ERASING_LAST);
	return GH_OK;
}

static enum gh_status done(
	struct database *database, int64_t serial, int64_t batch, struct gh_error *error)
{
	int64_t last = 0;
	enum gh_status status = last_serial(database, &last, error);

	/* A log older than this database: its serials are taken all the same. */
	if (status == GH_OK && last < serial)
		status = database_run(
			database, SQL_ERASING_RESERVE, VALUES(value_integer(serial)), error);
	if (status == GH_OK)
		status = database_run(
			database, SQL_ERASING_DELETE, VALUES(value_integer(serial)), error);
	if (status == GH_OK)
		status = database_run(database, SQL_COUNTER_SET,
			VALUES(value_text("erasure_serial"), value_integer(serial)), error);
	if (status == GH_OK)
		status = database_run(database, SQL_COUNTER_SET,
			VALUES(value_text("erasure_batch"), value_integer(batch)), error);
	return status;
}

enum gh_status gh_outbox_erasing_done(
	struct gh_outbox *outbox, uint64_t serial, uint64_t batch, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (status != GH_OK)
		return status;
	status = done(&outbox->database, (int64_t)serial, (int64_t)batch, error);
	return outbox_finish(outbox, status, error);
}

static enum gh_status read_counter(
	struct gh_outbox *outbox, const char *name, uint64_t *value, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status =
		database_first(database, SQL_COUNTER_READ, VALUES(value_text(name)), error);

	if (status != GH_OK)
		return status;
	*value = (uint64_t)column_integer(database, SQL_COUNTER_READ, 0);
	database_done(database, SQL_COUNTER_READ);
	return GH_OK;
}

/*
 * The next limit by whichever clock is earlier. Without a photograph there is no row to have a
 * minimum: NULL reads as zero.
 */
static int64_t next_limit_in_ms(struct gh_outbox *outbox)
{
	struct database *database = &outbox->database;
	int64_t now_ms = outbox->clock->real_ms(outbox->clock);
	int64_t now_us = (int64_t)outbox->clock->monotonic_us(outbox->clock);
	int64_t held_ms = column_integer(database, SQL_ERASING_STATE, 2);
	int64_t held_us = column_integer(database, SQL_ERASING_STATE, 3);
	int64_t pending_ms = column_integer(database, SQL_ERASING_STATE, 4);
	int64_t in_ms = INT64_MAX;

	if (held_ms != 0 && held_ms != INT64_MAX)
		in_ms = held_ms - now_ms;
	if (held_us != 0 && held_us != INT64_MAX && (held_us - now_us) / 1000 < in_ms)
		in_ms = (held_us - now_us) / 1000;
	if (pending_ms != 0 && pending_ms - now_ms < in_ms)
		in_ms = pending_ms - now_ms;
	return in_ms;
}

enum gh_status gh_outbox_erasing_state(
	struct gh_outbox *outbox, struct gh_erasing_state *state, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	memset(state, 0, sizeof(*state));
	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_ERASING_STATE, NO_VALUES, error);
	if (status == GH_OK) {
		state->pending = (uint64_t)column_integer(database, SQL_ERASING_STATE, 0);
		state->first_deleted_ms = column_integer(database, SQL_ERASING_STATE, 1);
		state->next_limit_in_ms = next_limit_in_ms(outbox);
		database_done(database, SQL_ERASING_STATE);
		status = read_counter(outbox, "erasure_serial", &state->logged_serial, error);
	}
	if (status == GH_OK)
		status = read_counter(outbox, "erasure_batch", &state->logged_batch, error);
	pthread_mutex_unlock(&outbox->lock);
	return status;
}

static int64_t limit_or_none(int64_t limit_ms)
{
	return limit_ms == INT64_MAX ? 0 : limit_ms;
}

static void read_held(struct database *database, struct gh_outbox_held *held)
{
	held->kind = (enum gh_item_kind)column_integer(database, SQL_HELD, 0);
	held->retention = (uint32_t)column_integer(database, SQL_HELD, 1);
	held->count = (uint64_t)column_integer(database, SQL_HELD, 2);
	held->body_bytes = (uint64_t)column_integer(database, SQL_HELD, 3);
	held->first_captured_ms = column_integer(database, SQL_HELD, 4);
	held->first_limit_ms = limit_or_none(column_integer(database, SQL_HELD, 5));
	held->last_limit_ms = limit_or_none(column_integer(database, SQL_HELD, 6));
	held->set_aside = (uint64_t)column_integer(database, SQL_HELD, 7);
}

enum gh_status gh_outbox_held(struct gh_outbox *outbox,
	struct gh_outbox_held held[GH_OUTBOX_HELD_MAX], size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	*count = 0;
	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_HELD, NO_VALUES, error);
	while (status == GH_OK && *count < GH_OUTBOX_HELD_MAX) {
		read_held(database, &held[(*count)++]);
		status = database_next(database, SQL_HELD, error);
	}
	if (status == GH_OK)
		database_done(database, SQL_HELD);
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND ? GH_OK : status;
}
