/* SPDX-License-Identifier: Apache-2.0 */
/* Eyes open. */
#include "eyes_open.h"

#include <math.h>

#include "mapping.h"

#define MIDDLE_OF_LID 1.06

static double opening(const struct gh_point *at, int upper, int lower)
{
	return fmax(gh_point_distance(at[upper], at[lower]),
		gh_point_distance(at[upper + 1], at[lower - 1]));
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_point *at = prepared->at;

	if (!prepared->has_aligned)
		return false;
	*native = MIDDLE_OF_LID * fmin(opening(at, 37, 41), opening(at, 43, 47)) /
		prepared->at_eyes_to_chin;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 100.0, 0.0, 1.0, 0.02, 0.01 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_eyes_open = { .native = native, .component = component };
