/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipts for what was delivered. */
#include "gatehouse/outbox/receipts.h"

#include <string.h>

#include "inside.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* Receipts take this share of the outbox's size at most. */
#define SIZE_SHARE 16

/* Past their days, these go with one that comes: twice as many as come, for what piled up. */
#define PRUNED_AT_ONCE 2

static enum gh_receipt_kind kind_of(enum gh_item_kind kind)
{
	switch (kind) {
	case GH_ITEM_ENCOUNTER:
		return GH_RECEIPT_ENCOUNTER;
	case GH_ITEM_PHOTO:
		return GH_RECEIPT_PHOTO;
	case GH_ITEM_ADDENDUM:
		break;
	}
	return GH_RECEIPT_ADDENDUM;
}

static bool is_for(
	const struct gh_receipt *receipt, const struct gh_item *item, const struct item_row *row)
{
	return receipt->kind == kind_of(item->kind) && gh_id_equal(&receipt->id, &item->id) &&
		memcmp(receipt->hash.bytes, row->hash, sizeof(row->hash)) == 0;
}

static enum gh_status insert(
	struct gh_outbox *outbox, const struct gh_receipt *receipt, struct gh_error *error)
{
	struct database *database = &outbox->database;
	struct gh_view key = { receipt->public_key, sizeof(receipt->public_key) };
	struct gh_view hash = { receipt->hash.bytes, sizeof(receipt->hash.bytes) };
	struct gh_view signature = { receipt->signature, sizeof(receipt->signature) };
	enum gh_status status =
		database_run(database, SQL_CENTRE_KEY_ADD, VALUES(value_bytes(key)), error);

	if (status == GH_OK)
		status = database_run(
			database, SQL_CENTRE_KEY_NOTE, VALUES(value_bytes(key)), error);
	if (status != GH_OK)
		return status;
	return database_run(database, SQL_CENTRE_RECEIPT_PUT,
		VALUES(value_id(&receipt->id), value_integer(receipt->kind), value_bytes(hash),
			value_integer(receipt->received_ms), value_bytes(signature)),
		error);
}

static enum gh_status prune(
	struct gh_outbox *outbox, const struct gh_receipt *newest, struct gh_error *error)
{
	uint64_t most = outbox->size_max_bytes / SIZE_SHARE / GH_OUTBOX_RECEIPT_BYTES;
	enum gh_status status = database_run(&outbox->database, SQL_CENTRE_RECEIPT_BOUND,
		VALUES(value_integer((int64_t)(most < INT64_MAX ? most : INT64_MAX))), error);

	if (status != GH_OK || outbox->receipt_days == 0)
		return status;
	return database_run(&outbox->database, SQL_CENTRE_RECEIPT_PRUNE,
		VALUES(value_integer(newest->received_ms - outbox->receipt_days * DAY_MS),
			value_integer(PRUNED_AT_ONCE)),
		error);
}

enum gh_status outbox_keep_receipt(struct gh_outbox *outbox, const struct gh_item *item,
	const struct item_row *row, const struct gh_receipt *receipt, struct gh_error *error)
{
	enum gh_status status;

	if (!is_for(receipt, item, row))
		return gh_error_set(error, GH_CONFLICT, "a receipt that is not for this %s",
			gh_item_kind_name(item->kind));
	status = insert(outbox, receipt, error);
	return status == GH_OK ? prune(outbox, receipt, error) : status;
}

enum gh_status gh_outbox_receipt_key(
	struct gh_outbox *outbox, uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_CENTRE_KEY_READ, NO_VALUES, error);
	if (status == GH_OK) {
		struct gh_view key = column_bytes(database, SQL_CENTRE_KEY_READ, 0);

		if (key.length_bytes == GH_PUBLIC_KEY_BYTES)
			memcpy(public_key, key.data, GH_PUBLIC_KEY_BYTES);
		else
			status = gh_error_set(error, GH_NO_MEMORY, "the centre's key");
		database_done(database, SQL_CENTRE_KEY_READ);
	}
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND
		? gh_error_set(error, GH_NOT_FOUND, "no receipt of the centre has come yet")
		: status;
}

static bool copy_fixed(struct database *database, enum statement statement, int column,
	uint8_t *bytes, size_t length_bytes)
{
	struct gh_view view = column_bytes(database, statement, column);

	if (!view.data || view.length_bytes != length_bytes)
		return false;
	memcpy(bytes, view.data, length_bytes);
	return true;
}

static enum gh_status read_row(struct database *database, enum statement statement,
	struct gh_outbox_receipt *row, struct gh_error *error)
{
	struct gh_receipt *receipt = &row->receipt;

	memset(row, 0, sizeof(*row));
	row->number = column_integer(database, statement, 0);
	column_id(database, statement, 1, &receipt->id);
	receipt->kind = (enum gh_receipt_kind)column_integer(database, statement, 2);
	receipt->received_ms = column_integer(database, statement, 4);
	if (copy_fixed(database, statement, 3, receipt->hash.bytes, sizeof(receipt->hash.bytes)) &&
		copy_fixed(
			database, statement, 5, receipt->public_key, sizeof(receipt->public_key)) &&
		copy_fixed(database, statement, 6, receipt->signature, sizeof(receipt->signature)))
		return GH_OK;
	if (sqlite3_errcode(database->handle) == SQLITE_NOMEM)
		return gh_error_set(error, GH_NO_MEMORY, "a receipt");
	return gh_error_set(error, GH_INTEGRITY, "receipt %lld is damaged", (long long)row->number);
}

/* The rows of a statement that stands at its first; status is what that said. */
static enum gh_status read_rows(struct database *database, enum statement statement,
	enum gh_status status, struct gh_outbox_receipt *rows, size_t *count,
	struct gh_error *error)
{
	*count = 0;
	while (status == GH_OK) {
		status = read_row(database, statement, &rows[*count], error);
		if (status != GH_OK)
			break;
		(*count)++;
		status = database_next(database, statement, error);
		if (status != GH_OK)
			return status == GH_NOT_FOUND ? GH_OK : status;
	}
	if (status != GH_NOT_FOUND)
		database_done(database, statement);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status gh_outbox_receipts(struct gh_outbox *outbox, int64_t after,
	struct gh_outbox_receipt *rows, size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_CENTRE_RECEIPT_NEXT,
		VALUES(value_integer(after), value_integer(GH_OUTBOX_RECEIPTS_READ_MAX)), error);
	status = read_rows(database, SQL_CENTRE_RECEIPT_NEXT, status, rows, count, error);
	pthread_mutex_unlock(&outbox->lock);
	return status;
}

enum gh_status gh_outbox_receipts_of(struct gh_outbox *outbox, const struct gh_id *id,
	struct gh_outbox_receipt rows[2], size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	status = database_first(database, SQL_CENTRE_RECEIPT_FIND, VALUES(value_id(id)), error);
	status = read_rows(database, SQL_CENTRE_RECEIPT_FIND, status, rows, count, error);
	pthread_mutex_unlock(&outbox->lock);
	if (status == GH_OK && *count == 0)
		return gh_error_set(error, GH_NOT_FOUND, "no receipt for this id is kept");
	return status;
}
