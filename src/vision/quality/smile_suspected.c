/* SPDX-License-Identifier: Apache-2.0 */
/* A smile suspected. */
#include "smile_suspected.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_point *at = prepared->at;

	if (!prepared->has_aligned)
		return false;
	*native = gh_point_distance(at[48], at[54]) /
		gh_point_distance(prepared->at_eyes[0], prepared->at_eyes[1]);
	return true;
}

const struct gh_measure_kind gh_kind_smile_suspected = { .native = native, .suspect_from = 1.0 };
