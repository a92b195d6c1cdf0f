/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed RGB picture, and the ways out of it: crops at a size, and aligned faces. */
#ifndef GATEHOUSE_SRC_VISION_IMAGE_H
#define GATEHOUSE_SRC_VISION_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#include "face.h"

/** 8-bit RGB, rows stride_bytes apart. */
struct gh_image {
	const uint8_t *rgb;
	uint32_t width_px;
	uint32_t height_px;
	size_t stride_bytes;
};

/** Memory of the resizer, for pictures of at most side_max_px and results of at most out_max_px. */
struct gh_resizer {
	uint32_t side_max_px;
	uint32_t out_max_px;
	uint32_t taps_max;
	float *rows;     /**< sums of four rows of the result, of the source's width, woven */
	float *out;      /**< the same at the result's width */
	float *weights;  /**< taps_max for each column of the result */
	uint32_t *first; /**< first source column of each result column */
	uint32_t *taps;  /**< how many */
};

/** Take all memory. GH_OK or GH_NO_MEMORY; then the resizer is empty. */
GH_MUST_USE enum gh_status gh_resizer_init(struct gh_resizer *resizer, uint32_t side_max_px,
	uint32_t out_max_px, struct gh_error *error);

/** Wipe and free. Fine when init failed or never ran on zeroed memory. */
void gh_resizer_finish(struct gh_resizer *resizer);

/** Overwrite what is left of pictures in it. */
void gh_resizer_wipe(struct gh_resizer *resizer);

/** How values of 0..255 become a network's: (value - mean) * scale. */
struct gh_scaling {
	float mean;
	float scale;
};

/** What a crop becomes: channels 3 (planes R, G, B) or 1 (luma of BT.601). */
struct gh_crop {
	struct gh_box box; /**< in the picture's pixels; may lie outside: black there */
	uint32_t width_px;
	uint32_t height_px;
	uint32_t channels;
	struct gh_scaling scaling;
};

/**
 * Cut a box, bring it to a size by a triangle filter (bilinear when growing,
 * averaging when shrinking), and write planes of float. Does not allocate.
 * The picture and the crop fit the resizer's sizes.
 */
void gh_image_crop(const struct gh_image *image, struct gh_resizer *resizer,
	const struct gh_crop *crop, float *planes);

/** Scale three planes, each its own way. */
void gh_planes_scale(float *planes, size_t pixels, const struct gh_scaling scalings[3]);

/** Exchange the first and the third of three planes: RGB to BGR. */
void gh_planes_swap(float *planes, size_t pixels);

/** x' = a x - b y + c, y' = b x + a y + d. */
struct gh_similarity {
	float a, b, c, d;
};

/** Least-squares similarity (Umeyama 1991, without reflection) that takes from to to. */
struct gh_similarity gh_similarity_fit(
	const struct gh_point *from, const struct gh_point *to, uint32_t count);

struct gh_similarity gh_similarity_inverse(const struct gh_similarity *map);

static inline struct gh_point gh_similarity_apply(
	const struct gh_similarity *map, struct gh_point p)
{
	return (struct gh_point){ map->a * p.x - map->b * p.y + map->c,
		map->b * p.x + map->a * p.y + map->d };
}

/** Scratch for pictures that are shrunk before they are sampled. */
struct gh_reducer {
	uint8_t *rgb;
	size_t capacity_bytes;
};

/**
 * Sample width x height pixels of RGB, pixel (x, y) from map(x, y) in the
 * picture; fill outside. Where map shrinks by two or more the picture under it
 * is averaged first, so that fine structure does not turn into noise; for that
 * the reducer holds 3/4 bytes for each pixel of the picture.
 */
void gh_image_sample(const struct gh_image *image, struct gh_reducer *reducer,
	const struct gh_similarity *map, const struct gh_image *out_size, uint8_t *out,
	uint8_t fill);

#endif
