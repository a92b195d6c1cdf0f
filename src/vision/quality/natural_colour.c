/* SPDX-License-Identifier: Apache-2.0 */
/* Natural colour. */
#include "natural_colour.h"

#include <math.h>

#include "mapping.h"

static double beyond(double value, double low, double high)
{
	return fmax(0.0, fmax(low - value, value - high));
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_region *cheeks = &prepared->cheeks_in_hull;
	struct gh_lab lab;

	if (!gh_region_enough(cheeks))
		return false;
	lab = gh_region_lab(cheeks);
	if (cheeks->grey)
		*native = 0.0;
	else if (lab.a < 0.0 || lab.b < 0.0)
		*native = 100.0;
	else
		*native = hypot(beyond(lab.a, 5.0, 25.0), beyond(lab.b, 5.0, 35.0));
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 200.0, 1.0, -1.0, 0.0, 10.0 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_natural_colour = { .native = native, .component = component };
