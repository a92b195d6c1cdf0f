/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tree over a batch's entries: RFC 9162, section 2.1, with SHA-256. */
#ifndef GATEHOUSE_SRC_ERASURE_MERKLE_H
#define GATEHOUSE_SRC_ERASURE_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/crypto/hash.h"

/* Hashes on the way from a leaf to the root, for up to 2^32 leaves. */
#define MERKLE_PATH_MAX 32

struct merkle_path {
	struct gh_sha256 hashes[MERKLE_PATH_MAX];
	size_t count;
};

/* Hash of a leaf: SHA-256 of 0x00 and the leaf. */
enum gh_status merkle_leaf(struct gh_view leaf, struct gh_sha256 *hash, struct gh_error *error);

/* Root over count leaves of leaf_bytes each; of none: SHA-256 of nothing (section 2.1.1). */
enum gh_status merkle_root(
	struct gh_view leaves, size_t leaf_bytes, struct gh_sha256 *root, struct gh_error *error);

/* The path of leaf number index (section 2.1.3.1); index is below the number of leaves. */
enum gh_status merkle_path_of(struct gh_view leaves, size_t leaf_bytes, size_t index,
	struct merkle_path *path, struct gh_error *error);

/*
 * Whether a leaf's hash is number index of count under root (section 2.1.3.2): GH_OK,
 * GH_INTEGRITY, GH_INTERNAL.
 */
enum gh_status merkle_verify(const struct gh_sha256 *leaf, uint64_t index, uint64_t count,
	const struct merkle_path *path, const struct gh_sha256 *root, struct gh_error *error);

#endif
