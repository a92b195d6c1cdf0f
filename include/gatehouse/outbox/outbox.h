/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: what the lane owes the centre, durable until it is acknowledged. */
#ifndef GATEHOUSE_OUTBOX_OUTBOX_H
#define GATEHOUSE_OUTBOX_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the database's schema; older ones are migrated at open. */
#define GH_OUTBOX_SCHEMA 1

/**
 * How bytes are sealed before they touch the disk. Both functions replace
 * their out parameter; context is the item's id. Called on the caller's thread.
 */
struct gh_sealer {
	void *ctx;
	enum gh_status (*seal)(void *ctx, struct gh_view context, struct gh_view plain,
		struct gh_bytes *sealed, struct gh_error *error);
	enum gh_status (*open)(void *ctx, struct gh_view context, struct gh_view sealed,
		struct gh_bytes *plain, struct gh_error *error);
};

/** How an outbox is set up. Strings are copied. */
struct gh_outbox_options {
	const char *folder;            /**< outbox.db lives here */
	uint64_t size_max_bytes;       /**< of the database and its WAL */
	uint64_t free_disk_min_bytes;  /**< below this the outbox says full */
	uint64_t items_max;
	struct gh_sealer sealer;
	const struct gh_clock *clock;
};

struct gh_outbox;

/**
 * Open or make the outbox: SQLite, WAL, synchronous FULL, foreign keys, secure
 * delete; checks integrity, migrates, takes back what was being sent when the
 * program ended.
 *
 * GH_OK           the caller owns *outbox.
 * GH_BUSY         another process has it.
 * GH_DENIED       the folder or file is read-only.
 * GH_INTEGRITY    the file is damaged: it is left untouched.
 * GH_UNSUPPORTED  a newer schema.
 * GH_FULL, GH_IO, GH_NO_MEMORY.
 * All functions below: any thread, one at a time inside (a lock of its own).
 */
GH_MUST_USE enum gh_status gh_outbox_open(const struct gh_outbox_options *options,
	struct gh_outbox **outbox, struct gh_error *error);

/** Close; nothing durable depends on it. NULL safe. */
void gh_outbox_close(struct gh_outbox *outbox);

/** What an item is; in the order they go out for one encounter. */
enum gh_item_kind {
	GH_ITEM_ENCOUNTER,
	GH_ITEM_PHOTO,
	GH_ITEM_ADDENDUM,
};

/** "encounter", "photo", "addendum". */
const char *gh_item_kind_name(enum gh_item_kind kind);

/** Who has passed on which voyage: kept so that a second passage is seen. */
struct gh_passage {
	struct gh_id voyage;
	struct gh_id person;
};

/** One encounter to be put: JSON, photo if any, passage if the decision is go. */
struct gh_outbox_put {
	struct gh_id id;
	struct gh_view json;
	struct gh_view photo;           /**< empty: none */
	int64_t destroy_by_ms;          /**< of photo and personal fields; 0: none */
	const struct gh_passage *passage; /**< NULL: none */
	bool expects_passage;           /**< an addendum passed/not_passed must follow */
};

/**
 * Put an encounter and its photo in one transaction.
 *
 * GH_OK         it is on the disk (fsync done) when this returns.
 * GH_EXISTS     the same id with the same bytes is there: nothing to do.
 * GH_CONFLICT   the same id with other bytes: refused.
 * GH_FULL       the configured size, count or free disk would be passed: the
 *               lane goes to manual mode.
 * GH_IO, GH_NO_MEMORY: nothing was put.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_outbox_put(struct gh_outbox *outbox,
	const struct gh_outbox_put *put, struct gh_error *error);

/**
 * Put an addendum to an encounter. Statuses as gh_outbox_put(). settles is true
 * for passed, not_passed and passage_unknown.
 */
GH_MUST_USE enum gh_status gh_outbox_put_addendum(struct gh_outbox *outbox,
	const struct gh_id *id, const struct gh_id *encounter, struct gh_view json,
	bool settles, struct gh_error *error);

/** One item taken for sending. finish() wipes it. */
struct gh_item {
	struct gh_id id;            /**< of the encounter or addendum; a photo: its encounter */
	struct gh_id encounter;
	enum gh_item_kind kind;
	uint32_t attempts;          /**< before this one */
	struct gh_bytes body;       /**< JSON or JPEG, opened */
	bool test;
};

/** Wipe and free an item's body. NULL safe. */
void gh_item_finish(struct gh_item *item);

/**
 * Take the next item that is due: oldest first, an encounter before its photo
 * and addenda, several can be out at once. It stays in the outbox, marked.
 *
 * GH_OK         *item is set; exactly one of acknowledge, retry, quarantine
 *               must follow; the caller finishes it.
 * GH_NOT_FOUND  nothing is due; *due_in_ms says when (UINT64_MAX: nothing waits).
 * GH_INTEGRITY  a body could not be opened: it was quarantined; call again.
 */
GH_MUST_USE enum gh_status gh_outbox_take(struct gh_outbox *outbox, struct gh_item *item,
	uint64_t *due_in_ms, struct gh_error *error);

/** The centre has it: delete body, keep id and time. GH_OK, GH_NOT_FOUND, GH_IO. */
GH_MUST_USE enum gh_status gh_outbox_acknowledge(
	struct gh_outbox *outbox, const struct gh_item *item, struct gh_error *error);

/** Not now: due again after delay_ms, with the reason of this attempt. */
GH_MUST_USE enum gh_status gh_outbox_retry(struct gh_outbox *outbox, const struct gh_item *item,
	uint64_t delay_ms, const char *reason, struct gh_error *error);

/** Refused for good: set aside with the reason, never dropped, until retried by hand. */
GH_MUST_USE enum gh_status gh_outbox_quarantine(struct gh_outbox *outbox,
	const struct gh_item *item, const char *reason, struct gh_error *error);

/** By a technician's word: due now, out of quarantine. GH_OK or GH_NOT_FOUND. */
GH_MUST_USE enum gh_status gh_outbox_release(
	struct gh_outbox *outbox, const struct gh_id *id, struct gh_error *error);

/** Whether this person passed on this voyage by this lane's knowledge. */
GH_MUST_USE enum gh_status gh_outbox_passed(struct gh_outbox *outbox,
	const struct gh_passage *passage, bool *passed, struct gh_error *error);

/** Learn a passage of another lane from the centre. Idempotent. */
GH_MUST_USE enum gh_status gh_outbox_learn_passage(
	struct gh_outbox *outbox, const struct gh_passage *passage, struct gh_error *error);

/** Forget the passages of a voyage that is over. */
GH_MUST_USE enum gh_status gh_outbox_forget_voyage(
	struct gh_outbox *outbox, const struct gh_id *voyage, struct gh_error *error);

/**
 * Encounters that expect a passage addendum and have none: after a restart each
 * gets passage_unknown. Calls back with ids; no lock is held then.
 */
GH_MUST_USE enum gh_status gh_outbox_unsettled(struct gh_outbox *outbox,
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx,
	struct gh_error *error);

/**
 * Destroy photographs whose time is over unsent: the photo item goes, the
 * record stays. Calls back with each encounter for its photo_erased addendum.
 */
GH_MUST_USE enum gh_status gh_outbox_expire_photos(struct gh_outbox *outbox, int64_t now_ms,
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx,
	struct gh_error *error);

/** What the outbox holds: numbers only. */
struct gh_outbox_state {
	uint64_t waiting;
	uint64_t sending;
	uint64_t quarantined;
	uint64_t acknowledged;     /**< since the database was made */
	uint64_t size_bytes;
	uint64_t size_max_bytes;
	int64_t oldest_waiting_ms; /**< when put; 0: none */
	bool full;                 /**< the next put would say GH_FULL */
	uint32_t schema;
};

/** The state now. GH_OK or GH_IO. */
GH_MUST_USE enum gh_status gh_outbox_state(
	struct gh_outbox *outbox, struct gh_outbox_state *state, struct gh_error *error);

/** A line of the list for technicians: no body, nothing personal. */
struct gh_outbox_row {
	struct gh_id id;
	struct gh_id encounter;
	enum gh_item_kind kind;
	const char *state;         /**< "waiting", "sending", "quarantined" */
	uint32_t attempts;
	int64_t put_ms;
	int64_t due_ms;
	uint64_t body_bytes;
	char reason[160];          /**< of the last attempt */
};

/** List everything held, oldest first. GH_OK or GH_IO. */
GH_MUST_USE enum gh_status gh_outbox_list(struct gh_outbox *outbox,
	void (*call)(void *ctx, const struct gh_outbox_row *row), void *ctx,
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
