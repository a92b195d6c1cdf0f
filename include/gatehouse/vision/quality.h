/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured of one face: the numbers, and which of them speak against it. */
#ifndef GATEHOUSE_VISION_QUALITY_H
#define GATEHOUSE_VISION_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/measures.h"
#include "gatehouse/base/words.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a measure is when it could not be taken (eyes without 68 landmarks). */
#define GH_QUALITY_NOT_ASSESSED (-1.0f)

/**
 * Native values of one face. Angles as in ISO/IEC 39794-5 D.1.4.3, in degrees:
 * yaw > 0 turned to image-left, pitch > 0 up, roll > 0 clockwise in the image.
 */
struct gh_quality {
	float detection;            /**< detector's score, 0..1 */
	float eye_distance_px;      /**< distance of the eye centres */
	float face_height_permille; /**< box height of the frame's height */
	float yaw_degrees;
	float pitch_degrees;
	float roll_degrees;
	float sharpness_permille;    /**< gradient energy of the face at fixed size, own scale */
	float luminance_permille;    /**< mean of the linear luminance over the face's hull */
	float clipped_permille;      /**< share of the hull at either end of the range */
	float eyes_open_permille;    /**< lids against an open eye, own scale; or not assessed */
	float edge_margin_permille;  /**< least distance to the edge seen, of face width; < 0 cut */
	uint32_t faces_in_zone;      /**< of a size with the subject; smaller ones are bystanders */
	uint32_t faces_in_frame;     /**< all found in the zone and its margin */
	struct gh_measures measures; /**< those of ISO/IEC 29794-5, for the record */
};

/**
 * The limits of the first gate, from the settings. Those of luminance and
 * sharpness say when the traveller is coached and a better frame is waited for;
 * what they alone speak against is kept aside and used where nothing better
 * comes (gh_quality_comparable()).
 */
struct gh_quality_limits {
	float detection_min;
	float eye_distance_min_px;
	float face_height_max_permille;
	float yaw_max_degrees;
	float pitch_max_degrees;
	float roll_max_degrees;
	float sharpness_min_permille;
	float luminance_min_permille;
	float luminance_max_permille;
	float eyes_open_min_permille;
	float edge_margin_min_permille;
	float enough_permille; /**< utility from which no further frame is waited for */
};

/** The limits by default, as in config/gatehouse.conf. */
struct gh_quality_limits gh_quality_limits_default(void);

/**
 * The one thing that stands in the way, or GH_REASON_NONE: ordered by what
 * helps the traveller most: faces, too near, cut, too far, pose, light,
 * sharpness, eyes, and at last a face that the detector doubts (covered).
 */
enum gh_reason gh_quality_reason(
	const struct gh_quality *quality, const struct gh_quality_limits *limits);

/**
 * Whether a frame could be compared if nothing better came: everything but
 * luminance and sharpness is within the limits, and those two are not so far off
 * that most comparisons would be lost. Luminance, dynamic range and sharpness
 * vary with the tone of skin, so that none of them refuses a person for good.
 */
bool gh_quality_comparable(
	const struct gh_quality *quality, const struct gh_quality_limits *limits);

/**
 * Our own utility, 0..1000, for choosing the best of several frames of one
 * person: not the unified quality score of ISO/IEC 29794-5.
 */
uint32_t gh_quality_utility_permille(
	const struct gh_quality *quality, const struct gh_quality_limits *limits);

#ifdef __cplusplus
}
#endif

#endif
