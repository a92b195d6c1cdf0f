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
#define GH_OUTBOX_SCHEMA 7

/** Largest body (JSON or photograph) that can be put. */
#define GH_OUTBOX_BODY_BYTES_MAX (16u * 1024u * 1024u)

/** What gh_outbox_state() takes the next encounter with its photograph to need. */
#define GH_OUTBOX_TYPICAL_PUT_BYTES (64u * 1024u)

/**
 * Acknowledged items whose id and hash are kept, the newest: within these a
 * repeated put is known as GH_EXISTS; an older one would go out once more, and
 * the centre, which keys by id, knows it.
 */
#define GH_OUTBOX_RECEIPTS_KEPT 65536

/**
 * How bytes are sealed before they touch the disk: each body under a data key
 * of its own, which is stored apart, wrapped under a master that changes.
 * rewrap() wraps it anew under the newest. All replace their out parameters;
 * context is the 16 bytes of the item's id and one of its kind, so that no body
 * opens in another's place. Called on the caller's thread, without a lock. All
 * NULL: bodies are stored as they are. Only GH_INTEGRITY, GH_TRUNCATED,
 * GH_MALFORMED and GH_GONE say that it opens never; with others the item waits.
 */
struct gh_sealer {
	void *ctx;
	enum gh_status (*seal)(void *ctx, struct gh_view context, struct gh_view plain,
		struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error);
	enum gh_status (*open)(void *ctx, struct gh_view context, struct gh_view wrapped,
		struct gh_view sealed, struct gh_bytes *plain, struct gh_error *error);
	enum gh_status (*rewrap)(void *ctx, struct gh_view context, struct gh_view wrapped,
		struct gh_bytes *rewrapped, struct gh_error *error);
};

/**
 * How an outbox is set up. Strings are copied.
 * The last sixteenth of size and items (at most 1 MiB and 1024) is for the
 * addenda of encounters that are in: encounters are refused before.
 */
struct gh_outbox_options {
	const char *folder;           /**< exists; outbox.db and outbox.lock live here */
	uint64_t size_max_bytes;      /**< of the database and its WAL; 8 MiB or more */
	uint64_t free_disk_min_bytes; /**< below this the outbox says full */
	uint64_t items_max;
	uint32_t receipt_days; /**< that receipts of the centre are kept; 0: for ever */
	struct gh_sealer sealer;
	uint64_t generation; /**< of the newest master, see erasing.h */
	struct gh_id boot;   /**< of the machine's running; none: every open begins anew */
	const struct gh_clock *clock;
};

struct gh_outbox;
struct gh_receipt;

/**
 * Open or make the outbox: SQLite, WAL, synchronous FULL, foreign keys, secure
 * delete; checks integrity, migrates, takes back what was being sent when the
 * program ended.
 *
 * GH_OK           the caller owns *outbox.
 * GH_BUSY         another process, or another outbox of this one, has it.
 * GH_DENIED       the folder or file is read-only.
 * GH_INTEGRITY    the file is damaged: it is left untouched.
 * GH_UNSUPPORTED  a newer schema, or another program's database.
 * GH_FULL, GH_IO, GH_NOT_FOUND (no folder), GH_NO_MEMORY.
 * Blocks for a look at every row (and body, up to 64 MiB of them).
 * All functions below: any thread, one at a time inside (a lock of its own).
 */
GH_MUST_USE enum gh_status gh_outbox_open(
	const struct gh_outbox_options *options, struct gh_outbox **outbox, struct gh_error *error);

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

/** That an officer's word on a record is waited for, over restarts too. */
struct gh_awaited_word {
	bool may_proceed;   /**< it may be "proceed" */
	int64_t since_ms;   /**< UTC; 0: not known, put by a version that did not say */
	int64_t until_ms;   /**< UTC; then nobody has taken it up */
	uint32_t referrals; /**< why: bit per enum gh_referral */
};

/** One encounter to be put: JSON, photo if any, passage if the decision is go. */
struct gh_outbox_put {
	struct gh_id id;
	struct gh_view json;
	struct gh_view photo;                 /**< empty: none */
	int64_t captured_ms;                  /**< 0: now */
	int64_t destroy_by_ms;                /**< of photo and personal fields; 0: none */
	uint32_t retention;                   /**< the class, as the caller counts them */
	const struct gh_passage *passage;     /**< NULL: none */
	bool expects_passage;                 /**< an addendum passed/not_passed must follow */
	const struct gh_awaited_word *awaits; /**< a disposition must follow; NULL: none */
	bool clock_in_doubt;                  /**< its time is to be told when the clock is right */
	int64_t clock_base_ms; /**< then: real less monotonic clock, when it was made */
};

/**
 * Put an encounter and its photo in one transaction.
 * GH_OK         it is on the disk (fsync done) when this returns.
 * GH_EXISTS     the same id with the same bytes is there: nothing to do.
 * GH_CONFLICT   the same id with other bytes: refused.
 * GH_FULL       the configured size, count or free disk would be passed: the
 *               lane goes to manual mode.
 * GH_TOO_LARGE  a body beyond GH_OUTBOX_BODY_BYTES_MAX.
 * GH_IO, GH_NO_MEMORY: nothing was put. (After a failed fsync a crash before
 *               the next put may bring it back: put the same bytes again.)
 * Everything is compared by the JSON, which names the photograph's hash.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_outbox_put(
	struct gh_outbox *outbox, const struct gh_outbox_put *put, struct gh_error *error);

/** What an addendum ends. */
enum gh_settles {
	GH_SETTLES_NOTHING,
	GH_SETTLES_PASSAGE, /**< passed, not_passed, passage_unknown */
	GH_SETTLES_WORD,    /**< disposition */
	GH_SETTLES_CLOCK,   /**< clock */
};

/** Put an addendum to an encounter. Statuses as gh_outbox_put(). */
GH_MUST_USE enum gh_status gh_outbox_put_addendum(struct gh_outbox *outbox, const struct gh_id *id,
	const struct gh_id *encounter, struct gh_view json, enum gh_settles settles,
	struct gh_error *error);

/** One item taken for sending. finish() wipes it. */
struct gh_item {
	struct gh_id id; /**< of the encounter or addendum; a photo: its encounter */
	struct gh_id encounter;
	enum gh_item_kind kind;
	uint32_t attempts;    /**< before this one */
	struct gh_bytes body; /**< JSON or JPEG, opened */
};

/** Wipe and free an item's body. NULL safe. */
void gh_item_finish(struct gh_item *item);

/**
 * Take the next item that is due, in the order in which they became due. A
 * photo or addendum is held until its encounter is acknowledged. Several can
 * be out at once. It stays in the outbox, marked.
 * GH_OK         *item is set; exactly one of acknowledge, retry, quarantine
 *               must follow; the caller finishes it.
 * GH_NOT_FOUND  nothing is due; *due_in_ms says when (UINT64_MAX: nothing waits).
 * GH_INTEGRITY  a body could not be opened: it was quarantined; call again.
 * GH_IO, GH_FULL, GH_NO_MEMORY or what the sealer said: nothing was taken.
 */
GH_MUST_USE enum gh_status gh_outbox_take(struct gh_outbox *outbox, struct gh_item *item,
	uint64_t *due_in_ms, struct gh_error *error);

/**
 * The centre has it: delete the body, keep id, hash and time; with them, in one
 * transaction, its receipt (NULL: none), verified by the caller (receipts.h).
 *
 * GH_OK, or GH_NOT_FOUND (a photograph destroyed meanwhile), GH_WRONG_STATE (not
 * taken), GH_CONFLICT (a receipt for another item), GH_IO, GH_FULL: the item is
 * taken back by the next gh_outbox_take() and goes out once more. The same
 * statuses for retry and quarantine.
 */
GH_MUST_USE enum gh_status gh_outbox_acknowledge(struct gh_outbox *outbox,
	const struct gh_item *item, const struct gh_receipt *receipt, struct gh_error *error);

/** Not now: due again after delay_ms (or at the next open), with the attempt's reason. */
GH_MUST_USE enum gh_status gh_outbox_retry(struct gh_outbox *outbox, const struct gh_item *item,
	uint64_t delay_ms, const char *reason, struct gh_error *error);

/** Refused for good: set aside with the reason, never dropped, until retried by hand. */
GH_MUST_USE enum gh_status gh_outbox_quarantine(struct gh_outbox *outbox,
	const struct gh_item *item, const char *reason, struct gh_error *error);

/**
 * By a technician's word: due now, out of quarantine; an encounter's photo with
 * it. GH_OK or GH_NOT_FOUND (nothing with this id waits or is set aside).
 */
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
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx, struct gh_error *error);

/**
 * Wait for an officer's word on an encounter that was put without: one whose
 * gate failed. Statuses as gh_outbox_put(); again for the same one replaces.
 */
GH_MUST_USE enum gh_status gh_outbox_await(struct gh_outbox *outbox, const struct gh_id *encounter,
	const struct gh_awaited_word *awaits, struct gh_error *error);

/**
 * Encounters without the disposition they await: at start the lane takes them
 * up again. Calls back with each; no lock is held then. GH_OK or GH_IO.
 */
GH_MUST_USE enum gh_status gh_outbox_awaited(struct gh_outbox *outbox,
	void (*call)(
		void *ctx, const struct gh_id *encounter, const struct gh_awaited_word *awaits),
	void *ctx, struct gh_error *error);

/**
 * Destroy photographs whose time is over (destroy_by_ms <= now_ms, or the same by
 * the monotonic clock), in whatever state: the photo goes, the record stays. Calls
 * back with each encounter for its photo_erased addendum; no lock is held then.
 * The addendum put for it from inside the callback ends the matter in the same
 * transaction; without one (no room, power lost) it comes again at the next call.
 * A clock set back since the last call takes those times back by as much.
 */
GH_MUST_USE enum gh_status gh_outbox_expire_photos(struct gh_outbox *outbox, int64_t now_ms,
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx, struct gh_error *error);

/** What the outbox holds: numbers only. */
struct gh_outbox_state {
	uint64_t waiting; /**< held ones included */
	uint64_t sending;
	uint64_t quarantined;
	uint64_t acknowledged; /**< since the database was made */
	uint64_t size_bytes;   /**< on the disk, WAL included */
	uint64_t size_max_bytes;
	int64_t oldest_waiting_ms; /**< when put; 0: none */
	bool full;                 /**< the next put would be refused */
	bool writable;             /**< false: because the disk takes nothing that is written */
	uint32_t schema;
};

/**
 * The state now. GH_OK or GH_IO. After a put that failed for the disk's sake it
 * tries to write, so that a lane takes nobody before that succeeds.
 */
GH_MUST_USE enum gh_status gh_outbox_state(
	struct gh_outbox *outbox, struct gh_outbox_state *state, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
