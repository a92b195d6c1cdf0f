/* SPDX-License-Identifier: Apache-2.0 */
/* Presentation attack detection (ISO/IEC 30107): cues, and the one score fused from them. */
#ifndef GATEHOUSE_VISION_ATTACK_H
#define GATEHOUSE_VISION_ATTACK_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The cues. Each is a number whose meaning stands with its detector; more is
 * more suspicious. All are passive: nothing is asked of the traveller. None
 * rests on how dark or how saturated a skin is.
 */
#define GH_ATTACK_CUE_LIST(X) \
	/* NAME, word */ \
	X(NETWORK, "network")           /* fr_liveness: logarithm of the odds of attack */ \
	X(SCREEN_GRID, "screen_grid")   /* peaks of coloured stripes or moire in frequency */ \
	X(HALFTONE, "halftone")         /* peaks of a raster or grid in frequency */ \
	X(GRAIN, "grain")               /* grain of dots on what should be smooth skin */ \
	X(COLOUR, "colour")             /* colour that changes from pixel to pixel */ \
	X(BORDER, "border")             /* straight edges of paper or bezel around the face */ \
	X(FLATNESS, "flatness")         /* landmarks move like a plane across frames */ \
	X(SPECULAR, "specular")         /* glare of glass or glossy paper across the face */ \
	X(DETAIL, "detail")             /* detail lost as by taking a picture of a picture */ \
	X(SURROUNDINGS, "surroundings") /* what is around the face moves with it */

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
	float limit;         /**< scores from here up are suspected */
	bool simulated_only; /**< both rest on simulated attacks alone */
	uint32_t frames;     /**< that the score rests on */
	struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT];
};

/** Whether the score reaches its limit; false when not assessed. Any thread. */
bool gh_attack_suspected(const struct gh_attack *attack);

/** What must stand wherever figures of this detector do. */
#define GH_ATTACK_CAVEAT "simulated attacks only; not tested at iBeta level 1 or 2"

/** Largest file of parameters. */
#define GH_ATTACK_FILE_BYTES_MAX (16u * 1024u)

/** Shares of bona fide called attack for which a file gives a limit, per mille. */
#define GH_ATTACK_BPCER_COUNT 6
extern const uint32_t gh_attack_bpcers_permille[GH_ATTACK_BPCER_COUNT];

/**
 * How one cue becomes evidence: weight * ln(1 + exp((native - centre) / scale)),
 * nothing below the centre and a line above it, so that a cue speaks only where
 * it leaves the range of bona fide presentations. A cue that was not assessed
 * counts as its typical bona fide value.
 */
struct gh_attack_term {
	float typical;
	float centre;
	float scale;  /**< > 0 */
	float weight; /**< >= 0: no cue ever speaks against an attack */
};

/** A fusion: score = bias + the evidence of all cues. */
struct gh_attack_fusion {
	float bias;
	struct gh_attack_term terms[GH_ATTACK_CUE_COUNT];
	float limits[GH_ATTACK_BPCER_COUNT]; /**< falling, for the shares above */
};

/** A file of parameters: what it was fitted on, and two fusions. */
struct gh_attack_parameters {
	char data_set[96];
	bool simulated_only;
	uint32_t people;
	uint32_t bona_fide; /**< presentations */
	uint32_t attacks;
	struct gh_attack_fusion with_network;
	struct gh_attack_fusion without_network;
};

/**
 * Read a file's text. Its last line is the SHA-256 of all before it.
 *
 * GH_OK, GH_INTEGRITY (another hash), GH_TRUNCATED, GH_UNSUPPORTED (another
 * version), GH_MALFORMED with the line's number. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_attack_parse(
	struct gh_view text, struct gh_attack_parameters *parameters, struct gh_error *error);

/** The same from a file; then also the statuses of gh_file_read(). */
GH_MUST_USE enum gh_status gh_attack_read(
	const char *path, struct gh_attack_parameters *parameters, struct gh_error *error);

/** Write what gh_attack_read() reads. Statuses of gh_file_replace(); GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_attack_write(
	const char *path, const struct gh_attack_parameters *parameters, struct gh_error *error);

/** The score of cues by a fusion. Finite for finite natives. Any thread. */
float gh_attack_score(const struct gh_attack_fusion *fusion,
	const struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT]);

/** What a cue adds to the score. Any thread. */
float gh_attack_evidence(const struct gh_attack_term *term, const struct gh_attack_measure *cue);

/**
 * The limit for a share of bona fide called attack, between those of the file
 * by a line in the logarithm of the share. The share is held within the file's.
 */
float gh_attack_limit(const struct gh_attack_fusion *fusion, uint32_t bpcer_permille);

#ifdef __cplusplus
}
#endif

#endif
