/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) of bytes and files. */
#ifndef GATEHOUSE_CRYPTO_HASH_H
#define GATEHOUSE_CRYPTO_HASH_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GH_SHA256_BYTES 32

/** Bytes of the hexadecimal form, its final NUL included. */
#define GH_SHA256_TEXT_BYTES 65

/** A SHA-256 value. */
struct gh_sha256 {
	uint8_t bytes[GH_SHA256_BYTES];
};

/**
 * Hash the bytes of view.
 *
 * GH_OK, or GH_INTERNAL when the library refuses. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_sha256_of(
	struct gh_view view, struct gh_sha256 *hash, struct gh_error *error);

/**
 * Hash a file as it is read, at most limit_bytes of it.
 *
 * GH_OK, or the statuses of gh_file_read(); the error names the path. Any
 * thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_sha256_of_file(
	const char *path, size_t limit_bytes, struct gh_sha256 *hash, struct gh_error *error);

/** A hash that is being made piece by piece. */
struct gh_sha256_run;

/**
 * Begin a hash. GH_OK and the caller owns *run until gh_sha256_end() or
 * gh_sha256_drop(); or GH_NO_MEMORY, GH_INTERNAL and *run is NULL. A run is
 * used by one thread at a time.
 */
GH_MUST_USE enum gh_status gh_sha256_begin(struct gh_sha256_run **run, struct gh_error *error);

/** Add the bytes of view. GH_OK or GH_INTERNAL. */
GH_MUST_USE enum gh_status gh_sha256_add(
	struct gh_sha256_run *run, struct gh_view view, struct gh_error *error);

/** The hash of all that was added; frees the run on every outcome. GH_OK or GH_INTERNAL. */
GH_MUST_USE enum gh_status gh_sha256_end(
	struct gh_sha256_run *run, struct gh_sha256 *hash, struct gh_error *error);

/** Free a run without asking for its hash. NULL safe. */
void gh_sha256_drop(struct gh_sha256_run *run);

/** Write the lower-case hexadecimal form. */
void gh_sha256_format(const struct gh_sha256 *hash, char text[GH_SHA256_TEXT_BYTES]);

/** Read exactly 64 hexadecimal digits. GH_OK or GH_MALFORMED. */
GH_MUST_USE enum gh_status gh_sha256_parse(
	const char *text, struct gh_sha256 *hash, struct gh_error *error);

/** Compare in constant time. */
bool gh_sha256_equal(const struct gh_sha256 *a, const struct gh_sha256 *b);

#ifdef __cplusplus
}
#endif

#endif
