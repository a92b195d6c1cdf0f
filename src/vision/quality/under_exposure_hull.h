/* SPDX-License-Identifier: Apache-2.0 */
/* 0x46: under-exposure within the hull. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_UNDER_EXPOSURE_HULL_H
#define GATEHOUSE_SRC_VISION_QUALITY_UNDER_EXPOSURE_HULL_H

#include "kind.h"

/**
 * Share of the hull's pixels whose luminance is 0 to 25 of 255. The standard leaves
 * out what a network finds occluded; here all of the hull counts, and so the name is
 * our own. Component as the standard's: S(120, 0.832, -1, 0.92, 0.05).
 */
extern const struct gh_measure_kind gh_kind_under_exposure_hull;

#endif
