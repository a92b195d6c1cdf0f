/* SPDX-License-Identifier: Apache-2.0 */
/* 0x56: margin above the face. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_MARGIN_ABOVE_H
#define GATEHOUSE_SRC_VISION_QUALITY_MARGIN_ABOVE_H

#include "kind.h"

/**
 * From the frame's upper edge to the midpoint of the eyes, in parts of T. Component:
 * S(100, 0, 1, 1.4, 0.1). Standard.
 */
extern const struct gh_measure_kind gh_kind_margin_above;

#endif
