/* SPDX-License-Identifier: Apache-2.0 */
/* The distribution of templates: mean, principal directions, and what is left of the spread. */
#ifndef EVALUATION_SPREAD_H
#define EVALUATION_SPREAD_H

#include "gatehouse/gallery/calibration_file.h"

#include "scores.h"

/* Directions that are kept. */
enum {
	GH_SPREAD_DIRECTIONS = 128
};

/*
 * Measure the spread of a set, each identity counting the same. spread->directions is allocated
 * for the caller, who frees it. GH_OK, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_spread_measure(const struct gh_template_set *set,
	struct gh_calibration_spread *spread, struct gh_error *error);

#endif
