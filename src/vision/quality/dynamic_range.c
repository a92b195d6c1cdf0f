/* SPDX-License-Identifier: Apache-2.0 */
/* Dynamic range. */
#include "dynamic_range.h"

#include <math.h>

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_region *face = &prepared->face;

	if (!gh_region_enough(face))
		return false;
	*native = 0.0;
	for (int i = 0; i < 256; i++) {
		double share = (double)face->light[i] / face->pixels;

		if (share > 0.0)
			*native -= share * log2(share);
	}
	return true;
}

static int component(double native)
{
	return gh_component_round(12.5 * native);
}

const struct gh_measure_kind gh_kind_dynamic_range = { .native = native, .component = component };
