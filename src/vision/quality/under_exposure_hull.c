/* SPDX-License-Identifier: Apache-2.0 */
/* Under-exposure within the hull. */
#include "under_exposure_hull.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_region *face = &prepared->face;
	uint32_t pixels = 0;

	if (!gh_region_enough(face))
		return false;
	for (int i = 0; i <= 25; i++)
		pixels += face->light[i];
	*native = (double)pixels / face->pixels;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 120.0, 0.832, -1.0, 0.92, 0.05 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_under_exposure_hull = { .native = native,
	.component = component };
