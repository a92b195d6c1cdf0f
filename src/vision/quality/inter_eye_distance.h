/* SPDX-License-Identifier: Apache-2.0 */
/* 0x52: inter-eye distance. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_INTER_EYE_DISTANCE_H
#define GATEHOUSE_SRC_VISION_QUALITY_INTER_EYE_DISTANCE_H

#include "kind.h"

/**
 * Distance of the eye centres in pixels of the frame over the cosine of yaw: a turned
 * head is not a distant one. Not assessed beyond 80 degrees, where the cosine leaves
 * nothing to divide by. Component: S(100, 0, 1, 70, 20). Standard.
 */
extern const struct gh_measure_kind gh_kind_inter_eye_distance;

#endif
