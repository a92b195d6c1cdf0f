/* SPDX-License-Identifier: Apache-2.0 */
/* Places in a picture: points, boxes, faces and landmarks, in pixels of one picture. */
#ifndef GATEHOUSE_SRC_VISION_FACE_H
#define GATEHOUSE_SRC_VISION_FACE_H

#include <stdbool.h>
#include <stdint.h>

/** Faces kept of one picture, best scores first. */
#define FACES_MAX 64

/** Points of the alignment: image-left eye, image-right eye, nose, mouth left, mouth right. */
#define FIVE_POINTS 5

/** Points of the iBUG layout. */
#define ALL_POINTS 68

struct gh_point {
	float x, y;
};

struct gh_box {
	float left, top, right, bottom;
};

/** One detected face. has_points: the detector gave the five points as well. */
struct gh_face {
	struct gh_box box;
	float score;
	bool has_points;
	struct gh_point points[FIVE_POINTS];
};

/** The faces of a picture. Behind those that count may lie others that are doubted (confirm.h). */
struct gh_faces {
	uint32_t count;
	uint32_t doubted;
	struct gh_face list[FACES_MAX];
};

/**
 * The landmarks of one face: five are its centres, always; all is set when
 * has_all is, corners (of the eyes and the base of the nose, image-right eye
 * first, outer corners first) when has_corners is.
 */
struct gh_landmarks {
	bool has_all;
	bool has_corners;
	struct gh_point five[FIVE_POINTS];
	struct gh_point corners[FIVE_POINTS];
	struct gh_point all[ALL_POINTS];
};

static inline float gh_box_width(const struct gh_box *box)
{
	return box->right - box->left;
}

static inline float gh_box_height(const struct gh_box *box)
{
	return box->bottom - box->top;
}

static inline struct gh_point gh_box_centre(const struct gh_box *box)
{
	return (struct gh_point){ 0.5f * (box->left + box->right),
		0.5f * (box->top + box->bottom) };
}

/** The square around a box with the same centre, its side growth times the larger side. */
struct gh_box gh_box_square(const struct gh_box *box, float growth);

/** Intersection over union; 0 for boxes without area. */
float gh_box_overlap(const struct gh_box *a, const struct gh_box *b);

/**
 * Sort by score and drop every face that overlaps a better one by more than
 * limit (greedy non-maximum suppression).
 */
void gh_faces_suppress(struct gh_faces *faces, float limit);

/** Add a face; a full list drops its worst one if the new one is better. */
void gh_faces_add(struct gh_faces *faces, const struct gh_face *face);

#endif
