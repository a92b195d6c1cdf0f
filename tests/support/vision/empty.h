/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures in which nobody is: what a detector of faces must find nothing in. */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_EMPTY_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_EMPTY_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/vision/picture.h"
#include "support/drawn_face.h"

/* Kinds of pictures made by code. */
enum empty_kind {
	EMPTY_NOISE,
	EMPTY_WAVES,
	EMPTY_FURNITURE, /* boxes and discs, some with two dots and a bar in them */
	EMPTY_SOFT,      /* waves with noise, out of focus */
	EMPTY_LIT,       /* furniture in other light, with noise */
	EMPTY_HALL,      /* floor, doors, lamps, signs, pillars, barriers, bags */
	EMPTY_FABRIC,    /* weaves, tiles, spots and stripes */
	EMPTY_DOLLS,     /* heads without a face, on shoulders: hats, balloons, mannequins */
	EMPTY_KINDS,
};

extern const char *const empty_words[EMPTY_KINDS];

/* Random numbers of a seed: equal seeds make equal pictures. */
struct empty_dice {
	uint64_t state;
};

uint32_t empty_drawn(struct empty_dice *dice, uint32_t below);
float empty_between(struct empty_dice *dice, float low, float high);

/* Fill a canvas. */
void empty_make(const struct drawn_canvas *canvas, enum empty_kind kind, struct empty_dice *dice);

/* Where a picture is seen: its place at the canvas's corner, and pixels of the canvas for one. */
struct empty_area {
	float left, top, scale;
};

/* Fill a canvas with a picture, mirrored where it ends. */
void empty_show(const struct drawn_canvas *canvas, const struct gh_picture *picture,
	const struct empty_area *area);

/* The same with a part drawn at random. */
void empty_enlarge(const struct drawn_canvas *canvas, const struct gh_picture *picture,
	struct empty_dice *dice);

/*
 * Fill a canvas with blocks cut from the outer sixth of photographs whose faces stand in the
 * middle: textures of real scenes in which there is no room for a face of a size that is found.
 */
void empty_patchwork(const struct drawn_canvas *canvas, const struct gh_picture *photographs,
	uint32_t count, struct empty_dice *dice);

#endif
