/* SPDX-License-Identifier: Apache-2.0 */
/* Tilt of the head. */
#include "roll.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	*native = (double)prepared->pose.roll_degrees;
	return prepared->has_pose;
}

static int component(double native)
{
	return gh_angle_component(native);
}

const struct gh_measure_kind gh_kind_roll = { .native = native, .component = component };
