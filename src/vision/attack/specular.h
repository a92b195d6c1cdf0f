/* SPDX-License-Identifier: Apache-2.0 */
/* Glare of glass or glossy paper across a face. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_SPECULAR_H
#define GATEHOUSE_SRC_VISION_ATTACK_SPECULAR_H

#include <stdint.h>

/**
 * The share of an aligned face (112 x 112 RGB, within an ellipse) that belongs
 * to one patch of white at the end of the range, 0 to 1. It rests on white, not
 * on a distance from the skin's tone: no tone of skin is nearer to it.
 */
float gh_specular_share(const uint8_t *aligned);

#endif
