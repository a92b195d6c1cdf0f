/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4F: dark lenses suspected. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_DARK_LENS_SUSPECTED_H
#define GATEHOUSE_SRC_VISION_QUALITY_DARK_LENS_SUSPECTED_H

#include "kind.h"

/**
 * Share of the zone around an eye that is far darker than the cheeks, of the eye where it
 * is less: sunglasses darken both, a shadow or a patch one. Against the cheeks, so that
 * skin of any tone is its own measure.
 */
extern const struct gh_measure_kind gh_kind_dark_lens_suspected;

#endif
