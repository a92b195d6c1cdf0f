/* SPDX-License-Identifier: Apache-2.0 */
/* Head size. */
#include "head_size.h"

#include <math.h>

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	if (!prepared->has_all || prepared->stage->frame_height_px == 0)
		return false;
	*native = prepared->eyes_to_chin_px / prepared->stage->frame_height_px;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 200.0, 1.0, -1.0, 0.0, 0.05 };

	return gh_sigmoid_component(&sigmoid, fabs(native - 0.45));
}

const struct gh_measure_kind gh_kind_head_size = { .native = native, .component = component };
