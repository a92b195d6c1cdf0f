/* SPDX-License-Identifier: Apache-2.0 */
/* The power of a face's fine structure by frequency, at the picture's own resolution. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_SPECTRUM_H
#define GATEHOUSE_SRC_VISION_ATTACK_SPECTRUM_H

#include "image.h"

/** Side of a window, and of the table of frequencies. */
#define SPECTRUM_SIDE 64
#define SPECTRUM_BINS (SPECTRUM_SIDE * SPECTRUM_SIDE)

/** The other half of the frequencies has the same power. */
#define SPECTRUM_HALF_BINS ((SPECTRUM_SIDE / 2 + 1) * SPECTRUM_SIDE)

/** Windows over a face: so many across and down. */
#define SPECTRUM_ACROSS 3
#define SPECTRUM_WINDOWS (SPECTRUM_ACROSS * SPECTRUM_ACROSS)

/** How far around a bin one looks for what is usual there. */
#define SPECTRUM_REACH 5
#define SPECTRUM_PADDED (SPECTRUM_SIDE + 2 * SPECTRUM_REACH)

/** Rings of frequency, in 64ths of a cycle a pixel: 2 to 5, 8 to 15, 16 to 29. */
enum spectrum_ring {
	RING_LOW,
	RING_MIDDLE,
	RING_HIGH,
	RINGS
};

/**
 * One plane. power is the mean over the windows of a face, each brought to one
 * mean power in the two upper rings, so that eyes and hair do not outweigh skin;
 * row and column are the frequency, from 32 on the negative ones. rings are the
 * mean powers of each window in grey levels squared.
 */
struct gh_spectrum_plane {
	float power[SPECTRUM_BINS];
	float rings[SPECTRUM_WINDOWS][RINGS];
};

/** Tables, scratch, and the result of the last face. */
struct gh_spectrum {
	float cas[SPECTRUM_BINS];
	float taper[SPECTRUM_BINS];
	float ring_of[RINGS][SPECTRUM_HALF_BINS]; /**< weights of a mean over a ring */
	float window[2][SPECTRUM_BINS];
	float half[SPECTRUM_BINS];
	float whole[SPECTRUM_BINS];
	float padded[SPECTRUM_PADDED * SPECTRUM_PADDED];
	float sums[(SPECTRUM_PADDED + 1) * (SPECTRUM_PADDED + 1)];
	struct gh_spectrum_plane light;  /**< luma */
	struct gh_spectrum_plane colour; /**< red minus blue */
};

/** Make the tables. */
void gh_spectrum_init(struct gh_spectrum *spectrum);

/** Overwrite everything but the tables. */
void gh_spectrum_wipe(struct gh_spectrum *spectrum);

/**
 * Take the spectrum of the inner part of a face's box. False where the picture
 * is smaller than a window. Does not allocate.
 */
bool gh_spectrum_take(
	struct gh_spectrum *spectrum, const struct gh_image *image, const struct gh_box *box);

/**
 * How far the strongest narrow peak stands above what is usual around it, in
 * natural logarithms of power. Frequencies below least_bin, those of the blocks
 * of JPEG, and what is next to half a cycle a pixel are left out. Uses the
 * spectrum's scratch.
 */
float gh_spectrum_peak(
	struct gh_spectrum *spectrum, const struct gh_spectrum_plane *plane, int least_bin);

/** Of the windows' mean powers in a ring the one with so many below it. */
float gh_spectrum_rank(
	const struct gh_spectrum_plane *plane, enum spectrum_ring ring, uint32_t below);

#endif
