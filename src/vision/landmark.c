/* SPDX-License-Identifier: Apache-2.0 */
/* The 68 landmarks of a face by fr_landmark, run twice: the second crop is centred better. */
#include <math.h>

#include "networks.h"

static struct gh_box square(struct gh_point centre, float side)
{
	float half = 0.5f * side;

	return (struct gh_box){ centre.x - half, centre.y - half, centre.x + half,
		centre.y + half };
}

static enum gh_status pass(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_landmarks *landmarks,
	struct gh_error *error)
{
	float side = gh_box_width(box);
	enum gh_status status;

	gh_network_show(network, resizer, image, box);
	status = gh_network_run(network, error);
	if (status != GH_OK)
		return status;
	for (uint32_t i = 0; i < ALL_POINTS; i++) {
		landmarks->all[i].x = box->left + network->outputs[0][2 * i] * side;
		landmarks->all[i].y = box->top + network->outputs[0][2 * i + 1] * side;
	}
	return GH_OK;
}

static struct gh_box around(const struct gh_landmarks *landmarks)
{
	struct gh_box box = { INFINITY, INFINITY, -INFINITY, -INFINITY };

	for (uint32_t i = 0; i < ALL_POINTS; i++) {
		box.left = fminf(box.left, landmarks->all[i].x);
		box.top = fminf(box.top, landmarks->all[i].y);
		box.right = fmaxf(box.right, landmarks->all[i].x);
		box.bottom = fmaxf(box.bottom, landmarks->all[i].y);
	}
	return box;
}

static struct gh_point mean(const struct gh_point *all, const uint32_t *numbers, uint32_t count)
{
	struct gh_point sum = { 0.0f, 0.0f };

	for (uint32_t i = 0; i < count; i++) {
		sum.x += all[numbers[i]].x / (float)count;
		sum.y += all[numbers[i]].y / (float)count;
	}
	return sum;
}

static void corners_of_all(struct gh_landmarks *landmarks)
{
	static const uint32_t corners[FIVE_POINTS] = { 45, 42, 36, 39, 33 };

	for (uint32_t i = 0; i < FIVE_POINTS; i++)
		landmarks->corners[i] = landmarks->all[corners[i]];
	landmarks->has_corners = true;
}

/* The lids, not the corners, give the eyes: they move less with the pose. */
static void five_of_all(struct gh_landmarks *landmarks)
{
	static const uint32_t eyes[2][4] = { { 37, 38, 40, 41 }, { 43, 44, 46, 47 } };
	static const uint32_t nose[1] = { 30 };
	static const uint32_t mouth[2][2] = { { 48, 60 }, { 54, 64 } };
	const struct gh_point *all = landmarks->all;

	landmarks->five[0] = mean(all, eyes[0], 4);
	landmarks->five[1] = mean(all, eyes[1], 4);
	landmarks->five[2] = mean(all, nose, 1);
	landmarks->five[3] = mean(all, mouth[0], 2);
	landmarks->five[4] = mean(all, mouth[1], 2);
	landmarks->has_all = true;
}

enum gh_status gh_landmark(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_landmarks *landmarks,
	struct gh_error *error)
{
	struct gh_box crop = square(gh_box_centre(box), gh_box_height(box));
	struct gh_box found;
	enum gh_status status = pass(network, resizer, image, &crop, landmarks, error);

	if (status != GH_OK)
		return status;
	found = around(landmarks);
	crop = square(gh_box_centre(&found),
		network->contract->growth * fmaxf(gh_box_width(&found), gh_box_height(&found)));
	status = pass(network, resizer, image, &crop, landmarks, error);
	if (status != GH_OK)
		return status;
	five_of_all(landmarks);
	corners_of_all(landmarks);
	return GH_OK;
}
