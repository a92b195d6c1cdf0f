/* SPDX-License-Identifier: Apache-2.0 */
/* Putting encounters and addenda: sealed first, then one transaction. */
#include <string.h>

#include "gatehouse/base/log.h"
#include "inside.h"

/* An item on its way in: what it is, its hash and its sealed body. */
struct parcel {
	enum gh_item_kind kind;
	const struct gh_id *id;
	const struct gh_id *encounter;
	struct gh_view plain;
	int64_t captured_ms; /* 0: now */
	int64_t destroy_by_ms;
	uint32_t retention;
	struct gh_sha256 hash;
	struct gh_bytes wrapped;
	struct gh_bytes sealed;
};

static void finish(struct parcel *parcel)
{
	gh_bytes_finish(&parcel->wrapped);
	gh_bytes_finish(&parcel->sealed);
}

static enum gh_status seal(struct gh_outbox *outbox, struct parcel *parcel, struct gh_error *error)
{
	uint8_t context[SEAL_CONTEXT_BYTES];
	enum gh_status status;

	if (parcel->plain.length_bytes > GH_OUTBOX_BODY_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "a body of %zu bytes, at most %u",
			parcel->plain.length_bytes, GH_OUTBOX_BODY_BYTES_MAX);
	status = gh_sha256_of(parcel->plain, &parcel->hash, error);
	if (status != GH_OK)
		return status;
	if (!outbox->sealer.seal) {
		gh_bytes_clear(&parcel->sealed);
		return gh_bytes_append(
			&parcel->sealed, parcel->plain.data, parcel->plain.length_bytes, error);
	}
	outbox_context(parcel->id, parcel->kind, context);
	return outbox->sealer.seal(outbox->sealer.ctx, (struct gh_view){ context, sizeof(context) },
		parcel->plain, &parcel->wrapped, &parcel->sealed, error);
}

/* GH_NOT_FOUND when the id is new, GH_EXISTS with the same bytes, GH_CONFLICT with others. */
static enum gh_status known(
	struct gh_outbox *outbox, const struct parcel *parcel, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status = database_first(database, SQL_ITEM_HASH,
		VALUES(value_id(parcel->encounter), value_integer(parcel->kind),
			value_id(parcel->id)),
		error);
	struct gh_view wanted = { parcel->hash.bytes, sizeof(parcel->hash.bytes) };

	if (status != GH_OK)
		return status;
	bool same = gh_view_equal(column_bytes(database, SQL_ITEM_HASH, 0), wanted);
	database_done(database, SQL_ITEM_HASH);
	if (same)
		return gh_error_set(error, GH_EXISTS, "this %s is there already",
			gh_item_kind_name(parcel->kind));
	return gh_error_set(error, GH_CONFLICT, "another %s with the same id was put",
		gh_item_kind_name(parcel->kind));
}

static enum gh_status insert_sealed(struct gh_outbox *outbox, const struct parcel *parcel,
	int64_t number, struct gh_error *error)
{
	enum gh_status status = database_run(&outbox->database, SQL_BODY_INSERT,
		VALUES(value_integer(number), value_bytes(gh_bytes_view(&parcel->sealed))), error);

	if (status != GH_OK || !outbox->sealer.seal)
		return status;
	return database_run(&outbox->database, SQL_KEY_INSERT,
		VALUES(value_integer(number), value_bytes(gh_bytes_view(&parcel->wrapped))), error);
}

static enum gh_status insert(struct gh_outbox *outbox, const struct parcel *parcel,
	enum item_state state, struct gh_error *error)
{
	struct database *database = &outbox->database;
	struct gh_view hash = { parcel->hash.bytes, sizeof(parcel->hash.bytes) };
	uint64_t now_us = outbox->clock->monotonic_us(outbox->clock);
	int64_t now_ms = outbox->clock->real_ms(outbox->clock);
	int64_t captured_ms = parcel->captured_ms ? parcel->captured_ms : now_ms;
	int64_t destroy_by_ms = parcel->destroy_by_ms ? parcel->destroy_by_ms : INT64_MAX;
	enum gh_status status = database_run(database, SQL_ITEM_INSERT,
		VALUES(value_integer(parcel->kind), value_id(parcel->id),
			value_id(parcel->encounter), value_integer(state), value_integer(now_ms),
			value_integer((int64_t)now_us), value_bytes(hash),
			value_integer((int64_t)parcel->plain.length_bytes),
			value_integer(destroy_by_ms), value_integer(captured_ms),
			value_integer(outbox_destroy_us(outbox, captured_ms, destroy_by_ms)),
			value_integer(parcel->retention)),
		error);

	if (status != GH_OK)
		return status;
	outbox_count(outbox, ITEM_GONE, state, 1);
	return insert_sealed(outbox, parcel, sqlite3_last_insert_rowid(database->handle), error);
}

static enum gh_status insert_expectations(
	struct gh_outbox *outbox, const struct gh_outbox_put *put, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status = GH_OK;

	if (put->passage)
		status = database_run(database, SQL_PASSAGE_INSERT,
			VALUES(value_id(&put->passage->voyage), value_id(&put->passage->person)),
			error);
	if (status == GH_OK && put->expects_passage)
		status = database_run(
			database, SQL_UNSETTLED_INSERT, VALUES(value_id(&put->id)), error);
	if (status == GH_OK && put->awaits)
		status = outbox_insert_awaited(outbox, &put->id, put->awaits, error);
	if (status == GH_OK && put->clock_in_doubt)
		status = outbox_insert_doubtful(outbox, &put->id, put->clock_base_ms, error);
	return status;
}

static enum gh_status insert_encounter(struct gh_outbox *outbox, const struct gh_outbox_put *put,
	const struct parcel *record, const struct parcel *photo, struct gh_error *error)
{
	enum gh_status status = insert(outbox, record, ITEM_WAITING, error);

	if (status == GH_OK && photo->plain.length_bytes > 0)
		status = insert(outbox, photo, ITEM_HELD, error);
	if (status == GH_OK)
		status = insert_expectations(outbox, put, error);
	return status;
}

/*
 * Keys are wrapped without the lock. Those wrapped before a change of masters that has begun
 * meanwhile would be missed by it, and lost with the old master: they are wrapped once more.
 */
static enum gh_status begin_fresh(
	struct gh_outbox *outbox, uint64_t rewraps, bool *stale, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	*stale = status == GH_OK && outbox->rewraps != rewraps;
	if (*stale)
		return outbox_finish(outbox, gh_error_set(error, GH_BUSY, "keys change"), error);
	return status;
}

static uint64_t rewraps_begun(struct gh_outbox *outbox)
{
	uint64_t rewraps;

	pthread_mutex_lock(&outbox->lock);
	rewraps = outbox->rewraps;
	pthread_mutex_unlock(&outbox->lock);
	return rewraps;
}

static enum gh_status put_sealed(struct gh_outbox *outbox, const struct gh_outbox_put *put,
	const struct parcel *record, const struct parcel *photo, uint64_t rewraps, bool *stale,
	struct gh_error *error)
{
	uint64_t bytes = record->sealed.length_bytes + photo->sealed.length_bytes;
	enum gh_status status = begin_fresh(outbox, rewraps, stale, error);

	if (status != GH_OK)
		return status;
	status = known(outbox, record, error);
	if (status == GH_NOT_FOUND)
		status = outbox_room(outbox, GH_ITEM_ENCOUNTER, bytes,
			photo->plain.length_bytes > 0 ? 2 : 1, error);
	if (status == GH_OK)
		status = insert_encounter(outbox, put, record, photo, error);
	return outbox_finish(outbox, status, error);
}

enum gh_status gh_outbox_put(
	struct gh_outbox *outbox, const struct gh_outbox_put *put, struct gh_error *error)
{
	struct parcel record = { .kind = GH_ITEM_ENCOUNTER,
		.id = &put->id,
		.encounter = &put->id,
		.plain = put->json,
		.captured_ms = put->captured_ms,
		.destroy_by_ms = put->destroy_by_ms,
		.retention = put->retention };
	struct parcel photo = { .kind = GH_ITEM_PHOTO,
		.id = &put->id,
		.encounter = &put->id,
		.plain = put->photo,
		.captured_ms = put->captured_ms,
		.destroy_by_ms = put->destroy_by_ms,
		.retention = put->retention };
	enum gh_status status;
	bool stale = false;

	do {
		uint64_t rewraps = rewraps_begun(outbox);

		stale = false;
		status = seal(outbox, &record, error);
		if (status == GH_OK && photo.plain.length_bytes > 0)
			status = seal(outbox, &photo, error);
		if (status == GH_OK) {
			status = put_sealed(outbox, put, &record, &photo, rewraps, &stale, error);
			outbox_note_put(outbox, status);
		}
	} while (stale);
	if (status == GH_OK)
		gh_log(GH_LOG_INFO, "outbox", "put", gh_log_id("record", &put->id),
			gh_log_integer("photo_bytes", (int64_t)put->photo.length_bytes));
	finish(&record);
	finish(&photo);
	return status;
}

static enum gh_status record_owed(
	struct gh_outbox *outbox, const struct gh_id *encounter, bool *owed, struct gh_error *error)
{
	enum gh_status status = database_first(
		&outbox->database, SQL_RECORD_OWED, VALUES(value_id(encounter)), error);

	*owed = status == GH_OK;
	if (status == GH_OK)
		database_done(&outbox->database, SQL_RECORD_OWED);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

/* The addendum put from inside the callback of gh_outbox_expire_photos() ends what it tells of. */
static bool ends_erasure(const struct gh_outbox *outbox, const struct gh_id *encounter)
{
	return outbox->erasing && pthread_equal(outbox->erasing_thread, pthread_self()) &&
		gh_id_equal(&outbox->erasing_encounter, encounter);
}

static enum gh_status end_expectation(struct gh_outbox *outbox, const struct gh_id *encounter,
	enum gh_settles settles, struct gh_error *error)
{
	static const enum statement ends[] = {
		[GH_SETTLES_PASSAGE] = SQL_UNSETTLED_DELETE,
		[GH_SETTLES_WORD] = SQL_AWAITED_DELETE,
		[GH_SETTLES_CLOCK] = SQL_DOUBTFUL_DELETE,
	};

	if (settles == GH_SETTLES_NOTHING)
		return GH_OK;
	return database_run(&outbox->database, ends[settles], VALUES(value_id(encounter)), error);
}

static enum gh_status insert_addendum(struct gh_outbox *outbox, const struct parcel *parcel,
	enum gh_settles settles, struct gh_error *error)
{
	struct database *database = &outbox->database;
	bool owed = false;
	enum gh_status status = record_owed(outbox, parcel->encounter, &owed, error);

	if (status == GH_OK)
		status = insert(outbox, parcel, owed ? ITEM_HELD : ITEM_WAITING, error);
	if (status == GH_OK)
		status = end_expectation(outbox, parcel->encounter, settles, error);
	if (status == GH_OK && ends_erasure(outbox, parcel->encounter))
		status = database_run(
			database, SQL_ERASED_DELETE, VALUES(value_id(parcel->encounter)), error);
	return status;
}

static enum gh_status put_sealed_addendum(struct gh_outbox *outbox, const struct parcel *parcel,
	enum gh_settles settles, uint64_t rewraps, bool *stale, struct gh_error *error)
{
	enum gh_status status = begin_fresh(outbox, rewraps, stale, error);

	if (status != GH_OK)
		return status;
	status = known(outbox, parcel, error);
	if (status == GH_NOT_FOUND)
		status = outbox_room(
			outbox, GH_ITEM_ADDENDUM, parcel->sealed.length_bytes, 1, error);
	if (status == GH_OK)
		status = insert_addendum(outbox, parcel, settles, error);
	return outbox_finish(outbox, status, error);
}

enum gh_status gh_outbox_put_addendum(struct gh_outbox *outbox, const struct gh_id *id,
	const struct gh_id *encounter, struct gh_view json, enum gh_settles settles,
	struct gh_error *error)
{
	struct parcel parcel = {
		.kind = GH_ITEM_ADDENDUM, .id = id, .encounter = encounter, .plain = json
	};
	enum gh_status status;
	bool stale = false;

	do {
		uint64_t rewraps = rewraps_begun(outbox);

		stale = false;
		status = seal(outbox, &parcel, error);
		if (status == GH_OK)
			status = put_sealed_addendum(
				outbox, &parcel, settles, rewraps, &stale, error);
	} while (stale);
	finish(&parcel);
	return status;
}
