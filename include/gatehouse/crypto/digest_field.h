/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP field Content-Digest (RFC 9530, 2): a hash beside the content it is of. */
#ifndef GATEHOUSE_CRYPTO_DIGEST_FIELD_H
#define GATEHOUSE_CRYPTO_DIGEST_FIELD_H

#include "gatehouse/crypto/hash.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of "sha-256=:BASE64:", its final NUL included. */
#define GH_DIGEST_FIELD_BYTES 55

/** Longest value that is read. */
#define GH_DIGEST_FIELD_BYTES_MAX 512

/** Write the value of the field for a hash. Any thread; does not block. */
void gh_digest_field_format(const struct gh_sha256 *hash, char text[GH_DIGEST_FIELD_BYTES]);

/**
 * Read the value of the field: a dictionary of structured fields (RFC 9651,
 * 3.2) with byte sequences. Algorithms other than sha-256 are passed over, as
 * RFC 9530 wants it; the last sha-256 counts.
 *
 * GH_OK         *hash is what the sender says of its content.
 * GH_NOT_FOUND  it names other algorithms only: nothing is known.
 * GH_MALFORMED  it is no such dictionary, longer than
 *               GH_DIGEST_FIELD_BYTES_MAX, or sha-256 is not of 32 bytes.
 * Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_digest_field_parse(
	const char *text, struct gh_sha256 *hash, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
