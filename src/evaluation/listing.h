/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and people as a list names them, on the way to an index. */
#ifndef GATEHOUSE_SRC_EVALUATION_LISTING_H
#define GATEHOUSE_SRC_EVALUATION_LISTING_H

#include "gatehouse/evaluation/index.h"

#include "tsv.h"

/* One picture as listed; texts are in place inside the list. */
struct gh_listed {
	const char *identity;
	const char *file;
	uint32_t line;
	uint32_t number; /* of the identity: filled in */
	uint32_t key;    /* the caller's */
	uint8_t groups[GH_INDEX_COLUMNS];
};

/*
 * Make an index of the listed pictures, whose files are different ones. They are sorted as the
 * index has them. values and value_count stay the caller's to fill. GH_OK: the caller finishes
 * *index; GH_MALFORMED, GH_NO_MEMORY: *index may be partly filled and is finished all the same.
 */
GH_MUST_USE enum gh_status gh_listing_make(struct gh_tsv *lines, const char *folder,
	struct gh_listed *listed, size_t count, struct gh_index *index);

/* The folder of a path, "" for none. GH_OK or GH_TOO_LARGE. */
GH_MUST_USE enum gh_status gh_listing_folder(
	const char *path, char *folder, size_t folder_bytes, struct gh_error *error);

#endif
