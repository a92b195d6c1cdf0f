/* SPDX-License-Identifier: Apache-2.0 */
/* Proof that a record was erased, checked elsewhere with public keys alone. */
#ifndef GATEHOUSE_ERASURE_PROOF_H
#define GATEHOUSE_ERASURE_PROOF_H

#include "gatehouse/erasure/log.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest proof that is read: headers of ten years, an hour apart. */
#define GH_ERASURE_PROOF_BYTES_MAX (64u * 1024u * 1024u)

/** Entries of one record in a proof at most. */
#define GH_ERASURE_PROOF_ENTRIES_MAX 64

/**
 * Write a proof for a record (an encounter, or a voyage's gallery) as JSON:
 *
 *   format, version   "gatehouse-erasure-proof", 1
 *   record            the id
 *   entries           each: batch, index, leaf (64 bytes), path (hashes), and
 *                     "says": what the leaf says, in words
 *   headers           from the first entry's batch to the countersigned head
 *   receipt           the centre's word on that head, or null
 *   shows, does_not_show   what this proves, and what nothing can, in sentences
 *
 * Bytes are in hexadecimal. Nothing in it is about a person: the id is random.
 * The log is only read; the lane may go on writing it.
 *
 * GH_OK         *json is replaced; the caller finishes it.
 * GH_NOT_FOUND  no log, or nothing of this record is logged as erased.
 * GH_INTEGRITY, GH_MALFORMED  the log is damaged before or behind.
 * GH_IO, GH_NO_MEMORY. Any thread. Blocks for the disk: the whole log is read.
 */
GH_MUST_USE enum gh_status gh_erasure_prove(const char *folder, const struct gh_id *record,
	struct gh_bytes *json, struct gh_error *error);

/** How far the time of a proof is attested. */
enum gh_erasure_attested {
	GH_ERASURE_LANE_CLOCK, /**< by the lane alone: no receipt */
	GH_ERASURE_SEEN,       /**< a receipt by a key that was not given to compare */
	GH_ERASURE_WITNESSED,  /**< a receipt by the centre's key as given */
};

/** What a proof that holds says. */
struct gh_erasure_verdict {
	struct gh_id record;
	char lane[GH_ERASURE_LANE_BYTES];
	struct gh_erasing entries[GH_ERASURE_PROOF_ENTRIES_MAX];
	int64_t destroyed_ms[GH_ERASURE_PROOF_ENTRIES_MAX];          /**< by the lane's clock */
	enum gh_clock_quality quality[GH_ERASURE_PROOF_ENTRIES_MAX]; /**< of that */
	size_t count;
	int64_t late_ms;                    /**< the worst entry, past its limit; 0: all in time */
	enum gh_provider_strength strength; /**< the weakest */
	enum gh_erasure_attested attested;
	int64_t witnessed_ms;   /**< by the centre's clock; 0: no receipt */
	bool witnessed_in_time; /**< the receipt itself is from before every limit */
	uint8_t witness[GH_PUBLIC_KEY_BYTES];
	uint64_t batches; /**< headers checked, without a gap */
};

/**
 * Check a proof with the lane's public key; central_key NULL: a receipt is
 * checked by the key it names, which attests less.
 *
 * GH_OK         it holds: *verdict tells what it shows.
 * GH_INTEGRITY  it does not: altered, of another key, or with a gap.
 * GH_MALFORMED, GH_TOO_LARGE, GH_UNSUPPORTED (another version), GH_NO_MEMORY.
 * Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_erasure_verify(struct gh_view json,
	const uint8_t public_key[GH_PUBLIC_KEY_BYTES], const uint8_t *central_key,
	struct gh_erasure_verdict *verdict, struct gh_error *error);

/** "record", "photo", "addendum", "gallery". Never NULL. */
const char *gh_erased_what_name(enum gh_erased_what what);

/** "acknowledged", "limit", "voyage". Never NULL. */
const char *gh_erased_why_name(enum gh_erased_why why);

/** One sentence on what an erasure of this strength withstands. Never NULL. */
const char *gh_erasure_strength_text(enum gh_provider_strength strength);

#ifdef __cplusplus
}
#endif

#endif
