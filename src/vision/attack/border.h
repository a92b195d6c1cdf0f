/* SPDX-License-Identifier: Apache-2.0 */
/* Straight edges around a face: of the paper or the screen that it is on. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_BORDER_H
#define GATEHOUSE_SRC_VISION_ATTACK_BORDER_H

#include "image.h"

/** Side of the reduced picture of a face and its surroundings. */
#define BORDER_SIDE 128

/** Scratch: a face in so many pixels a side, with what is around it. */
struct gh_border {
	int16_t light[BORDER_SIDE * BORDER_SIDE];
	uint8_t rises[BORDER_SIDE * BORDER_SIDE];
	uint8_t falls[BORDER_SIDE * BORDER_SIDE];
	uint8_t up[BORDER_SIDE];
	uint8_t down[BORDER_SIDE];
};

/** How much of the best straight edge on each side of a face is there, 0 to 1. */
struct gh_border_sides {
	float left, right, top, bottom;
};

/**
 * Look for edges as long as a face, within one and a half faces' heights of its
 * centre, up to 18 degrees slanted. A box without height has none. Does not
 * allocate.
 */
struct gh_border_sides gh_border_take(
	struct gh_border *border, const struct gh_image *image, const struct gh_box *box);

/** The mean of the two weakest sides: a sheet has four, a door frame two. */
float gh_border_cue(const struct gh_border_sides *sides);

#endif
