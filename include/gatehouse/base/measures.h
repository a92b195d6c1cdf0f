/* SPDX-License-Identifier: Apache-2.0 */
/* The quality measures of ISO/IEC 29794-5:2025 for one face: native values and components. */
#ifndef GATEHOUSE_BASE_MEASURES_H
#define GATEHOUSE_BASE_MEASURES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Every measure: name, QAA id of ISO/IEC 29794-5:2025, word in records, unit of
 * the native value. Where the standard's way needs a model that is not shipped
 * the word is our own, the id says what it stands in for, and `standard` is 0.
 * Landmarks and pose come from other models than the standard's reference
 * implementation has: the formula is followed, conformance is not claimed.
 */
#define GH_MEASURE_LIST(X) \
	/* NAME, QAA id, word, native unit, standard */ \
	X(UNIFIED_QUALITY, 0x41, "unified_quality", "score", 1) \
	X(BACKGROUND_GRADIENT, 0x42, "background_gradient", "gradient", 0) \
	X(ILLUMINATION_UNIFORMITY, 0x43, "illumination_uniformity", "share", 1) \
	X(LUMINANCE_MEAN, 0x44, "luminance_mean", "share", 1) \
	X(LUMINANCE_VARIANCE, 0x45, "luminance_variance", "variance", 1) \
	X(UNDER_EXPOSURE_HULL, 0x46, "under_exposure_hull", "share", 0) \
	X(OVER_EXPOSURE_HULL, 0x47, "over_exposure_hull", "share", 0) \
	X(DYNAMIC_RANGE, 0x48, "dynamic_range", "bits", 1) \
	X(SHARPNESS_GRADIENT, 0x49, "sharpness_gradient", "ratio", 0) \
	X(BLOCKINESS, 0x4A, "blockiness", "ratio", 0) \
	X(NATURAL_COLOUR, 0x4B, "natural_colour", "distance", 1) \
	X(SINGLE_FACE_PRESENT, 0x4C, "single_face_present", "ratio", 1) \
	X(EYES_OPEN, 0x4D, "eyes_open", "ratio", 1) \
	X(MOUTH_CLOSED, 0x4E, "mouth_closed", "ratio", 1) \
	X(EYE_GLARE, 0x4F, "eye_glare", "share", 0) \
	X(DARK_LENS, 0x4F, "dark_lens_suspected", "share", 0) \
	X(LOWER_FACE_UNLIKE_SKIN, 0x50, "lower_face_unlike_skin", "distance", 0) \
	X(INTER_EYE_DISTANCE, 0x52, "inter_eye_distance", "px", 1) \
	X(HEAD_SIZE, 0x53, "head_size", "ratio", 1) \
	X(LEFTWARD_CROP, 0x54, "leftward_crop", "ratio", 1) \
	X(RIGHTWARD_CROP, 0x55, "rightward_crop", "ratio", 1) \
	X(MARGIN_ABOVE, 0x56, "margin_above", "ratio", 1) \
	X(MARGIN_BELOW, 0x57, "margin_below", "ratio", 1) \
	X(YAW, 0x58, "yaw", "degrees", 1) \
	X(PITCH, 0x59, "pitch", "degrees", 1) \
	X(ROLL, 0x5A, "roll", "degrees", 1) \
	X(SMILE, 0x5B, "smile_suspected", "ratio", 0) \
	X(NO_HEAD_COVERING, 0x5C, "no_head_covering", "share", 1)

/** The measures, in the order of their ids. */
enum gh_measure_name {
#define GH_MEASURE_ENUM(name, id, word, unit, standard) GH_MEASURE_##name,
	GH_MEASURE_LIST(GH_MEASURE_ENUM)
#undef GH_MEASURE_ENUM
	GH_MEASURE_COUNT
};

/** A component that could not be assessed: never 0, never averaged (clause on failure to assess). */
#define GH_COMPONENT_NOT_ASSESSED (-1)

/** One measure of one face. */
struct gh_measure {
	bool assessed;
	float native;      /**< in the unit of the list; 0 when not assessed */
	int16_t component; /**< 0 to 100, higher is better; or GH_COMPONENT_NOT_ASSESSED */
};

/** All measures of one face, by enum gh_measure_name. */
struct gh_measures {
	struct gh_measure list[GH_MEASURE_COUNT];
};

/** What is fixed about a measure. */
struct gh_measure_facts {
	const char *word;
	const char *unit;
	uint8_t qaa_id;
	bool standard; /**< the standard's formula under the standard's name */
};

/** The facts of one measure; NULL outside the list. Any thread. */
const struct gh_measure_facts *gh_measure_facts(enum gh_measure_name name);

/** None assessed: what a structure starts as. */
void gh_measures_clear(struct gh_measures *measures);

#ifdef __cplusplus
}
#endif

#endif
