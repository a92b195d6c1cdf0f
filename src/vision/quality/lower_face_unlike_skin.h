/* SPDX-License-Identifier: Apache-2.0 */
/* 0x50: lower face unlike skin. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_LOWER_FACE_UNLIKE_SKIN_H
#define GATEHOUSE_SRC_VISION_QUALITY_LOWER_FACE_UNLIKE_SKIN_H

#include "kind.h"

/**
 * Distance in CIELAB between the colour of mouth and chin and that between the eyes,
 * where few things ever cover a face; lightness counts a third, because shadow falls
 * below. Masks and scarves are far, beards nearer, bare chins near. Stands beside the
 * standard's face occlusion, which asks a network.
 */
extern const struct gh_measure_kind gh_kind_lower_face_unlike_skin;

#endif
