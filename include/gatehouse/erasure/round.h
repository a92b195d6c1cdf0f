/* SPDX-License-Identifier: Apache-2.0 */
/* Erasure rounds: deleted keys become unrecoverable, and that is logged. */
#ifndef GATEHOUSE_ERASURE_ROUND_H
#define GATEHOUSE_ERASURE_ROUND_H

#include "gatehouse/erasure/log.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A round is one table of steps (src/erasure/round.c). Each may be repeated, so
 * that after a failure, or a crash at any point, the round begins at its first
 * step again and comes through: the provider says whether a change is under way,
 * the outbox which erasures are not logged, the log which are. What holds
 * always: no live key is under a master that is destroyed, the log says nothing
 * that is not true yet, and each erasure comes into it once.
 */
struct gh_erasure_options {
	const char *folder; /**< the lane's data directory */
	const char *lane;
	struct gh_provider *provider;
	struct gh_outbox *outbox;
	const struct gh_clock *clock;
	uint32_t interval_ms; /**< from the first deletion to its round at most */
	uint32_t ahead_ms;    /**< a round also deletes what falls due within this */

	/** Other keys that the provider wrapped: wrap them anew. NULL: there are none. */
	enum gh_status (*rewrap)(void *ctx, struct gh_error *error);

	/** A photograph was destroyed by its limit; as for gh_outbox_expire_photos(). */
	void (*photo_erased)(void *ctx, const struct gh_id *encounter);
	void *ctx;
};

struct gh_erasure;

/**
 * Open the log and go on from where the last run ended. A log that is refused
 * is put aside, reported, and a new chain begun: erasures go on.
 *
 * GH_OK         the caller owns *erasure. The next gh_erasure_tick() is a round
 *               if anything is pending.
 * GH_IO, GH_FULL, GH_DENIED, GH_NO_MEMORY. Blocks for the disk.
 * One thread, but for gh_erasure_log_of() and gh_erasure_state().
 */
GH_MUST_USE enum gh_status gh_erasure_open(const struct gh_erasure_options *options,
	struct gh_erasure **erasure, struct gh_error *error);

/** Close. NULL safe. */
void gh_erasure_close(struct gh_erasure *erasure);

/**
 * Delete what is over, and run a round when it is time: an interval after the
 * first deletion by either clock, before the next limit, at the first tick, or
 * to end one that was cut off. A round that failed is tried again a minute later.
 *
 * GH_OK, or what a step said, wrapped by its name. Blocks for the disk and the
 * provider.
 */
GH_MUST_USE enum gh_status gh_erasure_tick(struct gh_erasure *erasure, struct gh_error *error);

/** Run a round now, whatever the time, if anything is pending. As gh_erasure_tick(). */
GH_MUST_USE enum gh_status gh_erasure_round(struct gh_erasure *erasure, struct gh_error *error);

/** The log, for the centre's receipts. Lives as long as erasure. */
struct gh_erasure_log *gh_erasure_log_of(struct gh_erasure *erasure);

/** How erasure stands: numbers only. */
struct gh_erasure_state {
	uint64_t pending;      /**< deleted, not destroyed yet */
	int64_t round_in_ms;   /**< at latest; INT64_MAX: nothing is pending or held */
	uint64_t batches;      /**< in the log */
	uint64_t witnessed;    /**< newest of these that the centre has countersigned */
	int64_t last_round_ms; /**< 0: none */
	uint64_t failures;     /**< rounds that failed since the start */
	bool log_set_aside;    /**< the log was refused at the start */
};

/** The state now. Any thread. GH_OK or GH_IO. */
GH_MUST_USE enum gh_status gh_erasure_state(
	struct gh_erasure *erasure, struct gh_erasure_state *state, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
