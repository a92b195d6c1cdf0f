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
 * Every measure, in the order of the ids of ISO/IEC 29794-5:2025:
 *
 *	NAME, QAA id, word in records, unit of the native value, origin, what is better
 *
 * Origins:
 *
 *	STANDARD  the standard's formula under the standard's name. Landmarks and
 *	          pose come from other models than those of the reference
 *	          implementation, so that conformance of results is not claimed.
 *	OWN       the standard's way needs a model that is not shipped. The name is
 *	          our own; the id says what it stands in for.
 *	FLAG      our own as well, and only enough for a suspicion: there is a native
 *	          value and a yes or no, but no component.
 *	ABSENT    nothing honest can be said: always not assessed.
 *
 * What is better: HIGHER or LOWER native values, those in the MIDDLE of their
 * range, or those near ZERO.
 *
 * The sources src/vision/quality/WORD.c hold the formulas.
 */
#define GH_MEASURE_LIST(X) \
	/* The standard means one model by name; it is not shipped. */ \
	X(UNIFIED_QUALITY, 0x41, "unified_quality", "score", ABSENT, HIGHER) \
	/* Edges beside and above the head; stands in for background uniformity. */ \
	X(BACKGROUND_GRADIENT, 0x42, "background_gradient", "gradient", OWN, LOWER) \
	/* What the luminance histograms of both cheeks have in common. */ \
	X(ILLUMINATION_UNIFORMITY, 0x43, "illumination_uniformity", "share", STANDARD, HIGHER) \
	/* Of the face's hull, 0 to 1; varies with the skin's tone, as the two after it do. */ \
	X(LUMINANCE_MEAN, 0x44, "luminance_mean", "share", STANDARD, MIDDLE) \
	X(LUMINANCE_VARIANCE, 0x45, "luminance_variance", "variance", STANDARD, MIDDLE) \
	/* Shares of the hull in the lowest and highest steps; hands and hair are not left out. */ \
	X(UNDER_EXPOSURE_HULL, 0x46, "under_exposure_hull", "share", OWN, LOWER) \
	X(OVER_EXPOSURE_HULL, 0x47, "over_exposure_hull", "share", OWN, LOWER) \
	/* Entropy of the hull's luminance. */ \
	X(DYNAMIC_RANGE, 0x48, "dynamic_range", "bits", STANDARD, HIGHER) \
	/* Edges against contrast at a fixed size of the face; scale by a series of blurs. */ \
	X(SHARPNESS_GRADIENT, 0x49, "sharpness_gradient", "ratio", OWN, HIGHER) \
	/* Mean step of a JPEG's luma table, and what of its blocks is seen in the pixels. */ \
	X(JPEG_QUANTISATION, 0x4A, "jpeg_quantisation", "step", OWN, LOWER) \
	X(BLOCKINESS, 0x4A, "blockiness", "ratio", OWN, LOWER) \
	/* How far the cheeks are from the colours of skin, in CIELAB. */ \
	X(NATURAL_COLOUR, 0x4B, "natural_colour", "distance", STANDARD, LOWER) \
	/* The second largest face's box in parts of the largest one's. */ \
	X(SINGLE_FACE_PRESENT, 0x4C, "single_face_present", "ratio", STANDARD, LOWER) \
	/* Distance of the lids, the lesser of both eyes, in parts of eyes to chin. */ \
	X(EYES_OPEN, 0x4D, "eyes_open", "ratio", STANDARD, HIGHER) \
	X(MOUTH_CLOSED, 0x4E, "mouth_closed", "ratio", STANDARD, LOWER) \
	/* Of the zone around the eyes: glare, and darkness of both lenses. */ \
	X(EYE_GLARE, 0x4F, "eye_glare", "share", FLAG, LOWER) \
	X(DARK_LENS, 0x4F, "dark_lens_suspected", "share", FLAG, LOWER) \
	/* Colour of mouth and chin against that between the eyes, in CIELAB. */ \
	X(LOWER_FACE_UNLIKE_SKIN, 0x50, "lower_face_unlike_skin", "distance", FLAG, LOWER) \
	X(INTER_EYE_DISTANCE, 0x52, "inter_eye_distance", "px", STANDARD, HIGHER) \
	/* Eyes to chin in parts of the picture's height; 0.45 is best. */ \
	X(HEAD_SIZE, 0x53, "head_size", "ratio", STANDARD, MIDDLE) \
	/* Where the face stands in the picture, in parts of the head's own measures. */ \
	X(LEFTWARD_CROP, 0x54, "leftward_crop", "ratio", STANDARD, HIGHER) \
	X(RIGHTWARD_CROP, 0x55, "rightward_crop", "ratio", STANDARD, HIGHER) \
	X(MARGIN_ABOVE, 0x56, "margin_above", "ratio", STANDARD, HIGHER) \
	X(MARGIN_BELOW, 0x57, "margin_below", "ratio", STANDARD, HIGHER) \
	/* Signs as in gatehouse/vision/quality.h. */ \
	X(YAW, 0x58, "yaw", "degrees", STANDARD, ZERO) \
	X(PITCH, 0x59, "pitch", "degrees", STANDARD, ZERO) \
	X(ROLL, 0x5A, "roll", "degrees", STANDARD, ZERO) \
	/* Width of the mouth in parts of the eyes' distance. */ \
	X(SMILE, 0x5B, "smile_suspected", "ratio", FLAG, LOWER) \
	/* What covers the head is for the officer to see. */ \
	X(NO_HEAD_COVERING, 0x5C, "no_head_covering", "share", ABSENT, HIGHER)

/** The measures, in the order of their ids. */
enum gh_measure_name {
#define GH_MEASURE_ENUM(name, id, word, unit, origin, better) GH_MEASURE_##name,
	GH_MEASURE_LIST(GH_MEASURE_ENUM)
#undef GH_MEASURE_ENUM
	GH_MEASURE_COUNT
};

/** Where a measure comes from, see the list. */
enum gh_origin {
	GH_ORIGIN_STANDARD,
	GH_ORIGIN_OWN,
	GH_ORIGIN_FLAG,
	GH_ORIGIN_ABSENT
};

/** Which native values of a measure are the better ones. */
enum gh_better {
	GH_BETTER_HIGHER,
	GH_BETTER_LOWER,
	GH_BETTER_MIDDLE,
	GH_BETTER_ZERO
};

/** What a flag says. Zero: nothing. */
enum gh_suspicion {
	GH_SUSPICION_NOT_ASSESSED,
	GH_SUSPICION_NO,
	GH_SUSPICION_YES
};

/** How many suspicions there are. */
#define GH_SUSPICION_COUNT 3

/** "not_assessed", "no" or "yes"; NULL outside. Any thread. */
const char *gh_suspicion_name(enum gh_suspicion suspicion);

/**
 * A component that could not be assessed: never 0, never averaged (the
 * standard's value for a failure to assess).
 */
#define GH_COMPONENT_NOT_ASSESSED (-1)

/** One measure of one face. */
struct gh_measure {
	bool assessed;
	float native;      /**< in the unit of the list; 0 when not assessed */
	int16_t component; /**< 0 to 100, higher is better; or GH_COMPONENT_NOT_ASSESSED */
	uint8_t suspicion; /**< enum gh_suspicion: of a flag, whose component is never assessed */
};

/** All measures of one face, by enum gh_measure_name. */
struct gh_measures {
	struct gh_measure list[GH_MEASURE_COUNT];
};

/** What is fixed about a measure: a row of the list. */
struct gh_measure_facts {
	const char *word;   /**< its key in records */
	const char *unit;   /**< of the native value */
	const char *better; /**< "higher", "lower", "middle" or "zero": native values */
	uint8_t qaa_id;     /**< of the standard's measure; two of ours may stand in for one */
	bool standard;      /**< the standard's formula under the standard's name */
	enum gh_origin origin;
	enum gh_better direction;
};

/** The facts of one measure; NULL outside the list. Static memory. Any thread. */
const struct gh_measure_facts *gh_measure_facts(enum gh_measure_name name);

/** "standard", "own", "flag" or "absent"; NULL outside. Any thread. */
const char *gh_origin_name(enum gh_origin origin);

/** None assessed: what a structure starts as. Any thread. */
void gh_measures_clear(struct gh_measures *measures);

#ifdef __cplusplus
}
#endif

#endif
