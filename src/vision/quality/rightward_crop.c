/* SPDX-License-Identifier: Apache-2.0 */
/* Rightward crop. */
#include "rightward_crop.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	if (!prepared->has_eyes)
		return false;
	*native = (prepared->stage->frame_width_px - (double)prepared->eyes[0].x) /
		prepared->eye_distance_px;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 100.0, 0.0, 1.0, 0.9, 0.1 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_rightward_crop = { .native = native, .component = component };
