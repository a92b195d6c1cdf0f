/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Morphs of two portraits by landmark warping, and what may happen to a portrait on its way into a
 * document. Made by code for tests: a figure measured on them says nothing about morphs made by
 * other tools.
 */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_MORPH_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_MORPH_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/vision/picture.h"

#include "face.h"

/* One contributor: a portrait and its 68 points (iBUG), in pixels. Borrowed. */
struct morph_side {
	const struct gh_picture *picture;
	const struct gh_point *points;
};

/* How much of the picture is blended. */
enum morph_kind {
	MORPH_WHOLE,   /* everything: ghosts of both in hair and background */
	MORPH_SPLICED, /* the face within its landmarks; around it the ground's picture alone */
};

struct morph_recipe {
	enum morph_kind kind;
	float share; /* of the other in points and in colours, 0 to 1 */
};

/*
 * Warp both to the points between them, triangle by triangle (Delaunay), and blend. The morph has
 * the ground's size and stands where the ground stands. False: without memory.
 */
bool morph_make(const struct morph_side *ground, const struct morph_side *other,
	const struct morph_recipe *recipe, struct gh_picture *morph);

/* What was done to a portrait, bona fide or morph, before anybody looks at it. */
enum morph_handling {
	MORPH_CUT,      /* brought to another size and back a little turned, then JPEG 92 */
	MORPH_SQUEEZED, /* the same with JPEG 55 */
	MORPH_PRINTED,  /* printed and scanned: softer, paler, grainy; then JPEG 85 */
	MORPH_SMALL,    /* brought to 3/5 of its size, as small portraits in chips are; JPEG 85 */
	MORPH_HANDLINGS
};

const char *morph_handling_word(enum morph_handling handling);

/* Handle a portrait and encode it. The same seed, the same result. False: without memory. */
bool morph_handle(const struct gh_picture *portrait, enum morph_handling handling, uint64_t seed,
	struct gh_bytes *jpeg);

#endif
