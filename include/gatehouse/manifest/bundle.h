/* SPDX-License-Identifier: Apache-2.0 */
/* The voyage bundle: one file with a voyage's manifest and its portraits. */
#ifndef GATEHOUSE_MANIFEST_BUNDLE_H
#define GATEHOUSE_MANIFEST_BUNDLE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/manifest/voyage.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest bundle: 20,000 persons with three portraits of 40 kB each, rounded up. */
#define GH_BUNDLE_BYTES_MAX (3ull * 1024 * 1024 * 1024)

/**
 * The file, all numbers big-endian:
 *
 *   8   "GHVOYAGE"
 *   4   format version (1)
 *   4   length of the JSON part
 *   8   length of the portrait part
 *   4   length of the signature part (0 until bundles are signed)
 *   4   zero
 *   32  SHA-256 of JSON and portrait part
 *   …   JSON (voyage and persons, docs/voyage.schema.json)
 *   …   portraits, one after the other, as files
 *   …   signature over the 64 bytes of the header
 */
#define GH_BUNDLE_HEADER_BYTES 64

/** An open bundle: the voyage in memory, portraits read on demand. */
struct gh_bundle;

/**
 * Open a bundle file, check header, hash, JSON and every portrait's place.
 *
 * GH_OK         the caller owns *bundle; the file stays open.
 * GH_TRUNCATED, GH_MALFORMED, GH_INTEGRITY, GH_TOO_LARGE, GH_UNSUPPORTED,
 * GH_NOT_FOUND, GH_DENIED, GH_IO, GH_NO_MEMORY: the error says where.
 * Any thread. Blocks for reading the whole file once.
 */
GH_MUST_USE enum gh_status gh_bundle_open(
	const char *path, struct gh_bundle **bundle, struct gh_error *error);

/** Wipe, close and free. NULL safe. */
void gh_bundle_close(struct gh_bundle *bundle);

/** The voyage; belongs to the bundle. */
const struct gh_voyage *gh_bundle_voyage(const struct gh_bundle *bundle);

/** The hash of the header's content: names this very bundle (its ETag). */
void gh_bundle_hash(const struct gh_bundle *bundle, struct gh_sha256 *hash);

/**
 * Read one portrait of a person into *picture (replaced; the caller finishes).
 * GH_OK, GH_NOT_FOUND (no such index), GH_IO, GH_NO_MEMORY. One thread at a time.
 */
GH_MUST_USE enum gh_status gh_bundle_portrait(struct gh_bundle *bundle,
	const struct gh_person *person, uint32_t index, struct gh_bytes *picture,
	struct gh_error *error);

/**
 * Where the writer gets a portrait from: fills *picture for person and index
 * below person->portrait_count. Called in order, one at a time.
 */
struct gh_bundle_source {
	void *ctx;
	enum gh_status (*portrait)(void *ctx, const struct gh_person *person, uint32_t index,
		struct gh_bytes *picture, struct gh_error *error);
};

/**
 * Write a bundle, atomically as gh_file_replace(). Sets the portraits' places
 * in voyage. GH_OK, GH_FULL, GH_IO, GH_DENIED, GH_NO_MEMORY or what source said.
 */
GH_MUST_USE enum gh_status gh_bundle_write(const char *path, struct gh_voyage *voyage,
	const struct gh_bundle_source *source, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
