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
 * A calibration, as `gatehouse evaluate` writes and signs it: a text file with
 * the name of the data set, its counts, and curves of points (score, FMR, FNMR,
 * log-likelihood ratio), all monotonic: one curve for probes of one picture, one
 * for probes averaged over two, over three. Beyond the last score that enough
 * impostors reach (the rule of 30 of ISO/IEC 19795-1) the tail is an exponential
 * fitted to the highest of them, and everything read there is marked as
 * extrapolated. docs/calibration.md has the format, calibration_file.h the way
 * to write it.
 *
 * A handle reads one curve: gh_calibration_open() gives that of a single
 * picture, gh_calibration_averaged() the others. Read-only once open: any
 * thread, several at once.
 */
struct gh_calibration;

/** A score that no comparison reaches: what is asked for cannot be had. */
#define GH_SCORE_UNREACHABLE 2.0f

/** What the file says of itself. */
struct gh_calibration_facts {
	char data_set[64];
	bool research_only;      /**< a lane in service refuses it */
	uint64_t genuine_pairs;  /**< of this curve */
	uint64_t impostor_pairs; /**< of this curve */
	uint32_t identities;
	uint32_t pictures;
	uint32_t failures_to_acquire; /**< pictures that gave no template */
	uint32_t frames_averaged;     /**< pictures averaged into one probe of this curve */
	double fmr_measured_min;      /**< smallest FMR of this curve that rests on data */
	bool tail_fits;               /**< no misfit of this curve's tail was found at 5 % */
	double impostor_mean;         /**< of the impostor scores of single pictures */
	double impostor_sd;
	double frame_spread; /**< deviation of the scores that several pictures of one
					   person have with one reference; 0: not measured */
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

/**
 * Whether the file was signed by the key whose public half is in public_path
 * (crypto/signature.h), and nothing in it changed since. Every lane asks before
 * it uses one.
 *
 * GH_OK, GH_INTEGRITY (no signature, or a broken one), GH_DENIED (signed by
 * another key), or another status of gh_signature_verify_file(). Blocks for the
 * disk.
 */
GH_MUST_USE enum gh_status gh_calibration_verify(
	const struct gh_calibration *calibration, const char *public_path, struct gh_error *error);

/**
 * The handle of the curve for probes averaged over so many frames; of the
 * longest there is when that is fewer (averages change ever less). It belongs to
 * the calibration and is closed with it. Frames of one capture are more alike
 * than the pictures measured, so that its FMR is on the safe side for them.
 */
const struct gh_calibration *gh_calibration_averaged(
	const struct gh_calibration *calibration, uint32_t frames_averaged);

/** The facts; valid as long as the calibration. */
const struct gh_calibration_facts *gh_calibration_facts(const struct gh_calibration *calibration);

/**
 * False match rate at a score, monotonic: log-linear between the points, 1
 * below the first. *extrapolated (may be NULL) says that data do not reach so far.
 */
double gh_calibration_fmr(
	const struct gh_calibration *calibration, float score, bool *extrapolated);

/** False non-match rate at a score, linear between the points. */
double gh_calibration_fnmr(const struct gh_calibration *calibration, float score);

/**
 * Natural logarithm of how much likelier a score is between two pictures of one
 * person than of two: what the comparison by itself adds to the odds. Monotonic,
 * linear between the points, and flat where fewer than 30 scores would bear out
 * more. NaN gives the lowest.
 */
double gh_calibration_llr(const struct gh_calibration *calibration, float score);

/**
 * The lowest score whose FMR is at most fmr: the inverse of
 * gh_calibration_fmr(), which never gives more than fmr there. -1 for fmr >= 1,
 * GH_SCORE_UNREACHABLE for fmr <= 0 and for NaN. *extrapolated may be NULL.
 */
float gh_calibration_score(
	const struct gh_calibration *calibration, double fmr, bool *extrapolated);

/**
 * A template drawn from the measured distribution of templates (mean,
 * principal directions and what spread is left in each value): stands for
 * nobody, and scores against real people as strangers do. random gives 64
 * uniform bits at each call. For padding the demo's gallery and for benchmarks.
 * About 30 us.
 */
void gh_calibration_stranger(const struct gh_calibration *calibration,
	uint64_t (*random)(void *ctx), void *ctx, struct gh_template *stranger);

/** The limits of a decision. */
struct gh_threshold {
	float score;           /**< match from here up */
	double fmr;            /**< per comparison, at score */
	double fpir_predicted; /**< 1 - (1 - fmr)^comparisons */
	uint64_t comparisons;  /**< N * k: templates searched */
	bool extrapolated;
};

/**
 * The threshold for a search over `comparisons` templates such that FPIR =
 * 1 - (1 - FMR)^comparisons <= fpir_target (ISO/IEC 19795-1: FPIR of closed
 * form under independence). comparisons 0 counts as 1.
 */
struct gh_threshold gh_threshold_for_search(
	const struct gh_calibration *calibration, uint64_t comparisons, double fpir_target);

/** The threshold of a one_to_one comparison against k templates at fmr_target. */
struct gh_threshold gh_threshold_for_claim(
	const struct gh_calibration *calibration, uint64_t comparisons, double fmr_target);

#ifdef __cplusplus
}
#endif

#endif
