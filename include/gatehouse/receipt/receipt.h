/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipt for what a lane delivered: signed, and checked without lane or centre. */
#ifndef GATEHOUSE_RECEIPT_RECEIPT_H
#define GATEHOUSE_RECEIPT_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/crypto/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of message and JSON; others are refused. */
#define GH_RECEIPT_FORMAT 1

/** What was delivered. The numbers stand in what is signed, and keep their meaning. */
enum gh_receipt_kind {
	GH_RECEIPT_ENCOUNTER = 1,
	GH_RECEIPT_PHOTO = 2,    /**< id is its encounter's */
	GH_RECEIPT_ADDENDUM = 3, /**< id is its own */
};

/** "encounter", "photo", "addendum"; "unknown" for another number. */
const char *gh_receipt_kind_name(enum gh_receipt_kind kind);

/**
 * The centre's word that it holds a content, durably, since a time. The same
 * content delivered once more gets the same receipt: Ed25519 is deterministic,
 * and the time is that of the first. Nothing personal: ids are random.
 */
struct gh_receipt {
	enum gh_receipt_kind kind;
	struct gh_id id;
	struct gh_sha256 hash;                   /**< of the body as it was delivered */
	int64_t received_ms;                     /**< UTC, by the centre's clock */
	uint8_t public_key[GH_PUBLIC_KEY_BYTES]; /**< names the key that signed */
	uint8_t signature[GH_SIGNATURE_BYTES];
};

/** Bytes that the centre signs. */
#define GH_RECEIPT_MESSAGE_BYTES 128

/**
 * The message that is signed, numbers big-endian:
 *
 *     0  32  "gatehouse delivery receipt\n", zeros behind it
 *    32   4  GH_RECEIPT_FORMAT
 *    36   4  kind
 *    40  16  id
 *    56  32  SHA-256 of the content
 *    88   8  received_ms
 *    96  32  public key
 *
 * The first line keeps it apart from all else that the key signs, as the heads
 * of erasure logs (erasure/log.h). Any thread; does not block.
 */
void gh_receipt_message(
	const struct gh_receipt *receipt, uint8_t message[GH_RECEIPT_MESSAGE_BYTES]);

/**
 * Fill key and signature for what stands in the rest, by the centre's provider.
 * GH_OK or GH_INTERNAL. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_receipt_sign(
	struct gh_provider *provider, struct gh_receipt *receipt, struct gh_error *error);

/**
 * Check a receipt by the public key of the centre; NULL: by the one it names,
 * which says only that it was not changed since somebody signed it.
 *
 * GH_OK         it is what this key signed.
 * GH_DENIED     another key signed it: nothing is known.
 * GH_INTEGRITY  the signature is not of the key it names.
 * Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_receipt_verify(
	const struct gh_receipt *receipt, const uint8_t *public_key, struct gh_error *error);

/**
 * A public key as people hand it on: 64 hexadecimal digits, or the path of a
 * file whose first line they are ("gatehouse keys list" prints them).
 *
 * GH_OK; GH_MALFORMED (the file holds no key), or the statuses of
 * gh_file_read(). Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_receipt_read_key(
	const char *given, uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error);

/** Longest JSON of one receipt. */
#define GH_RECEIPT_JSON_BYTES_MAX 1024

/**
 * {"format": 1, "kind": …, "id": …, "sha256": …, "received": RFC 3339 in ms,
 * "public_key": …, "signature": …}, bytes as hexadecimal digits. GH_OK and *json
 * is replaced, the caller finishes it; GH_NO_MEMORY. Any thread.
 */
GH_MUST_USE enum gh_status gh_receipt_encode(
	const struct gh_receipt *receipt, struct gh_bytes *json, struct gh_error *error);

/**
 * The same read; members that are not known are passed over, the signature is
 * not looked at. GH_OK; GH_UNSUPPORTED (another format); GH_MALFORMED, also when
 * it is longer than GH_RECEIPT_JSON_BYTES_MAX. Any thread.
 */
GH_MUST_USE enum gh_status gh_receipt_decode(
	struct gh_view json, struct gh_receipt *receipt, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
