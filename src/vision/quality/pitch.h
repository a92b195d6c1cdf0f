/* SPDX-License-Identifier: Apache-2.0 */
/* 0x59: nod of the head. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_PITCH_H
#define GATEHOUSE_SRC_VISION_QUALITY_PITCH_H

#include "kind.h"

/**
 * Pitch in degrees, signs as in gatehouse/vision/quality.h. Component: 100 max(0, cos)^2,
 * which at 5.8 degrees is still 99: gates go by the degrees. Standard.
 */
extern const struct gh_measure_kind gh_kind_pitch;

#endif
