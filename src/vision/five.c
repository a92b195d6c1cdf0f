/* SPDX-License-Identifier: Apache-2.0 */
/* The centres that the chain measures by, from the corners that dlib's predictor gives. */
#include "five.h"

#include "networks.h"

/* Where the corners lie when the centres lie at gh_aligned_points: means over photographs. */
static const struct gh_point mean_corners[FIVE_POINTS] = {
	{ 80.40f, 52.81f },
	{ 66.31f, 53.44f },
	{ 31.22f, 53.02f },
	{ 45.43f, 53.51f },
	{ 56.23f, 79.95f },
};

static struct gh_point middle(struct gh_point a, struct gh_point b)
{
	return (struct gh_point){ 0.5f * (a.x + b.x), 0.5f * (a.y + b.y) };
}

void gh_five_centres(struct gh_landmarks *landmarks)
{
	const struct gh_point *corners = landmarks->corners;
	struct gh_similarity map = gh_similarity_fit(mean_corners, corners, FIVE_POINTS);

	landmarks->five[0] = middle(corners[2], corners[3]);
	landmarks->five[1] = middle(corners[0], corners[1]);
	for (int i = 2; i < FIVE_POINTS; i++)
		landmarks->five[i] = gh_similarity_apply(&map, gh_aligned_points[i]);
	landmarks->has_corners = true;
}
