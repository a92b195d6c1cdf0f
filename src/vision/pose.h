/* SPDX-License-Identifier: Apache-2.0 */
/* The head's pose from landmarks, in closed form. */
#ifndef GATEHOUSE_SRC_VISION_POSE_H
#define GATEHOUSE_SRC_VISION_POSE_H

#include "face.h"

/** Degrees; signs as in gatehouse/vision/quality.h. */
struct gh_pose {
	float yaw;
	float pitch;
	float roll;
};

/** A point of the head in millimetres: x to image-right, y down, z away from the camera. */
struct gh_head_point {
	float x, y, z;
};

/**
 * Fit a mean head under scaled orthographic projection to the landmarks and
 * read the angles off it: exact for a distant camera, and off by up to two
 * degrees at arm's length. The single mean head adds a pitch bias of a person's
 * own of up to some five degrees; the limits allow for that.
 */
struct gh_pose gh_pose_of(const struct gh_landmarks *landmarks);

/** The mean head: 68 points of which those used are not all zero. For tests. */
const struct gh_head_point *gh_pose_head(uint32_t landmark);

#endif
