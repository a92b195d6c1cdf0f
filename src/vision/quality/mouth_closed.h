/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4E: mouth closed. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_MOUTH_CLOSED_H
#define GATEHOUSE_SRC_VISION_QUALITY_MOUTH_CLOSED_H

#include "kind.h"

/**
 * Largest distance of a pair of inner lip points (61-67, 62-66, 63-65) over T, in the
 * frame. Component: S(100, 1, -1, 0.2, 0.06). Standard.
 */
extern const struct gh_measure_kind gh_kind_mouth_closed;

#endif
