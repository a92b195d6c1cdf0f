/* SPDX-License-Identifier: Apache-2.0 */
/* From landmarks to a template: alignment, and the embedder fr_feature. */
#include <string.h>

#include "networks.h"

#include "kernels.h"

const struct gh_network_contract gh_contract_feature = {
	.model = "fr_feature",
	.input = { "input", 4, { 1, 3, ALIGNED_SIDE_PX, ALIGNED_SIDE_PX } },
	.output_count = 1,
	.outputs = { { "output", 2, { 1, GH_TEMPLATE_VALUES } } },
};

const struct gh_point gh_aligned_points[FIVE_POINTS] = {
	{ 38.2946f, 51.6963f },
	{ 73.5318f, 51.5014f },
	{ 56.0252f, 71.7366f },
	{ 41.5493f, 92.3655f },
	{ 70.7299f, 92.2041f },
};

void gh_align(const struct gh_image *image, struct gh_reducer *reducer,
	const struct gh_landmarks *landmarks, struct gh_similarity *map,
	uint8_t aligned[3 * ALIGNED_PIXELS])
{
	const struct gh_image size = { .width_px = ALIGNED_SIDE_PX, .height_px = ALIGNED_SIDE_PX };
	struct gh_similarity back;

	*map = gh_similarity_fit(landmarks->five, gh_aligned_points, FIVE_POINTS);
	back = gh_similarity_inverse(map);
	gh_image_sample(image, reducer, &back, &size, aligned, 0);
}

/* Turn each row of the input's planes round. */
static void mirror(float *planes)
{
	for (uint32_t row = 0; row < 3 * ALIGNED_SIDE_PX; row++, planes += ALIGNED_SIDE_PX)
		for (uint32_t i = 0, j = ALIGNED_SIDE_PX - 1; i < j; i++, j--) {
			float kept = planes[i];

			planes[i] = planes[j];
			planes[j] = kept;
		}
}

enum gh_status gh_feature(struct gh_network *network, const uint8_t aligned[3 * ALIGNED_PIXELS],
	bool flip, struct gh_template *made, struct gh_error *error)
{
	enum gh_status status;

	gh_kernel_planes_bgr(aligned, ALIGNED_PIXELS, network->input);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	memcpy(made->values, network->outputs[0], sizeof(made->values));
	if (flip) {
		mirror(network->input);
		status = gh_network_run(network, error);
		if (status != GH_OK)
			return status;
		for (uint32_t i = 0; i < GH_TEMPLATE_VALUES; i++)
			made->values[i] += network->outputs[0][i];
	}
	if (gh_template_normalise(made, error) != GH_OK)
		return gh_error_set(error, GH_INTERNAL, "%s gave a vector without length",
			network->contract->model);
	return GH_OK;
}
