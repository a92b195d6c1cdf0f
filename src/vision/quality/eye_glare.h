/* SPDX-License-Identifier: Apache-2.0 */
/* 0x4F: glare in the zone of the eyes. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_EYE_GLARE_H
#define GATEHOUSE_SRC_VISION_QUALITY_EYE_GLARE_H

#include "kind.h"

/**
 * Share of the zone around both eyes that is far brighter than the cheeks and near white:
 * light on glasses, or on wet skin. Stands beside the standard's eyes visible, which
 * asks a network for what covers them.
 */
extern const struct gh_measure_kind gh_kind_eye_glare;

#endif
