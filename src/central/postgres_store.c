/* SPDX-License-Identifier: Apache-2.0 */
/* Records, addenda, photographs, voyages, passages, devices and accesses in PostgreSQL. */
#include <stdlib.h>
#include <string.h>

#include "postgres.h"

/* Of the time in which what is stored must be visible, what the commit itself may take. */
#define COMMIT_MS 1000

/* What an item is, in the table of all ids: a record; an addendum is 2. */
#define ITEM_RECORD 1

static enum gh_status open_store(
	const struct store_options *options, struct store **store, struct gh_error *error)
{
	struct postgres *made = calloc(1, sizeof(*made));
	enum gh_status status;

	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "store");
	made->store.kind = &store_postgres;
	made->list_delay_ms = options->list_delay_ms;
	made->kept_day = INT64_MIN;
	status = gh_text_copy(made->address, sizeof(made->address), options->address)
		? pg_ready(made, error)
		: gh_error_set(error, GH_SETTINGS, "[central] store is too long");
	if (status == GH_OK)
		status = pg_keep_days(
			&made->store, options->now_ms, &(struct store_limits){ 0, 0 }, error);
	if (status != GH_OK) {
		pg_end(made);
		free(made);
		return status;
	}
	/* What is due to go was not asked for yet. */
	made->kept_day = INT64_MIN;
	*store = &made->store;
	return GH_OK;
}

static void close_store(struct store *store)
{
	pg_end(pg_base(store));
	free(store);
}

static int64_t low_bits(const struct gh_id *id)
{
	return (id->bytes[14] << 8 | id->bytes[15]) & NUMBER_MASK;
}

static enum gh_status send_record(
	struct postgres *base, const struct store_record *record, struct gh_error *error)
{
	const struct gh_encounter *e = record->encounter;
	const struct gh_encounter_comparison *comparison = &e->comparison;
	struct gh_view photo_hash = { e->photo_sha256, sizeof(e->photo_sha256) };
	bool compared = comparison->kind != GH_COMPARISON_NONE;
	bool passed = e->decision == GH_DECISION_GO && e->has_voyage && e->has_person;
	char referrals[STORE_REFERRALS_BYTES];

	store_join_referrals(e, referrals);
	return pg_send(base, PG_RECORD_PUT,
		VALUES(param_id(&e->id), param_integer(store_day(e->event_ms)),
			param_hash(&record->hash), param_text(e->lane.lane),
			param_text(record->peer), param_integer(e->lane.purpose == GH_PURPOSE_DEMO),
			param_integer(e->event_ms), param_integer(record->uploaded_ms),
			param_text(gh_capture_name(e->capture)),
			param_text(gh_reason_name(e->reason)),
			param_text(gh_comparison_name(comparison->kind)),
			param_text(gh_outcome_name(comparison->outcome)),
			param_text(gh_decision_name(e->decision)), param_text(referrals),
			param_real(comparison->score,
				compared && comparison->score != GH_NOT_ASSESSED),
			param_real(comparison->threshold,
				compared && comparison->threshold != GH_NOT_ASSESSED),
			param_integer(e->answer_ms), param_integer(e->waiting_ms),
			param_integer(store_photo_at_first(record)), param_bytes(photo_hash),
			param_integer(e->destroy_by_ms), param_bytes(record->wrapped_key),
			param_bytes(record->sealed), param_id(passed ? &e->voyage : NULL),
			param_id(passed ? &e->person : NULL), param_integer(low_bits(&e->id))),
		error);
}

static enum gh_status send_addendum(
	struct postgres *base, const struct store_addendum *put, struct gh_error *error)
{
	const struct gh_addendum *addendum = put->addendum;
	const char *disposition = addendum->kind == GH_ADDENDUM_DISPOSITION
		? gh_disposition_name(addendum->disposition)
		: NULL;

	return pg_send(base, PG_ADDENDUM_PUT,
		VALUES(param_id(&addendum->id), param_id(&addendum->encounter),
			param_hash(&put->hash), param_text(gh_addendum_kind_name(addendum->kind)),
			param_text(disposition), param_integer(addendum->event_ms),
			param_integer(put->uploaded_ms), param_bytes(put->json),
			param_integer(addendum->kind == GH_ADDENDUM_NOT_PASSED),
			param_integer(low_bits(&addendum->id)), param_text(addendum->lane)),
		error);
}

static enum gh_status send_access(
	struct postgres *base, const struct store_access *access, struct gh_error *error)
{
	return pg_send(base, PG_ACCESS_PUT,
		VALUES(param_integer(store_day(access->at_ms)), param_integer(access->at_ms),
			param_text(access->peer), param_text(access->role),
			param_text(access->action), param_text(access->item),
			param_integer(store_access_status(access))),
		error);
}

static enum gh_status send_put(
	struct postgres *base, const struct store_put *put, struct gh_error *error)
{
	switch (put->kind) {
	case STORE_RECORD:
		return send_record(base, &put->record, error);
	case STORE_PHOTO:
		return pg_send(base, PG_PHOTO_PUT,
			VALUES(param_id(&put->photo.encounter), param_integer(put->photo.day),
				param_bytes(put->photo.sealed),
				param_integer(put->photo.received_ms)),
			error);
	case STORE_ADDENDUM:
		return send_addendum(base, &put->addendum, error);
	case STORE_HEARTBEAT:
		return pg_send_heartbeat(base, &put->heartbeat, error);
	case STORE_ACCESS:
		break;
	}
	return send_access(base, &put->access, error);
}

static const struct gh_sha256 *hash_of(const struct store_put *put)
{
	return put->kind == STORE_RECORD ? &put->record.hash : &put->addendum.hash;
}

/* Hash and time of what is there stand in the columns 1 and 2. */
static void compare(const PGresult *rows, struct store_put *put)
{
	struct gh_sha256 there;

	pg_fixed(rows, 0, 1, there.bytes, sizeof(there.bytes));
	put->received_ms = pg_integer(rows, 0, 2);
	put->stored = gh_sha256_equal(&there, hash_of(put)) ? STORED_SAME : STORED_OTHER;
}

/*
 * What became of a put; false when another process had it under way, so that its hash is not to be
 * seen before the next statement.
 */
static bool judge(const PGresult *rows, struct store_put *put)
{
	if (put->kind == STORE_PHOTO) {
		put->status = PQntuples(rows) == 1 ? GH_OK : GH_BUSY;
		if (put->status == GH_OK)
			put->received_ms = pg_integer(rows, 0, 0);
		return true;
	}
	if (pg_integer(rows, 0, 0) > 0)
		return true;
	if (put->kind == STORE_HEARTBEAT) {
		put->stored = STORED_SAME;
		return true;
	}
	if (!PQgetisnull(rows, 0, 1)) {
		compare(rows, put);
		return true;
	}
	if (put->kind == STORE_RECORD)
		return false;
	if (pg_integer(rows, 0, 3) == 0)
		put->status = GH_NOT_FOUND;
	else if (pg_integer(rows, 0, 4) == 0)
		put->status = GH_DENIED;
	return put->status != GH_OK;
}

static enum gh_status send_find(
	struct postgres *base, const struct store_put *put, struct gh_error *error)
{
	const struct gh_addendum *addendum;

	if (put->kind == STORE_RECORD)
		return pg_send(
			base, PG_RECORD_FIND, VALUES(param_id(&put->record.encounter->id)), error);
	addendum = put->addendum.addendum;
	return pg_send(base, PG_ADDENDUM_FIND,
		VALUES(param_id(&addendum->id), param_id(&addendum->encounter)), error);
}

/* In the same transaction, but after the other's. */
static enum gh_status look_again(
	struct postgres *base, struct store_put *put, struct gh_error *error)
{
	PGresult *rows = NULL;
	enum gh_status status = send_find(base, put, error);

	if (status == GH_OK)
		status = pg_flush(base, error);
	if (status == GH_OK)
		status = pg_take(base, &rows, error);
	if (status == GH_OK && PQntuples(rows) == 1)
		compare(rows, put);
	else if (status == GH_OK)
		status = gh_error_set(error, GH_BUSY, "PostgreSQL: an id that comes and goes");
	PQclear(rows);
	return status;
}

static enum gh_status judge_all(
	struct postgres *base, struct store_put **puts, size_t count, struct gh_error *error)
{
	bool again[STORE_TOGETHER_MAX] = { false };
	enum gh_status status = pg_flush(base, error);

	for (size_t i = 0; i < count && status == GH_OK; i++) {
		PGresult *rows;

		status = pg_take(base, &rows, error);
		if (status == GH_OK)
			again[i] = !judge(rows, puts[i]);
		PQclear(rows);
	}
	for (size_t i = 0; i < count && status == GH_OK; i++) {
		if (again[i])
			status = look_again(base, puts[i], error);
	}
	return status;
}

/* A lock may have taken so long that readers of lists have gone past these numbers. */
static enum gh_status send_limit(struct postgres *base, struct gh_error *error)
{
	double limit_ms = (double)base->list_delay_ms - COMMIT_MS;

	if (base->list_delay_ms == 0)
		limit_ms = 1e9;
	return pg_send(
		base, PG_IN_TIME, VALUES(param_real(limit_ms > 0 ? limit_ms : 100, true)), error);
}

/* Accesses come last, and are told what became of the puts before them. */
static size_t count_goods(struct store_put **puts, size_t count)
{
	size_t goods = 0;

	while (goods < count && puts[goods]->kind != STORE_ACCESS)
		goods++;
	return goods;
}

static enum gh_status put_all(
	struct store *store, struct store_put **puts, size_t count, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	size_t goods = count_goods(puts, count);
	size_t sent = 0;
	enum gh_status status = pg_begin(base, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < goods && status == GH_OK; i++)
		status = send_put(base, puts[i], error);
	if (status == GH_OK && goods > 0)
		status = judge_all(base, puts, goods, error);
	for (size_t i = goods; i < count && status == GH_OK; i++, sent++)
		status = send_put(base, puts[i], error);
	if (status == GH_OK && goods > 0) {
		status = send_limit(base, error);
		sent++;
	}
	return pg_commit(base, status, sent, error);
}

static enum gh_status find_day(
	struct postgres *base, const struct gh_id *id, int64_t *day, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(
		base, PG_ITEM_FIND, VALUES(param_id(id), param_integer(ITEM_RECORD)), &rows, error);

	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no such record");
	else if (status == GH_OK)
		*day = pg_integer(rows, 0, 1);
	PQclear(rows);
	return status;
}

static enum gh_status find_photo(struct store *store, const struct gh_id *encounter,
	struct store_photo *photo, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	PGresult *rows = NULL;
	int64_t day = 0;
	enum gh_status status = find_day(base, encounter, &day, error);

	if (status == GH_OK)
		status = pg_query(base, PG_PHOTO_FIND,
			VALUES(param_integer(day), param_id(encounter)), &rows, error);
	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no such record");
	if (status == GH_OK) {
		photo->day = (int32_t)day;
		photo->state = (enum photo_state)pg_integer(rows, 0, 0);
		pg_fixed(rows, 0, 1, photo->hash.bytes, sizeof(photo->hash.bytes));
		gh_text_copy(photo->lane, sizeof(photo->lane), pg_text(rows, 0, 3));
		photo->received_ms = pg_integer(rows, 0, 4);
		status = pg_copy(rows, 0, 2, &photo->wrapped_key, error);
	}
	PQclear(rows);
	return status;
}

static enum gh_status read_photo(struct store *store, const struct gh_id *encounter,
	struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	PGresult *rows = NULL;
	int64_t day = 0;
	enum gh_status status = find_day(base, encounter, &day, error);

	if (status == GH_OK)
		status = pg_query(base, PG_PHOTO_SEALED,
			VALUES(param_integer(day), param_id(encounter)), &rows, error);
	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no such photograph");
	if (status == GH_OK)
		status = pg_copy(rows, 0, 0, wrapped_key, error);
	if (status == GH_OK)
		status = pg_copy(rows, 0, 1, sealed, error);
	PQclear(rows);
	return status;
}

static void read_row(const PGresult *rows, int at, struct store_row *row)
{
	row->number = pg_integer(rows, at, 0);
	pg_fixed(rows, at, 1, row->id.bytes, sizeof(row->id.bytes));
	row->lane = pg_text(rows, at, 2);
	row->test = pg_integer(rows, at, 3) != 0;
	row->event_ms = pg_integer(rows, at, 4);
	row->uploaded_ms = pg_integer(rows, at, 5);
	row->capture = pg_text(rows, at, 6);
	row->reason = pg_text(rows, at, 7);
	row->comparison = pg_text(rows, at, 8);
	row->outcome = pg_text(rows, at, 9);
	row->decision = pg_text(rows, at, 10);
	row->referrals = pg_text(rows, at, 11);
	row->has_score = !PQgetisnull(rows, at, 12);
	row->score = pg_real(rows, at, 12);
	row->has_threshold = !PQgetisnull(rows, at, 13);
	row->threshold = pg_real(rows, at, 13);
	row->answer_ms = (uint32_t)pg_integer(rows, at, 14);
	row->waiting_ms = (uint32_t)pg_integer(rows, at, 15);
	row->photo = (enum photo_state)pg_integer(rows, at, 16);
	row->addenda = pg_text(rows, at, 17);
}

static enum gh_status list_records(struct store *store, int64_t since, uint32_t limit,
	void (*call)(void *ctx, const struct store_row *row), void *ctx, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	PGresult *rows;
	enum gh_status status = pg_query(base, PG_RECORD_LIST,
		VALUES(param_integer(since), param_integer(limit),
			param_integer(base->list_delay_ms)),
		&rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct store_row row;

		read_row(rows, i, &row);
		call(ctx, &row);
	}
	PQclear(rows);
	return status;
}

static void read_voyage(const PGresult *rows, int at, struct store_voyage *voyage)
{
	memset(voyage, 0, sizeof(*voyage));
	pg_fixed(rows, at, 0, voyage->id.bytes, sizeof(voyage->id.bytes));
	voyage->version = (uint32_t)pg_integer(rows, at, 1);
	pg_fixed(rows, at, 2, voyage->hash.bytes, sizeof(voyage->hash.bytes));
	voyage->test = pg_integer(rows, at, 3) != 0;
	gh_text_copy(voyage->carrier, sizeof(voyage->carrier), pg_text(rows, at, 4));
	gh_text_copy(voyage->number, sizeof(voyage->number), pg_text(rows, at, 5));
	gh_text_copy(voyage->from, sizeof(voyage->from), pg_text(rows, at, 6));
	gh_text_copy(voyage->to, sizeof(voyage->to), pg_text(rows, at, 7));
	voyage->departure_ms = pg_integer(rows, at, 8);
	voyage->arrival_ms = pg_integer(rows, at, 9);
	voyage->passage_end_ms = pg_integer(rows, at, 10);
	voyage->published_ms = pg_integer(rows, at, 11);
}

static enum gh_status compare_voyage(struct postgres *base, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	struct gh_sha256 there;
	PGresult *rows;
	enum gh_status status =
		pg_query(base, PG_VOYAGE_LATEST, VALUES(param_id(&voyage->id)), &rows, error);

	*stored = STORED_OTHER;
	if (status == GH_OK && PQntuples(rows) == 1 &&
		(uint32_t)pg_integer(rows, 0, 0) == voyage->version) {
		pg_fixed(rows, 0, 1, there.bytes, sizeof(there.bytes));
		if (gh_sha256_equal(&there, &voyage->hash))
			*stored = STORED_SAME;
	}
	PQclear(rows);
	return status;
}

static enum gh_status put_voyage(struct store *store, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	PGresult *rows;
	bool is_new;
	enum gh_status status = pg_query(base, PG_VOYAGE_PUT,
		VALUES(param_id(&voyage->id), param_integer(voyage->version),
			param_hash(&voyage->hash), param_integer(voyage->test),
			param_text(voyage->carrier), param_text(voyage->number),
			param_text(voyage->from), param_text(voyage->to),
			param_integer(voyage->departure_ms), param_integer(voyage->arrival_ms),
			param_integer(voyage->passage_end_ms), param_integer(voyage->published_ms)),
		&rows, error);

	is_new = PQntuples(rows) == 1;
	PQclear(rows);
	*stored = STORED_NEW;
	return status == GH_OK && !is_new ? compare_voyage(base, voyage, stored, error) : status;
}

static enum gh_status find_voyage(struct store *store, const struct gh_id *id,
	struct store_voyage *voyage, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status =
		pg_query(pg_base(store), PG_VOYAGE_FIND, VALUES(param_id(id)), &rows, error);

	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no such voyage");
	else if (status == GH_OK)
		read_voyage(rows, 0, voyage);
	PQclear(rows);
	return status;
}

static enum gh_status withdraw_voyage(
	struct store *store, const struct gh_id *id, struct gh_error *error)
{
	return pg_change(pg_base(store), PG_VOYAGE_WITHDRAW, VALUES(param_id(id)), error);
}

static enum gh_status list_voyages(struct store *store,
	void (*call)(void *ctx, const struct store_voyage *voyage), void *ctx,
	struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(pg_base(store), PG_VOYAGE_LIST, NO_VALUES, &rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct store_voyage voyage;

		read_voyage(rows, i, &voyage);
		call(ctx, &voyage);
	}
	PQclear(rows);
	return status;
}

static enum gh_status list_passages(struct store *store, const struct gh_id *voyage, int64_t since,
	uint32_t limit, void (*call)(void *ctx, int64_t number, const struct gh_id *person),
	void *ctx, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	PGresult *rows;
	enum gh_status status = pg_query(base, PG_PASSAGE_LIST,
		VALUES(param_id(voyage), param_integer(since), param_integer(limit),
			param_integer(base->list_delay_ms)),
		&rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct gh_id person;

		pg_fixed(rows, i, 1, person.bytes, sizeof(person.bytes));
		call(ctx, pg_integer(rows, i, 0), &person);
	}
	PQclear(rows);
	return status;
}

static enum gh_status put_device(
	struct store *store, const struct store_device *device, struct gh_error *error)
{
	return pg_change(pg_base(store), PG_DEVICE_PUT,
		VALUES(param_text(device->name), param_text(device->port),
			param_integer(device->added_ms)),
		error);
}

static void read_device(const PGresult *rows, int at, struct store_device *device)
{
	memset(device, 0, sizeof(*device));
	gh_text_copy(device->name, sizeof(device->name), pg_text(rows, at, 0));
	gh_text_copy(device->port, sizeof(device->port), pg_text(rows, at, 1));
	device->added_ms = pg_integer(rows, at, 2);
	device->revoked_ms = pg_integer(rows, at, 3);
}

static enum gh_status find_device(
	struct store *store, const char *name, struct store_device *device, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status =
		pg_query(pg_base(store), PG_DEVICE_FIND, VALUES(param_text(name)), &rows, error);

	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no such device");
	else if (status == GH_OK)
		read_device(rows, 0, device);
	PQclear(rows);
	return status;
}

static enum gh_status revoke_device(
	struct store *store, const char *name, int64_t now_ms, struct gh_error *error)
{
	return pg_change(pg_base(store), PG_DEVICE_REVOKE,
		VALUES(param_text(name), param_integer(now_ms)), error);
}

static enum gh_status list_devices(struct store *store,
	void (*call)(void *ctx, const struct store_device *device), void *ctx,
	struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(pg_base(store), PG_DEVICE_LIST, NO_VALUES, &rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct store_device device;

		read_device(rows, i, &device);
		call(ctx, &device);
	}
	PQclear(rows);
	return status;
}

static enum gh_status destroy_due(
	struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error)
{
	int64_t destroyed = 1;
	enum gh_status status = GH_OK;

	*count = 0;
	while (status == GH_OK && destroyed > 0) {
		PGresult *rows;

		status = pg_query(
			pg_base(store), PG_DUE, VALUES(param_integer(now_ms)), &rows, error);
		destroyed = PQntuples(rows) ? pg_integer(rows, 0, 0) : 0;
		PQclear(rows);
		*count += (uint32_t)destroyed;
	}
	return status;
}

static enum gh_status count(
	struct store *store, struct store_counts *counts, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(pg_base(store), PG_COUNTS, NO_VALUES, &rows, error);

	if (status == GH_OK) {
		counts->encounters = pg_integer(rows, 0, 0);
		counts->addenda = pg_integer(rows, 0, 1);
		counts->photos = pg_integer(rows, 0, 2);
		counts->voyages = pg_integer(rows, 0, 3);
	}
	PQclear(rows);
	return status;
}

const struct store_kind store_postgres = {
	.name = "postgresql",
	.shared = true,
	.open = open_store,
	.close = close_store,
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
	.find_standing = pg_find_standing,
	.put_token = pg_put_token,
	.find_token = pg_find_token,
	.count_failure = pg_count_failure,
	.put_certificate = pg_put_certificate,
	.find_certificate = pg_find_certificate,
	.revoke_certificate = pg_revoke_certificate,
	.list_certificates = pg_list_certificates,
	.list_lanes = pg_list_lanes,
	.read_heartbeat = pg_read_heartbeat,
	.list_alarms = pg_list_alarms,
	.change_alarms = pg_change_alarms,
	.destroy_due = destroy_due,
	.keep_days = pg_keep_days,
	.count = count,
};
