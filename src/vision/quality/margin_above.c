/* SPDX-License-Identifier: Apache-2.0 */
/* Margin above the face. */
#include "margin_above.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	if (!prepared->has_all)
		return false;
	*native = (double)prepared->midpoint.y / prepared->eyes_to_chin_px;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 100.0, 0.0, 1.0, 1.4, 0.1 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_margin_above = { .native = native, .component = component };
