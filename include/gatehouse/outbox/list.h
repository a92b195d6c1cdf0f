/* SPDX-License-Identifier: Apache-2.0 */
/* What an outbox holds, item by item, for technicians. */
#ifndef GATEHOUSE_OUTBOX_LIST_H
#define GATEHOUSE_OUTBOX_LIST_H

#include "gatehouse/outbox/outbox.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A line of the list for technicians: no body, nothing personal. */
struct gh_outbox_row {
	struct gh_id id;        /**< of the encounter or addendum; a photo: its encounter */
	struct gh_id encounter; /**< that it belongs to, or is */
	enum gh_item_kind kind;
	const char *state; /**< "waiting", "held", "sending", "quarantined" */
	uint32_t attempts; /**< that came to nothing */
	int64_t put_ms;    /**< UTC, by the clock of that time */
	int64_t due_ms;    /**< UTC; when it is tried next, if it waits */
	uint64_t body_bytes;
	char reason[160]; /**< of the last attempt; "" before there was one */
};

/**
 * List everything held, oldest first; a photograph and an addendum have rows of
 * their own. Calls back with each row, which is valid during the call; no lock is
 * held then, so that the outbox may be used, and rows put meanwhile may be listed
 * too. Rows are read in batches: none is told twice.
 *
 * GH_OK, or GH_IO: then some rows were told already. Any thread. Blocks for the
 * disk; bodies are not read.
 */
GH_MUST_USE enum gh_status gh_outbox_list(struct gh_outbox *outbox,
	void (*call)(void *ctx, const struct gh_outbox_row *row), void *ctx,
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
