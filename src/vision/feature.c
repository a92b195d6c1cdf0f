/* SPDX-License-Identifier: Apache-2.0 */
/* From landmarks to a template: alignment, and the embedder. */
#include <string.h>

#include "networks.h"

const struct gh_point gh_aligned_points[FIVE_POINTS] = {
	{ 38.2946f, 51.6963f },
	{ 73.5318f, 51.5014f },
	{ 56.0252f, 71.7366f },
	{ 41.5493f, 92.3655f },
	{ 70.7299f, 92.2041f },
};

void gh_align(const struct gh_image *image, struct gh_reducer *reducer,
	const struct gh_alignment *alignment, struct gh_similarity *map, uint8_t *aligned)
{
	const struct gh_image size = { .width_px = alignment->side_px,
		.height_px = alignment->side_px };
	struct gh_similarity back;

	*map = gh_similarity_fit(alignment->from, alignment->to, FIVE_POINTS);
	back = gh_similarity_inverse(map);
	gh_image_sample(image, reducer, &back, &size, aligned, 0);
}

/* Turn each row of the input's planes round. */
static void mirror(const struct gh_network *network)
{
	const int64_t *sizes = network->contract->input.sizes;
	float *row = network->input;

	for (int64_t n = 0; n < 3 * sizes[2]; n++, row += sizes[3])
		for (int64_t i = 0, j = sizes[3] - 1; i < j; i++, j--) {
			float kept = row[i];

			row[i] = row[j];
			row[j] = kept;
		}
}

static enum gh_status add(
	struct gh_network *network, struct gh_template *made, struct gh_error *error)
{
	size_t length = gh_tensor_length(&network->contract->outputs[0]);
	enum gh_status status = gh_network_run(network, error);

	for (size_t i = 0; i < length && status == GH_OK; i++)
		made->values[i] += network->outputs[0][i];
	return status;
}

enum gh_status gh_feature(struct gh_network *network, const uint8_t *aligned, bool flip,
	struct gh_template *made, struct gh_error *error)
{
	enum gh_status status;

	memset(made, 0, sizeof(*made));
	gh_network_show_pixels(network, aligned);
	status = add(network, made, error);
	if (status == GH_OK && flip) {
		mirror(network);
		status = add(network, made, error);
	}
	if (status != GH_OK)
		return status;
	if (gh_template_normalise(made, error) != GH_OK)
		return gh_error_set(error, GH_INTERNAL, "%s gave a vector without length",
			network->contract->model);
	return GH_OK;
}
