/* SPDX-License-Identifier: Apache-2.0 */
/* Authenticated encryption: AES-256-GCM (NIST SP 800-38D). */
#ifndef GATEHOUSE_CRYPTO_AEAD_H
#define GATEHOUSE_CRYPTO_AEAD_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GH_AEAD_KEY_BYTES 32
#define GH_AEAD_NONCE_BYTES 12
#define GH_AEAD_TAG_BYTES 16

/** A secret key. Whoever holds one wipes it with gh_wipe() when done. */
struct gh_aead_key {
	uint8_t bytes[GH_AEAD_KEY_BYTES];
};

/**
 * Encrypt plain and bind it to context (associated data).
 *
 * The sealed form is nonce, ciphertext, tag: 28 bytes longer than plain. The
 * nonce is random (SP 800-38D clause 8.2.2): one key may seal at most 2^32
 * times; a data key here seals a handful of times.
 *
 * GH_OK         *sealed is replaced; the caller finishes it.
 * GH_NO_MEMORY, GH_INTERNAL: *sealed is empty.
 * Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_aead_seal(const struct gh_aead_key *key, struct gh_view context,
	struct gh_view plain, struct gh_bytes *sealed, struct gh_error *error);

/**
 * Check and decrypt what gh_aead_seal() made.
 *
 * GH_OK         *plain is replaced; the caller finishes (and so wipes) it.
 * GH_TRUNCATED  shorter than nonce and tag.
 * GH_INTEGRITY  wrong key, wrong context, or altered bytes.
 * On failure *plain is empty and nothing of the plaintext was let out.
 */
GH_MUST_USE enum gh_status gh_aead_open(const struct gh_aead_key *key, struct gh_view context,
	struct gh_view sealed, struct gh_bytes *plain, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
