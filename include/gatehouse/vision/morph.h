/* SPDX-License-Identifier: Apache-2.0 */
/* The differential morph indicator: a document's portrait against the live face. */
#ifndef GATEHOUSE_VISION_MORPH_H
#define GATEHOUSE_VISION_MORPH_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/vision/template.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A morph is a portrait blended from two persons' so that both match it. The
 * indicator asks of a portrait and a live face that were compared: given that
 * the live person contributed to the portrait, is it his alone (bona fide) or a
 * morph? It says nothing about somebody who did not: whether the live person is
 * the one of the portrait at all is the comparison's question.
 *
 * It decides nothing. It stands in the record and on the officer's screen
 * beside its measured error, which is large: docs/morphs.md.
 */

/** What must stand wherever the indicator does. */
#define GH_MORPH_CAVEAT "an indicator, measured on morphs made by a program in tests"

/** Largest file of parameters, and points of its error curve. */
#define GH_MORPH_FILE_BYTES_MAX (16u * 1024u)
#define GH_MORPH_POINTS_MAX 32

/** A point of the measured error: what of the pairs reaches an indicator. */
struct gh_morph_point {
	float indicator;
	float bpcer; /**< share of bona fide pairs at or above it */
	float apcer; /**< share of morphs below it (ISO/IEC 30107-3, as used for morphs) */
};

/** A file of parameters: what it was fitted and what it was measured on. */
struct gh_morph_parameters {
	char data_set[96];
	bool research_only;          /**< the pictures' licence: no statement about any use */
	struct gh_model_chain chain; /**< the templates' */
	uint32_t people;             /**< fitted on */
	uint32_t bona_fide;          /**< pairs */
	uint32_t morphs;             /**< pairs */
	float even;                  /**< score that says nothing */
	float slope;                 /**< change of the indicator with the score, < 0 */
	float lowest; /**< no indicator lies outside: no pair weighs more than counts bear out */
	float highest;
	uint32_t measured_people; /**< others than those fitted on */
	float d_eer;              /**< detection equal error rate there, of all morphs together */
	float d_eer_low;          /**< its 95 % bootstrap interval by identity */
	float d_eer_high;
	uint32_t point_count;
	struct gh_morph_point points[GH_MORPH_POINTS_MAX]; /**< rising indicators */
};

/**
 * Read a file's text (docs/morphs.md has the format). Its last line is the
 * SHA-256 of all before it.
 *
 * GH_OK, GH_INTEGRITY (another hash), GH_TRUNCATED, GH_UNSUPPORTED (another
 * version), GH_MALFORMED with the line's number; then *parameters is zero. Any
 * thread; does not block.
 */
GH_MUST_USE enum gh_status gh_morph_parse(
	struct gh_view text, struct gh_morph_parameters *parameters, struct gh_error *error);

/** The same from a file; then also the statuses of gh_file_read(). */
GH_MUST_USE enum gh_status gh_morph_read(
	const char *path, struct gh_morph_parameters *parameters, struct gh_error *error);

/** Write what gh_morph_read() reads. Statuses of gh_file_replace(); GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_morph_write(
	const char *path, const struct gh_morph_parameters *parameters, struct gh_error *error);

/**
 * The indicator of a comparison's score: the natural logarithm of how much
 * likelier such a score is for a morph than for a bona fide portrait (log odds
 * for equal priors) by the fitted model, slope * (score - even). 0 says
 * nothing, 2.3 is ten to one for a morph, -2.3 against it. Within lowest and
 * highest; finite for any score, 0 for one that is no number. Any thread.
 */
float gh_morph_indicator(const struct gh_morph_parameters *parameters, float score);

/**
 * The measured error at an indicator, between the file's points by straight
 * lines, beyond them the outermost's. Any thread.
 */
struct gh_morph_point gh_morph_error_at(
	const struct gh_morph_parameters *parameters, float indicator);

#ifdef __cplusplus
}
#endif

#endif
