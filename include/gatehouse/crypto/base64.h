/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, section 4), as messages over HTTP and their headers carry it. */
#ifndef GATEHOUSE_CRYPTO_BASE64_H
#define GATEHOUSE_CRYPTO_BASE64_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Append the base64 of bytes, in lines of 64 characters that each end with a
 * newline (RFC 2045, section 6.8 allows 76).
 *
 * GH_OK, or GH_NO_MEMORY, GH_TOO_LARGE (over 16 MiB) and *text is as before. Any
 * thread; does not block.
 */
GH_MUST_USE enum gh_status gh_base64_encode(
	struct gh_view bytes, struct gh_bytes *text, struct gh_error *error);

/**
 * Read base64 whole: blanks and line ends anywhere are passed over, anything
 * else that is not of the alphabet is refused, and so is padding that is missing
 * or stands elsewhere than at the end.
 *
 * GH_OK         *bytes is replaced; the caller finishes it.
 * GH_TOO_LARGE  the text has over limit_bytes.
 * GH_MALFORMED, GH_NO_MEMORY; on failure *bytes is empty. Any thread; does not
 * block.
 */
GH_MUST_USE enum gh_status gh_base64_decode(
	struct gh_view text, size_t limit_bytes, struct gh_bytes *bytes, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
