/* SPDX-License-Identifier: Apache-2.0 */
/* Presentation attack detection (ISO/IEC 30107): cues, and the one score fused from them. */
#ifndef GATEHOUSE_VISION_ATTACK_H
#define GATEHOUSE_VISION_ATTACK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The cues. Each is a number whose meaning stands with its detector; more is
 * more suspicious. All are passive: nothing is asked of the traveller.
 */
#define GH_ATTACK_CUE_LIST(X) \
	/* NAME, word */ \
	X(NETWORK, "network")         /* fr_liveness: odds of attack */ \
	X(SCREEN_GRID, "screen_grid") /* peaks of a grid or moire in frequency */ \
	X(HALFTONE, "halftone")       /* peaks of a printing raster in frequency */ \
	X(BORDER, "border")           /* straight edges of paper or bezel around the face */ \
	X(FLATNESS, "flatness")       /* landmarks move like a plane across frames */ \
	X(SPECULAR, "specular")       /* glare of glass or glossy paper across the face */ \
	X(DETAIL, "detail")           /* detail lost as by taking a picture of a picture */

/** The cues, in order. */
enum gh_attack_cue {
#define GH_ATTACK_CUE_ENUM(name, word) GH_ATTACK_CUE_##name,
	GH_ATTACK_CUE_LIST(GH_ATTACK_CUE_ENUM)
#undef GH_ATTACK_CUE_ENUM
	GH_ATTACK_CUE_COUNT
};

/** The word of a cue; "unknown" outside the list. Any thread. */
const char *gh_attack_cue_word(enum gh_attack_cue cue);

/** One cue of one frame, or over the frames of a passage. */
struct gh_attack_measure {
	bool assessed;
	float native;
};

/**
 * What speaks for an attack. score is the fused logarithm (base e) of the odds
 * attack : bona fide for equal priors, on simulated attacks only: not tested at
 * iBeta level 1 or 2. Zero-initialised is "not assessed".
 */
struct gh_attack {
	bool assessed;
	float score;
	uint32_t frames; /**< that the score rests on */
	struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT];
};

#ifdef __cplusplus
}
#endif

#endif
