/* SPDX-License-Identifier: Apache-2.0 */
/* The measures of one face, from its aligned picture and its landmarks. */
#ifndef GATEHOUSE_SRC_VISION_MEASURE_H
#define GATEHOUSE_SRC_VISION_MEASURE_H

#include "gatehouse/vision/quality.h"

#include "networks.h"

/** What the measures look at. */
struct gh_measured {
	const struct gh_face *face;
	const struct gh_landmarks *landmarks;
	const struct gh_similarity *map; /**< from the picture to the aligned face */
	const uint8_t *aligned;          /**< 112 x 112 RGB */
	const struct gh_head_pose
		*pose; /**< its roll is not used; NULL: all is read off the landmarks */
	const struct gh_image *image; /**< the picture; NULL: nothing is measured in it */
	const float *eyes_open;       /**< what a network says of both eyes, 0 to 1; or NULL */
};

/** What is known of the JPEG that a picture was. */
struct gh_jpeg_trace {
	bool known;       /**< it was one, and nothing but decoded since */
	float luma_step;  /**< mean of the luma table's fifteen lowest AC steps; 0 unknown */
	bool has_blocks;  /**< its blocks lie where they lay, in steps of eight pixels */
	uint32_t phase_x; /**< place of the picture's first pixel in its block */
	uint32_t phase_y;
};

/** Where the face stands: the part of the frame that is seen, and the frame around it. */
struct gh_stage {
	uint32_t seen_width_px;
	uint32_t seen_height_px;
	uint32_t frame_width_px;
	uint32_t frame_height_px;
	uint32_t left_px; /**< of the seen part in the frame */
	uint32_t top_px;
	const struct gh_faces *faces; /**< all that were found in it; or NULL */
	struct gh_jpeg_trace jpeg;
};

/** A stage that is the whole frame, with nothing known beside. */
struct gh_stage gh_stage_whole(const struct gh_image *image);

/** Fill all but the face counts. Does not allocate. */
void gh_measure(const struct gh_measured *measured, const struct gh_stage *stage,
	struct gh_quality *quality);

/** Gradient energy against contrast, 0..1000; a face out of focus is below some 150. */
float gh_measure_sharpness(const uint8_t *aligned);

/** Mean height of both eyes against their width, 1000 for a usual open eye. */
float gh_measure_eyes_open(const struct gh_landmarks *landmarks);

/** Tilt of the line of the eyes in degrees, clockwise in the picture. */
float gh_measure_roll(const struct gh_landmarks *landmarks);

/** Mean linear luminance and the share of pixels at either end, within a polygon. */
struct gh_light {
	float luminance_permille;
	float clipped_permille;
};
struct gh_light gh_measure_light(
	const uint8_t *aligned, const struct gh_point *hull, uint32_t corners);

/**
 * Why no face can be found in a picture at all: too dark, too bright, or
 * GH_REASON_NO_FACE when its light would do.
 */
enum gh_reason gh_measure_absence(const struct gh_image *image);

#endif
