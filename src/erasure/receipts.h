/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipts beside the log: one behind the other, of fixed size. */
#ifndef GATEHOUSE_SRC_ERASURE_RECEIPTS_H
#define GATEHOUSE_SRC_ERASURE_RECEIPTS_H

#include "batch.h"

/* Whether the signature is that of the key it names: GH_OK, GH_INTEGRITY. */
enum gh_status receipt_verify(const struct gh_erasure_receipt *receipt, struct gh_error *error);

/* Append, durably. */
enum gh_status receipts_add(
	const char *folder, const struct gh_erasure_receipt *receipt, struct gh_error *error);

/* Number of the newest batch of a chain that has a receipt; 0: none. */
enum gh_status receipts_newest(
	const char *folder, const struct gh_id *chain, uint64_t *number, struct gh_error *error);

/* The receipt of a chain for the earliest batch from number on: GH_OK or GH_NOT_FOUND. */
enum gh_status receipts_find(const char *folder, const struct gh_id *chain, uint64_t number,
	struct gh_erasure_receipt *receipt, struct gh_error *error);

#endif
