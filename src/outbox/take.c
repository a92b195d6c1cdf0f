/* SPDX-License-Identifier: Apache-2.0 */
/* Handing items out and writing down what came of it. */
#include <stdint.h>
#include <string.h>

#include "gatehouse/base/log.h"
#include "inside.h"

void gh_item_finish(struct gh_item *item)
{
	if (!item)
		return;
	gh_bytes_finish(&item->body);
	memset(item, 0, sizeof(*item));
}

/* Items whose verdict could not be written: the disk may take it now. */
static enum gh_status bring_back_strays(struct gh_outbox *outbox, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (size_t i = 0; status == GH_OK && i < outbox->stray_count; i++) {
		struct item_row row = { .number = outbox->strays[i], .state = ITEM_SENDING };

		status = outbox_step(outbox, &row, ITEM_POSTPONED, error);
	}
	return status;
}

/* A body as it lies on the disk. */
struct lying {
	struct gh_bytes wrapped;
	struct gh_bytes sealed;
};

/* The first item in line, sealed; GH_NOT_FOUND when none is due. */
static enum gh_status take_first(struct gh_outbox *outbox, struct gh_item *item,
	struct lying *lying, uint64_t *due_in_ms, struct gh_error *error)
{
	struct database *database = &outbox->database;
	uint64_t now_us = outbox->clock->monotonic_us(outbox->clock);
	struct item_row row = { .state = ITEM_WAITING };
	enum gh_status status = database_first(database, SQL_ITEM_NEXT, NO_VALUES, error);

	*due_in_ms = UINT64_MAX;
	if (status != GH_OK)
		return status;
	uint64_t due_us = (uint64_t)column_integer(database, SQL_ITEM_NEXT, 5);
	if (due_us > now_us) {
		*due_in_ms = (due_us - now_us + 999) / 1000;
		database_done(database, SQL_ITEM_NEXT);
		return GH_NOT_FOUND;
	}
	struct gh_view body = column_bytes(database, SQL_ITEM_NEXT, 6);
	struct gh_view key = column_bytes(database, SQL_ITEM_NEXT, 7);

	row.number = column_integer(database, SQL_ITEM_NEXT, 0);
	item->kind = (enum gh_item_kind)column_integer(database, SQL_ITEM_NEXT, 1);
	column_id(database, SQL_ITEM_NEXT, 2, &item->id);
	column_id(database, SQL_ITEM_NEXT, 3, &item->encounter);
	item->attempts = (uint32_t)column_integer(database, SQL_ITEM_NEXT, 4);
	if (!body.data && sqlite3_errcode(database->handle) == SQLITE_NOMEM)
		status = gh_error_set(error, GH_NO_MEMORY, "a body");
	else
		status = gh_bytes_append(&lying->sealed, body.data, body.length_bytes, error);
	if (status == GH_OK)
		status = gh_bytes_append(&lying->wrapped, key.data, key.length_bytes, error);
	database_done(database, SQL_ITEM_NEXT);
	return status == GH_OK ? outbox_step(outbox, &row, ITEM_TAKEN, error) : status;
}

/* That an item is out need not outlive a power cut: at open it would be waiting again anyway. */
static enum gh_status take_sealed(struct gh_outbox *outbox, struct gh_item *item,
	struct lying *lying, uint64_t *due_in_ms, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, ORDERED, error);
	bool none;

	if (status != GH_OK)
		return status;
	status = bring_back_strays(outbox, error);
	if (status == GH_OK)
		status = take_first(outbox, item, lying, due_in_ms, error);
	none = status == GH_NOT_FOUND;
	/* Strays brought back stay so, even when nothing is due. */
	status = database_end(&outbox->database, none ? GH_OK : status, error);
	if (status == GH_OK)
		outbox->stray_count = 0;
	else
		memcpy(outbox->counts, outbox->counts_before, sizeof(outbox->counts));
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_OK && none ? GH_NOT_FOUND : status;
}

/* The item's key as it is stored by now; false when that is no other than before. */
static bool read_key_again(struct gh_outbox *outbox, const struct gh_item *item,
	struct gh_bytes *wrapped, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;
	bool other = false;

	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_KEY_OF_ITEM,
		VALUES(value_id(&item->encounter), value_integer(item->kind), value_id(&item->id)),
		error);
	if (status == GH_OK) {
		struct gh_view stored = column_bytes(database, SQL_KEY_OF_ITEM, 0);

		other = !gh_view_equal(stored, gh_bytes_view(wrapped));
		gh_bytes_clear(wrapped);
		status = gh_bytes_append(wrapped, stored.data, stored.length_bytes, error);
		database_done(database, SQL_KEY_OF_ITEM);
	}
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_OK && other;
}

static enum gh_status open_sealed(
	struct gh_outbox *outbox, struct gh_item *item, struct lying *lying, struct gh_error *error)
{
	uint8_t context[SEAL_CONTEXT_BYTES];

	outbox_context(&item->id, item->kind, context);
	return outbox->sealer.open(outbox->sealer.ctx, (struct gh_view){ context, sizeof(context) },
		gh_bytes_view(&lying->wrapped), gh_bytes_view(&lying->sealed), &item->body, error);
}

static enum gh_status open_body(
	struct gh_outbox *outbox, struct gh_item *item, struct lying *lying, struct gh_error *error)
{
	enum gh_status status;

	if (!outbox->sealer.open) {
		item->body = lying->sealed;
		lying->sealed = (struct gh_bytes)GH_BYTES_EMPTY;
		return GH_OK;
	}
	status = open_sealed(outbox, item, lying, error);
	/* The masters changed between reading and opening: the key was wrapped anew before. */
	if (status == GH_GONE && read_key_again(outbox, item, &lying->wrapped, error))
		status = open_sealed(outbox, item, lying, error);
	return status;
}

/* Whether the body can never be opened, however often it is tried. */
static bool is_lost(enum gh_status status)
{
	return status == GH_INTEGRITY || status == GH_TRUNCATED || status == GH_MALFORMED ||
		status == GH_GONE;
}

/* No memory or no key now is no reason to set a body aside: only damage is. */
static enum gh_status give_up_body(struct gh_outbox *outbox, struct gh_item *item,
	enum gh_status reason, struct gh_error *error)
{
	struct gh_error ignored;
	enum gh_status status;

	if (!is_lost(reason)) {
		status = gh_outbox_retry(outbox, item, 1000, "body_not_opened", &ignored);
		gh_item_finish(item);
		return status == GH_OK ? reason : status;
	}
	gh_log(GH_LOG_ERROR, "outbox", "body_damaged", gh_log_id("record", &item->id),
		gh_log_status("status", reason));
	status = gh_outbox_quarantine(outbox, item, "body_damaged", &ignored);
	gh_item_finish(item);
	if (status != GH_OK)
		return gh_error_set(error, status, "setting a damaged body aside");
	return gh_error_set(error, GH_INTEGRITY, "a body could not be opened and was set aside");
}

enum gh_status gh_outbox_take(
	struct gh_outbox *outbox, struct gh_item *item, uint64_t *due_in_ms, struct gh_error *error)
{
	struct lying lying = { GH_BYTES_EMPTY, GH_BYTES_EMPTY };
	enum gh_status status;

	memset(item, 0, sizeof(*item));
	status = take_sealed(outbox, item, &lying, due_in_ms, error);
	if (status == GH_OK) {
		status = open_body(outbox, item, &lying, error);
		if (status != GH_OK)
			status = give_up_body(outbox, item, status, error);
	} else {
		gh_item_finish(item);
	}
	gh_bytes_finish(&lying.wrapped);
	gh_bytes_finish(&lying.sealed);
	return status;
}

static enum gh_status note_acknowledged(struct gh_outbox *outbox, const struct gh_item *item,
	const struct item_row *row, struct gh_error *error)
{
	struct database *database = &outbox->database;
	struct gh_view hash = { row->hash, sizeof(row->hash) };
	enum gh_status status = database_run(database, SQL_RECEIPT_INSERT,
		VALUES(value_id(&item->id), value_integer(item->kind), value_bytes(hash),
			value_integer(outbox->clock->real_ms(outbox->clock))),
		error);

	if (status != GH_OK)
		return status;
	int64_t newest = sqlite3_last_insert_rowid(database->handle);
	status = database_run(database, SQL_RECEIPT_PRUNE,
		VALUES(value_integer(newest - GH_OUTBOX_RECEIPTS_KEPT)), error);
	if (status != GH_OK)
		return status;
	return database_run(database, SQL_COUNTER_RAISE, VALUES(value_text("acknowledged")), error);
}

/* The centre has the record: what belongs to it may go. */
static enum gh_status free_held(
	struct gh_outbox *outbox, const struct gh_id *encounter, struct gh_error *error)
{
	enum item_state next = ITEM_HELD;
	uint64_t now_us = outbox->clock->monotonic_us(outbox->clock);
	enum gh_status status;

	if (!item_step(ITEM_HELD, ITEM_RECORD_ARRIVED, &next))
		return gh_error_set(error, GH_INTERNAL, "a held item has no way out");
	status = database_run(&outbox->database, SQL_ITEM_ARRIVED,
		VALUES(value_id(encounter), value_integer(ITEM_HELD), value_integer(next),
			value_integer((int64_t)now_us)),
		error);
	if (status == GH_OK)
		outbox_count(outbox, ITEM_HELD, next,
			(uint64_t)sqlite3_changes(outbox->database.handle));
	return status;
}

static enum gh_status acknowledge(struct gh_outbox *outbox, const struct gh_item *item,
	const struct item_row *row, const struct gh_receipt *receipt, struct gh_error *error)
{
	enum gh_status status = outbox_step(outbox, row, ITEM_ACKNOWLEDGED, error);

	if (status == GH_OK)
		status = note_acknowledged(outbox, item, row, error);
	if (status == GH_OK && receipt)
		status = outbox_keep_receipt(outbox, item, row, receipt, error);
	if (status == GH_OK && item->kind == GH_ITEM_ENCOUNTER)
		status = free_held(outbox, &item->id, error);
	return status;
}

static enum gh_status postpone(struct gh_outbox *outbox, const struct item_row *row,
	enum item_event event, uint64_t due_us, const char *reason, struct gh_error *error)
{
	enum item_state next;
	enum gh_status status;

	if (!item_step(row->state, event, &next))
		return gh_error_set(error, GH_WRONG_STATE, "a verdict on an item that is %s",
			item_state_name(row->state));
	status = database_run(&outbox->database, SQL_ITEM_LATER,
		VALUES(value_integer(row->number), value_integer(next),
			value_integer((int64_t)due_us), value_text(reason)),
		error);
	if (status == GH_OK)
		outbox_count(outbox, row->state, next, 1);
	return status;
}

/* Find the row of a verdict. Its number is known from then on, should the disk refuse the rest. */
static enum gh_status begin_verdict(struct gh_outbox *outbox, const struct gh_item *item,
	struct item_row *row, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (status != GH_OK)
		return status;
	status = outbox_find(outbox, item, row, error);
	if (status == GH_OK && row->state != ITEM_SENDING)
		status = gh_error_set(error, GH_WRONG_STATE, "a verdict on an item that is %s",
			item_state_name(row->state));
	return status == GH_OK ? GH_OK : outbox_finish(outbox, status, error);
}

static enum gh_status end_verdict(struct gh_outbox *outbox, const struct item_row *row,
	enum gh_status status, struct gh_error *error)
{
	status = database_end(&outbox->database, status, error);
	if (status != GH_OK) {
		memcpy(outbox->counts, outbox->counts_before, sizeof(outbox->counts));
		if (outbox->stray_count < STRAYS_MAX)
			outbox->strays[outbox->stray_count++] = row->number;
	}
	pthread_mutex_unlock(&outbox->lock);
	return status;
}

enum gh_status gh_outbox_acknowledge(struct gh_outbox *outbox, const struct gh_item *item,
	const struct gh_receipt *receipt, struct gh_error *error)
{
	struct item_row row;
	enum gh_status status = begin_verdict(outbox, item, &row, error);

	if (status != GH_OK)
		return status;
	status = acknowledge(outbox, item, &row, receipt, error);
	return end_verdict(outbox, &row, status, error);
}

enum gh_status gh_outbox_retry(struct gh_outbox *outbox, const struct gh_item *item,
	uint64_t delay_ms, const char *reason, struct gh_error *error)
{
	struct item_row row;
	uint64_t now_us = outbox->clock->monotonic_us(outbox->clock);
	uint64_t longest_ms = (uint64_t)(INT64_MAX / 2000);
	uint64_t due_us = now_us + (delay_ms < longest_ms ? delay_ms : longest_ms) * 1000;
	enum gh_status status = begin_verdict(outbox, item, &row, error);

	if (status != GH_OK)
		return status;
	status = postpone(outbox, &row, ITEM_POSTPONED, due_us, reason, error);
	return end_verdict(outbox, &row, status, error);
}

enum gh_status gh_outbox_quarantine(struct gh_outbox *outbox, const struct gh_item *item,
	const char *reason, struct gh_error *error)
{
	struct item_row row;
	enum gh_status status = begin_verdict(outbox, item, &row, error);

	if (status != GH_OK)
		return status;
	status = postpone(outbox, &row, ITEM_REFUSED, 0, reason, error);
	return end_verdict(outbox, &row, status, error);
}

static enum gh_status release_from(struct gh_outbox *outbox, const struct gh_id *id,
	enum item_state state, uint64_t *released, struct gh_error *error)
{
	enum item_state next;
	enum gh_status status;

	if (!item_step(state, ITEM_RELEASED, &next))
		return GH_OK;
	status = database_run(&outbox->database, SQL_ITEM_RELEASE,
		VALUES(value_id(id), value_integer(state), value_integer(next)), error);
	if (status != GH_OK)
		return status;
	uint64_t moved = (uint64_t)sqlite3_changes(outbox->database.handle);

	outbox_count(outbox, state, next, moved);
	*released += moved;
	return GH_OK;
}

enum gh_status gh_outbox_release(
	struct gh_outbox *outbox, const struct gh_id *id, struct gh_error *error)
{
	uint64_t released = 0;
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (status != GH_OK)
		return status;
	for (int state = 0; status == GH_OK && state < ITEM_GONE; state++)
		status = release_from(outbox, id, (enum item_state)state, &released, error);
	if (status == GH_OK && released == 0)
		status = gh_error_set(
			error, GH_NOT_FOUND, "nothing with this id waits or is set aside");
	return outbox_finish(outbox, status, error);
}
