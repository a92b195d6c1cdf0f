/* SPDX-License-Identifier: Apache-2.0 */
/* 0x44: luminance mean. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_LUMINANCE_MEAN_H
#define GATEHOUSE_SRC_VISION_QUALITY_LUMINANCE_MEAN_H

#include "kind.h"

/**
 * Mean luminance of the face's hull, 0 to 1. Component: 100 s(m; 0.2, 0.05)
 * (1 - s(m; 0.8, 0.05)), s being the logistic function. Standard. Dark skin is
 * darker: this value alone refuses nobody.
 */
extern const struct gh_measure_kind gh_kind_luminance_mean;

#endif
