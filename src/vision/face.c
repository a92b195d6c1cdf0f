/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded list of faces and its non-maximum suppression. */
#include "face.h"

#include <math.h>
#include <stdlib.h>

struct gh_box gh_box_square(const struct gh_box *box, float growth)
{
	float half = 0.5f * growth * fmaxf(gh_box_width(box), gh_box_height(box));
	struct gh_point centre = gh_box_centre(box);

	return (struct gh_box){ centre.x - half, centre.y - half, centre.x + half,
		centre.y + half };
}

float gh_box_overlap(const struct gh_box *a, const struct gh_box *b)
{
	float width = fminf(a->right, b->right) - fmaxf(a->left, b->left);
	float height = fminf(a->bottom, b->bottom) - fmaxf(a->top, b->top);
	float shared, both;

	if (width <= 0.0f || height <= 0.0f)
		return 0.0f;
	shared = width * height;
	both = gh_box_width(a) * gh_box_height(a) + gh_box_width(b) * gh_box_height(b) - shared;
	return both > 0.0f ? shared / both : 0.0f;
}

void gh_faces_add(struct gh_faces *faces, const struct gh_face *face)
{
	uint32_t worst = 0;

	if (faces->count < FACES_MAX) {
		faces->list[faces->count++] = *face;
		return;
	}
	for (uint32_t i = 1; i < faces->count; i++)
		if (faces->list[i].score < faces->list[worst].score)
			worst = i;
	if (face->score > faces->list[worst].score)
		faces->list[worst] = *face;
}

/* Insertion sort: qsort() of glibc may allocate, and the list is short. */
static void sort(struct gh_faces *faces)
{
	for (uint32_t i = 1; i < faces->count; i++) {
		struct gh_face face = faces->list[i];
		uint32_t at = i;

		for (; at > 0 && faces->list[at - 1].score < face.score; at--)
			faces->list[at] = faces->list[at - 1];
		faces->list[at] = face;
	}
}

void gh_faces_suppress(struct gh_faces *faces, float limit)
{
	uint32_t kept = 0;

	sort(faces);
	for (uint32_t i = 0; i < faces->count; i++) {
		uint32_t j = 0;

		while (j < kept &&
			gh_box_overlap(&faces->list[j].box, &faces->list[i].box) <= limit)
			j++;
		if (j == kept)
			faces->list[kept++] = faces->list[i];
	}
	faces->count = kept;
}
