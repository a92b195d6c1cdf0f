/* SPDX-License-Identifier: Apache-2.0 */
/* Turn of the head. */
#include "yaw.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	*native = (double)prepared->pose.yaw_degrees;
	return prepared->has_pose;
}

static int component(double native)
{
	return gh_angle_component(native);
}

const struct gh_measure_kind gh_kind_yaw = { .native = native, .component = component };
