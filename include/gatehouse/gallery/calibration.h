/* SPDX-License-Identifier: Apache-2.0 */
/* What a score means: the measured calibration of a model chain. */
#ifndef GATEHOUSE_GALLERY_CALIBRATION_H
#define GATEHOUSE_GALLERY_CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/vision/template.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A calibration, as `gatehouse evaluate` writes it: a text file with the name
 * of the data set, its counts, and points (score, FMR, FNMR), both error rates
 * monotonic. Beyond the last point with enough impostor scores the tail is an
 * exponential fitted to the highest of them, and everything read there is
 * marked as extrapolated. docs/calibration.md has the format.
 */
struct gh_calibration;

/** What the file says of itself. */
struct gh_calibration_facts {
	char data_set[64];
	bool research_only;        /**< a lane in service refuses it */
	uint64_t genuine_pairs;
	uint64_t impostor_pairs;
	uint32_t identities;
	double fmr_measured_min;   /**< smallest FMR that rests on data */
	double impostor_mean;      /**< of the impostor scores */
	double impostor_sd;
	struct gh_model_chain chain;
};

/**
 * Read and check a calibration file. GH_OK: the caller owns *calibration.
 * GH_NOT_FOUND, GH_MALFORMED, GH_TRUNCATED, GH_IO, GH_NO_MEMORY. Blocks for
 * the disk.
 */
GH_MUST_USE enum gh_status gh_calibration_open(
	const char *path, struct gh_calibration **calibration, struct gh_error *error);

/** Free. NULL safe. */
void gh_calibration_close(struct gh_calibration *calibration);

/** The facts; valid as long as the calibration. */
const struct gh_calibration_facts *gh_calibration_facts(const struct gh_calibration *calibration);

/** False match rate at a score; *extrapolated says whether data reach there. */
double gh_calibration_fmr(const struct gh_calibration *calibration, float score, bool *extrapolated);

/** False non-match rate at a score. */
double gh_calibration_fnmr(const struct gh_calibration *calibration, float score);

/** The lowest score whose FMR is at most fmr. Inverse of gh_calibration_fmr(). */
float gh_calibration_score(const struct gh_calibration *calibration, double fmr, bool *extrapolated);

/**
 * A template drawn from the measured distribution of templates (mean and
 * spread of each value): stands for nobody, and scores against real people as
 * strangers do. random gives 64 uniform bits at each call. For padding the
 * demo's gallery and for benchmarks.
 */
void gh_calibration_stranger(const struct gh_calibration *calibration,
	uint64_t (*random)(void *ctx), void *ctx, struct gh_template *stranger);

/** The limits of a decision. */
struct gh_threshold {
	float score;              /**< match from here up */
	double fmr;               /**< per comparison, at score */
	double fpir_predicted;    /**< 1 - (1 - fmr)^comparisons */
	uint64_t comparisons;     /**< N * k: templates searched */
	bool extrapolated;
};

/**
 * The threshold for a search over `comparisons` templates such that FPIR =
 * 1 - (1 - FMR)^comparisons <= fpir_target (ISO/IEC 19795-1: FPIR of closed
 * form under independence). comparisons 0 counts as 1.
 */
struct gh_threshold gh_threshold_for_search(const struct gh_calibration *calibration,
	uint64_t comparisons, double fpir_target);

/** The threshold of a one_to_one comparison against k templates at fmr_target. */
struct gh_threshold gh_threshold_for_claim(const struct gh_calibration *calibration,
	uint64_t comparisons, double fmr_target);

#ifdef __cplusplus
}
#endif

#endif
