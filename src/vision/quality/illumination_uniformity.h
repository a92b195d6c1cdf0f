/* SPDX-License-Identifier: Apache-2.0 */
/* 0x43: illumination uniformity. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_ILLUMINATION_UNIFORMITY_H
#define GATEHOUSE_SRC_VISION_QUALITY_ILLUMINATION_UNIFORMITY_H

#include "kind.h"

/**
 * What the normalised luminance histograms of both cheeks share: the sum over 256
 * bins of the lesser share. Component: 100 x^0.3, rounded. Standard.
 */
extern const struct gh_measure_kind gh_kind_illumination_uniformity;

#endif
