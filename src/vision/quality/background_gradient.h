/* SPDX-License-Identifier: Apache-2.0 */
/* 0x42: gradient of the background. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_BACKGROUND_GRADIENT_H
#define GATEHOUSE_SRC_VISION_QUALITY_BACKGROUND_GRADIENT_H

#include "kind.h"

/**
 * Mean Scharr gradient of the luminance (kernel 3, 10, 3) beside and above the head, at
 * every twelfth pixel of the aligned picture both ways. The standard finds the
 * background by a network; here it is what lies outside of an ellipse around the
 * midpoint of the eyes, 0.95 of the jaw's width to either side and 1.7 T up and down,
 * and above the chin. Not assessed where too little of it is in the picture.
 * Component as the standard's: S(190, 1, -1, 10, 100).
 */
extern const struct gh_measure_kind gh_kind_background_gradient;

#endif
