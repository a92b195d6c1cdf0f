/* SPDX-License-Identifier: Apache-2.0 */
/* One crop in four ways: as it is, mirrored, turned, and both. */
#include "upright.h"

#include <math.h>

/* The point that is on the other side of a face, in the iBUG layout. */
static const uint8_t opposite[ALL_POINTS] = { 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
	0, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43,
	42, 47, 46, 39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63,
	62, 61, 60, 67, 66, 65 };

static void reverse(float *values, int64_t count)
{
	for (int64_t i = 0, j = count - 1; i < j; i++, j--) {
		float kept = values[i];

		values[i] = values[j];
		values[j] = kept;
	}
}

static void mirror(struct gh_network *network)
{
	const int64_t *sizes = network->contract->input.sizes;

	for (int64_t row = 0; row < sizes[2]; row++)
		reverse(network->input + row * sizes[3], sizes[3]);
}

static enum gh_status ask(
	struct gh_network *network, struct gh_point points[ALL_POINTS], struct gh_error *error)
{
	enum gh_status status = gh_network_run(network, error);

	for (uint32_t i = 0; i < ALL_POINTS && status == GH_OK; i++) {
		points[i].x = network->outputs[0][2 * i];
		points[i].y = network->outputs[0][2 * i + 1];
	}
	return status;
}

/* Mean distance of points to those of the mirror image, against the size of the shape. */
static float disagreement(
	const struct gh_point points[ALL_POINTS], const struct gh_point mirrored[ALL_POINTS])
{
	struct gh_point middle = { 0.0f, 0.0f };
	float apart = 0.0f, size = 0.0f;

	for (uint32_t i = 0; i < ALL_POINTS; i++) {
		middle.x += points[i].x / ALL_POINTS;
		middle.y += points[i].y / ALL_POINTS;
	}
	for (uint32_t i = 0; i < ALL_POINTS; i++) {
		struct gh_point other = mirrored[opposite[i]];
		float x = points[i].x - middle.x, y = points[i].y - middle.y;

		apart += hypotf(points[i].x - (1.0f - other.x), points[i].y - other.y);
		size += x * x + y * y;
	}
	return apart / ALL_POINTS / fmaxf(sqrtf(size / ALL_POINTS), 1e-6f);
}

static enum gh_status compare(struct gh_network *network, float *apart, struct gh_error *error)
{
	struct gh_point points[ALL_POINTS], mirrored[ALL_POINTS];
	enum gh_status status = ask(network, points, error);

	if (status == GH_OK) {
		mirror(network);
		status = ask(network, mirrored, error);
		mirror(network);
	}
	if (status == GH_OK)
		*apart = disagreement(points, mirrored);
	return status;
}

enum gh_status gh_uprightness(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_uprightness *found,
	struct gh_error *error)
{
	struct gh_point centre = gh_box_centre(box);
	float half = 0.5f * gh_box_height(box);
	struct gh_box crop = { centre.x - half, centre.y - half, centre.x + half, centre.y + half };
	enum gh_status status;

	gh_network_show(network, resizer, image, &crop);
	status = compare(network, &found->as_it_stands, error);
	if (status != GH_OK)
		return status;
	reverse(network->input, (int64_t)gh_tensor_length(&network->contract->input));
	return compare(network, &found->turned, error);
}
