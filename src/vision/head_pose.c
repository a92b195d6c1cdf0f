/* SPDX-License-Identifier: Apache-2.0 */
/* The head's pose by a network such as fr_pose: three angles, each of 66 bins of 3 degrees. */
#include <math.h>

#include "networks.h"

#define BIN_DEGREES 3.0f
#define FIRST_DEGREES (-99.0f)

/* The mean of the distribution that the logits stand for. */
static float angle(const float *logits)
{
	float top = logits[0], mass = 0.0f, sum = 0.0f;

	for (int i = 1; i < POSE_BINS; i++)
		top = fmaxf(top, logits[i]);
	for (int i = 0; i < POSE_BINS; i++) {
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
	struct gh_box crop = gh_box_square(box, network->contract->growth);
	enum gh_status status;

	gh_network_show(network, resizer, image, &crop);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	pose->yaw_degrees = angle(network->outputs[0]) - network->contract->bias;
	pose->pitch_degrees = angle(network->outputs[1]);
	pose->roll_degrees = angle(network->outputs[2]);
	return GH_OK;
}
