/* SPDX-License-Identifier: Apache-2.0 */
/* 0x53: head size. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_HEAD_SIZE_H
#define GATEHOUSE_SRC_VISION_QUALITY_HEAD_SIZE_H

#include "kind.h"

/**
 * T over the frame's height. Component: S(200, 1, -1, 0, 0.05) of the distance from
 * 0.45. Standard, and at odds with the margins: no picture is best in all of them.
 */
extern const struct gh_measure_kind gh_kind_head_size;

#endif
