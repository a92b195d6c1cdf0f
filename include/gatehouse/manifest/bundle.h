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
 *   4   format version (2)
 *   4   length of the JSON part
 *   8   length of the portrait part
 *   4   length of the signature part (0: not signed)
 *   4   zero
 *   32  SHA-256 of JSON and portrait part
 *   …   JSON (voyage and persons, docs/voyage.schema.json)
 *   …   portraits as files, in the order of the rows, without gaps
 *   …   signature (crypto/cms.h) over the 64 bytes of the header, the length of
 *       the signature part in it taken as 0
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
 * Sign a bundle file in its place, by a certificate of the role GH_ROLE_SIGNER;
 * an earlier signature is replaced. The voyage, its version and, by their
 * hashes, all portraits are signed with it.
 *
 * GH_OK         the signature is on the disk.
 * GH_DENIED     the certificate has another role, or others may read the key.
 * The statuses of gh_cms_sign(); GH_MALFORMED, GH_UNSUPPORTED, GH_TRUNCATED:
 * path is no bundle; GH_FULL, GH_IO: the bundle may be without a valid signature.
 * What else the file holds is not looked at. Nobody else may use the file
 * meanwhile. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_bundle_sign(const char *path, const char *certificate_path,
	const char *key_path, struct gh_error *error);

/**
 * Whether the bundle was signed by somebody of the role GH_ROLE_SIGNER, whose
 * certificate leads to one of ca_path at the time now_ms.
 *
 * GH_OK; GH_DENIED: not signed, not by this role, or not trusted; GH_INTEGRITY:
 * the signature is not over this bundle; the statuses of gh_cms_verify(). Any
 * thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_bundle_check_signature(const struct gh_bundle *bundle,
	const char *ca_path, int64_t now_ms, struct gh_error *error);

/**
 * Read one portrait of a person into *picture (replaced; the caller finishes).
 * The person is known by its id and may be of another copy of the voyage.
 * GH_OK, GH_NOT_FOUND (no such person or index), GH_INTEGRITY (no longer the
 * picture that the voyage names), GH_IO, GH_NO_MEMORY. One thread at a time.
 * Blocks for the disk.
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
 * An older bundle as the source for a newer version of its voyage: persons are
 * known again by their ids, so portrait_count may not grow. bundle stays the
 * caller's and open until the write is over.
 */
struct gh_bundle_source gh_bundle_as_source(struct gh_bundle *bundle);

/**
 * Write a bundle, atomically as gh_file_replace(), mode 0600, with a second
 * temporary file beside it for the portraits. Sets the portraits' places in
 * voyage, some of them also when it fails. source may be NULL only when no
 * person has a portrait.
 *
 * GH_OK; GH_FULL, GH_IO, GH_DENIED: path is as before; GH_MALFORMED: a value
 * of voyage cannot stand in a bundle, or a picture is empty; GH_TOO_LARGE,
 * GH_NO_MEMORY, or what source said. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_bundle_write(const char *path, struct gh_voyage *voyage,
	const struct gh_bundle_source *source, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
