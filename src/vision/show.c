/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing pixels to a network's input, as its description has it. */
#include "networks.h"

static bool same(const struct gh_scaling scalings[3])
{
	for (int i = 1; i < 3; i++)
		if (scalings[i].mean != scalings[0].mean || scalings[i].scale != scalings[0].scale)
			return false;
	return true;
}

void gh_network_show(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box)
{
	const struct gh_network_contract *contract = network->contract;
	uint32_t rows = (uint32_t)contract->input.sizes[2];
	uint32_t columns = (uint32_t)contract->input.sizes[3];
	bool at_once = contract->order == GH_ORDER_GREY || same(contract->scalings);
	struct gh_crop crop = { *box, columns, rows, contract->order == GH_ORDER_GREY ? 1 : 3,
		at_once ? contract->scalings[0] : (struct gh_scaling){ 0.0f, 1.0f } };

	gh_image_crop(image, resizer, &crop, network->input);
	if (!at_once)
		gh_planes_scale(network->input, (size_t)rows * columns, contract->scalings);
	if (contract->order == GH_ORDER_BGR)
		gh_planes_swap(network->input, (size_t)rows * columns);
}

void gh_network_show_pixels(struct gh_network *network, const uint8_t *rgb)
{
	const struct gh_network_contract *contract = network->contract;
	size_t pixels = (size_t)(contract->input.sizes[2] * contract->input.sizes[3]);

	for (int colour = 0; colour < 3; colour++) {
		int plane = contract->order == GH_ORDER_BGR ? 2 - colour : colour;
		float *out = network->input + (size_t)plane * pixels;
		struct gh_scaling scaling = contract->scalings[colour];

		for (size_t i = 0; i < pixels; i++)
			out[i] =
				((float)rgb[3 * i + (size_t)colour] - scaling.mean) * scaling.scale;
	}
}
