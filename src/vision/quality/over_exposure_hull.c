/* SPDX-License-Identifier: Apache-2.0 */
/* Over-exposure within the hull. */
#include "over_exposure_hull.h"

#include <math.h>

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_region *face = &prepared->face;
	uint32_t pixels = 0;

	if (!gh_region_enough(face))
		return false;
	for (int i = 247; i <= 255; i++)
		pixels += face->light[i];
	*native = (double)pixels / face->pixels;
	return true;
}

static int component(double native)
{
	return gh_component_round(1.0 / (fmax(0.0, native) + 0.01));
}

const struct gh_measure_kind gh_kind_over_exposure_hull = { .native = native,
	.component = component };
