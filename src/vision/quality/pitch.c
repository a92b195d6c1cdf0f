/* SPDX-License-Identifier: Apache-2.0 */
/* Nod of the head. */
#include "pitch.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	*native = (double)prepared->pose.pitch_degrees;
	return prepared->has_pose;
}

static int component(double native)
{
	return gh_angle_component(native);
}

const struct gh_measure_kind gh_kind_pitch = { .native = native, .component = component };
