/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4B: natural colour. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_NATURAL_COLOUR_H
#define GATEHOUSE_SRC_VISION_QUALITY_NATURAL_COLOUR_H

#include "kind.h"

/**
 * Distance of the cheeks' mean colour from that of skin in the a-b plane of CIELAB:
 * a of 5 to 25 and b of 5 to 35 are natural. A negative a or b is 100; a picture
 * without colour is 0. Component: S(200, 1, -1, 0, 10). Standard.
 */
extern const struct gh_measure_kind gh_kind_natural_colour;

#endif
