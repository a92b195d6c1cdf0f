/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4A: blockiness. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_BLOCKINESS_H
#define GATEHOUSE_SRC_VISION_QUALITY_BLOCKINESS_H

#include "kind.h"

/**
 * How much more neighbouring pixels of the face differ across the borders of a JPEG's
 * blocks of eight than within them: 1 where nothing of the blocks is seen. Where the
 * frame was no JPEG, or was shrunk since, it does not apply and is not assessed.
 * Component, on a scale of our own: S(200, 1, -1, 1, 0.5).
 */
extern const struct gh_measure_kind gh_kind_blockiness;

#endif
