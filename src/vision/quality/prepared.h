/* SPDX-License-Identifier: Apache-2.0 */
/* What several quality measures need of one face, computed once for all of them. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_PREPARED_H
#define GATEHOUSE_SRC_VISION_QUALITY_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "measure.h"

/** Side of the standard's aligned picture, in which colour and light are measured. */
#define CANONICAL_SIDE_PX 616

/** Where its five points lie: image-left eye, image-right eye, nose tip, mouth corners. */
extern const struct gh_point gh_canonical_points[FIVE_POINTS];

/** The rows of a convex area of the aligned picture, both ends included; empty: left > right. */
struct gh_spans {
	int top;
	int bottom;
	int16_t left[CANONICAL_SIDE_PX];
	int16_t right[CANONICAL_SIDE_PX];
};

/** Colours of an area: only pixels that the picture has are counted. */
struct gh_region {
	uint32_t asked;      /**< pixels of the area */
	uint32_t pixels;     /**< those within the picture */
	uint32_t light[256]; /**< histogram of the luminance, 0 to 255 on a linear scale */
	double red;          /**< means of the sRGB values, 0 to 255 */
	double green;
	double blue;
	bool grey; /**< every pixel has three equal channels */
};

/** A face prepared. What does not hold is left out: each measure asks first. */
struct gh_prepared {
	const struct gh_measured *measured;
	const struct gh_stage *stage;
	struct gh_head_pose pose;
	bool has_pose; /**< all three are finite */

	bool has_eyes;            /**< the centres are finite and apart */
	struct gh_point eyes[2];  /**< centres in whole pixels of the frame, image-left first */
	struct gh_point midpoint; /**< between them */
	double eye_distance_px;   /**< in the frame, as seen */
	bool has_all;             /**< 68 finite points whose chin is off the eyes */
	double eyes_to_chin_px;   /**< the standard's T, in the frame */

	bool has_aligned;               /**< so they have in the aligned picture */
	struct gh_point at[ALL_POINTS]; /**< there */
	struct gh_point at_eyes[2];     /**< centres there, in whole pixels */
	double at_eyes_to_chin;         /**< T there */

	bool has_picture;                /**< the aligned picture can be sampled */
	struct gh_similarity to_picture; /**< from the aligned picture to the seen one */
	struct gh_spans hull;            /**< of all landmarks; no forehead */
	struct gh_region face;           /**< the hull's pixels, every fourth both ways */
	struct gh_region cheeks[2];      /**< every pixel of the standard's two squares */
	struct gh_region cheeks_in_hull; /**< of both together */
};

/**
 * Prepare. Never fails: bad numbers and empty areas leave the flags unset. The
 * hull's luminance is taken at every fourth pixel of the aligned picture of 616
 * pixels and not at every one: tests/unit/vision/quality_measures.c holds the
 * difference. Does not allocate.
 */
void gh_prepare(const struct gh_measured *measured, const struct gh_stage *stage,
	const struct gh_head_pose *pose, struct gh_prepared *prepared);

/**
 * The colour at a place of the aligned picture, bilinear between the pixels of
 * the seen one; false outside of it. Needs has_picture.
 */
bool gh_prepared_sample(const struct gh_prepared *prepared, float x, float y, uint8_t rgb[3]);

/** Luminance of a colour: floor(255 Y + 0.5), Y of linearised sRGB (IEC 61966-2-1). */
uint8_t gh_luminance(const uint8_t rgb[3]);

/** The same before rounding, 0 to 255. */
float gh_luminance_exact(const uint8_t rgb[3]);

/** The linear value 0..1 of an sRGB value 0..255. */
double gh_linear(double value);

/** An upright rectangle of the aligned picture; right and bottom are outside. */
struct gh_rectangle {
	int left, top, right, bottom;
};

/** Add every step-th pixel of a rectangle, within spans where those are given. */
void gh_region_add(const struct gh_prepared *prepared, const struct gh_rectangle *rectangle,
	const struct gh_spans *within, int step, struct gh_region *region);

/** Turn sums of colours into means. Once, after the last add. */
void gh_region_finish(struct gh_region *region);

/** Whether at least half of what was asked is in the picture, and a few pixels at all. */
bool gh_region_enough(const struct gh_region *region);

/** Mean of the luminance, 0 to 255. The region has pixels. */
double gh_region_light(const struct gh_region *region);

/** A colour in CIELAB. */
struct gh_lab {
	double l, a, b;
};

/** The mean colour of a region: averaged first, then linearised; white (.964221, 1, .825211). */
struct gh_lab gh_region_lab(const struct gh_region *region);

/** Distance of two points. */
double gh_point_distance(struct gh_point a, struct gh_point b);

#endif
