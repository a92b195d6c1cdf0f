/* SPDX-License-Identifier: Apache-2.0 */
/* 0x47: over-exposure within the hull. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_OVER_EXPOSURE_HULL_H
#define GATEHOUSE_SRC_VISION_QUALITY_OVER_EXPOSURE_HULL_H

#include "kind.h"

/**
 * Share of the hull's pixels whose luminance is 247 to 255. As for under-exposure
 * nothing is left out. Component as the standard's: 1 / (x + 0.01), clipped.
 */
extern const struct gh_measure_kind gh_kind_over_exposure_hull;

#endif
