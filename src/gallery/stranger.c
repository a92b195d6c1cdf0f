/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of nobody, drawn from the measured distribution of templates. */
#include <math.h>

#include "gatehouse/base/bytes.h"

#include "calibration_content.h"

#define TWO_PI 6.283185307179586476925
#define DRAWS_MAX 8

struct normal {
	uint64_t (*random)(void *ctx);
	void *ctx;
	double spare;
	bool has_spare;
};

/* Uniform in (0, 1): the middle of one of 2^53 intervals, so its logarithm is finite. */
static double uniform(struct normal *normal)
{
	return ((double)(normal->random(normal->ctx) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller: two normal numbers from two uniform ones. */
static float draw(struct normal *normal)
{
	double radius;
	double angle;

	if (normal->has_spare) {
		normal->has_spare = false;
		return (float)normal->spare;
	}
	radius = sqrt(-2.0 * log(uniform(normal)));
	angle = TWO_PI * uniform(normal);
	normal->spare = radius * sin(angle);
	normal->has_spare = true;
	return (float)(radius * cos(angle));
}

static void draw_values(
	const struct gh_calibration_spread *spread, struct normal *normal, float *values)
{
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		values[i] = spread->mean[i] + spread->residual[i] * draw(normal);
	for (size_t k = 0; k < spread->direction_count; k++) {
		const float *direction = spread->directions + k * GH_TEMPLATE_VALUES;
		float along = draw(normal);

		for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
			values[i] += along * direction[i];
	}
}

void gh_calibration_stranger(const struct gh_calibration *calibration,
	uint64_t (*random)(void *ctx), void *ctx, struct gh_template *stranger)
{
	struct normal normal = { .random = random, .ctx = ctx };

	for (int i = 0; i < DRAWS_MAX; i++) {
		draw_values(&calibration->file->content.spread, &normal, stranger->values);
		if (gh_template_normalise(stranger, NULL) == GH_OK)
			return;
	}
	/* A calibration without any spread: some unit vector is as good as another. */
	*stranger = (struct gh_template){ .values = { 1.0f } };
}
