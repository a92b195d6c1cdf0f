/* SPDX-License-Identifier: Apache-2.0 */
/* What all rounds of an identification say together. */
#ifndef GATEHOUSE_SRC_EVALUATION_POOLED_H
#define GATEHOUSE_SRC_EVALUATION_POOLED_H

#include "round.h"

/* Fill the result from rounds that are all made. GH_OK, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_pooled_conclude(const struct gh_round_plan *plan,
	const struct gh_round *rounds, uint32_t count, struct gh_identification_result *result,
	struct gh_error *error);

#endif
