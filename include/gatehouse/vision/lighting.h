/* SPDX-License-Identifier: Apache-2.0 */
/* How light falls on the person in the zone: what coaching and metering go by. */
#ifndef GATEHOUSE_VISION_LIGHTING_H
#define GATEHOUSE_VISION_LIGHTING_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A part of the picture that was not there to be measured. */
#define GH_LIGHTING_UNKNOWN (-1.0f)

/**
 * Brightness of parts of one frame, in thousandths of the camera's full scale
 * in linear light (the curve of sRGB taken away), from a sample of its pixels.
 * Numbers only; they say nothing about who stands there.
 *
 * The face is the middle of the box the detector found, so that neither hair
 * nor background counts. Around is what is seen to its left and right, at its
 * height. The zone is all that is looked at.
 */
struct gh_lighting {
	bool face;                       /**< a face was there to be measured */
	float face_luminance_permille;   /**< mean; or GH_LIGHTING_UNKNOWN */
	float face_clipped_permille;     /**< share of the face at the upper end */
	float around_luminance_permille; /**< mean; or GH_LIGHTING_UNKNOWN */
	float zone_luminance_permille;   /**< mean; or GH_LIGHTING_UNKNOWN */
};

/** Where the lane's own control of lamp, exposure and gain has got to. */
enum gh_lighting_control {
	GH_LIGHTING_STEADY,    /**< nothing is being changed */
	GH_LIGHTING_ADJUSTING, /**< it will look better in a moment */
	GH_LIGHTING_EXHAUSTED, /**< the lane can do no more, or has nothing to adjust */
};

#ifdef __cplusplus
}
#endif

#endif
