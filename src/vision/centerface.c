/* SPDX-License-Identifier: Apache-2.0 */
/* The second detector, CenterFace: boxes with five points, one candidate a cell of 4 x 4 pixels. */
#include <math.h>

#include "networks.h"

enum {
	WIDTH_PX = 320,
	HEIGHT_PX = 256,
	STRIDE_PX = 4
};
enum {
	COLUMNS = WIDTH_PX / STRIDE_PX,
	ROWS = HEIGHT_PX / STRIDE_PX,
	CELLS = ROWS * COLUMNS
};
enum {
	HEAT,
	EXTENT,
	OFFSET,
	POINTS
};

#define HEAT_MIN 0.5f
#define OVERLAP_MAX 0.3f
/* exp() of what is beyond this is no face; it keeps boxes finite. */
#define EXTENT_MAX 8.0f

const struct gh_network_contract gh_contract_centerface = {
	.model = "centerface",
	.input = { "input.1", 4, { 1, 3, HEIGHT_PX, WIDTH_PX } },
	.output_count = 4,
	.outputs = { { "537", 4, { 1, 1, ROWS, COLUMNS } }, { "538", 4, { 1, 2, ROWS, COLUMNS } },
		{ "539", 4, { 1, 2, ROWS, COLUMNS } }, { "540", 4, { 1, 10, ROWS, COLUMNS } } },
};

/* The face of one cell, in the picture's pixels. */
static struct gh_face decode(
	const struct gh_network *network, uint32_t cell, const struct gh_box *canvas)
{
	const float *extent = network->outputs[EXTENT] + cell;
	const float *offset = network->outputs[OFFSET] + cell;
	const float *points = network->outputs[POINTS] + cell;
	float height = STRIDE_PX * expf(fminf(extent[0], EXTENT_MAX));
	float width = STRIDE_PX * expf(fminf(extent[CELLS], EXTENT_MAX));
	float x = STRIDE_PX * ((float)(cell % COLUMNS) + offset[CELLS] + 0.5f);
	float y = STRIDE_PX * ((float)(cell / COLUMNS) + offset[0] + 0.5f);
	float scale = gh_box_width(canvas) / (float)WIDTH_PX;
	float left = x - 0.5f * width, top = y - 0.5f * height;
	struct gh_face face = { .score = network->outputs[HEAT][cell], .has_points = true };

	face.box.left = canvas->left + scale * left;
	face.box.top = canvas->top + scale * top;
	face.box.right = face.box.left + scale * width;
	face.box.bottom = face.box.top + scale * height;
	for (uint32_t j = 0; j < FIVE_POINTS; j++) {
		face.points[j].x =
			canvas->left + scale * (points[(2 * j + 1) * CELLS] * width + left);
		face.points[j].y = canvas->top + scale * (points[2 * j * CELLS] * height + top);
	}
	return face;
}

enum gh_status gh_centerface(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_canvas *canvas, struct gh_faces *faces, struct gh_error *error)
{
	struct gh_crop crop = { gh_canvas_box(canvas, (float)WIDTH_PX / (float)HEIGHT_PX), WIDTH_PX,
		HEIGHT_PX, 3, { 0.0f, 1.0f } };
	enum gh_status status;

	faces->count = 0;
	gh_image_crop(canvas->image, resizer, &crop, network->input);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	for (uint32_t cell = 0; cell < CELLS; cell++) {
		struct gh_face face;

		if (!(network->outputs[HEAT][cell] > HEAT_MIN))
			continue;
		face = decode(network, cell, &crop.box);
		gh_faces_add(faces, &face);
	}
	gh_faces_suppress(faces, OVERLAP_MAX);
	return GH_OK;
}
