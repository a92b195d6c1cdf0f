/* SPDX-License-Identifier: Apache-2.0 */
/* Records, addenda, photographs, voyages and passages in SQLite. */
#include "sqlite.h"

#include <stdio.h>
#include <string.h>

/* Rows that go in one transaction when their days are over; the rest goes in the next minute. */
#define OLD_ROWS 20000

/* Compare hash and time in the columns of a statement that finds by id. */
static enum gh_status compare(struct database *base, enum statement statement,
	const struct gh_id *id, const struct gh_sha256 *hash, struct store_put *put,
	struct gh_error *error)
{
	struct gh_sha256 there;
	enum gh_status status = sql_first(base, statement, VALUES(param_id(id)), error);

	put->stored = STORED_NEW;
	if (status == GH_NOT_FOUND)
		return GH_OK;
	if (status != GH_OK)
		return status;
	sql_column_fixed(base, statement, 0, there.bytes, sizeof(there.bytes));
	put->received_ms = sql_column_integer(base, statement, 1);
	sql_done(base, statement);
	put->stored = gh_sha256_equal(&there, hash) ? STORED_SAME : STORED_OTHER;
	return GH_OK;
}

static enum gh_status insert_record(
	struct database *base, const struct store_record *record, struct gh_error *error)
{
	const struct gh_encounter *e = record->encounter;
	struct gh_view photo_hash = { e->photo_sha256, sizeof(e->photo_sha256) };
	bool compared = e->comparison.kind != GH_COMPARISON_NONE;
	char referrals[STORE_REFERRALS_BYTES];
	enum gh_status status;

	store_join_referrals(e, referrals);
	status = sql_run(base, SQL_RECORD_INSERT,
		VALUES(param_id(&e->id), param_hash(&record->hash), param_text(e->lane.lane),
			param_text(record->peer), param_integer(e->lane.purpose == GH_PURPOSE_DEMO),
			param_integer(e->event_ms), param_integer(record->uploaded_ms),
			param_text(gh_capture_name(e->capture)),
			param_text(gh_reason_name(e->reason)),
			param_text(gh_comparison_name(e->comparison.kind)),
			param_text(gh_outcome_name(e->comparison.outcome)),
			param_text(gh_decision_name(e->decision)), param_text(referrals),
			param_real(e->comparison.score,
				compared && e->comparison.score != GH_NOT_ASSESSED),
			param_real(e->comparison.threshold,
				compared && e->comparison.threshold != GH_NOT_ASSESSED),
			param_integer(e->answer_ms), param_integer(e->waiting_ms),
			param_integer(store_photo_at_first(record)), param_bytes(photo_hash),
			param_integer(e->destroy_by_ms), param_bytes(record->wrapped_key),
			param_integer(store_day(e->event_ms))),
		error);
	if (status == GH_OK && record->wrapped_key.data)
		status = sql_run(base, SQL_SEALED_INSERT,
			VALUES(param_integer(sqlite3_last_insert_rowid(base->handle)),
				param_bytes(record->sealed)),
			error);
	if (status == GH_OK && e->decision == GH_DECISION_GO && e->has_voyage && e->has_person)
		status = sql_run(base, SQL_PASSAGE_INSERT,
			VALUES(param_id(&e->voyage), param_id(&e->person), param_id(&e->id)),
			error);
	return status;
}

static enum gh_status put_record(
	struct database *base, struct store_put *put, struct gh_error *error)
{
	const struct store_record *record = &put->record;
	enum gh_status status =
		compare(base, SQL_RECORD_HASH, &record->encounter->id, &record->hash, put, error);

	if (status == GH_OK && put->stored == STORED_NEW)
		status = insert_record(base, record, error);
	return status;
}

static enum gh_status find_photo(struct store *store, const struct gh_id *encounter,
	struct store_photo *photo, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_PHOTO_FIND, VALUES(param_id(encounter)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such record");
	if (status != GH_OK)
		return status;
	photo->day = (int32_t)sql_column_integer(base, SQL_PHOTO_FIND, 0);
	photo->state = (enum photo_state)sql_column_integer(base, SQL_PHOTO_FIND, 1);
	sql_column_fixed(base, SQL_PHOTO_FIND, 2, photo->hash.bytes, sizeof(photo->hash.bytes));
	gh_text_copy(photo->lane, sizeof(photo->lane), sql_column_text(base, SQL_PHOTO_FIND, 4));
	photo->received_ms = sql_column_integer(base, SQL_PHOTO_FIND, 5);
	status = sql_column_copy(base, SQL_PHOTO_FIND, 3, &photo->wrapped_key, error);
	sql_done(base, SQL_PHOTO_FIND);
	return status;
}

static enum gh_status put_photo(
	struct database *base, struct store_put *put, struct gh_error *error)
{
	const struct store_picture *photo = &put->photo;
	enum gh_status status = sql_run(base, SQL_PHOTO_INSERT,
		VALUES(param_id(&photo->encounter), param_bytes(photo->sealed)), error);

	if (status != GH_OK)
		return status;
	if (sqlite3_changes(base->handle) == 0) {
		put->status = GH_BUSY;
		return GH_OK;
	}
	status = sql_first(base, SQL_PHOTO_STATE,
		VALUES(param_id(&photo->encounter), param_integer(PHOTO_STORED),
			param_integer(photo->received_ms)),
		error);
	if (status != GH_OK)
		return status;
	put->received_ms = sql_column_integer(base, SQL_PHOTO_STATE, 0);
	sql_done(base, SQL_PHOTO_STATE);
	return GH_OK;
}

static enum gh_status read_photo(struct store *store, const struct gh_id *encounter,
	struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status =
		sql_first(base, SQL_PHOTO_SEALED, VALUES(param_id(encounter)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such photograph");
	if (status != GH_OK)
		return status;
	status = sql_column_copy(base, SQL_PHOTO_SEALED, 0, wrapped_key, error);
	if (status == GH_OK)
		status = sql_column_copy(base, SQL_PHOTO_SEALED, 1, sealed, error);
	sql_done(base, SQL_PHOTO_SEALED);
	return status;
}

/* GH_NOT_FOUND, or GH_DENIED where it is not the lane's own. */
static enum gh_status check_record(
	struct database *base, const struct gh_addendum *addendum, struct gh_error *error)
{
	enum gh_status status =
		sql_first(base, SQL_RECORD_LANE, VALUES(param_id(&addendum->encounter)), error);
	bool own;

	if (status != GH_OK)
		return status;
	own = strcmp(sql_column_text(base, SQL_RECORD_LANE, 0), addendum->lane) == 0;
	sql_done(base, SQL_RECORD_LANE);
	return own ? GH_OK : GH_DENIED;
}

static enum gh_status insert_addendum(
	struct database *base, const struct store_addendum *put, struct gh_error *error)
{
	const struct gh_addendum *addendum = put->addendum;
	const char *disposition = addendum->kind == GH_ADDENDUM_DISPOSITION
		? gh_disposition_name(addendum->disposition)
		: NULL;
	enum gh_status status = sql_run(base, SQL_ADDENDUM_INSERT,
		VALUES(param_id(&addendum->id), param_id(&addendum->encounter),
			param_text(gh_addendum_kind_name(addendum->kind)), param_text(disposition),
			param_hash(&put->hash), param_integer(addendum->event_ms),
			param_integer(put->uploaded_ms), param_bytes(put->json)),
		error);

	if (status == GH_OK && addendum->kind == GH_ADDENDUM_NOT_PASSED)
		status = sql_run(
			base, SQL_PASSAGE_RETRACT, VALUES(param_id(&addendum->encounter)), error);
	return status;
}

static enum gh_status put_addendum(
	struct database *base, struct store_put *put, struct gh_error *error)
{
	const struct gh_addendum *addendum = put->addendum.addendum;
	enum gh_status status =
		compare(base, SQL_ADDENDUM_HASH, &addendum->id, &put->addendum.hash, put, error);

	if (status != GH_OK || put->stored != STORED_NEW)
		return status;
	status = check_record(base, addendum, error);
	if (status == GH_OK)
		return insert_addendum(base, &put->addendum, error);
	if (status != GH_NOT_FOUND && status != GH_DENIED)
		return status;
	put->status = status;
	return GH_OK;
}

static enum gh_status put_access(
	struct database *base, const struct store_access *access, struct gh_error *error)
{
	return sql_run(base, SQL_ACCESS_INSERT,
		VALUES(param_integer(store_day(access->at_ms)), param_integer(access->at_ms),
			param_text(access->peer), param_text(access->role),
			param_text(access->action), param_text(access->item),
			param_integer(store_access_status(access))),
		error);
}

static enum gh_status put_one(struct database *base, struct store_put *put, struct gh_error *error)
{
	switch (put->kind) {
	case STORE_RECORD:
		return put_record(base, put, error);
	case STORE_PHOTO:
		return put_photo(base, put, error);
	case STORE_ADDENDUM:
		return put_addendum(base, put, error);
	case STORE_HEARTBEAT:
		return sql_put_heartbeat(base, put, error);
	case STORE_ACCESS:
		break;
	}
	return put_access(base, &put->access, error);
}

static enum gh_status put_all(
	struct store *store, struct store_put **puts, size_t count, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_begin(base, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < count && status == GH_OK; i++)
		status = put_one(base, puts[i], error);
	return sql_end(base, status, error);
}

static void read_row(struct database *base, struct store_row *row)
{
	sqlite3_stmt *prepared = base->statements[SQL_RECORD_LIST];
	enum statement list = SQL_RECORD_LIST;

	row->number = sql_column_integer(base, list, 0);
	sql_column_fixed(base, list, 1, row->id.bytes, sizeof(row->id.bytes));
	row->lane = sql_column_text(base, list, 2);
	row->test = sql_column_integer(base, list, 3) != 0;
	row->event_ms = sql_column_integer(base, list, 4);
	row->uploaded_ms = sql_column_integer(base, list, 5);
	row->capture = sql_column_text(base, list, 6);
	row->reason = sql_column_text(base, list, 7);
	row->comparison = sql_column_text(base, list, 8);
	row->outcome = sql_column_text(base, list, 9);
	row->decision = sql_column_text(base, list, 10);
	row->referrals = sql_column_text(base, list, 11);
	row->has_score = sqlite3_column_type(prepared, 12) != SQLITE_NULL;
	row->score = sqlite3_column_double(prepared, 12);
	row->has_threshold = sqlite3_column_type(prepared, 13) != SQLITE_NULL;
	row->threshold = sqlite3_column_double(prepared, 13);
	row->answer_ms = (uint32_t)sql_column_integer(base, list, 14);
	row->waiting_ms = (uint32_t)sql_column_integer(base, list, 15);
	row->photo = (enum photo_state)sql_column_integer(base, list, 16);
	row->addenda = sql_column_text(base, list, 17);
}

static enum gh_status list_records(struct store *store, int64_t since, uint32_t limit,
	void (*call)(void *ctx, const struct store_row *row), void *ctx, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(
		base, SQL_RECORD_LIST, VALUES(param_integer(since), param_integer(limit)), error);

	while (status == GH_OK) {
		struct store_row row;

		read_row(base, &row);
		call(ctx, &row);
		status = sql_next(base, SQL_RECORD_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static void copy_word(
	struct database *base, enum statement statement, int column, char *text, size_t text_bytes)
{
	snprintf(text, text_bytes, "%s", sql_column_text(base, statement, column));
}

static void read_voyage(
	struct database *base, enum statement statement, struct store_voyage *voyage)
{
	memset(voyage, 0, sizeof(*voyage));
	sql_column_fixed(base, statement, 0, voyage->id.bytes, sizeof(voyage->id.bytes));
	voyage->version = (uint32_t)sql_column_integer(base, statement, 1);
	sql_column_fixed(base, statement, 2, voyage->hash.bytes, sizeof(voyage->hash.bytes));
	voyage->test = sql_column_integer(base, statement, 3) != 0;
	copy_word(base, statement, 4, voyage->carrier, sizeof(voyage->carrier));
	copy_word(base, statement, 5, voyage->number, sizeof(voyage->number));
	copy_word(base, statement, 6, voyage->from, sizeof(voyage->from));
	copy_word(base, statement, 7, voyage->to, sizeof(voyage->to));
	voyage->departure_ms = sql_column_integer(base, statement, 8);
	voyage->arrival_ms = sql_column_integer(base, statement, 9);
	voyage->passage_end_ms = sql_column_integer(base, statement, 10);
	voyage->published_ms = sql_column_integer(base, statement, 11);
}

static enum gh_status compare_voyage(struct database *base, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	struct gh_sha256 there;
	enum gh_status status =
		sql_first(base, SQL_VOYAGE_LATEST, VALUES(param_id(&voyage->id)), error);

	*stored = STORED_NEW;
	if (status == GH_NOT_FOUND)
		return GH_OK;
	if (status != GH_OK)
		return status;
	uint32_t version = (uint32_t)sql_column_integer(base, SQL_VOYAGE_LATEST, 0);

	sql_column_fixed(base, SQL_VOYAGE_LATEST, 1, there.bytes, sizeof(there.bytes));
	sql_done(base, SQL_VOYAGE_LATEST);
	if (version == voyage->version && gh_sha256_equal(&there, &voyage->hash))
		*stored = STORED_SAME;
	else if (version >= voyage->version)
		*stored = STORED_OTHER;
	return GH_OK;
}

static enum gh_status put_voyage(struct store *store, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_begin(base, error);

	if (status != GH_OK)
		return status;
	status = compare_voyage(base, voyage, stored, error);
	/* The same once more brings a withdrawn voyage back. */
	if (status == GH_OK && *stored != STORED_OTHER)
		status = sql_run(base, SQL_VOYAGE_PUT,
			VALUES(param_id(&voyage->id), param_integer(voyage->version),
				param_hash(&voyage->hash), param_integer(voyage->test),
				param_text(voyage->carrier), param_text(voyage->number),
				param_text(voyage->from), param_text(voyage->to),
				param_integer(voyage->departure_ms),
				param_integer(voyage->arrival_ms),
				param_integer(voyage->passage_end_ms),
				param_integer(voyage->published_ms)),
			error);
	return sql_end(base, status, error);
}

static enum gh_status find_voyage(struct store *store, const struct gh_id *id,
	struct store_voyage *voyage, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_VOYAGE_FIND, VALUES(param_id(id)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such voyage");
	if (status != GH_OK)
		return status;
	read_voyage(base, SQL_VOYAGE_FIND, voyage);
	sql_done(base, SQL_VOYAGE_FIND);
	return GH_OK;
}

static enum gh_status withdraw_voyage(
	struct store *store, const struct gh_id *id, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_run(base, SQL_VOYAGE_WITHDRAW, VALUES(param_id(id)), error);

	if (status == GH_OK && sqlite3_changes(base->handle) == 0)
		return gh_error_set(error, GH_NOT_FOUND, "no such voyage");
	return status;
}

static enum gh_status list_voyages(struct store *store,
	void (*call)(void *ctx, const struct store_voyage *voyage), void *ctx,
	struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_VOYAGE_LIST, NO_VALUES, error);

	while (status == GH_OK) {
		struct store_voyage voyage;

		read_voyage(base, SQL_VOYAGE_LIST, &voyage);
		call(ctx, &voyage);
		status = sql_next(base, SQL_VOYAGE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static enum gh_status list_passages(struct store *store, const struct gh_id *voyage, int64_t since,
	uint32_t limit, void (*call)(void *ctx, int64_t number, const struct gh_id *person),
	void *ctx, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_PASSAGE_LIST,
		VALUES(param_id(voyage), param_integer(since), param_integer(limit)), error);

	while (status == GH_OK) {
		struct gh_id person;

		sql_column_fixed(base, SQL_PASSAGE_LIST, 1, person.bytes, sizeof(person.bytes));
		call(ctx, sql_column_integer(base, SQL_PASSAGE_LIST, 0), &person);
		status = sql_next(base, SQL_PASSAGE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static enum gh_status destroy_due(
	struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_begin(base, error);

	*count = 0;
	if (status != GH_OK)
		return status;
	status = sql_run(base, SQL_DUE_SEALED, VALUES(param_integer(now_ms)), error);
	if (status == GH_OK)
		status = sql_run(base, SQL_DUE_KEYS, VALUES(param_integer(now_ms)), error);
	if (status == GH_OK)
		*count = (uint32_t)sqlite3_changes(base->handle);
	return sql_end(base, status, error);
}

static enum gh_status count(
	struct store *store, struct store_counts *counts, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_COUNTS, NO_VALUES, error);

	if (status != GH_OK)
		return status;
	counts->encounters = sql_column_integer(base, SQL_COUNTS, 0);
	counts->addenda = sql_column_integer(base, SQL_COUNTS, 1);
	counts->photos = sql_column_integer(base, SQL_COUNTS, 2);
	counts->voyages = sql_column_integer(base, SQL_COUNTS, 3);
	sql_done(base, SQL_COUNTS);
	return GH_OK;
}

static void read_device(
	struct database *base, enum statement statement, struct store_device *device)
{
	memset(device, 0, sizeof(*device));
	copy_word(base, statement, 0, device->name, sizeof(device->name));
	copy_word(base, statement, 1, device->port, sizeof(device->port));
	device->added_ms = sql_column_integer(base, statement, 2);
	device->revoked_ms = sql_column_integer(base, statement, 3);
}

static enum gh_status put_device(
	struct store *store, const struct store_device *device, struct gh_error *error)
{
	return sql_run(sql_base(store), SQL_DEVICE_PUT,
		VALUES(param_text(device->name), param_text(device->port),
			param_integer(device->added_ms)),
		error);
}

static enum gh_status find_device(
	struct store *store, const char *name, struct store_device *device, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_DEVICE_FIND, VALUES(param_text(name)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such device");
	if (status != GH_OK)
		return status;
	read_device(base, SQL_DEVICE_FIND, device);
	sql_done(base, SQL_DEVICE_FIND);
	return GH_OK;
}

/* With what it was let in by, or that would be good again when it is put in anew. */
static enum gh_status revoke_device(
	struct store *store, const char *name, int64_t now_ms, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_begin(base, error);

	if (status != GH_OK)
		return status;
	status = sql_run(
		base, SQL_DEVICE_REVOKE, VALUES(param_text(name), param_integer(now_ms)), error);
	if (status == GH_OK && sqlite3_changes(base->handle) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no such device");
	if (status == GH_OK)
		status = sql_run(base, SQL_CERTIFICATE_REVOKE_ALL,
			VALUES(param_text(name), param_integer(now_ms)), error);
	if (status == GH_OK)
		status = sql_run(base, SQL_TOKEN_DROP, VALUES(param_text(name)), error);
	return sql_end(base, status, error);
}

static enum gh_status list_devices(struct store *store,
	void (*call)(void *ctx, const struct store_device *device), void *ctx,
	struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_DEVICE_LIST, NO_VALUES, error);

	while (status == GH_OK) {
		struct store_device device;

		read_device(base, SQL_DEVICE_LIST, &device);
		call(ctx, &device);
		status = sql_next(base, SQL_DEVICE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

/* A part of what is old in one transaction, so that nobody waits long for it. */
static enum gh_status remove_old(struct database *base, const enum statement *statements,
	size_t count, int64_t before_day, struct gh_error *error)
{
	enum gh_status status = sql_begin(base, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < count && status == GH_OK; i++)
		status = sql_run(base, statements[i],
			VALUES(param_integer(before_day), param_integer(OLD_ROWS)), error);
	return sql_end(base, status, error);
}

static enum gh_status keep_days(struct store *store, int64_t now_ms,
	const struct store_limits *limits, struct gh_error *error)
{
	static const enum statement records[] = { SQL_OLD_ADDENDA, SQL_OLD_PASSAGES, SQL_OLD_SEALED,
		SQL_OLD_RECORDS };
	static const enum statement accesses[] = { SQL_OLD_ACCESSES };
	struct database *base = sql_base(store);
	int64_t today = store_day(now_ms);
	enum gh_status status = GH_OK;

	if (limits->record_days > 0)
		status = remove_old(base, records, 4, today - limits->record_days, error);
	if (status == GH_OK && limits->access_days > 0)
		status = remove_old(base, accesses, 1, today - limits->access_days, error);
	if (status == GH_OK && limits->access_days > 0)
		status = sql_run(base, SQL_OLD_CERTIFICATES,
			VALUES(param_integer(now_ms - limits->access_days * STORE_DAY_MS)), error);
	return status == GH_OK ? sql_forget_lanes(base, now_ms, error) : status;
}

const struct store_kind store_sqlite = {
	.name = "sqlite",
	.shared = false,
	.open = sql_open,
	.close = sql_close,
	.put_all = put_all,
	.find_photo = find_photo,
	.read_photo = read_photo,
	.list_records = list_records,
	.put_voyage = put_voyage,
	.find_voyage = find_voyage,
	.withdraw_voyage = withdraw_voyage,
	.list_voyages = list_voyages,
	.list_passages = list_passages,
	.put_device = put_device,
	.find_device = find_device,
	.revoke_device = revoke_device,
	.list_devices = list_devices,
	.find_standing = sql_find_standing,
	.put_token = sql_put_token,
	.find_token = sql_find_token,
	.count_failure = sql_count_failure,
	.put_certificate = sql_put_certificate,
	.find_certificate = sql_find_certificate,
	.revoke_certificate = sql_revoke_certificate,
	.list_certificates = sql_list_certificates,
	.list_lanes = sql_list_lanes,
	.read_heartbeat = sql_read_heartbeat,
	.list_alarms = sql_list_alarms,
	.change_alarms = sql_change_alarms,
	.destroy_due = destroy_due,
	.keep_days = keep_days,
	.count = count,
};
