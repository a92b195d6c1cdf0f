/* SPDX-License-Identifier: Apache-2.0 */
/* The erasure log: append-only, hash-chained, signed; and the centre's word on its head. */
#ifndef GATEHOUSE_ERASURE_LOG_H
#define GATEHOUSE_ERASURE_LOG_H

#include "gatehouse/crypto/hash.h"
#include "gatehouse/crypto/provider.h"
#include "gatehouse/outbox/erasing.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names in the lane's data directory. */
#define GH_ERASURE_LOG_FILE "erasure.log"
#define GH_ERASURE_RECEIPTS_FILE "erasure.receipts"

/** Entries of one batch at most. */
#define GH_ERASURE_BATCH_MAX 65536u

/** Longest lane id in a header, its final NUL included. */
#define GH_ERASURE_LANE_BYTES 64

/**
 * The head of a batch. In the file all numbers are big-endian:
 *
 *   8   "GHERASE1"          8   serial of the first entry
 *   16  chain               4   number of entries
 *   8   number              8   time, UTC milliseconds
 *   32  previous header     1   clock quality, 1 strength, 2 zero
 *   64  lane, NUL-padded    32  Merkle root (RFC 9162, section 2.1)
 *   8   generation          32  public key, 64 signature over all before it
 *
 * then the entries, 64 bytes each:
 *
 *   8   serial              8   captured (voyage: loaded)
 *   16  id                  8   limit, 0: none
 *   1   what, 1 why         8   deleted
 *   1   clock quality       8   step of the real clock while it was held
 *   5   zero
 *
 * A chain begins with number 1 and a previous header of zeros. The hash of a
 * header covers its signature. What a batch says is true when it is written:
 * the master that its entries' keys were under is destroyed.
 */
struct gh_erasure_header {
	struct gh_id chain;
	uint64_t number;
	struct gh_sha256 previous;
	char lane[GH_ERASURE_LANE_BYTES];
	uint64_t generation; /**< this one and all before are destroyed */
	uint64_t first_serial;
	uint32_t count;
	int64_t time_ms;
	enum gh_clock_quality quality;
	enum gh_provider_strength strength; /**< what the erasure withstands */
	struct gh_sha256 root;
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];
	uint8_t signature[GH_SIGNATURE_BYTES];
};

#define GH_ERASURE_HEADER_BYTES 288
#define GH_ERASURE_ENTRY_BYTES 64

/** How a log is opened. Pointers are borrowed for its life. */
struct gh_erasure_log_options {
	const char *folder; /**< the lane's data directory; copied */
	const char *lane;
	struct gh_provider *provider; /**< signs */
	const struct gh_clock *clock;
	uint64_t confirmed; /**< batches known to be complete: fewer is a loss */
};

struct gh_erasure_log;

/**
 * Open the log, or begin one. Everything is read: order, hashes, roots, and the
 * newest signature, which covers all before it. What a power cut left behind
 * the last whole batch is cut off, and that is logged.
 *
 * GH_OK         the caller owns *log.
 * GH_INTEGRITY  edited, reordered, spliced, or signed by another key.
 * GH_TRUNCATED  confirmed batches are missing.
 * GH_IO, GH_FULL, GH_DENIED, GH_NO_MEMORY. Nothing was changed on any failure.
 * Blocks for the disk: about a second for a year. Functions on a log: any
 * thread, one at a time inside.
 */
GH_MUST_USE enum gh_status gh_erasure_log_open(const struct gh_erasure_log_options *options,
	struct gh_erasure_log **log, struct gh_error *error);

/** Close. NULL safe. */
void gh_erasure_log_close(struct gh_erasure_log *log);

/**
 * Put a log that was refused, and its receipts, aside under names that tell the
 * time; the next opening begins a new chain. GH_OK or the statuses of rename(2).
 */
GH_MUST_USE enum gh_status gh_erasure_log_set_aside(
	const char *folder, int64_t now_ms, struct gh_error *error);

/**
 * Append one batch, durable when this returns. rows are 1 to
 * GH_ERASURE_BATCH_MAX with serials that go on from the last; generation is
 * destroyed already.
 *
 * GH_OK, GH_WRONG_STATE (serials do not go on), GH_NO_MEMORY, GH_IO, GH_FULL,
 * GH_INTERNAL (signing): the log is as before. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_erasure_log_append(struct gh_erasure_log *log,
	const struct gh_erasing *rows, size_t count, uint64_t generation, struct gh_error *error);

/** Where the log stands. number 0: it is empty. */
struct gh_erasure_head {
	struct gh_id chain;
	char lane[GH_ERASURE_LANE_BYTES];
	uint64_t number;
	uint64_t last_serial;
	int64_t time_ms;
	struct gh_sha256 hash; /**< of the newest header */
	uint64_t witnessed;    /**< newest batch with a receipt; 0: none */
};

/** The newest head: what the centre is asked to countersign. */
void gh_erasure_log_head(struct gh_erasure_log *log, struct gh_erasure_head *head);

/** The centre's word that it has seen a head, and so everything up to it. */
struct gh_erasure_receipt {
	struct gh_id chain;
	uint64_t number;
	struct gh_sha256 hash;
	int64_t time_ms; /**< by the centre's clock */
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];
	uint8_t signature[GH_SIGNATURE_BYTES];
};

/** Bytes that the centre signs. */
#define GH_ERASURE_WITNESS_BYTES 96

/** They are a line of text, then chain, number, hash and time. Any thread; does not block. */
void gh_erasure_witness_message(
	const struct gh_erasure_receipt *receipt, uint8_t message[GH_ERASURE_WITNESS_BYTES]);

/**
 * Keep a receipt beside the log.
 *
 * GH_OK         durable; also when a newer or the same one is there.
 * GH_INTEGRITY  the signature is not of the key it names.
 * GH_CONFLICT   it is of another chain, or this batch has another hash here.
 * GH_IO, GH_FULL, GH_NO_MEMORY. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_erasure_log_receive(struct gh_erasure_log *log,
	const struct gh_erasure_receipt *receipt, struct gh_error *error);

/** What a whole log is found to be. */
struct gh_erasure_summary {
	struct gh_erasure_header newest;
	uint64_t entries;
	uint64_t late;         /**< of these: destroyed after their limit */
	int64_t late_max_ms;   /**< the worst */
	uint64_t stepped;      /**< of these: a clock was moved while they were held */
	uint64_t tail_bytes;   /**< behind the last whole batch */
	int64_t first_time_ms; /**< of the first batch */
};

/**
 * Check a log by every signature with the public key alone, on any machine.
 * GH_OK; GH_INTEGRITY, GH_MALFORMED; GH_NOT_FOUND (no such file, or it is
 * empty), GH_IO, GH_NO_MEMORY. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_erasure_log_check(const char *path,
	const uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_erasure_summary *summary,
	struct gh_error *error);

/**
 * The newest header of the log in a folder, which is only read; its chain and
 * roots are checked, its signature is not. GH_OK, GH_NOT_FOUND (no log, or an
 * empty one), GH_INTEGRITY, GH_MALFORMED, GH_IO, GH_NO_MEMORY. Any thread.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_erasure_log_newest(
	const char *folder, struct gh_erasure_header *header, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
