/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The centre's store: records and addenda once each, photographs, voyages, passages, devices, and
 * who asked for what.
 *
 * This header is the seam for another database: nothing behind it is known outside, and every
 * database passes tests/unit/central/store.c. All functions run on one thread; what returns
 * GH_OK is durable. GH_BUSY and GH_OFFLINE: the database is away or has too much to do; nothing is
 * lost by asking again, even when the answer came too late and the work was done.
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

#define STORE_DAY_MS (INT64_C(24) * 3600 * 1000)

struct store_options {
	const char *folder;     /* of a database that is a file */
	const char *address;    /* "" for SQLite in folder, or postgresql://... */
	uint32_t list_delay_ms; /* where several processes write: see store_list_records() */
	int64_t now_ms;
};

/*
 * Open it, make or migrate its tables. GH_BUSY, GH_OFFLINE, GH_DENIED, GH_INTEGRITY,
 * GH_UNSUPPORTED, GH_FULL, GH_IO, GH_SETTINGS (an address of no kind).
 */
enum gh_status store_open(
	const struct store_options *options, struct store **store, struct gh_error *error);
void store_close(struct store *store);

/* Whether other processes may have it open too. */
bool store_is_shared(const struct store *store);

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

/* Where the photograph of a record stands. */
enum photo_state {
	PHOTO_NONE, /* the record has none */
	PHOTO_AWAITED,
	PHOTO_STORED,
	PHOTO_DESTROYED, /* its time is over, here or at the lane */
};

struct store_photo {
	enum photo_state state;
	char lane[32];       /* of the record */
	int32_t day;         /* of the record */
	int64_t received_ms; /* when it came first; 0: not yet, or before that was kept */
	struct gh_sha256 hash;
	struct gh_bytes wrapped_key; /* the caller finishes it */
};

/* GH_NOT_FOUND: no such record. */
enum gh_status store_find_photo(struct store *store, const struct gh_id *encounter,
	struct store_photo *photo, struct gh_error *error);

/* The sealed photograph and its key, for whoever may see it. GH_NOT_FOUND. */
enum gh_status store_read_photo(struct store *store, const struct gh_id *encounter,
	struct gh_bytes *wrapped_key, struct gh_bytes *sealed, struct gh_error *error);

/* A photograph as it is kept. */
struct store_picture {
	struct gh_id encounter;
	int32_t day; /* as store_find_photo() said */
	struct gh_view sealed;
	int64_t received_ms;
};

/* An addendum as it is kept; not_passed takes the passage back. */
struct store_addendum {
	const struct gh_addendum *addendum;
	struct gh_sha256 hash;
	struct gh_view json;
	int64_t uploaded_ms;
};

/* Captures are added up in steps of so long, and kept for so long. */
#define STORE_STEP_MS (INT64_C(5) * 60 * 1000)
#define STORE_STEPS_KEPT_MS (STORE_DAY_MS + STORE_STEP_MS)

/* A lane that was silent for so long is forgotten, and its alarms with it. */
#define STORE_LANE_KEPT_MS (30 * STORE_DAY_MS)

/*
 * The last heartbeat of a lane as it is kept: what alarms look at in columns, and its JSON. One
 * that is not newer than what is there (of the same boot, and not of a higher number) is
 * STORED_SAME, and changes nothing. What was captured since the last one is added to the step of
 * received_ms: the difference, or all of it after a restart; nothing for the first of a lane.
 */
struct store_heartbeat {
	char lane[32];
	struct gh_id boot;
	int64_t number;
	int64_t sent_ms;
	int64_t received_ms;
	int64_t interval_ms;
	int64_t captured; /* since boot */
	int64_t not_captured;
	int64_t oldest_ms;
	int64_t quarantined;
	int64_t disk_free_permille;
	int64_t certificate_end_ms; /* 0 unknown */
	int64_t devices_down;
	struct gh_view json; /* empty where lanes are listed */
};

/* Who asked for what and what came of it; nothing personal. Texts of fixed words and names. */
struct store_access {
	int64_t at_ms;
	const char *peer;   /* the certificate's common name */
	const char *role;   /* "lane", "operator", "none" */
	const char *action; /* an operation of the API file, "" none */
	char item[65];      /* the id or name in the path, "" none */
	int http_status;
	const struct store_put *of; /* not NULL: what became of this put says the status */
};

/* One thing to be stored; several go in one transaction. */
struct store_put {
	enum store_put_kind {
		STORE_RECORD,
		STORE_PHOTO,
		STORE_ADDENDUM,
		STORE_HEARTBEAT,
		STORE_ACCESS,
	} kind;
	union {
		struct store_record record;
		struct store_picture photo;
		struct store_addendum addendum;
		struct store_heartbeat heartbeat;
		struct store_access access;
	};
	/* What became of it: GH_OK and stored; GH_NOT_FOUND, the record of an addendum is not here;
	 * GH_DENIED, the record of an addendum is another lane's; GH_BUSY, a photograph whose
	 * record changed meanwhile. */
	enum gh_status status;
	enum stored stored;
	int64_t received_ms; /* with GH_OK: when the first of this content came */
};

/* Puts of one transaction, at most. */
#define STORE_TOGETHER_MAX 128

/* Sorts the pointers, so that no two processes wait for each other. All are stored, or none. */
enum gh_status store_put_all(
	struct store *store, struct store_put **puts, size_t count, struct gh_error *error);

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

/*
 * Records after number since, by number. Where several processes write, a record gets its number
 * before others can see it; so that a reader who goes on after the last number misses none, what
 * came less than list_delay_ms ago is not listed yet.
 */
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

/* Persons who passed on a voyage, after number since; as store_list_records(). */
enum gh_status store_list_passages(struct store *store, const struct gh_id *voyage, int64_t since,
	uint32_t limit, void (*call)(void *ctx, int64_t number, const struct gh_id *person),
	void *ctx, struct gh_error *error);

/* A machine that may speak to the centre, by its certificate's common name. */
struct store_device {
	char name[65];
	char port[12]; /* whose voyages it sees */
	int64_t added_ms;
	int64_t revoked_ms; /* 0: it is not */
};

/* Put in, or changed, and no longer revoked. */
enum gh_status store_put_device(
	struct store *store, const struct store_device *device, struct gh_error *error);
enum gh_status store_find_device(
	struct store *store, const char *name, struct store_device *device, struct gh_error *error);
/* Its certificates and its token end with it: they do not come back when it is put in anew. */
enum gh_status store_revoke_device(
	struct store *store, const char *name, int64_t now_ms, struct gh_error *error);
enum gh_status store_list_devices(struct store *store,
	void (*call)(void *ctx, const struct store_device *device), void *ctx,
	struct gh_error *error);

/* Bytes of a serial number as text, its final NUL included. */
#define STORE_SERIAL_BYTES 41

/* A certificate that the centre has issued; one for each public key. */
struct store_certificate {
	struct gh_sha256 key_id; /* of its public key */
	struct gh_sha256 fingerprint;
	char serial[STORE_SERIAL_BYTES];
	char name[65]; /* whose it is */
	int64_t issued_ms;
	int64_t not_after_ms;
	int64_t revoked_ms; /* 0: it is not */
};

/* How a lane stands, by its name and by the certificate that it shows. */
struct store_standing {
	bool registered;
	char port[12];
	int64_t revoked_ms; /* of the lane; 0: it is not */
	bool issued;        /* the certificate is one of ours */
	int64_t certificate_revoked_ms;
};

/* One look at both: it is made for every request. */
enum gh_status store_find_standing(struct store *store, const char *name,
	const struct gh_sha256 *fingerprint, struct store_standing *standing,
	struct gh_error *error);

/* A token by which a lane may have one key certified. */
struct store_token {
	char name[65];
	struct gh_sha256 hash; /* of the token, which is kept nowhere */
	int64_t made_ms;
	int64_t expires_ms;
	bool used; /* for key_id, and for no other any more */
	struct gh_sha256 key_id;
	int64_t failures; /* wrong ones brought in this name since it was made */
};

/* In the place of one that the lane had. */
enum gh_status store_put_token(
	struct store *store, const struct store_token *token, struct gh_error *error);
enum gh_status store_find_token(
	struct store *store, const char *name, struct store_token *token, struct gh_error *error);

/* Count a wrong one, where there is a token to be guessed. */
enum gh_status store_count_failure(struct store *store, const char *name, struct gh_error *error);

/*
 * Keep a certificate, and with token not NULL use up that token for its key in the same step.
 *
 * STORED_SAME: the key has a certificate already, and nothing was changed. GH_DENIED: at
 * issued_ms there is no such token for this name, it is over, or was used for another key.
 */
enum gh_status store_put_certificate(struct store *store,
	const struct store_certificate *certificate, struct gh_view der,
	const struct gh_sha256 *token, enum stored *stored, struct gh_error *error);

/* By its key; the caller finishes *der. GH_NOT_FOUND. */
enum gh_status store_find_certificate(struct store *store, const struct gh_sha256 *key_id,
	struct store_certificate *certificate, struct gh_bytes *der, struct gh_error *error);

/* GH_NOT_FOUND: there is no such serial, or it is revoked. */
enum gh_status store_revoke_certificate(
	struct store *store, const char *serial, int64_t now_ms, struct gh_error *error);

/* Of a lane, oldest first. */
enum gh_status store_list_certificates(struct store *store, const char *name,
	void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
	struct gh_error *error);

/* Days that rows are kept; 0 for ever. */
struct store_limits {
	uint32_t record_days; /* after the day of the record */
	uint32_t access_days;
};

/* Destroy keys, photographs and sealed records whose time is over; how many records. */
enum gh_status store_destroy_due(
	struct store *store, int64_t now_ms, uint32_t *count, struct gh_error *error);

/*
 * Remove rows that are past their days, certificates that are over among them, and make room for
 * the days to come.
 */
enum gh_status store_keep_days(struct store *store, int64_t now_ms,
	const struct store_limits *limits, struct gh_error *error);

/* A lane, and what it captured within a window. */
struct store_lane {
	struct store_heartbeat last;
	int64_t captured;
	int64_t not_captured;
};

/* Lanes by name, without those that are revoked; the steps from since_ms on are added up. */
enum gh_status store_list_lanes(struct store *store, int64_t since_ms,
	void (*call)(void *ctx, const struct store_lane *lane), void *ctx, struct gh_error *error);

/* The JSON of a lane's last heartbeat. GH_NOT_FOUND. */
enum gh_status store_read_heartbeat(
	struct store *store, const char *lane, struct gh_bytes *json, struct gh_error *error);

/* An alarm that is not quiet, as alarm.h has it; kind and state are its words and numbers. */
struct store_alarm {
	char lane[32];
	char kind[24];
	int64_t state;
	int64_t since_ms;   /* it was raised */
	int64_t changed_ms; /* it got into this state */
	int64_t value;      /* when it was raised */
	int64_t limit;
};

enum gh_status store_list_alarms(struct store *store,
	void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx,
	struct gh_error *error);

/*
 * One change: from a state (0: there is no such alarm) to the one in alarm (0: it goes). changed
 * says whether it was so: another process may have been faster.
 */
struct store_alarm_change {
	int64_t from;
	struct store_alarm alarm;
	bool changed;
};

#define STORE_CHANGES_MAX 64

/* All in one transaction, by lane and kind. */
enum gh_status store_change_alarms(struct store *store, struct store_alarm_change *changes,
	size_t count, struct gh_error *error);

struct store_counts {
	int64_t encounters;
	int64_t addenda;
	int64_t photos;
	int64_t voyages;
};

enum gh_status store_count(
	struct store *store, struct store_counts *counts, struct gh_error *error);

/* The HTTP status of an access, once what it is of has been put. */
int store_access_status(const struct store_access *access);

/* The days since 1970-01-01 (UTC) on which a time falls. */
int32_t store_day(int64_t real_ms);

/* Where the step of captures begins in which a time falls. */
int64_t store_step_ms(int64_t real_ms);

/* The numbers of a row, behind its texts and ids, in the order in which both stores list them. */
#define STORE_LANE_NUMBERS 13
#define STORE_ALARM_NUMBERS 5
void store_lane_numbers(struct store_lane *lane, int64_t *numbers[STORE_LANE_NUMBERS]);
void store_alarm_numbers(struct store_alarm *alarm, int64_t *numbers[STORE_ALARM_NUMBERS]);

#endif
