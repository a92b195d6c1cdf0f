/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4A: quantisation of a JPEG. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_JPEG_QUANTISATION_H
#define GATEHOUSE_SRC_VISION_QUALITY_JPEG_QUANTISATION_H

#include "kind.h"

/**
 * Mean step of the fifteen lowest alternating frequencies of a JPEG's luma table.
 * Where the frame was no JPEG this does not apply and is not assessed. In the scale
 * of libjpeg quality 90 has a step of about 3, 50 of 14, 20 of 34. Component, on a
 * scale of our own: S(101, 1, -1, 27, 6).
 */
extern const struct gh_measure_kind gh_kind_jpeg_quantisation;

#endif
