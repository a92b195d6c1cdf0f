/* SPDX-License-Identifier: Apache-2.0 */
/* 0x54: leftward crop. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_LEFTWARD_CROP_H
#define GATEHOUSE_SRC_VISION_QUALITY_LEFTWARD_CROP_H

#include "kind.h"

/**
 * From the frame's left edge to the image-right eye, in distances of the eyes. It
 * looks at the far eye: at a component of 50 the near one is already outside, so the
 * gate has a margin of its own. Component: S(100, 0, 1, 0.9, 0.1). Standard.
 */
extern const struct gh_measure_kind gh_kind_leftward_crop;

#endif
