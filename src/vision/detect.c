/* SPDX-License-Identifier: Apache-2.0 */
/* The face detector fr_detect: boxes and scores of a whole picture. */
#include "networks.h"

enum {
	WIDTH_PX = 320,
	HEIGHT_PX = 240,
	CANDIDATES = 4420
};

/* Measured on photographs: above 0.65 every face is there, few things that are none. */
#define SCORE_MIN 0.65f
#define OVERLAP_MAX 0.4f

const struct gh_network_contract gh_contract_detect = {
	.model = "fr_detect",
	.input = { "input", 4, { 1, 3, HEIGHT_PX, WIDTH_PX } },
	.output_count = 2,
	.outputs = { { "scores", 3, { 1, CANDIDATES, 2 } }, { "boxes", 3, { 1, CANDIDATES, 4 } } },
};

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
	float width = gh_box_width(canvas), height = gh_box_height(canvas);

	faces->count = 0;
	for (uint32_t i = 0; i < CANDIDATES; i++) {
		const float *box = network->outputs[1] + 4 * (size_t)i;
		struct gh_face face = { .score = network->outputs[0][2 * (size_t)i + 1] };

		if (face.score <= SCORE_MIN)
			continue;
		face.box.left = canvas->left + box[0] * width;
		face.box.top = canvas->top + box[1] * height;
		face.box.right = canvas->left + box[2] * width;
		face.box.bottom = canvas->top + box[3] * height;
		if (gh_box_width(&face.box) > 1.0f && gh_box_height(&face.box) > 1.0f)
			gh_faces_add(faces, &face);
	}
}

enum gh_status gh_detect(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_canvas *canvas, struct gh_faces *faces, struct gh_error *error)
{
	struct gh_crop crop = { gh_canvas_box(canvas, (float)WIDTH_PX / (float)HEIGHT_PX), WIDTH_PX,
		HEIGHT_PX, 3, { 127.0f, 1.0f / 128.0f } };
	enum gh_status status;

	faces->count = 0;
	gh_image_crop(canvas->image, resizer, &crop, network->input);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	collect(network, &crop.box, faces);
	gh_faces_suppress(faces, OVERLAP_MAX);
	return GH_OK;
}
