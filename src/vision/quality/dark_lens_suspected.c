/* SPDX-License-Identifier: Apache-2.0 */
/* Dark lenses suspected. */
#include "dark_lens_suspected.h"

#include <math.h>

#include "eye_zones.h"

#define BELOW_CHEEKS 0.35

static double dark_share(const struct gh_region *eye, double limit)
{
	uint32_t dark = 0;

	for (int i = 0; i < 256 && i < limit; i++)
		dark += eye->light[i];
	return (double)dark / eye->pixels;
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	struct gh_eye_zones zones;
	double limit;

	if (!gh_eye_zones_take(prepared, &zones))
		return false;
	limit = BELOW_CHEEKS * zones.cheeks_light;
	/* In the dark there is nothing to tell apart. */
	if (limit < 2.0)
		return false;
	*native = fmin(dark_share(&zones.eyes[0], limit), dark_share(&zones.eyes[1], limit));
	return true;
}

const struct gh_measure_kind gh_kind_dark_lens_suspected = { .native = native,
	.suspect_from = 0.65 };
