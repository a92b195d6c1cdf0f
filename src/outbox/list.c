/* SPDX-License-Identifier: Apache-2.0 */
/* What the outbox holds, in numbers and rows without anything personal. */
#include "gatehouse/outbox/list.h"

#include <stdio.h>
#include <string.h>

#include "inside.h"

#define BATCH 64

static enum gh_status read_integer(struct gh_outbox *outbox, enum statement statement,
	const struct value *values, int count, int64_t *integer)
{
	struct gh_error error;
	enum gh_status status = database_first(&outbox->database, statement, values, count, &error);

	*integer = 0;
	if (status != GH_OK)
		return status;
	*integer = column_integer(&outbox->database, statement, 0);
	database_done(&outbox->database, statement);
	return GH_OK;
}

enum gh_status gh_outbox_state(
	struct gh_outbox *outbox, struct gh_outbox_state *state, struct gh_error *error)
{
	int64_t acknowledged, oldest_ms;
	struct database_size size = { 0, 0, 0, 0 };
	struct gh_error full;
	enum gh_status status;

	memset(state, 0, sizeof(*state));
	pthread_mutex_lock(&outbox->lock);
	status = read_integer(
		outbox, SQL_COUNTER_READ, VALUES(value_text("acknowledged")), &acknowledged);
	if (status == GH_OK)
		status = read_integer(outbox, SQL_STATE_OLDEST, NO_VALUES, &oldest_ms);
	if (status == GH_OK)
		status = database_measure(&outbox->database, &size, error);
	if (status == GH_OK) {
		state->waiting = outbox->counts[ITEM_WAITING] + outbox->counts[ITEM_HELD];
		state->sending = outbox->counts[ITEM_SENDING];
		state->quarantined = outbox->counts[ITEM_QUARANTINED];
		state->acknowledged = (uint64_t)acknowledged;
		state->size_bytes = size.disk_bytes + size.wal_bytes;
		state->size_max_bytes = outbox->size_max_bytes;
		state->oldest_waiting_ms = oldest_ms;
		state->writable = outbox_writable(outbox);
		state->full = !state->writable ||
			outbox_room(outbox, GH_ITEM_ENCOUNTER, GH_OUTBOX_TYPICAL_PUT_BYTES, 2,
				&full) != GH_OK;
		state->schema = GH_OUTBOX_SCHEMA;
	}
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_OK ? GH_OK : gh_error_set(error, GH_IO, "reading the outbox's state");
}

static void read_row(struct gh_outbox *outbox, struct gh_outbox_row *row)
{
	struct database *database = &outbox->database;
	int64_t now_us = (int64_t)outbox->clock->monotonic_us(outbox->clock);
	int64_t now_ms = outbox->clock->real_ms(outbox->clock);
	int64_t due_us = column_integer(database, SQL_ITEM_LIST, 7);
	struct gh_view reason = column_bytes(database, SQL_ITEM_LIST, 9);

	memset(row, 0, sizeof(*row));
	row->kind = (enum gh_item_kind)column_integer(database, SQL_ITEM_LIST, 1);
	column_id(database, SQL_ITEM_LIST, 2, &row->id);
	column_id(database, SQL_ITEM_LIST, 3, &row->encounter);
	row->state = item_state_name((enum item_state)column_integer(database, SQL_ITEM_LIST, 4));
	row->attempts = (uint32_t)column_integer(database, SQL_ITEM_LIST, 5);
	row->put_ms = column_integer(database, SQL_ITEM_LIST, 6);
	row->due_ms = due_us > now_us ? now_ms + (due_us - now_us) / 1000 : now_ms;
	row->body_bytes = (uint64_t)column_integer(database, SQL_ITEM_LIST, 8);
	if (reason.data)
		snprintf(row->reason, sizeof(row->reason), "%.*s", (int)reason.length_bytes,
			(const char *)reason.data);
}

/* Up to BATCH rows after *last; *last moves on. */
static enum gh_status next_rows(struct gh_outbox *outbox, int64_t *last,
	struct gh_outbox_row rows[BATCH], size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	*count = 0;
	pthread_mutex_lock(&outbox->lock);
	status = database_first(
		database, SQL_ITEM_LIST, VALUES(value_integer(*last), value_integer(BATCH)), error);
	while (status == GH_OK && *count < BATCH) {
		*last = column_integer(database, SQL_ITEM_LIST, 0);
		read_row(outbox, &rows[(*count)++]);
		status = database_next(database, SQL_ITEM_LIST, error);
	}
	if (status == GH_OK)
		database_done(database, SQL_ITEM_LIST);
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status gh_outbox_list(struct gh_outbox *outbox,
	void (*call)(void *ctx, const struct gh_outbox_row *row), void *ctx, struct gh_error *error)
{
	struct gh_outbox_row rows[BATCH];
	int64_t last = 0;
	size_t count;

	do {
		enum gh_status status = next_rows(outbox, &last, rows, &count, error);

		if (status != GH_OK)
			return status;
		for (size_t i = 0; i < count; i++)
			call(ctx, &rows[i]);
	} while (count == BATCH);
	return GH_OK;
}
