/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is around a face moves with it: as a picture does, and a hall does not. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_SURROUNDINGS_H
#define GATEHOUSE_SRC_VISION_ATTACK_SURROUNDINGS_H

#include <stdbool.h>

#include "image.h"

/** Cells a side of the reduced picture of a face and what is around it. */
#define SURROUNDINGS_SIDE 96

/** The first frame of a capture, reduced, and scratch for the later ones. */
struct gh_surroundings {
	bool has_first;
	uint32_t left_px, top_px, cell_px; /**< where the cells lie, in all frames */
	uint32_t columns, rows;
	struct gh_point face;             /**< mean of its landmarks in the first frame */
	struct gh_point place;            /**< centre of its box, in cells */
	float half_width, height;         /**< of the box, in cells */
	bool left_out[SURROUNDINGS_SIDE]; /**< columns where somebody else stands */
	int16_t first[SURROUNDINGS_SIDE * SURROUNDINGS_SIDE];
	int16_t now[SURROUNDINGS_SIDE * SURROUNDINGS_SIDE];
	uint8_t row[3 * SURROUNDINGS_SIDE];
};

/** Keep the first frame. Does not allocate. */
void gh_surroundings_begin(struct gh_surroundings *surroundings, const struct gh_image *image,
	const struct gh_box *box, const struct gh_landmarks *landmarks);

/**
 * Somebody else's face was in the first frame: he moves by himself, and where he
 * stands nothing is looked at. After gh_surroundings_begin(). Does not allocate.
 */
void gh_surroundings_leave_out(struct gh_surroundings *surroundings, const struct gh_box *other);

/**
 * The share of the face's way since the first frame that its surroundings have
 * made too, as far as it is above a quarter: 0 before a hall that stands still,
 * 0.75 on a sheet or a screen that is held. Beside the head only what lies
 * beyond usual hair counts, and nothing below the chin. NAN where nothing can be
 * said: the face has not moved, there is no structure around it, or the pictures
 * differ otherwise. The camera stands still. Does not allocate.
 */
float gh_surroundings_follow(struct gh_surroundings *surroundings, const struct gh_image *image,
	const struct gh_landmarks *landmarks);

#endif
