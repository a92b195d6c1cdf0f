/* SPDX-License-Identifier: Apache-2.0 */
/* Erasures on their way: deleted data keys until the master they were under is destroyed. */
#ifndef GATEHOUSE_OUTBOX_ERASING_H
#define GATEHOUSE_OUTBOX_ERASING_H

#include "gatehouse/outbox/outbox.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A data key that is deleted may still be found: in the write-ahead log, in a
 * page that the flash kept, in a copy of the disk. It is gone for good when the
 * master it was wrapped under is destroyed. Until then the outbox keeps a row
 * for it, written in the transaction that deleted the key, numbered without gaps
 * and stamped with a generation that no key was wrapped later than. A round:
 *
 *   gh_outbox_expect_generation(n + 1)   deletions from here on wait for n + 1
 *   (the provider begins the change)
 *   gh_outbox_rewrap()                   every key left is wrapped under n + 1
 *   gh_outbox_checkpoint()               no older form of a key is in the log
 *   (the provider destroys n)
 *   gh_outbox_erasing_read(n)            these are erased now: to be logged
 *   gh_outbox_erasing_done()             they are logged
 *
 * Each step may be repeated, and puts and deliveries go on meanwhile. All
 * functions: any thread, one at a time inside; one round at a time.
 */

/** What was erased. The first three have the numbers of enum gh_item_kind. */
enum gh_erased_what {
	GH_ERASED_RECORD = GH_ITEM_ENCOUNTER,
	GH_ERASED_PHOTO = GH_ITEM_PHOTO,
	GH_ERASED_ADDENDUM = GH_ITEM_ADDENDUM,
	GH_ERASED_GALLERY, /**< names and templates of one voyage */
	GH_ERASED_WHAT_COUNT
};

/** Why. The numbers stand in logs and keep their meaning. */
enum gh_erased_why {
	GH_ERASED_ACKNOWLEDGED = 0, /**< the centre has it */
	GH_ERASED_LIMIT = 1,        /**< its time was over, sent or not */
	GH_ERASED_VOYAGE = 2,       /**< the voyage was over, or withdrawn */
	GH_ERASED_WHY_COUNT
};

/** One deleted data key. Nothing of a person: ids are random. */
struct gh_erasing {
	uint64_t serial; /**< 1, 2, ... without gaps */
	struct gh_id id; /**< of the encounter, also for its photo and addenda; of the voyage */
	enum gh_erased_what what;
	enum gh_erased_why why;
	enum gh_clock_quality quality; /**< of the real clock at the deletion */
	int64_t captured_ms;           /**< when the capture was, or the voyage loaded */
	int64_t limit_ms;              /**< when it had to be gone; 0: no limit */
	int64_t deleted_ms;
	int64_t clock_step_ms; /**< how far the real clock was moved while it was held */
	uint64_t generation;   /**< erased for good when this one is destroyed */
};

/** Rows read at once. */
#define GH_ERASING_READ_MAX 256

/**
 * From here on a deleted key may have been under this generation: called with
 * the next one before it is made. Never goes back. Does not block for the disk.
 */
void gh_outbox_expect_generation(struct gh_outbox *outbox, uint64_t generation);

/**
 * Wrap every data key anew, some hundred in a transaction; bodies are not
 * touched. A key that is damaged stays as it is, logged: it opens never.
 *
 * GH_OK  no live key of this outbox is under an older master any more.
 * GH_IO, GH_FULL, GH_NO_MEMORY or what rewrap() said: call again. Blocks for
 * the disk: about 1 s for 100,000 keys, others may come in between.
 */
GH_MUST_USE enum gh_status gh_outbox_rewrap(struct gh_outbox *outbox, struct gh_error *error);

/**
 * Bring all into the database file and cut the write-ahead log to nothing.
 * GH_OK, GH_BUSY (a reader is in the way: it is not done), GH_IO, GH_FULL.
 */
GH_MUST_USE enum gh_status gh_outbox_checkpoint(struct gh_outbox *outbox, struct gh_error *error);

/**
 * Add a row for a key that is kept elsewhere; serial and generation are set
 * here. The same id, what and time of deletion once more is one row still.
 */
GH_MUST_USE enum gh_status gh_outbox_erasing_add(
	struct gh_outbox *outbox, const struct gh_erasing *erasing, struct gh_error *error);

/**
 * Rows after a serial, in their order, up to the first whose generation is newer
 * than the given; at most GH_ERASING_READ_MAX. GH_OK or GH_IO, GH_INTEGRITY.
 */
GH_MUST_USE enum gh_status gh_outbox_erasing_read(struct gh_outbox *outbox, uint64_t after,
	uint64_t generation, struct gh_erasing *rows, size_t *count, struct gh_error *error);

/**
 * All through this serial is in the log, whose newest batch has this number:
 * their rows go, and no later row gets a serial that the log has. Idempotent.
 */
GH_MUST_USE enum gh_status gh_outbox_erasing_done(
	struct gh_outbox *outbox, uint64_t serial, uint64_t batch, struct gh_error *error);

/** What is on its way, and what has to be. */
struct gh_erasing_state {
	uint64_t pending;         /**< deleted, and the master not changed yet */
	int64_t first_deleted_ms; /**< of these; 0: none */
	int64_t next_limit_in_ms; /**< of photographs held and of these; INT64_MAX: none */
	uint64_t logged_serial;   /**< as gh_outbox_erasing_done() was told */
	uint64_t logged_batch;
};

/** The state now. GH_OK or GH_IO. */
GH_MUST_USE enum gh_status gh_outbox_erasing_state(
	struct gh_outbox *outbox, struct gh_erasing_state *state, struct gh_error *error);

/** What is held of one kind and retention class: numbers only. */
struct gh_outbox_held {
	enum gh_item_kind kind;
	uint32_t retention;
	uint64_t count;
	uint64_t set_aside; /**< of these: refused by the centre */
	uint64_t body_bytes;
	int64_t first_captured_ms;
	int64_t first_limit_ms; /**< 0: no limit */
	int64_t last_limit_ms;
};

/** Kinds times classes: more rows than this there are not. */
#define GH_OUTBOX_HELD_MAX 32

/** Sum up what is held, for the retention report. GH_OK or GH_IO. */
GH_MUST_USE enum gh_status gh_outbox_held(struct gh_outbox *outbox,
	struct gh_outbox_held held[GH_OUTBOX_HELD_MAX], size_t *count, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
