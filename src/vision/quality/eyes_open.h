/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4D: eyes open. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_EYES_OPEN_H
#define GATEHOUSE_SRC_VISION_QUALITY_EYES_OPEN_H

#include "kind.h"

/**
 * Largest distance of a pair of lid points over T, of the eye where it is less, in the
 * aligned picture. The standard's landmarks have a pair in the middle of the lid; of
 * the 68 the pairs 37-41 and 38-40, 43-47 and 44-46 stand beside it, and for an
 * elliptic opening the middle is 1.06 times as wide. Component: S(100, 0, 1, 0.02,
 * 0.01). Standard.
 */
extern const struct gh_measure_kind gh_kind_eyes_open;

#endif
