/* SPDX-License-Identifier: Apache-2.0 */
/* Mouth closed. */
#include "mouth_closed.h"

#include <math.h>

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_point *all = prepared->measured->landmarks->all;

	if (!prepared->has_all)
		return false;
	*native = fmax(gh_point_distance(all[62], all[66]),
			  fmax(gh_point_distance(all[61], all[67]),
				  gh_point_distance(all[63], all[65]))) /
		prepared->eyes_to_chin_px;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 100.0, 1.0, -1.0, 0.2, 0.06 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_mouth_closed = { .native = native, .component = component };
