/* SPDX-License-Identifier: Apache-2.0 */
/* 0x55: rightward crop. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_RIGHTWARD_CROP_H
#define GATEHOUSE_SRC_VISION_QUALITY_RIGHTWARD_CROP_H

#include "kind.h"

/**
 * From the image-left eye to the frame's right edge, in distances of the eyes.
 * Component: S(100, 0, 1, 0.9, 0.1). Standard.
 */
extern const struct gh_measure_kind gh_kind_rightward_crop;

#endif
