/* SPDX-License-Identifier: Apache-2.0 */
/* Sampling of the zones around the eyes. */
#include "eye_zones.h"

#include <string.h>

#define STEP 3

bool gh_eye_zones_take(const struct gh_prepared *prepared, struct gh_eye_zones *zones)
{
	const struct gh_region *cheeks = prepared->cheeks;
	const struct gh_point *eyes = prepared->at_eyes;
	float unit = (float)gh_point_distance(eyes[0], eyes[1]);

	memset(zones, 0, sizeof(*zones));
	if (!prepared->has_picture || !gh_region_enough(&cheeks[0]) ||
		!gh_region_enough(&cheeks[1]))
		return false;
	for (int i = 0; i < 2; i++) {
		struct gh_rectangle zone = { (int)(eyes[i].x - 0.28f * unit),
			(int)(eyes[i].y - 0.14f * unit), (int)(eyes[i].x + 0.28f * unit),
			(int)(eyes[i].y + 0.2f * unit) };

		gh_region_add(prepared, &zone, NULL, STEP, &zones->eyes[i]);
		if (!gh_region_enough(&zones->eyes[i]))
			return false;
	}
	zones->cheeks_light = 0.5 * (gh_region_light(&cheeks[0]) + gh_region_light(&cheeks[1]));
	return true;
}
