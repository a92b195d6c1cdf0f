/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4C: single face present. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_SINGLE_FACE_PRESENT_H
#define GATEHOUSE_SRC_VISION_QUALITY_SINGLE_FACE_PRESENT_H

#include "kind.h"

/**
 * Area of the second largest face's box in parts of the largest one's, among the
 * faces of what vision sees; 0 with one face. Component: 100 (1 - x). Standard.
 */
extern const struct gh_measure_kind gh_kind_single_face_present;

#endif
