/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipts for what was delivered, kept beside the outbox's queue. */
#ifndef GATEHOUSE_OUTBOX_RECEIPTS_H
#define GATEHOUSE_OUTBOX_RECEIPTS_H

#include "gatehouse/outbox/outbox.h"
#include "gatehouse/receipt/receipt.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A receipt comes in with gh_outbox_acknowledge() and stands there exactly when
 * its item is acknowledged. It goes receipt_days after the centre's time in it,
 * by the centre's clock: what is old is so by the newest receipt, and a lane's
 * clock that was moved removes nothing. When receipts would take more than a
 * sixteenth of size_max_bytes, the oldest go sooner.
 *
 * All functions: any thread, one at a time inside. They block for the disk.
 */

/** Bytes that one receipt is reckoned with: row, index entries, rest of a page. */
#define GH_OUTBOX_RECEIPT_BYTES 320u

/**
 * The key of the newest receipt, over restarts and when that receipt is gone:
 * what a later one is held to. GH_OK, GH_NOT_FOUND (no receipt ever came), GH_IO.
 */
GH_MUST_USE enum gh_status gh_outbox_receipt_key(
	struct gh_outbox *outbox, uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error);

/** Receipts handed out at once. */
#define GH_OUTBOX_RECEIPTS_READ_MAX 256

/** One kept receipt, with the number to go on after. */
struct gh_outbox_receipt {
	int64_t number;
	struct gh_receipt receipt;
};

/**
 * Receipts after a number (0: from the oldest), in the order in which they came,
 * at most GH_OUTBOX_RECEIPTS_READ_MAX into rows. GH_OK or GH_IO, GH_INTEGRITY (a
 * row is damaged).
 */
GH_MUST_USE enum gh_status gh_outbox_receipts(struct gh_outbox *outbox, int64_t after,
	struct gh_outbox_receipt *rows, size_t *count, struct gh_error *error);

/**
 * All receipts for one id: an encounter has one for its record and one for its
 * photograph, at most two into rows. GH_OK or GH_NOT_FOUND, GH_IO, GH_INTEGRITY.
 */
GH_MUST_USE enum gh_status gh_outbox_receipts_of(struct gh_outbox *outbox, const struct gh_id *id,
	struct gh_outbox_receipt rows[2], size_t *count, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
