/* SPDX-License-Identifier: Apache-2.0 */
/* 0x48: dynamic range. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_DYNAMIC_RANGE_H
#define GATEHOUSE_SRC_VISION_QUALITY_DYNAMIC_RANGE_H

#include "kind.h"

/**
 * Entropy in bits of the hull's luminance histogram. Component: 12.5 x, clipped.
 * Standard.
 */
extern const struct gh_measure_kind gh_kind_dynamic_range;

#endif
