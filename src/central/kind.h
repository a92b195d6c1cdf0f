/* SPDX-License-Identifier: Apache-2.0 */
/* What a kind of database does for the store; functions as store.h says, all of them mandatory. */
#ifndef GATEHOUSE_SRC_CENTRAL_KIND_H
#define GATEHOUSE_SRC_CENTRAL_KIND_H

#include "store.h"

struct store_kind {
	const char *name;
	bool shared;

	enum gh_status (*open)(
		const struct store_options *options, struct store **store, struct gh_error *error);
	void (*close)(struct store *store);

	/* As store_put_all(), already sorted. */
	enum gh_status (*put_all)(
		struct store *store, struct store_put **puts, size_t count, struct gh_error *error);

	enum gh_status (*find_photo)(struct store *store, const struct gh_id *encounter,
		struct store_photo *photo, struct gh_error *error);
	enum gh_status (*read_photo)(struct store *store, const struct gh_id *encounter,
		struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error);
	enum gh_status (*list_records)(struct store *store, int64_t since, uint32_t limit,
		void (*call)(void *ctx, const struct store_row *row), void *ctx,
		struct gh_error *error);

	enum gh_status (*put_voyage)(struct store *store, const struct store_voyage *voyage,
		enum stored *stored, struct gh_error *error);
	enum gh_status (*find_voyage)(struct store *store, const struct gh_id *id,
		struct store_voyage *voyage, struct gh_error *error);
	enum gh_status (*withdraw_voyage)(
		struct store *store, const struct gh_id *id, struct gh_error *error);
	enum gh_status (*list_voyages)(struct store *store,
		void (*call)(void *ctx, const struct store_voyage *voyage), void *ctx,
		struct gh_error *error);
	enum gh_status (*list_passages)(struct store *store, const struct gh_id *voyage,
		int64_t since, uint32_t limit,
		void (*call)(void *ctx, int64_t number, const struct gh_id *person), void *ctx,
		struct gh_error *error);

	enum gh_status (*put_device)(
		struct store *store, const struct store_device *device, struct gh_error *error);
	enum gh_status (*find_device)(struct store *store, const char *name,
		struct store_device *device, struct gh_error *error);
	enum gh_status (*revoke_device)(
		struct store *store, const char *name, int64_t now_ms, struct gh_error *error);
	enum gh_status (*list_devices)(struct store *store,
		void (*call)(void *ctx, const struct store_device *device), void *ctx,
		struct gh_error *error);

	enum gh_status (*find_standing)(struct store *store, const char *name,
		const struct gh_sha256 *fingerprint, struct store_standing *standing,
		struct gh_error *error);
	enum gh_status (*put_token)(
		struct store *store, const struct store_token *token, struct gh_error *error);
	enum gh_status (*find_token)(struct store *store, const char *name,
		struct store_token *token, struct gh_error *error);
	enum gh_status (*count_failure)(
		struct store *store, const char *name, struct gh_error *error);
	enum gh_status (*put_certificate)(struct store *store,
		const struct store_certificate *certificate, struct gh_view der,
		const struct gh_sha256 *token, enum stored *stored, struct gh_error *error);
	enum gh_status (*find_certificate)(struct store *store, const struct gh_sha256 *key_id,
		struct store_certificate *certificate, struct gh_bytes *der,
		struct gh_error *error);
	enum gh_status (*revoke_certificate)(
		struct store *store, const char *serial, int64_t now_ms, struct gh_error *error);
	enum gh_status (*list_certificates)(struct store *store, const char *name,
		void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
		struct gh_error *error);
	enum gh_status (*list_lanes)(struct store *store, int64_t since_ms,
		void (*call)(void *ctx, const struct store_lane *lane), void *ctx,
		struct gh_error *error);
	enum gh_status (*read_heartbeat)(struct store *store, const char *lane,
		struct gh_bytes *json, struct gh_error *error);
	enum gh_status (*list_alarms)(struct store *store,
		void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx,
		struct gh_error *error);
	enum gh_status (*change_alarms)(struct store *store, struct store_alarm_change *changes,
		size_t count, struct gh_error *error);

	enum gh_status (*destroy_due)(
		struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error);
	enum gh_status (*keep_days)(struct store *store, int64_t now_ms,
		const struct store_limits *limits, struct gh_error *error);
	enum gh_status (*count)(
		struct store *store, struct store_counts *counts, struct gh_error *error);
};

/* First in every store. */
struct store {
	const struct store_kind *kind;
};

extern const struct store_kind store_sqlite;
extern const struct store_kind store_postgres;

/* What both write alike. */
#define STORE_REFERRALS_BYTES 512
void store_join_referrals(const struct gh_encounter *encounter, char text[STORE_REFERRALS_BYTES]);
enum photo_state store_photo_at_first(const struct store_record *record);

#endif
