/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a data set: which picture shows whom. */
#ifndef GATEHOUSE_EVALUATION_INDEX_H
#define GATEHOUSE_EVALUATION_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of an index. */
#define GH_INDEX_BYTES_MAX (64u * 1024u * 1024u)
#define GH_INDEX_PICTURES_MAX 1000000u

/** One picture of the data set. */
struct gh_index_picture {
	const char *file;  /**< path, joined with the index's folder unless absolute */
	uint32_t identity; /**< number of the person, from 0, in order of first mention */
	uint32_t line;     /**< of the index, from 1 */
};

/** A data set. Owns its texts; zero-initialised is empty and valid. */
struct gh_index {
	struct gh_index_picture *pictures; /**< grouped by identity */
	size_t picture_count;
	uint32_t identity_count;
	char *texts;
};

/**
 * Parse the text of an index: tab-separated lines, the first of which names
 * the columns. `identity` and `file` must be among them, others are passed
 * over; every line has as many fields as the first. Empty lines and a carriage
 * return before the line's end are tolerated. A file may stand there once.
 *
 * name is what errors call the index ("name:line: reason"); folder is put
 * before relative paths. Errors never contain an identity.
 * GH_OK: the caller finishes *index. GH_MALFORMED, GH_TOO_LARGE,
 * GH_NO_MEMORY: *index is empty. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_index_parse(const char *name, const char *folder, struct gh_view text,
	struct gh_index *index, struct gh_error *error);

/** Read and parse an index file; also the statuses of gh_file_read(). Blocks for the disk. */
GH_MUST_USE enum gh_status gh_index_read(
	const char *path, struct gh_index *index, struct gh_error *error);

/** Free. NULL safe. */
void gh_index_finish(struct gh_index *index);

#ifdef __cplusplus
}
#endif

#endif
