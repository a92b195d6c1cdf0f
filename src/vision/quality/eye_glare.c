/* SPDX-License-Identifier: Apache-2.0 */
/* Glare in the zone of the eyes. */
#include "eye_glare.h"

#include <math.h>

#include "eye_zones.h"

/* Of 255 on the linear scale, and against the cheeks. */
#define WHITE 190.0
#define ABOVE_CHEEKS 1.8

static bool native(const struct gh_prepared *prepared, double *native)
{
	struct gh_eye_zones zones;
	uint32_t bright = 0;
	double limit;

	if (!gh_eye_zones_take(prepared, &zones))
		return false;
	limit = fmax(WHITE, ABOVE_CHEEKS * zones.cheeks_light);
	for (int eye = 0; eye < 2; eye++)
		for (int i = (int)ceil(limit); i < 256; i++)
			bright += zones.eyes[eye].light[i];
	*native = (double)bright / (zones.eyes[0].pixels + zones.eyes[1].pixels);
	return true;
}

const struct gh_measure_kind gh_kind_eye_glare = { .native = native, .suspect_from = 0.04 };
