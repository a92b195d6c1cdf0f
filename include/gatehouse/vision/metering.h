/* SPDX-License-Identifier: Apache-2.0 */
/* Exposure, gain and lamp driven from the face: a controller without a camera of its own. */
#ifndef GATEHOUSE_VISION_METERING_H
#define GATEHOUSE_VISION_METERING_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/frame.h"
#include "gatehouse/vision/lighting.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How it works. The brightness of the face is held against a target. Within a
 * band around it nothing is changed; outside, one bounded step is made towards
 * the target, its effect is waited for, and so on until the target is near.
 * Each step that has to turn back is smaller than the one before it, so that it
 * settles whatever the camera's delay is.
 *
 * To brighten: the lamp first, because it favours the face and costs no noise;
 * then exposure, up to where a moving head blurs; then gain. To darken: the
 * other way round. Exposure stays at multiples of half a period of the mains,
 * during which every lamp of a hall gives the same light, as long as there is
 * light enough for less gain than one.
 *
 * With nobody there, lamp, exposure and gain go back to rest; where the picture
 * would be all black or all white at rest, exposure and gain rest where a face
 * could be found.
 */

/** What a camera lets be set, from gh_camera_control_range(). */
struct gh_metering_range {
	bool available;
	uint32_t minimum;
	uint32_t maximum;
	uint32_t initial; /**< where it rests */
};

/** How metering is set up: by the settings, and by what camera and lamp can do. */
struct gh_metering_options {
	uint32_t target_permille;      /**< wished luminance of the face, linear light */
	uint32_t band_permille;        /**< factor either way that is left alone; > 1000 */
	uint32_t clipped_max_permille; /**< share of the face that may be washed out */
	uint32_t blur_exposure_max_us; /**< longest exposure with a person in the picture */
	uint32_t mains_hz;             /**< of the hall's lamps: 50, 60; 0: do not care */
	uint32_t settle_ms;            /**< least wait for a change to show */
	uint32_t settle_frames;        /**< and least number of frames */
	uint32_t lamp_rest_permille;   /**< without a traveller */
	uint32_t lamp_start_permille;  /**< when one comes */
	bool lamp;                     /**< there is a lamp to set */
	struct gh_metering_range exposure_us;
	struct gh_metering_range gain_permille; /**< 1000 is unity */
};

/** Defaults; no lamp, and a camera without controls. */
struct gh_metering_options gh_metering_options_default(void);

/** What is wished of camera and lamp. The value of a control that is not there means nothing. */
struct gh_metering_wish {
	uint32_t exposure_us;
	uint32_t gain_permille;
	uint32_t lamp_permille;
};

/** What metering takes from a frame beside its light: fields of struct gh_frame. */
struct gh_metering_frame {
	uint64_t capture_us;
	uint64_t sequence;
	uint32_t exposure_us;   /**< or GH_FRAME_UNKNOWN */
	uint32_t gain_permille; /**< or GH_FRAME_UNKNOWN */
	bool expected;          /**< somebody is there, found in the picture or not */
};

/** The controller: a value, its fields its own but for wish and control. */
struct gh_metering {
	struct gh_metering_options options;
	struct gh_metering_wish wish;
	enum gh_lighting_control control;
	float hall;       /**< exposure times gain at rest, in us at gain 1 */
	bool approaching; /**< left the band, not yet near the target */
	bool pending;     /**< a change was wished and has not shown yet */
	bool lamp_moved;  /**< by that change */
	bool face_known;  /**< a face was seen since the last rest */
	uint64_t face_us; /**< when last */
	uint64_t last_us; /**< of the last frame */
	uint64_t last_sequence;
	uint64_t changed_us;
	uint64_t changed_sequence;
	float damping; /**< exponent of the next step, 1 at first */
	int direction; /**< of the last step: 1 brighter, -1 darker */
};

/** Begin at rest. Ranges that contradict themselves count as not available. */
void gh_metering_init(struct gh_metering *metering, const struct gh_metering_options *options);

/** Back to rest at once: the end of a passage. What the hall needs is kept. */
void gh_metering_rest(struct gh_metering *metering);

/**
 * One frame. Returns whether the wish has changed; it stands in metering->wish,
 * and where the control has got to in metering->control. Frames may come at any
 * rate and with gaps; those of before the last change are seen to be so by time
 * and sequence, or by the exposure and gain that the camera says it used.
 *
 * Pure: no clock, no device, no allocation. One thread at a time.
 */
bool gh_metering_step(struct gh_metering *metering, const struct gh_metering_frame *frame,
	const struct gh_lighting *lighting);

#ifdef __cplusplus
}
#endif

#endif
