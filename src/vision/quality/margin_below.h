/* SPDX-License-Identifier: Apache-2.0 */
/* 0x57: margin below the face. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_MARGIN_BELOW_H
#define GATEHOUSE_SRC_VISION_QUALITY_MARGIN_BELOW_H

#include "kind.h"

/**
 * From the midpoint of the eyes to the frame's lower edge, in parts of T. Component:
 * S(100, 0, 1, 1.8, 0.1). Standard.
 */
extern const struct gh_measure_kind gh_kind_margin_below;

#endif
