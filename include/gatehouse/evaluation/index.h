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

/** Columns that say to which group a picture belongs, and values of one, at most. */
enum gh_index_column {
	GH_INDEX_SEX,
	GH_INDEX_AGE_BAND,
	GH_INDEX_STATE, /**< whose nationality */
	GH_INDEX_COLUMNS
};
#define GH_INDEX_VALUES_MAX 255

/** The column's name as the first line has it: "sex", "age_band", "state". */
const char *gh_index_column_name(enum gh_index_column column);

/** One picture of the data set. */
struct gh_index_picture {
	const char *file;  /**< path, joined with the index's folder unless absolute */
	uint32_t identity; /**< number of the person, from 0, in order of first mention */
	uint32_t line;     /**< of the index, from 1 */
	uint8_t groups[GH_INDEX_COLUMNS]; /**< which value of each column; 0: nothing said */
};

/** A data set. Owns its texts; zero-initialised is empty and valid. */
struct gh_index {
	struct gh_index_picture *pictures; /**< grouped by identity */
	size_t picture_count;
	uint32_t identity_count;
	/** What stands in each column, in order of first mention; value 0 is "". A column
	    that is not there, or always empty, has one value. */
	const char *values[GH_INDEX_COLUMNS][GH_INDEX_VALUES_MAX + 1];
	size_t value_count[GH_INDEX_COLUMNS];
	char *texts;
	char *value_texts;
};

/**
 * Parse the text of an index: tab-separated lines, the first of which names
 * the columns. `identity` and `file` must be among them; `sex`, `age_band` and
 * `state` may be (an empty field says nothing); others are passed over. Every
 * line has as many fields as the first. Empty lines and a carriage
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
