/* SPDX-License-Identifier: Apache-2.0 */
/* Probes averaged over several different pictures of a person. */
#ifndef GATEHOUSE_SRC_EVALUATION_AVERAGING_H
#define GATEHOUSE_SRC_EVALUATION_AVERAGING_H

#include "scores.h"

/* Probes made of one person, at most: of eight pictures there are 56 threes. */
enum {
	GH_AVERAGING_PROBES_MAX = 64
};

/*
 * Make all probes of `pictures` different references each, of those people who have at least
 * `least` of them; of very many, evenly chosen ones. probes_of counts them per identity (of
 * identity_count) and is set for all. GH_OK: the caller finishes *probes; GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_averaging_make(const struct gh_template_set *references,
	uint32_t pictures, uint32_t least, struct gh_template_set *probes, uint32_t *probes_of,
	struct gh_error *error);

/* Wipe and free a set. */
void gh_template_set_finish(struct gh_template_set *set);

#endif
