/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of database answers, and what all kinds do alike. */
#include "store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind.h"

enum gh_status store_open(
	const struct store_options *options, struct store **store, struct gh_error *error)
{
	*store = NULL;
	if (options->address[0] == '\0')
		return store_sqlite.open(options, store, error);
	if (strncmp(options->address, "postgresql://", 13) == 0 ||
		strncmp(options->address, "postgres://", 11) == 0)
		return store_postgres.open(options, store, error);
	/* The address may hold a password. */
	return gh_error_set(
		error, GH_SETTINGS, "[central] store does not begin with postgresql://");
}

void store_close(struct store *store)
{
	if (store)
		store->kind->close(store);
}

bool store_is_shared(const struct store *store)
{
	return store->kind->shared;
}

static const struct gh_id *id_of(const struct store_put *put)
{
	switch (put->kind) {
	case STORE_RECORD:
		return &put->record.encounter->id;
	case STORE_PHOTO:
		return &put->photo.encounter;
	case STORE_ADDENDUM:
		return &put->addendum.addendum->id;
	case STORE_HEARTBEAT:
	case STORE_ACCESS:
		break;
	}
	return NULL;
}

static int64_t received_of(const struct store_put *put)
{
	switch (put->kind) {
	case STORE_RECORD:
		return put->record.uploaded_ms;
	case STORE_PHOTO:
		return put->photo.received_ms;
	case STORE_ADDENDUM:
		return put->addendum.uploaded_ms;
	case STORE_HEARTBEAT:
	case STORE_ACCESS:
		break;
	}
	return 0;
}

static int before(const void *a, const void *b)
{
	const struct store_put *one = *(struct store_put *const *)a;
	const struct store_put *two = *(struct store_put *const *)b;

	if (one->kind != two->kind)
		return (int)one->kind - (int)two->kind;
	if (one->kind == STORE_HEARTBEAT)
		return strcmp(one->heartbeat.lane, two->heartbeat.lane);
	return one->kind == STORE_ACCESS ? 0 : memcmp(id_of(one), id_of(two), sizeof(struct gh_id));
}

enum gh_status store_put_all(
	struct store *store, struct store_put **puts, size_t count, struct gh_error *error)
{
	assert(count <= STORE_TOGETHER_MAX);
	if (count == 0)
		return GH_OK;
	qsort(puts, count, sizeof(struct store_put *), before);
	for (size_t i = 0; i < count; i++) {
		puts[i]->status = GH_OK;
		puts[i]->stored = STORED_NEW;
		puts[i]->received_ms = received_of(puts[i]);
	}
	return store->kind->put_all(store, puts, count, error);
}

void store_join_referrals(const struct gh_encounter *encounter, char text[STORE_REFERRALS_BYTES])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < encounter->referral_count && i < GH_REFERRALS_MAX; i++) {
		int written = snprintf(text + used, STORE_REFERRALS_BYTES - used, "%s%s",
			i ? " " : "", gh_referral_name(encounter->referrals[i]));

		if (written < 0 || (size_t)written >= STORE_REFERRALS_BYTES - used)
			return;
		used += (size_t)written;
	}
}

enum photo_state store_photo_at_first(const struct store_record *record)
{
	if (!record->encounter->has_photo)
		return PHOTO_NONE;
	return record->wrapped_key.data ? PHOTO_AWAITED : PHOTO_DESTROYED;
}

int store_access_status(const struct store_access *access)
{
	const struct store_put *put = access->of;

	if (!put)
		return access->http_status;
	if (put->status != GH_OK)
		return put->status == GH_NOT_FOUND ? 404 : put->status == GH_DENIED ? 403 : 503;
	if (put->stored == STORED_OTHER)
		return 409;
	return put->stored == STORED_NEW ? 201 : 200;
}

int32_t store_day(int64_t real_ms)
{
	int64_t day = real_ms / STORE_DAY_MS;

	if (real_ms % STORE_DAY_MS < 0)
		day--;
	return (int32_t)day;
}

int64_t store_step_ms(int64_t real_ms)
{
	return real_ms - real_ms % STORE_STEP_MS;
}

void store_lane_numbers(struct store_lane *lane, int64_t *numbers[STORE_LANE_NUMBERS])
{
	struct store_heartbeat *last = &lane->last;
	int64_t *const those[STORE_LANE_NUMBERS] = { &last->number, &last->sent_ms,
		&last->received_ms, &last->interval_ms, &last->captured, &last->not_captured,
		&last->oldest_ms, &last->quarantined, &last->disk_free_permille,
		&last->certificate_end_ms, &last->devices_down, &lane->captured,
		&lane->not_captured };

	memcpy(numbers, those, sizeof(those));
}

void store_alarm_numbers(struct store_alarm *alarm, int64_t *numbers[STORE_ALARM_NUMBERS])
{
	int64_t *const those[STORE_ALARM_NUMBERS] = { &alarm->state, &alarm->since_ms,
		&alarm->changed_ms, &alarm->value, &alarm->limit };

	memcpy(numbers, those, sizeof(those));
}

enum gh_status store_find_photo(struct store *store, const struct gh_id *encounter,
	struct store_photo *photo, struct gh_error *error)
{
	return store->kind->find_photo(store, encounter, photo, error);
}

enum gh_status store_read_photo(struct store *store, const struct gh_id *encounter,
	struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error)
{
	return store->kind->read_photo(store, encounter, wrapped_key, sealed, error);
}

enum gh_status store_list_records(struct store *store, int64_t since, uint32_t limit,
	void (*call)(void *ctx, const struct store_row *row), void *ctx, struct gh_error *error)
{
	return store->kind->list_records(store, since, limit, call, ctx, error);
}

enum gh_status store_put_voyage(struct store *store, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error)
{
	return store->kind->put_voyage(store, voyage, stored, error);
}

enum gh_status store_find_voyage(struct store *store, const struct gh_id *id,
	struct store_voyage *voyage, struct gh_error *error)
{
	return store->kind->find_voyage(store, id, voyage, error);
}

enum gh_status store_withdraw_voyage(
	struct store *store, const struct gh_id *id, struct gh_error *error)
{
	return store->kind->withdraw_voyage(store, id, error);
}

enum gh_status store_list_voyages(struct store *store,
	void (*call)(void *ctx, const struct store_voyage *voyage), void *ctx,
	struct gh_error *error)
{
	return store->kind->list_voyages(store, call, ctx, error);
}

enum gh_status store_list_passages(struct store *store, const struct gh_id *voyage, int64_t since,
	uint32_t limit, void (*call)(void *ctx, int64_t number, const struct gh_id *person),
	void *ctx, struct gh_error *error)
{
	return store->kind->list_passages(store, voyage, since, limit, call, ctx, error);
}

enum gh_status store_put_device(
	struct store *store, const struct store_device *device, struct gh_error *error)
{
	return store->kind->put_device(store, device, error);
}

enum gh_status store_find_device(
	struct store *store, const char *name, struct store_device *device, struct gh_error *error)
{
	return store->kind->find_device(store, name, device, error);
}

enum gh_status store_revoke_device(
	struct store *store, const char *name, int64_t now_ms, struct gh_error *error)
{
	return store->kind->revoke_device(store, name, now_ms, error);
}

enum gh_status store_list_devices(struct store *store,
	void (*call)(void *ctx, const struct store_device *device), void *ctx,
	struct gh_error *error)
{
	return store->kind->list_devices(store, call, ctx, error);
}

enum gh_status store_find_standing(struct store *store, const char *name,
	const struct gh_sha256 *fingerprint, struct store_standing *standing,
	struct gh_error *error)
{
	return store->kind->find_standing(store, name, fingerprint, standing, error);
}

enum gh_status store_put_token(
	struct store *store, const struct store_token *token, struct gh_error *error)
{
	return store->kind->put_token(store, token, error);
}

enum gh_status store_find_token(
	struct store *store, const char *name, struct store_token *token, struct gh_error *error)
{
	return store->kind->find_token(store, name, token, error);
}

enum gh_status store_count_failure(struct store *store, const char *name, struct gh_error *error)
{
	return store->kind->count_failure(store, name, error);
}

enum gh_status store_put_certificate(struct store *store,
	const struct store_certificate *certificate, struct gh_view der,
	const struct gh_sha256 *token, enum stored *stored, struct gh_error *error)
{
	return store->kind->put_certificate(store, certificate, der, token, stored, error);
}

enum gh_status store_find_certificate(struct store *store, const struct gh_sha256 *key_id,
	struct store_certificate *certificate, struct gh_bytes *der, struct gh_error *error)
{
	return store->kind->find_certificate(store, key_id, certificate, der, error);
}

enum gh_status store_revoke_certificate(
	struct store *store, const char *serial, int64_t now_ms, struct gh_error *error)
{
	return store->kind->revoke_certificate(store, serial, now_ms, error);
}

enum gh_status store_list_certificates(struct store *store, const char *name,
	void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
	struct gh_error *error)
{
	return store->kind->list_certificates(store, name, call, ctx, error);
}

enum gh_status store_list_lanes(struct store *store, int64_t since_ms,
	void (*call)(void *ctx, const struct store_lane *lane), void *ctx, struct gh_error *error)
{
	return store->kind->list_lanes(store, since_ms, call, ctx, error);
}

enum gh_status store_read_heartbeat(
	struct store *store, const char *lane, struct gh_bytes *json, struct gh_error *error)
{
	return store->kind->read_heartbeat(store, lane, json, error);
}

enum gh_status store_list_alarms(struct store *store,
	void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx, struct gh_error *error)
{
	return store->kind->list_alarms(store, call, ctx, error);
}

enum gh_status store_change_alarms(struct store *store, struct store_alarm_change *changes,
	size_t count, struct gh_error *error)
{
	assert(count <= STORE_CHANGES_MAX);
	for (size_t i = 0; i < count; i++)
		changes[i].changed = false;
	return count > 0 ? store->kind->change_alarms(store, changes, count, error) : GH_OK;
}

enum gh_status store_destroy_due(
	struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error)
{
	return store->kind->destroy_due(store, now_ms, count, error);
}

enum gh_status store_keep_days(struct store *store, int64_t now_ms,
	const struct store_limits *limits, struct gh_error *error)
{
	return store->kind->keep_days(store, now_ms, limits, error);
}

enum gh_status store_count(struct store *store, struct store_counts *counts, struct gh_error *error)
{
	return store->kind->count(store, counts, error);
}
