/* SPDX-License-Identifier: Apache-2.0 */
/* A face detector such as fr_detect: boxes and scores of a whole picture. */
#include "networks.h"

struct gh_box gh_canvas_box(const struct gh_canvas *canvas, float width_to_height)
{
	float width = (float)canvas->image->width_px, height = (float)canvas->image->height_px;
	float around = canvas->margin * (width > height ? width : height);
	struct gh_box box = { -around, -around, 0.0f, 0.0f };

	width += 2.0f * around;
	height += 2.0f * around;
	if (width < height * width_to_height)
		width = height * width_to_height;
	else
		height = width / width_to_height;
	box.right = box.left + width;
	box.bottom = box.top + height;
	return box;
}

static void collect(
	const struct gh_network *network, const struct gh_box *canvas, struct gh_faces *faces)
{
	const struct gh_network_contract *contract = network->contract;
	uint32_t candidates = (uint32_t)contract->outputs[0].sizes[1];
	float width = gh_box_width(canvas), height = gh_box_height(canvas);

	for (uint32_t i = 0; i < candidates; i++) {
		const float *box = network->outputs[1] + 4 * (size_t)i;
		struct gh_face face = { .score = network->outputs[0][2 * (size_t)i + 1] };

		if (face.score <= contract->score_min)
			continue;
		face.box.left = canvas->left + box[0] * width;
		face.box.top = canvas->top + box[1] * height;
		face.box.right = canvas->left + box[2] * width;
		face.box.bottom = canvas->top + box[3] * height;
		if (gh_box_width(&face.box) > 1.0f && gh_box_height(&face.box) > 1.0f)
			gh_faces_add(faces, &face);
	}
}

float gh_network_shape(const struct gh_network *network)
{
	const int64_t *sizes = network->contract->input.sizes;

	return (float)sizes[3] / (float)sizes[2];
}

enum gh_status gh_detect(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_canvas *canvas, struct gh_faces *faces, struct gh_error *error)
{
	struct gh_box box = gh_canvas_box(canvas, gh_network_shape(network));
	enum gh_status status;

	faces->count = 0;
	faces->doubted = 0;
	gh_network_show(network, resizer, canvas->image, &box);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	collect(network, &box, faces);
	gh_faces_suppress(faces, network->contract->overlap_max);
	return GH_OK;
}
