/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the subject. */
#include "subject.h"

#include <math.h>
#include <stddef.h>

static bool stands_in(const struct gh_face *face, const struct gh_box *zone)
{
	struct gh_point centre = gh_box_centre(&face->box);

	return centre.x >= zone->left && centre.x < zone->right && centre.y >= zone->top &&
		centre.y < zone->bottom;
}

static float tallest_in(const struct gh_faces *faces, const struct gh_box *zone)
{
	float tallest = 0.0f;

	for (uint32_t i = 0; i < faces->count; i++)
		if (stands_in(&faces->list[i], zone))
			tallest = fmaxf(tallest, gh_box_height(&faces->list[i].box));
	return tallest;
}

struct gh_subject gh_subject_choose(const struct gh_faces *faces, const struct gh_box *zone)
{
	float needed = SUBJECT_COMPARABLE * tallest_in(faces, zone);
	struct gh_point middle = gh_box_centre(zone);
	struct gh_subject subject = { NULL, 0 };
	float least = INFINITY;

	for (uint32_t i = 0; i < faces->count; i++) {
		const struct gh_face *face = &faces->list[i];
		struct gh_point centre = gh_box_centre(&face->box);
		float distance = hypotf(centre.x - middle.x, centre.y - middle.y);

		if (!stands_in(face, zone) || gh_box_height(&face->box) < needed)
			continue;
		subject.in_zone++;
		if (distance < least) {
			least = distance;
			subject.face = face;
		}
	}
	return subject;
}
