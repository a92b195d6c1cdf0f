/* SPDX-License-Identifier: Apache-2.0 */
/* 0x49: sharpness by gradients. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_SHARPNESS_GRADIENT_H
#define GATEHOUSE_SRC_VISION_QUALITY_SHARPNESS_GRADIENT_H

#include "kind.h"

/**
 * Root mean square of the Laplacian over that of the contrast, in the field of eyes, nose
 * and mouth of the face aligned to 112 pixels, where the eyes are 35 pixels apart: so
 * neither size nor light nor contrast of the face weigh in. The standard's sharpness is
 * a random forest that is not shipped. Component, on a scale of our own that a series
 * of blurs gave (docs/quality.md): S(100, 0, 1, 0.13, 0.03).
 */
extern const struct gh_measure_kind gh_kind_sharpness_gradient;

/** The ratio itself, of an aligned face of 112 x 112 RGB. */
float gh_sharpness(const uint8_t *aligned);

#endif
