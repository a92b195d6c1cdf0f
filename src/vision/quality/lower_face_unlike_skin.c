/* SPDX-License-Identifier: Apache-2.0 */
/* Lower face unlike skin. */
#include "lower_face_unlike_skin.h"

#include <math.h>

#define LIGHTNESS 3.0

/* Bridge of the nose: between the inner corners of the eyes and half-way down it. */
static struct gh_rectangle bridge_of(const struct gh_prepared *prepared)
{
	const struct gh_point *at = prepared->at;
	float half = 0.25f * (at[42].x - at[39].x);

	return (struct gh_rectangle){ (int)(at[27].x - half), (int)at[27].y, (int)(at[27].x + half),
		(int)at[29].y };
}

/* From the upper lip to the chin, as wide as the mouth; the hull bounds it. */
static struct gh_rectangle chin_of(const struct gh_prepared *prepared)
{
	const struct gh_point *at = prepared->at;
	float below = at[57].y + 0.1f * (at[8].y - at[57].y);

	return (struct gh_rectangle){ (int)at[48].x, (int)below, (int)at[54].x, (int)at[8].y };
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	struct gh_region bridge = { 0 }, chin = { 0 };
	struct gh_rectangle upper, lower;
	struct gh_lab above, below;

	if (!prepared->has_picture)
		return false;
	upper = bridge_of(prepared);
	lower = chin_of(prepared);
	gh_region_add(prepared, &upper, &prepared->hull, 2, &bridge);
	gh_region_add(prepared, &lower, &prepared->hull, 3, &chin);
	if (!gh_region_enough(&bridge) || !gh_region_enough(&chin))
		return false;
	gh_region_finish(&bridge);
	gh_region_finish(&chin);
	above = gh_region_lab(&bridge);
	below = gh_region_lab(&chin);
	*native = sqrt((above.a - below.a) * (above.a - below.a) +
		(above.b - below.b) * (above.b - below.b) +
		(above.l - below.l) * (above.l - below.l) / (LIGHTNESS * LIGHTNESS));
	return true;
}

const struct gh_measure_kind gh_kind_lower_face_unlike_skin = { .native = native,
	.suspect_from = 20.0 };
