/* SPDX-License-Identifier: Apache-2.0 */
/* Hand-over between threads: a bounded queue, and a mailbox for the latest frame. */
#ifndef GATEHOUSE_BASE_QUEUE_H
#define GATEHOUSE_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/base/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_queue;

/**
 * Make a queue of capacity items of item_bytes each, all memory taken now.
 * Items are copied in and out by value; a popped slot is wiped.
 *
 * GH_OK, or GH_NO_MEMORY. The caller owns *queue.
 */
GH_MUST_USE enum gh_status gh_queue_create(
	size_t capacity, size_t item_bytes, struct gh_queue **queue, struct gh_error *error);

/** Wipe and free. No thread may be inside. NULL safe. */
void gh_queue_destroy(struct gh_queue *queue);

/**
 * Put a copy of *item at the end. Never blocks longer than the lock is held.
 *
 * GH_OK; GH_FULL when there is no room (nothing is overwritten, counted);
 * GH_CANCELLED after close. Any thread.
 */
GH_MUST_USE enum gh_status gh_queue_push(struct gh_queue *queue, const void *item);

/**
 * Take the first item, waiting up to timeout_ms for one (0: do not wait).
 *
 * GH_OK         *item is set.
 * GH_TIMEOUT    nothing came.
 * GH_CANCELLED  closed and empty.
 * Any thread.
 */
GH_MUST_USE enum gh_status gh_queue_pop(struct gh_queue *queue, uint32_t timeout_ms, void *item);

/** Refuse further pushes and wake everyone who waits. Any thread. */
void gh_queue_close(struct gh_queue *queue);

/** How many pushes found no room. Any thread. */
uint64_t gh_queue_refused(const struct gh_queue *queue);

struct gh_mailbox;

/** Make an empty mailbox. GH_OK, or GH_NO_MEMORY. The caller owns it. */
GH_MUST_USE enum gh_status gh_mailbox_create(struct gh_mailbox **mailbox, struct gh_error *error);

/** Drop what is inside and free. NULL safe. */
void gh_mailbox_destroy(struct gh_mailbox *mailbox);

/**
 * Put a frame in; the reference passes to the mailbox. An older frame still
 * inside is dropped and counted. Never blocks. Any thread.
 */
void gh_mailbox_put(struct gh_mailbox *mailbox, struct gh_frame *frame);

/**
 * Take the frame, waiting up to timeout_ms.
 *
 * GH_OK         *frame holds one reference owned by the caller.
 * GH_TIMEOUT    nothing came; *frame is NULL.
 * GH_CANCELLED  closed; *frame is NULL.
 */
GH_MUST_USE enum gh_status gh_mailbox_take(
	struct gh_mailbox *mailbox, uint32_t timeout_ms, struct gh_frame **frame);

/** Drop what is inside without counting it (end of a passage). Any thread. */
void gh_mailbox_empty(struct gh_mailbox *mailbox);

/** Wake the taker for good. Any thread. */
void gh_mailbox_close(struct gh_mailbox *mailbox);

/** Frames dropped because a newer one came. Any thread. */
uint64_t gh_mailbox_dropped(const struct gh_mailbox *mailbox);

#ifdef __cplusplus
}
#endif

#endif
