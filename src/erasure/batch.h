/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of the erasure log as bytes, and the walk through a whole log. */
#ifndef GATEHOUSE_SRC_ERASURE_BATCH_H
#define GATEHOUSE_SRC_ERASURE_BATCH_H

#include "gatehouse/erasure/log.h"

#define HEADER_SIGNED_BYTES (GH_ERASURE_HEADER_BYTES - GH_SIGNATURE_BYTES)
#define RECEIPT_BYTES 160

void header_encode(const struct gh_erasure_header *header, uint8_t bytes[GH_ERASURE_HEADER_BYTES]);

/* GH_OK, GH_MALFORMED. Nothing is said about signature, chain or root. */
enum gh_status header_decode(
	struct gh_view bytes, struct gh_erasure_header *header, struct gh_error *error);

void entry_encode(const struct gh_erasing *row, uint8_t bytes[GH_ERASURE_ENTRY_BYTES]);

/* GH_OK, GH_MALFORMED. generation is left 0: the header has it. */
enum gh_status entry_decode(struct gh_view bytes, struct gh_erasing *row, struct gh_error *error);

void receipt_encode(const struct gh_erasure_receipt *receipt, uint8_t bytes[RECEIPT_BYTES]);
void receipt_decode(const uint8_t bytes[RECEIPT_BYTES], struct gh_erasure_receipt *receipt);

/* The place in a chain: what the next header has to go on from. */
struct chain {
	struct gh_erasure_header last; /* number 0: before the first */
	struct gh_sha256 hash;
};

/* Whether header, whose bytes these are, goes on from chain, which moves on to it. GH_INTEGRITY. */
enum gh_status chain_go_on(struct chain *chain, const struct gh_erasure_header *header,
	struct gh_view bytes, struct gh_error *error);

/* One whole batch during a walk; all views end with the call. */
struct batch {
	struct gh_erasure_header header;
	struct gh_view header_bytes;
	struct gh_view entries;
};

/* What a walk is given and where it ended. */
struct walk {
	const uint8_t *public_key; /* every signature is checked by this; NULL: none is */
	enum gh_status (*call)(void *ctx, const struct batch *batch, struct gh_error *error);
	void *ctx;

	struct chain chain;
	uint64_t end_bytes;  /* behind the last whole batch */
	uint64_t tail_bytes; /* behind that: too short to be one */
};

/*
 * Walk through a log from its beginning. GH_OK also with a short tail; GH_INTEGRITY or
 * GH_MALFORMED where something stands that is no next batch: walk tells what is good before it.
 * GH_IO, GH_NO_MEMORY, or what call said.
 */
enum gh_status walk_log(int descriptor, struct walk *walk, struct gh_error *error);

/* The same for the log of a folder, which is only read. GH_NOT_FOUND: there is none. */
enum gh_status walk_folder(const char *folder, struct walk *walk, struct gh_error *error);

#endif
