/* SPDX-License-Identifier: Apache-2.0 */
/* The best persons of several tables: first pass in 8 bits, the rest in float. */
#ifndef GALLERY_RANK_H
#define GALLERY_RANK_H

#include "gatehouse/gallery/gallery.h"

#include "rows.h"

/* One table to be searched. flags has a byte for each person; blocked ones are passed over. */
struct gh_rank_table {
	const struct gh_rows *rows;
	size_t count;         /* of rows to read */
	const uint8_t *flags; /* may be NULL */
	uint8_t blocked;      /* bits that block a person */
};

/* One person found. */
struct gh_ranked {
	size_t table;
	uint32_t person;
	size_t row; /* of the best template */
	float score;
};

/* What was found, best first; equal scores in order of table and person. */
struct gh_ranking {
	struct gh_ranked best[GH_CANDIDATES_MAX];
	size_t count;
	uint64_t scanned;  /* rows of the first pass */
	uint64_t reranked; /* rows compared in float */
};

/*
 * Search every row of the tables. Exact: the answer is that of gh_template_score() over all rows.
 * GH_OK; GH_MALFORMED (the probe); GH_NO_MEMORY. Any thread. Tables must not go meanwhile.
 */
GH_MUST_USE enum gh_status gh_rank(const struct gh_rank_table *tables, size_t count,
	const struct gh_template *probe, struct gh_ranking *ranking, struct gh_error *error);

#endif
