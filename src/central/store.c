/* SPDX-License-Identifier: Apache-2.0 */
/* Records, addenda, photographs, voyages and passages in SQLite. */
#include "store.h"

#include <stdio.h>
#include <string.h>

#include "database.h"

/* Compare the hash in column 0 of a statement that finds by id. */
static enum gh_status compare(struct store *store, enum statement statement, const struct gh_id *id,
	const struct gh_sha256 *hash, enum stored *stored, struct gh_error *error)
{
	struct gh_sha256 there;
	enum gh_status status = store_first(store, statement, VALUES(store_id(id)), error);

	*stored = STORED_NEW;
	if (status == GH_NOT_FOUND)
		return GH_OK;
	if (status != GH_OK)
		return status;
	store_column_fixed(store, statement, 0, there.bytes, sizeof(there.bytes));
	store_done(store, statement);
	*stored = gh_sha256_equal(&there, hash) ? STORED_SAME : STORED_OTHER;
	return GH_OK;
}

static void join_referrals(const struct gh_encounter *encounter, char *text, size_t text_bytes)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < encounter->referral_count && i < GH_REFERRALS_MAX; i++) {
		int written = snprintf(text + used, text_bytes - used, "%s%s", i ? " " : "",
			gh_referral_name(encounter->referrals[i]));

		if (written < 0 || (size_t)written >= text_bytes - used)
			return;
		used += (size_t)written;
	}
}

static enum photo_state photo_at_first(const struct store_record *record)
{
	if (!record->encounter->has_photo)
		return PHOTO_NONE;
	return record->wrapped_key.data ? PHOTO_AWAITED : PHOTO_DESTROYED;
}

static enum gh_status insert_record(
	struct store *store, const struct store_record *record, struct gh_error *error)
{
	const struct gh_encounter *e = record->encounter;
	struct gh_view photo_hash = { e->photo_sha256, sizeof(e->photo_sha256) };
	bool compared = e->comparison.kind != GH_COMPARISON_NONE;
	char referrals[512];
	enum gh_status status;

	join_referrals(e, referrals, sizeof(referrals));
	status = store_run(store, SQL_RECORD_INSERT,
		VALUES(store_id(&e->id), store_hash(&record->hash), store_text(e->lane.lane),
			store_text(record->peer), store_integer(e->lane.purpose == GH_PURPOSE_DEMO),
			store_integer(e->event_ms), store_integer(record->uploaded_ms),
			store_text(gh_capture_name(e->capture)),
			store_text(gh_reason_name(e->reason)),
			store_text(gh_comparison_name(e->comparison.kind)),
			store_text(gh_outcome_name(e->comparison.outcome)),
			store_text(gh_decision_name(e->decision)), store_text(referrals),
			store_real(e->comparison.score,
				compared && e->comparison.score != GH_NOT_ASSESSED),
			store_real(e->comparison.threshold,
				compared && e->comparison.threshold != GH_NOT_ASSESSED),
			store_integer(e->answer_ms), store_integer(e->waiting_ms),
			store_integer(photo_at_first(record)), store_bytes(photo_hash),
			store_integer(e->destroy_by_ms), store_bytes(record->wrapped_key)),
		error);
	if (status == GH_OK && record->wrapped_key.data)
		status = store_run(store, SQL_SEALED_INSERT,
			VALUES(store_integer(sqlite3_last_insert_rowid(store->handle)),
				store_bytes(record->sealed)),
			error);
	if (status == GH_OK && e->decision == GH_DECISION_GO && e->has_voyage && e->has_person)
		status = store_run(store, SQL_PASSAGE_INSERT,
			VALUES(store_id(&e->voyage), store_id(&e->person), store_id(&e->id)),
			error);
	return status;
}

enum gh_status store_put_record(struct store *store, const struct store_record *record,
	enum stored *stored, struct gh_error *error)
{
	enum gh_status status = store_begin(store, error);

	if (status != GH_OK)
		return status;
	status = compare(
		store, SQL_RECORD_HASH, &record->encounter->id, &record->hash, stored, error);
	if (status == GH_OK && *stored == STORED_NEW)
		status = insert_record(store, record, error);
	return store_end(store, status, error);
}

enum gh_status store_find_photo(struct store *store, const struct gh_id *encounter,
	struct store_photo *photo, struct gh_error *error)
{
	enum gh_status status =
		store_first(store, SQL_PHOTO_FIND, VALUES(store_id(encounter)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such record");
	if (status != GH_OK)
		return status;
	photo->state = (enum photo_state)store_column_integer(store, SQL_PHOTO_FIND, 1);
	store_column_fixed(store, SQL_PHOTO_FIND, 2, photo->hash.bytes, sizeof(photo->hash.bytes));
	status = store_column_copy(store, SQL_PHOTO_FIND, 3, &photo->wrapped_key, error);
	store_done(store, SQL_PHOTO_FIND);
	return status;
}

enum gh_status store_put_photo(struct store *store, const struct gh_id *encounter,
	struct gh_view sealed, struct gh_error *error)
{
	enum gh_status status = store_begin(store, error);

	if (status != GH_OK)
		return status;
	status = store_run(
		store, SQL_PHOTO_INSERT, VALUES(store_id(encounter), store_bytes(sealed)), error);
	if (status == GH_OK)
		status = store_run(store, SQL_PHOTO_STATE,
			VALUES(store_id(encounter), store_integer(PHOTO_STORED)), error);
	return store_end(store, status, error);
}

enum gh_status store_read_photo(struct store *store, const struct gh_id *encounter,
	struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error)
{
	enum gh_status status =
		store_first(store, SQL_PHOTO_SEALED, VALUES(store_id(encounter)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such photograph");
	if (status != GH_OK)
		return status;
	status = store_column_copy(store, SQL_PHOTO_SEALED, 0, wrapped_key, error);
	if (status == GH_OK)
		status = store_column_copy(store, SQL_PHOTO_SEALED, 1, sealed, error);
	store_done(store, SQL_PHOTO_SEALED);
	return status;
}

static enum gh_status record_is_here(
	struct store *store, const struct gh_id *id, struct gh_error *error)
{
	enum gh_status status = store_first(store, SQL_RECORD_HASH, VALUES(store_id(id)), error);

	if (status == GH_OK)
		store_done(store, SQL_RECORD_HASH);
	if (status == GH_NOT_FOUND)
		gh_error_set(error, GH_NOT_FOUND, "no such record");
	return status;
}

static enum gh_status insert_addendum(struct store *store, const struct gh_addendum *addendum,
	const struct gh_sha256 *hash, struct gh_view json, int64_t uploaded_ms,
	struct gh_error *error)
{
	const char *disposition = addendum->kind == GH_ADDENDUM_DISPOSITION
		? gh_disposition_name(addendum->disposition)
		: NULL;
	enum gh_status status = store_run(store, SQL_ADDENDUM_INSERT,
		VALUES(store_id(&addendum->id), store_id(&addendum->encounter),
			store_text(gh_addendum_kind_name(addendum->kind)), store_text(disposition),
			store_hash(hash), store_integer(addendum->event_ms),
			store_integer(uploaded_ms), store_bytes(json)),
		error);

	if (status == GH_OK && addendum->kind == GH_ADDENDUM_NOT_PASSED)
		status = store_run(
			store, SQL_PASSAGE_RETRACT, VALUES(store_id(&addendum->encounter)), error);
	return status;
}

enum gh_status store_put_addendum(struct store *store, const struct gh_addendum *addendum,
	const struct gh_sha256 *hash, struct gh_view json, int64_t uploaded_ms, enum stored *stored,
	struct gh_error *error)
{
	enum gh_status status = store_begin(store, error);

	if (status != GH_OK)
		return status;
	status = compare(store, SQL_ADDENDUM_HASH, &addendum->id, hash, stored, error);
	if (status == GH_OK && *stored == STORED_NEW)
		status = record_is_here(store, &addendum->encounter, error);
	if (status == GH_OK && *stored == STORED_NEW)
		status = insert_addendum(store, addendum, hash, json, uploaded_ms, error);
	return store_end(store, status, error);
}

static void read_row(struct store *store, struct store_row *row)
{
	sqlite3_stmt *prepared = store->statements[SQL_RECORD_LIST];
	enum statement list = SQL_RECORD_LIST;

	row->number = store_column_integer(store, list, 0);
	store_column_fixed(store, list, 1, row->id.bytes, sizeof(row->id.bytes));
	row->lane = store_column_text(store, list, 2);
	row->test = store_column_integer(store, list, 3) != 0;
	row->event_ms = store_column_integer(store, list, 4);
	row->uploaded_ms = store_column_integer(store, list, 5);
	row->capture = store_column_text(store, list, 6);
	row->reason = store_column_text(store, list, 7);
	row->comparison = store_column_text(store, list, 8);
	row->outcome = store_column_text(store, list, 9);
	row->decision = store_column_text(store, list, 10);
	row->referrals = store_column_text(store, list, 11);
	row->has_score = sqlite3_column_type(prepared, 12) != SQLITE_NULL;
	row->score = sqlite3_column_double(prepared, 12);
	row->has_threshold = sqlite3_column_type(prepared, 13) != SQLITE_NULL;
	row->threshold = sqlite3_column_double(prepared, 13);
	row->answer_ms = (uint32_t)store_column_integer(store, list, 14);
	row->waiting_ms = (uint32_t)store_column_integer(store, list, 15);
	row->photo = (enum photo_state)store_column_integer(store, list, 16);
	row->addenda = store_column_text(store, list, 17);
}

enum gh_status store_list_records(struct store *store, int64_t since, uint32_t limit,
	void (*call)(void *ctx, const struct store_row *row), void *ctx, struct gh_error *error)
{
	enum gh_status status = store_first(
		store, SQL_RECORD_LIST, VALUES(store_integer(since), store_integer(limit)), error);

	while (status == GH_OK) {
		struct store_row row;

		read_row(store, &row);
		call(ctx, &row);
		status = store_next(store, SQL_RECORD_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static void copy_word(
	struct store *store, enum statement statement, int column, char *text, size_t text_bytes)
{
	snprintf(text, text_bytes, "%s", store_column_text(store, statement, column));
}

static void read_voyage(struct store *store, enum statement statement, struct store_voyage *voyage)
{
	memset(voyage, 0, sizeof(*voyage));
	store_column_fixed(store, statement, 0, voyage->id.bytes, sizeof(voyage->id.bytes));
	voyage->version = (uint32_t)store_column_integer(store, statement, 1);
	store_column_fixed(store, statement, 2, voyage->hash.bytes, sizeof(voyage->hash.bytes));
	voyage->test = store_column_integer(store, statement, 3) != 0;
	copy_word(store, statement, 4, voyage->carrier, sizeof(voyage->carrier));
	copy_word(store, statement, 5, voyage->number, sizeof(voyage->number));
	copy_word(store, statement, 6, voyage->from, sizeof(voyage->from));
	copy_word(store, statement, 7, voyage->to, sizeof(voyage->to));
	voyage->departure_ms = store_column_integer(store, statement, 8);
	voyage->arrival_ms = store_column_integer(store, statement, 9);
	voyage->passage_end_ms = store_column_integer(store, statement, 10);
	voyage->published_ms = store_column_integer(store, statement, 11);
}

static enum gh_status compare_voyage(struct store *store, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	struct gh_sha256 there;
	enum gh_status status =
		store_first(store, SQL_VOYAGE_LATEST, VALUES(store_id(&voyage->id)), error);

	*stored = STORED_NEW;
	if (status == GH_NOT_FOUND)
		return GH_OK;
	if (status != GH_OK)
		return status;
	uint32_t version = (uint32_t)store_column_integer(store, SQL_VOYAGE_LATEST, 0);

	store_column_fixed(store, SQL_VOYAGE_LATEST, 1, there.bytes, sizeof(there.bytes));
	store_done(store, SQL_VOYAGE_LATEST);
	if (version == voyage->version && gh_sha256_equal(&there, &voyage->hash))
		*stored = STORED_SAME;
	else if (version >= voyage->version)
		*stored = STORED_OTHER;
	return GH_OK;
}

enum gh_status store_put_voyage(struct store *store, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	enum gh_status status = store_begin(store, error);

	if (status != GH_OK)
		return status;
	status = compare_voyage(store, voyage, stored, error);
	/* The same once more brings a withdrawn voyage back. */
	if (status == GH_OK && *stored != STORED_OTHER)
		status = store_run(store, SQL_VOYAGE_PUT,
			VALUES(store_id(&voyage->id), store_integer(voyage->version),
				store_hash(&voyage->hash), store_integer(voyage->test),
				store_text(voyage->carrier), store_text(voyage->number),
				store_text(voyage->from), store_text(voyage->to),
				store_integer(voyage->departure_ms),
				store_integer(voyage->arrival_ms),
				store_integer(voyage->passage_end_ms),
				store_integer(voyage->published_ms)),
			error);
	return store_end(store, status, error);
}

enum gh_status store_find_voyage(struct store *store, const struct gh_id *id,
	struct store_voyage *voyage, struct gh_error *error)
{
	enum gh_status status = store_first(store, SQL_VOYAGE_FIND, VALUES(store_id(id)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such voyage");
	if (status != GH_OK)
		return status;
	read_voyage(store, SQL_VOYAGE_FIND, voyage);
	store_done(store, SQL_VOYAGE_FIND);
	return GH_OK;
}

enum gh_status store_withdraw_voyage(
	struct store *store, const struct gh_id *id, struct gh_error *error)
{
	enum gh_status status = store_run(store, SQL_VOYAGE_WITHDRAW, VALUES(store_id(id)), error);

	if (status == GH_OK && sqlite3_changes(store->handle) == 0)
		return gh_error_set(error, GH_NOT_FOUND, "no such voyage");
	return status;
}

enum gh_status store_list_voyages(struct store *store,
	void (*call)(void *ctx, const struct store_voyage *voyage), void *ctx,
	struct gh_error *error)
{
	enum gh_status status = store_first(store, SQL_VOYAGE_LIST, NO_VALUES, error);

	while (status == GH_OK) {
		struct store_voyage voyage;

		read_voyage(store, SQL_VOYAGE_LIST, &voyage);
		call(ctx, &voyage);
		status = store_next(store, SQL_VOYAGE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status store_list_passages(struct store *store, const struct gh_id *voyage, int64_t since,
	uint32_t limit, void (*call)(void *ctx, int64_t number, const struct gh_id *person),
	void *ctx, struct gh_error *error)
{
	enum gh_status status = store_first(store, SQL_PASSAGE_LIST,
		VALUES(store_id(voyage), store_integer(since), store_integer(limit)), error);

	while (status == GH_OK) {
		struct gh_id person;

		store_column_fixed(store, SQL_PASSAGE_LIST, 1, person.bytes, sizeof(person.bytes));
		call(ctx, store_column_integer(store, SQL_PASSAGE_LIST, 0), &person);
		status = store_next(store, SQL_PASSAGE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status store_destroy_due(
	struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error)
{
	enum gh_status status = store_begin(store, error);

	*count = 0;
	if (status != GH_OK)
		return status;
	status = store_run(store, SQL_DUE_SEALED, VALUES(store_integer(now_ms)), error);
	if (status == GH_OK)
		status = store_run(store, SQL_DUE_KEYS, VALUES(store_integer(now_ms)), error);
	if (status == GH_OK)
		*count = (uint32_t)sqlite3_changes(store->handle);
	return store_end(store, status, error);
}

enum gh_status store_count(struct store *store, struct store_counts *counts, struct gh_error *error)
{
	enum gh_status status = store_first(store, SQL_COUNTS, NO_VALUES, error);

	if (status != GH_OK)
		return status;
	counts->encounters = store_column_integer(store, SQL_COUNTS, 0);
	counts->addenda = store_column_integer(store, SQL_COUNTS, 1);
	counts->photos = store_column_integer(store, SQL_COUNTS, 2);
	counts->voyages = store_column_integer(store, SQL_COUNTS, 3);
	store_done(store, SQL_COUNTS);
	return GH_OK;
}
