/* SPDX-License-Identifier: Apache-2.0 */
/* A list of comparisons to make: which two pictures, and whether they show one person. */
#ifndef GATEHOUSE_EVALUATION_PAIRS_H
#define GATEHOUSE_EVALUATION_PAIRS_H

#include <stdbool.h>

#include "gatehouse/evaluation/index.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of a list. */
#define GH_PAIRS_BYTES_MAX (256u * 1024u * 1024u)
#define GH_PAIRS_MAX 4000000u

/** One comparison. */
struct gh_pair {
	uint32_t a; /**< numbers of pictures in the index */
	uint32_t b;
	bool genuine;
	uint32_t line; /**< of the list, from 1 */
};

/** A protocol given by pairs. Zero-initialised is empty and valid. */
struct gh_pairs {
	struct gh_index index; /**< every picture that is named, once */
	struct gh_pair *pairs; /**< in the list's order */
	size_t count;
};

/**
 * Parse a list: tab-separated lines, the first of which names the columns.
 * `file_a` and `file_b` must be among them, and `comparison` (genuine or
 * impostor), or `identity_a` and `identity_b`, or all three, which then have to
 * agree. Without identities those pictures are one person's that genuine pairs
 * join, directly or by others; the intervals need to know.
 *
 * GH_OK          the caller finishes *pairs.
 * GH_MALFORMED   also: a picture against itself, a pair listed twice (either
 *                way round), a picture with two identities, an impostor pair of
 *                pictures that genuine pairs join.
 * GH_TOO_LARGE, GH_NO_MEMORY. On failure *pairs is empty. Errors are
 * "name:line: reason" and never contain an identity. Any thread.
 */
GH_MUST_USE enum gh_status gh_pairs_parse(const char *name, const char *folder, struct gh_view text,
	struct gh_pairs *pairs, struct gh_error *error);

/** Read and parse a list; also the statuses of gh_file_read(). Blocks for the disk. */
GH_MUST_USE enum gh_status gh_pairs_read(
	const char *path, struct gh_pairs *pairs, struct gh_error *error);

/** Free. NULL safe. */
void gh_pairs_finish(struct gh_pairs *pairs);

#ifdef __cplusplus
}
#endif

#endif
