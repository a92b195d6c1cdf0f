/* SPDX-License-Identifier: Apache-2.0 */
/* The networks of the chain: what each takes, what each gives, and how it is read. */
#ifndef GATEHOUSE_SRC_VISION_NETWORKS_H
#define GATEHOUSE_SRC_VISION_NETWORKS_H

#include "gatehouse/base/error.h"
#include "gatehouse/vision/template.h"

#include "engine.h"
#include "face.h"
#include "image.h"

#define ALIGNED_SIDE_PX 112
#define ALIGNED_PIXELS (ALIGNED_SIDE_PX * ALIGNED_SIDE_PX)

/** Largest crop any network takes; what a resizer has to be made for. */
#define CROP_SIDE_MAX_PX 320

/** Values of each angle of a pose network. */
#define POSE_BINS 66

/**
 * Crop a box to the network's input in its order and scaling. The box may lie
 * partly outside: black there. Does not allocate.
 */
void gh_network_show(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box);

/** The same from a picture of the input's size, RGB without gaps. */
void gh_network_show_pixels(struct gh_network *network, const uint8_t *rgb);

/** Where the five points (centres) lie in an aligned face of 112 x 112, which is measured. */
extern const struct gh_point gh_aligned_points[FIVE_POINTS];

/** What a detector looks at: a picture, with a black margin of so much of its size around. */
struct gh_canvas {
	const struct gh_image *image;
	float margin;
};

/** Width of a network's input over its height. */
float gh_network_shape(const struct gh_network *network);

/** The canvas as a box in the picture's pixels, grown to the right or below to a shape. */
struct gh_box gh_canvas_box(const struct gh_canvas *canvas, float width_to_height);

/**
 * Find faces in the whole picture, best first, by a detector of boxes: the
 * picture is padded at its right or lower side to the shape of the input. With
 * fr_detect faces from about a fifteenth of the padded height are found. Does
 * not allocate.
 */
GH_MUST_USE enum gh_status gh_detect(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_canvas *canvas, struct gh_faces *faces, struct gh_error *error);

/** The same by a detector of cells as CenterFace; the faces have their five points. */
GH_MUST_USE enum gh_status gh_centerface(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_canvas *canvas, struct gh_faces *faces, struct gh_error *error);

/** A part of a picture that is shown, and the face in it that is asked about. */
struct gh_excerpt {
	const struct gh_image *image;
	struct gh_box shown; /**< of the input's shape */
	struct gh_box asked;
	float overlap_min; /**< of boxes that mean the same face */
};

/**
 * The largest heat, 0 to 1, of the cells that mean the face asked about, by a
 * detector of cells. GH_OK or GH_INTERNAL. Does not allocate.
 */
GH_MUST_USE enum gh_status gh_centerface_heat(struct gh_network *network,
	struct gh_resizer *resizer, const struct gh_excerpt *excerpt, float *heat,
	struct gh_error *error);

/**
 * The 68 points of one face by fr_landmark in two passes, and from them the
 * centres and the corners.
 */
GH_MUST_USE enum gh_status gh_landmark(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_landmarks *landmarks,
	struct gh_error *error);

/** How a face is cut out: five points go to these places of a square, black outside the picture. */
struct gh_alignment {
	const struct gh_point *from;
	const struct gh_point *to;
	uint32_t side_px;
};

/** *map takes points of the picture to the square; aligned holds 3 * side_px * side_px bytes. */
void gh_align(const struct gh_image *image, struct gh_reducer *reducer,
	const struct gh_alignment *alignment, struct gh_similarity *map, uint8_t *aligned);

/** Angles of a head in degrees, signs as in struct gh_quality. */
struct gh_head_pose {
	float yaw_degrees;
	float pitch_degrees;
	float roll_degrees;
};

/**
 * The head's pose by fr_pose, from the square around a face's box. GH_OK or
 * GH_INTERNAL. Does not allocate.
 */
GH_MUST_USE enum gh_status gh_head_pose(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_head_pose *pose,
	struct gh_error *error);

/**
 * How probably each eye is open, 0 to 1, by fr_eye: image-left, image-right.
 * Needs all 68 points. GH_OK or GH_INTERNAL. Does not allocate.
 */
GH_MUST_USE enum gh_status gh_eye_state(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_landmarks *landmarks, float open[2],
	struct gh_error *error);

/**
 * The logarithm (base e) of the odds attack : live by fr_liveness, from 2.7
 * times the face's box, shifted and shrunk to stay inside the picture. GH_OK or
 * GH_INTERNAL. Does not allocate.
 */
GH_MUST_USE enum gh_status gh_liveness(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, float *attack_log_odds,
	struct gh_error *error);

/**
 * The template of a face aligned as the network's description says; with flip
 * the sum of those of the face and its mirror image, brought to unit length.
 * Values beyond the network's are zero. GH_OK or GH_INTERNAL.
 */
GH_MUST_USE enum gh_status gh_feature(struct gh_network *network, const uint8_t *aligned, bool flip,
	struct gh_template *made, struct gh_error *error);

#endif
