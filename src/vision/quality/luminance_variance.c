/* SPDX-License-Identifier: Apache-2.0 */
/* Luminance variance. */
#include "luminance_variance.h"

#include <math.h>

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_region *face = &prepared->face;
	double mean, sum = 0.0;

	if (!gh_region_enough(face))
		return false;
	mean = gh_region_light(face);
	for (int i = 0; i < 256; i++)
		sum += face->light[i] * (i - mean) * (i - mean);
	*native = sum / face->pixels / (255.0 * 255.0);
	return true;
}

static int component(double native)
{
	double spread = 60.0 * native / (60.0 * native + 1.0);

	return gh_component_round(100.0 * sin(3.1415926535897932 * spread));
}

const struct gh_measure_kind gh_kind_luminance_variance = { .native = native,
	.component = component };
