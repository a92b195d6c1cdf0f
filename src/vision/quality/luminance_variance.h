/* SPDX-License-Identifier: Apache-2.0 */
/* 0x45: luminance variance. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_LUMINANCE_VARIANCE_H
#define GATEHOUSE_SRC_VISION_QUALITY_LUMINANCE_VARIANCE_H

#include "kind.h"

/**
 * Variance of the hull's luminance on a scale of 0 to 1. Component: 100 sin(pi 60 v /
 * (60 v + 1)). Standard.
 */
extern const struct gh_measure_kind gh_kind_luminance_variance;

#endif
