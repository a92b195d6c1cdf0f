/* SPDX-License-Identifier: Apache-2.0 */
/* How far a face looks like a picture of one, by a network such as fr_liveness. */
#include <math.h>

#include "networks.h"

#define LIVE 0

/* Shift an interval of this length into 0..limit. */
static float inside(float from, float length, float limit)
{
	return fmaxf(0.0f, fminf(from, limit - length));
}

/* Black beyond the picture's edge would look like a bezel, so the crop stays within it. */
static struct gh_box around(const struct gh_image *image, const struct gh_box *face, float growth)
{
	float width = (float)image->width_px, height = (float)image->height_px;
	struct gh_box box = gh_box_square(face, growth);
	float side = fminf(gh_box_width(&box), fminf(width, height));
	struct gh_point centre = gh_box_centre(face);

	box.left = inside(centre.x - 0.5f * side, side, width);
	box.top = inside(centre.y - 0.5f * side, side, height);
	box.right = box.left + side;
	box.bottom = box.top + side;
	return box;
}

enum gh_status gh_liveness(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, float *attack_log_odds,
	struct gh_error *error)
{
	struct gh_box crop = around(image, box, network->contract->growth);
	const float *logits = network->outputs[0];
	enum gh_status status;
	float top;

	gh_network_show(network, resizer, image, &crop);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	/* Whatever is not live is an attack: log of (e^b + e^c) / e^a, without overflow. */
	top = fmaxf(logits[1], logits[2]);
	*attack_log_odds = top + logf(expf(logits[1] - top) + expf(logits[2] - top)) - logits[LIVE];
	return GH_OK;
}
