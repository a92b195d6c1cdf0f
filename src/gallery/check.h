/* SPDX-License-Identifier: Apache-2.0 */
/* The health check: which persons of a table look so alike that they can be confused. */
#ifndef GALLERY_CHECK_H
#define GALLERY_CHECK_H

#include "table.h"

/* Pairs kept of one slice; more are counted. */
enum {
	GH_CHECK_PAIRS_MAX = 256
};

/* What one slice found. */
struct gh_check_slice {
	struct gh_gallery_finding pairs[GH_CHECK_PAIRS_MAX];
	size_t count;
	uint64_t beyond; /* pairs that found no room in `pairs` */
};

/*
 * Go on comparing each person with all later ones, from where the last slice ended, for about
 * products_max comparisons of rows. A pair counts when any two of their templates score at least
 * `score` in float; both get GH_FLAG_LOOK_ALIKE in table->flags. Returns whether all is done. The
 * enrolment thread's, when the table's rows are complete.
 */
bool gh_check_slice(
	struct gh_table *table, float score, uint64_t products_max, struct gh_check_slice *slice);

#endif
