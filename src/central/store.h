/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The centre's store: records and addenda once each, photographs, voyages, passages.
 *
 * This header is the seam for another database: nothing behind it is known outside. All functions
 * run on one thread; what returns GH_OK is durable.
 */
#ifndef GATEHOUSE_SRC_CENTRAL_STORE_H
#define GATEHOUSE_SRC_CENTRAL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/encounter/encounter.h"

struct store;

/* Open or make it in folder. GH_BUSY, GH_DENIED, GH_INTEGRITY, GH_UNSUPPORTED, GH_FULL, GH_IO. */
enum gh_status store_open(const char *folder, struct store **store, struct gh_error *error);
void store_close(struct store *store);

/* What became of something put by its id. */
enum stored {
	STORED_NEW,
	STORED_SAME,  /* the very same is there */
	STORED_OTHER, /* something else has the id: nothing was changed */
};

/* A record as it is kept: what is not personal in columns, all of it sealed. */
struct store_record {
	const struct gh_encounter *encounter;
	struct gh_sha256 hash; /* of the JSON as it came */
	int64_t uploaded_ms;
	const char *peer;           /* who brought it: the certificate's common name */
	struct gh_view wrapped_key; /* empty: its time was over when it came */
	struct gh_view sealed;
};

enum gh_status store_put_record(struct store *store, const struct store_record *record,
	enum stored *stored, struct gh_error *error);

/* Where the photograph of a record stands. */
enum photo_state {
	PHOTO_NONE, /* the record has none */
	PHOTO_AWAITED,
	PHOTO_STORED,
	PHOTO_DESTROYED, /* its time is over, here or at the lane */
};

struct store_photo {
	enum photo_state state;
	struct gh_sha256 hash;
	struct gh_bytes wrapped_key; /* the caller finishes it */
};

/* GH_NOT_FOUND: no such record. */
enum gh_status store_find_photo(struct store *store, const struct gh_id *encounter,
	struct store_photo *photo, struct gh_error *error);
enum gh_status store_put_photo(struct store *store, const struct gh_id *encounter,
	struct gh_view sealed, struct gh_error *error);

/* The sealed photograph and its key, for whoever may see it. GH_NOT_FOUND. */
enum gh_status store_read_photo(struct store *store, const struct gh_id *encounter,
	struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error);

/* GH_NOT_FOUND: the record is not here. not_passed takes the passage back. */
enum gh_status store_put_addendum(struct store *store, const struct gh_addendum *addendum,
	const struct gh_sha256 *hash, struct gh_view json, int64_t uploaded_ms, enum stored *stored,
	struct gh_error *error);

/* A row of the list for operators. Texts are valid during the call. */
struct store_row {
	int64_t number;
	struct gh_id id;
	const char *lane;
	bool test;
	int64_t event_ms;
	int64_t uploaded_ms;
	const char *capture;
	const char *reason;
	const char *comparison;
	const char *outcome;
	const char *decision;
	const char *referrals; /* words joined by spaces */
	bool has_score;
	double score;
	bool has_threshold;
	double threshold;
	uint32_t answer_ms;
	uint32_t waiting_ms;
	enum photo_state photo;
	const char *addenda; /* "kind" or "disposition:proceed", joined by spaces, in order */
};

enum gh_status store_list_records(struct store *store, int64_t since, uint32_t limit,
	void (*call)(void *ctx, const struct store_row *row), void *ctx, struct gh_error *error);

/* A voyage as it is published. */
struct store_voyage {
	struct gh_id id;
	uint32_t version;
	struct gh_sha256 hash;
	bool test;
	char carrier[4];
	char number[9];
	char from[6];
	char to[6];
	int64_t departure_ms;
	int64_t arrival_ms;
	int64_t passage_end_ms;
	int64_t published_ms;
};

/* STORED_OTHER: the version there is as high with another hash, or higher. */
enum gh_status store_put_voyage(struct store *store, const struct store_voyage *voyage,
	enum stored *stored, struct gh_error *error);
enum gh_status store_find_voyage(struct store *store, const struct gh_id *id,
	struct store_voyage *voyage, struct gh_error *error);
enum gh_status store_withdraw_voyage(
	struct store *store, const struct gh_id *id, struct gh_error *error);
enum gh_status store_list_voyages(struct store *store,
	void (*call)(void *ctx, const struct store_voyage *voyage), void *ctx,
	struct gh_error *error);

/* Persons who passed on a voyage, after number since. */
enum gh_status store_list_passages(struct store *store, const struct gh_id *voyage, int64_t since,
	uint32_t limit, void (*call)(void *ctx, int64_t number, const struct gh_id *person),
	void *ctx, struct gh_error *error);

/* Destroy keys, photographs and sealed records whose time is over; how many records. */
enum gh_status store_destroy_due(
	struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error);

struct store_counts {
	int64_t encounters;
	int64_t addenda;
	int64_t photos;
	int64_t voyages;
};

enum gh_status store_count(
	struct store *store, struct store_counts *counts, struct gh_error *error);

#endif
