/* SPDX-License-Identifier: Apache-2.0 */
/* The head's pose by fr_pose: three angles, each from a distribution over 66 bins of 3 degrees. */
#include <math.h>

#include "networks.h"

enum {
	SIDE_PX = 224,
	PIXELS = SIDE_PX * SIDE_PX,
	BINS = 66
};

#define BIN_DEGREES 3.0f
#define FIRST_DEGREES (-99.0f)

/* Mean over photographs of people who look straight on. */
#define YAW_BIAS_DEGREES (-1.4f)

const struct gh_network_contract gh_contract_pose = {
	.model = "fr_pose",
	.input = { "input", 4, { 1, 3, SIDE_PX, SIDE_PX } },
	.output_count = 3,
	.outputs = { { "output", 2, { 1, BINS } }, { "617", 2, { 1, BINS } },
		{ "618", 2, { 1, BINS } } },
};

/* Means and deviations of ImageNet, of red, green and blue in 0..1. */
static const struct gh_scaling scalings[3] = {
	{ 255.0f * 0.485f, 1.0f / (255.0f * 0.229f) },
	{ 255.0f * 0.456f, 1.0f / (255.0f * 0.224f) },
	{ 255.0f * 0.406f, 1.0f / (255.0f * 0.225f) },
};

/* The mean of the distribution that the logits stand for. */
static float angle(const float *logits)
{
	float top = logits[0], mass = 0.0f, sum = 0.0f;

	for (int i = 1; i < BINS; i++)
		top = fmaxf(top, logits[i]);
	for (int i = 0; i < BINS; i++) {
		float share = expf(logits[i] - top);

		mass += share;
		sum += share * (float)i;
	}
	return BIN_DEGREES * sum / mass + FIRST_DEGREES;
}

enum gh_status gh_head_pose(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_head_pose *pose,
	struct gh_error *error)
{
	struct gh_crop crop = { gh_box_square(box, 1.0f), SIDE_PX, SIDE_PX, 3, { 0.0f, 1.0f } };
	enum gh_status status;

	gh_image_crop(image, resizer, &crop, network->input);
	gh_planes_scale(network->input, PIXELS, scalings);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	pose->yaw_degrees = angle(network->outputs[0]) - YAW_BIAS_DEGREES;
	pose->pitch_degrees = angle(network->outputs[1]);
	pose->roll_degrees = angle(network->outputs[2]);
	return GH_OK;
}
