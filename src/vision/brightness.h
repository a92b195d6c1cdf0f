/* SPDX-License-Identifier: Apache-2.0 */
/* Brightness of face, surroundings and zone in one picture. */
#ifndef GATEHOUSE_SRC_VISION_BRIGHTNESS_H
#define GATEHOUSE_SRC_VISION_BRIGHTNESS_H

#include "gatehouse/vision/lighting.h"

#include "image.h"

/**
 * Measure how light falls in a picture; face is NULL where there is none. A
 * box may lie outside of the picture in part or wholly. Looks at some 4,000
 * pixels of each part whatever the size; allocates nothing.
 */
struct gh_lighting gh_brightness_measure(const struct gh_image *image, const struct gh_box *face);

#endif
