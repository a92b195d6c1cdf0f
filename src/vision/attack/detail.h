/* SPDX-License-Identifier: Apache-2.0 */
/* Detail lost: fine structure of the aligned face against what is coarser. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_DETAIL_H
#define GATEHOUSE_SRC_VISION_ATTACK_DETAIL_H

#include <stdint.h>

/**
 * Natural logarithm of the power of coarse structure (some 1/20 of a face) to
 * that of structure half its size, in an aligned face of 112 x 112 RGB; more is
 * less detail. A copy of a copy is soft for its size whatever the camera's
 * resolution is.
 */
float gh_detail_lost(const uint8_t *aligned);

#endif
