/* SPDX-License-Identifier: Apache-2.0 */
/* The calibration as a file: what it holds, how it is written and read back. */
#ifndef GATEHOUSE_GALLERY_CALIBRATION_FILE_H
#define GATEHOUSE_GALLERY_CALIBRATION_FILE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/gallery/calibration.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of a file; a larger one is refused. */
#define GH_CALIBRATION_BYTES_MAX (4u * 1024u * 1024u)
#define GH_CALIBRATION_POINTS_MAX 4096
#define GH_CALIBRATION_DIRECTIONS_MAX 256
#define GH_CALIBRATION_CURVES_MAX 3

/**
 * Impostor scores that must reach a score before it counts as measured: with
 * 30 errors seen, the true rate lies within 30 % of the observed one with 90 %
 * confidence (the rule of 30, ISO/IEC 19795-1 annex on test size).
 */
#define GH_CALIBRATION_RULE_OF 30

/**
 * Anderson and Darling's statistic of an exponential whose scale is estimated,
 * (1 + 0.6 / n) A^2, reaches this in 5 % of samples that are exponential
 * (Stephens 1974, table 1.1, case 4.0).
 */
#define GH_CALIBRATION_MISFIT_MAX 1.321

/** One point of a curve. */
struct gh_calibration_point {
	float score;
	double fmr;  /**< share of impostor scores at or above score */
	double fnmr; /**< share of genuine scores below score */
	double llr;  /**< natural logarithm of the likelihood ratio at score */
};

/**
 * The curve of probes averaged over a number of pictures. From tail_score up,
 * FMR = tail_fmr * exp(-(score - tail_score) / tail_scale); points beyond
 * tail_score carry that FMR and are there for their FNMR.
 */
struct gh_calibration_curve {
	uint64_t genuine_pairs;
	uint64_t impostor_pairs;
	float tail_score;
	double tail_fmr;
	double tail_scale;
	uint64_t tail_count; /**< scores that the tail was fitted to */
	double tail_misfit;  /**< (1 + 0.6 / n) A^2 of them; 0 or more */
	struct gh_calibration_point *points;
	size_t point_count;
};

/**
 * The distribution of templates: value = mean + directions * normal + residual
 * * normal. The directions are principal directions of the templates (one row
 * of GH_TEMPLATE_VALUES each, length = standard deviation along it); residual
 * is what each value's spread has beyond them. No row is a person's.
 */
struct gh_calibration_spread {
	float mean[GH_TEMPLATE_VALUES];
	float residual[GH_TEMPLATE_VALUES];
	uint32_t direction_count;
	float *directions;
};

/**
 * All a file holds. curves[i] is of probes averaged over i + 1 pictures. Of the
 * facts, what belongs to a curve (pairs, frames, smallest FMR, fit) is not
 * written: the curves have it.
 */
struct gh_calibration_content {
	struct gh_calibration_facts facts;
	struct gh_calibration_curve curves[GH_CALIBRATION_CURVES_MAX];
	size_t curve_count;
	struct gh_calibration_spread spread;
};

/**
 * Write a calibration file, atomically as gh_file_replace() with mode 0644,
 * signed by the private key in key_path; NULL: unsigned, and no lane takes it.
 *
 * content stays the caller's. GH_MALFORMED when content breaks a rule that
 * gh_calibration_parse() checks: what is written can be read. Otherwise
 * GH_FULL, GH_DENIED, GH_IO, GH_NO_MEMORY, or a status of
 * gh_signature_sign_file(). Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_calibration_write(const char *path,
	const struct gh_calibration_content *content, const char *key_path, struct gh_error *error);

/**
 * Read the text of a file; name stands in errors ("name:line: reason").
 *
 * GH_OK          the caller owns *calibration.
 * GH_TRUNCATED   the text ends before its last line.
 * GH_UNSUPPORTED another version of the format: what an older `gatehouse
 *                evaluate` wrote is to be measured again.
 * GH_MALFORMED, GH_NO_MEMORY. On failure *calibration is NULL.
 * Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_calibration_parse(const char *name, struct gh_view text,
	struct gh_calibration **calibration, struct gh_error *error);

/**
 * Open content without a file, as it would be read back from one: unsigned, for
 * measuring what a calibration of it would say. content stays the caller's.
 * GH_OK: the caller owns *calibration; GH_MALFORMED as gh_calibration_write();
 * GH_NO_MEMORY. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_calibration_make(const struct gh_calibration_content *content,
	struct gh_calibration **calibration, struct gh_error *error);

/** What an open calibration holds; belongs to it. */
const struct gh_calibration_content *gh_calibration_content(
	const struct gh_calibration *calibration);

#ifdef __cplusplus
}
#endif

#endif
