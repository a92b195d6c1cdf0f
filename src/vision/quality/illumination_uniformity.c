/* SPDX-License-Identifier: Apache-2.0 */
/* Illumination uniformity. */
#include "illumination_uniformity.h"

#include <math.h>

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_region *left = &prepared->cheeks[0], *right = &prepared->cheeks[1];

	if (!gh_region_enough(left) || !gh_region_enough(right))
		return false;
	*native = 0.0;
	for (int i = 0; i < 256; i++)
		*native += fmin((double)left->light[i] / left->pixels,
			(double)right->light[i] / right->pixels);
	return true;
}

static int component(double native)
{
	return gh_component_round(100.0 * pow(fmax(0.0, native), 0.3));
}

const struct gh_measure_kind gh_kind_illumination_uniformity = { .native = native,
	.component = component };
