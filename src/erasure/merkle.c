/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tree over a batch's entries. */
#include "merkle.h"

#include <string.h>

#define LEAF_BYTES_MAX 256

enum gh_status merkle_leaf(struct gh_view leaf, struct gh_sha256 *hash, struct gh_error *error)
{
	uint8_t bytes[1 + LEAF_BYTES_MAX] = { 0x00 };

	if (leaf.length_bytes > LEAF_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "a leaf of %zu bytes", leaf.length_bytes);
	if (leaf.length_bytes > 0)
		memcpy(bytes + 1, leaf.data, leaf.length_bytes);
	return gh_sha256_of((struct gh_view){ bytes, 1 + leaf.length_bytes }, hash, error);
}

static enum gh_status join(const struct gh_sha256 *left, const struct gh_sha256 *right,
	struct gh_sha256 *hash, struct gh_error *error)
{
	uint8_t bytes[1 + 2 * GH_SHA256_BYTES] = { 0x01 };

	memcpy(bytes + 1, left->bytes, GH_SHA256_BYTES);
	memcpy(bytes + 1 + GH_SHA256_BYTES, right->bytes, GH_SHA256_BYTES);
	return gh_sha256_of((struct gh_view){ bytes, sizeof(bytes) }, hash, error);
}

static struct gh_view leaf_at(struct gh_view leaves, size_t leaf_bytes, size_t i)
{
	return (struct gh_view){ leaves.data + i * leaf_bytes, leaf_bytes };
}

/*
 * Leaves from left to right; stack[k] is a whole subtree of some power of two. Two of one size
 * join at once, so that the number of leaves so far, in binary, says which there are.
 */
static enum gh_status root_of(struct gh_view leaves, size_t leaf_bytes, size_t count,
	struct gh_sha256 *root, struct gh_error *error)
{
	struct gh_sha256 stack[64];
	size_t height = 0;
	enum gh_status status = GH_OK;

	for (size_t i = 0; status == GH_OK && i < count; i++) {
		status = merkle_leaf(leaf_at(leaves, leaf_bytes, i), &stack[height++], error);
		for (size_t n = i + 1; status == GH_OK && n % 2 == 0; n /= 2) {
			height--;
			status =
				join(&stack[height - 1], &stack[height], &stack[height - 1], error);
		}
	}
	for (; status == GH_OK && height > 1; height--)
		status = join(&stack[height - 2], &stack[height - 1], &stack[height - 2], error);
	if (status == GH_OK)
		*root = stack[0];
	return status;
}

enum gh_status merkle_root(
	struct gh_view leaves, size_t leaf_bytes, struct gh_sha256 *root, struct gh_error *error)
{
	size_t count = leaves.length_bytes / leaf_bytes;

	if (count == 0)
		return gh_sha256_of((struct gh_view){ NULL, 0 }, root, error);
	return root_of(leaves, leaf_bytes, count, root, error);
}

/* Largest power of two below count, which is 2 or more. */
static size_t split_of(size_t count)
{
	size_t split = 1;

	while (split * 2 < count)
		split *= 2;
	return split;
}

enum gh_status merkle_path_of(struct gh_view leaves, size_t leaf_bytes, size_t index,
	struct merkle_path *path, struct gh_error *error)
{
	struct gh_sha256 down[MERKLE_PATH_MAX];
	size_t depth = 0;
	size_t count = leaves.length_bytes / leaf_bytes;

	while (count > 1 && depth < MERKLE_PATH_MAX) {
		size_t split = split_of(count);
		bool right = index >= split;
		size_t from = right ? 0 : split;
		enum gh_status status = root_of(leaf_at(leaves, leaf_bytes, from), leaf_bytes,
			right ? split : count - split, &down[depth++], error);

		if (status != GH_OK)
			return status;
		leaves.data += right ? split * leaf_bytes : 0;
		index -= right ? split : 0;
		count = right ? count - split : split;
	}
	path->count = depth;
	for (size_t i = 0; i < depth; i++)
		path->hashes[i] = down[depth - 1 - i];
	return GH_OK;
}

enum gh_status merkle_verify(const struct gh_sha256 *leaf, uint64_t index, uint64_t count,
	const struct merkle_path *path, const struct gh_sha256 *root, struct gh_error *error)
{
	struct gh_sha256 hash = *leaf;
	uint64_t node = index;
	uint64_t last = count - 1;

	if (index >= count)
		return gh_error_set(error, GH_INTEGRITY, "an entry beyond its batch");
	for (size_t i = 0; i < path->count; i++) {
		bool on_the_right = node % 2 == 1 || node == last;
		enum gh_status status;

		if (last == 0)
			return gh_error_set(error, GH_INTEGRITY, "a path longer than its tree");
		status = on_the_right ? join(&path->hashes[i], &hash, &hash, error)
				      : join(&hash, &path->hashes[i], &hash, error);
		if (status != GH_OK)
			return status;
		while (on_the_right && node % 2 == 0 && node != 0) {
			node /= 2;
			last /= 2;
		}
		node /= 2;
		last /= 2;
	}
	if (last != 0 || !gh_sha256_equal(&hash, root))
		return gh_error_set(error, GH_INTEGRITY, "the path does not lead to the root");
	return GH_OK;
}
