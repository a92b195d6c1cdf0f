/* SPDX-License-Identifier: Apache-2.0 */
/* How a simulated sensor shows pictures that were taken in another light. No I/O. */
#ifndef CAMERA_REPLAY_EXPOSURE_H
#define CAMERA_REPLAY_EXPOSURE_H

#include <stdbool.h>

#include "picture.h"

/** At these a picture is delivered as it is, in the light it was taken in. */
#define GH_REPLAY_EXPOSURE_US 10000u
#define GH_REPLAY_GAIN_PERMILLE 1000u

/** What can be set. */
#define GH_REPLAY_EXPOSURE_MIN_US 100u
#define GH_REPLAY_EXPOSURE_MAX_US 33000u
#define GH_REPLAY_GAIN_MIN_PERMILLE 1000u
#define GH_REPLAY_GAIN_MAX_PERMILLE 16000u

/** Frames from a setting to the first one taken with it. */
#define GH_REPLAY_LAG_MAX 8u

/** One setting of the sensor. */
struct gh_replay_setting {
	uint32_t exposure_us;
	uint32_t gain_permille;
};

/** Settings on their way through the sensor's pipeline; [0] is the newest. */
struct gh_replay_pipeline {
	struct gh_replay_setting line[GH_REPLAY_LAG_MAX + 1];
};

/** All settings of the line are those at which pictures are as they are. */
void gh_replay_pipeline_init(struct gh_replay_pipeline *pipeline);

/** The setting of the next frame, which came lag frames ago; the line moves on. */
struct gh_replay_setting gh_replay_pipeline_next(
	struct gh_replay_pipeline *pipeline, uint32_t lag_frames);

/** What falls on the scene, 1000 being the light of the picture. */
struct gh_replay_light {
	uint32_t ambient_permille;
	uint32_t lamp_permille;  /**< what the lamp adds at full */
	uint32_t level_permille; /**< how far it is turned up */
};

/** How many times as much light reaches the sensor as when the picture was taken. */
float gh_replay_exposure_factor(
	const struct gh_replay_light *light, const struct gh_replay_setting *setting);

/** What becomes of the bytes of a picture at one factor. */
struct gh_replay_tone {
	float factor;
	uint8_t luma[256];   /**< also of R, G and B */
	uint8_t chroma[256]; /**< around 128 */
};

/** Make the tables of a factor, unless they are there already. */
void gh_replay_tone_make(struct gh_replay_tone *tone, float factor);

/**
 * Change a frame's pixels in place: linear light times the factor, cut at full
 * scale, under the curve of sRGB. At factor 1 nothing is touched. MJPEG is not
 * a matter of pixels and stays as it is.
 */
void gh_replay_tone_apply(const struct gh_replay_tone *tone, const struct gh_replay_shape *shape,
	const struct gh_plane *planes);

#endif
