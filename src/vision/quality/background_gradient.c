/* SPDX-License-Identifier: Apache-2.0 */
/* Gradient of the background. */
#include "background_gradient.h"

#include <math.h>

#include "mapping.h"

#define STEP 12
#define POINTS_MIN 40

struct ellipse {
	float x, y;
	float half_width, half_height;
};

static struct ellipse head_of(const struct gh_prepared *prepared)
{
	const struct gh_point *at = prepared->at;

	return (struct ellipse){ 0.5f * (prepared->at_eyes[0].x + prepared->at_eyes[1].x),
		0.5f * (prepared->at_eyes[0].y + prepared->at_eyes[1].y),
		0.95f * (float)gh_point_distance(at[0], at[16]),
		1.7f * (float)prepared->at_eyes_to_chin };
}

static bool outside(const struct ellipse *head, float x, float y)
{
	float across = (x - head->x) / head->half_width, down = (y - head->y) / head->half_height;

	return across * across + down * down > 1.0f;
}

static bool gradient(const struct gh_prepared *prepared, int x, int y, double *found)
{
	int light[9], across, down;

	for (int i = 0; i < 9; i++) {
		uint8_t rgb[3];

		if (!gh_prepared_sample(
			    prepared, (float)(x + i % 3 - 1), (float)(y + i / 3 - 1), rgb))
			return false;
		light[i] = gh_luminance(rgb);
	}
	across = 3 * (light[2] - light[0]) + 10 * (light[5] - light[3]) + 3 * (light[8] - light[6]);
	down = 3 * (light[6] - light[0]) + 10 * (light[7] - light[1]) + 3 * (light[8] - light[2]);
	*found = hypot(across, down);
	return true;
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	struct ellipse head;
	double sum = 0.0, here;
	uint32_t points = 0;
	int bottom;

	if (!prepared->has_picture)
		return false;
	head = head_of(prepared);
	if (!(head.half_width > 1.0f))
		return false;
	bottom = (int)fminf(prepared->at[8].y, CANONICAL_SIDE_PX - 1);
	for (int y = STEP / 2; y < bottom; y += STEP)
		for (int x = STEP / 2; x < CANONICAL_SIDE_PX - 1; x += STEP)
			if (outside(&head, (float)x, (float)y) && gradient(prepared, x, y, &here)) {
				sum += here;
				points++;
			}
	if (points < POINTS_MIN)
		return false;
	*native = sum / points;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 190.0, 1.0, -1.0, 10.0, 100.0 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_background_gradient = { .native = native,
	.component = component };
