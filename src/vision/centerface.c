/* SPDX-License-Identifier: Apache-2.0 */
/* The second detector, CenterFace: boxes with five points, one candidate a cell of 4 x 4 pixels. */
#include <math.h>

#include "networks.h"

/* The network's input is this many times finer than its cells. */
#define STRIDE_PX 4

enum {
	HEAT,
	EXTENT,
	OFFSET,
	POINTS
};

/* exp() of what is beyond this is no face; it keeps boxes finite. */
#define EXTENT_MAX 8.0f

/* The face of one cell, in the picture's pixels. */
static struct gh_face decode(
	const struct gh_network *network, uint32_t cell, const struct gh_box *canvas)
{
	const int64_t *sizes = network->contract->outputs[HEAT].sizes;
	uint32_t columns = (uint32_t)sizes[3], cells = (uint32_t)(sizes[2] * sizes[3]);
	const float *extent = network->outputs[EXTENT] + cell;
	const float *offset = network->outputs[OFFSET] + cell;
	const float *points = network->outputs[POINTS] + cell;
	float height = STRIDE_PX * expf(fminf(extent[0], EXTENT_MAX));
	float width = STRIDE_PX * expf(fminf(extent[cells], EXTENT_MAX));
	float x = STRIDE_PX * ((float)(cell % columns) + offset[cells] + 0.5f);
	float y = STRIDE_PX * ((float)(cell / columns) + offset[0] + 0.5f);
	float scale = gh_box_width(canvas) / (float)(STRIDE_PX * columns);
	float left = x - 0.5f * width, top = y - 0.5f * height;
	struct gh_face face = { .score = network->outputs[HEAT][cell], .has_points = true };

	face.box.left = canvas->left + scale * left;
	face.box.top = canvas->top + scale * top;
	face.box.right = face.box.left + scale * width;
	face.box.bottom = face.box.top + scale * height;
	for (uint32_t j = 0; j < FIVE_POINTS; j++) {
		face.points[j].x =
			canvas->left + scale * (points[(2 * j + 1) * cells] * width + left);
		face.points[j].y = canvas->top + scale * (points[2 * j * cells] * height + top);
	}
	return face;
}

enum gh_status gh_centerface_heat(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_excerpt *excerpt, float *heat, struct gh_error *error)
{
	uint32_t cells = (uint32_t)gh_tensor_length(&network->contract->outputs[HEAT]);
	enum gh_status status;

	*heat = 0.0f;
	gh_network_show(network, resizer, excerpt->image, &excerpt->shown);
	status = gh_network_run(network, error);
	for (uint32_t cell = 0; cell < cells && status == GH_OK; cell++) {
		struct gh_face face;

		if (!(network->outputs[HEAT][cell] > *heat))
			continue;
		face = decode(network, cell, &excerpt->shown);
		if (gh_box_overlap(&face.box, &excerpt->asked) > excerpt->overlap_min)
			*heat = face.score;
	}
	return status;
}

enum gh_status gh_centerface(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_canvas *canvas, struct gh_faces *faces, struct gh_error *error)
{
	const struct gh_network_contract *contract = network->contract;
	uint32_t cells = (uint32_t)gh_tensor_length(&contract->outputs[HEAT]);
	struct gh_box box = gh_canvas_box(canvas, gh_network_shape(network));
	enum gh_status status;

	faces->count = 0;
	faces->doubted = 0;
	gh_network_show(network, resizer, canvas->image, &box);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	for (uint32_t cell = 0; cell < cells; cell++) {
		struct gh_face face;

		if (!(network->outputs[HEAT][cell] > contract->score_min))
			continue;
		face = decode(network, cell, &box);
		gh_faces_add(faces, &face);
	}
	gh_faces_suppress(faces, contract->overlap_max);
	return GH_OK;
}
