/* SPDX-License-Identifier: Apache-2.0 */
/* A text of tab-separated lines, the first of which names the columns. */
#ifndef GATEHOUSE_SRC_EVALUATION_TSV_H
#define GATEHOUSE_SRC_EVALUATION_TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

enum {
	GH_TSV_FIELDS_MAX = 64
};

/* Where a column is that is not there. */
#define GH_TSV_NO_COLUMN SIZE_MAX

/* The fields of the line read last point into text. */
struct gh_tsv {
	const char *name;
	char *text;
	size_t length;
	size_t place;
	uint32_t line; /* of the text, from 1 */
	size_t field_count;
	const char *head[GH_TSV_FIELDS_MAX];
	const char *fields[GH_TSV_FIELDS_MAX];
	struct gh_error *error;
};

/*
 * Copy the text and read its first line; a byte order mark before it is passed over. GH_OK: the
 * caller finishes *lines. GH_MALFORMED, GH_TOO_LARGE (over limit_bytes), GH_NO_MEMORY: *lines is
 * finished. name and error are kept.
 */
GH_MUST_USE enum gh_status gh_tsv_init(struct gh_tsv *lines, const char *name, struct gh_view text,
	size_t limit_bytes, struct gh_error *error);

/* Wipe and free: what points into the text is gone. */
void gh_tsv_finish(struct gh_tsv *lines);

/* The place of a column, or GH_TSV_NO_COLUMN. GH_MALFORMED: it is there twice. */
GH_MUST_USE enum gh_status gh_tsv_column(struct gh_tsv *lines, const char *name, size_t *column);

/*
 * Read the next line that is not empty; *more is false behind the last one. GH_MALFORMED: it has
 * not as many fields as the first.
 */
GH_MUST_USE enum gh_status gh_tsv_next(struct gh_tsv *lines, bool *more);

/*
 * Give each line that is left to read(ctx), which finds its fields in *lines, until one is refused.
 * The statuses of gh_tsv_next() and of read().
 */
GH_MUST_USE enum gh_status gh_tsv_each(
	struct gh_tsv *lines, enum gh_status (*read)(void *ctx), void *ctx);

/* Set the error to "name:line: reason"; gives GH_MALFORMED. */
enum gh_status gh_tsv_fail(struct gh_tsv *lines, uint32_t line, const char *reason);

#endif
