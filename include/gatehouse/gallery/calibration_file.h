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

/**
 * Impostor scores that must reach a score before it counts as measured: with
 * 30 errors seen, the true rate lies within 30 % of the observed one with 90 %
 * confidence (the rule of 30, ISO/IEC 19795-1 annex on test size).
 */
#define GH_CALIBRATION_RULE_OF 30

/** One point of the curves. */
struct gh_calibration_point {
	float score;
	double fmr;  /**< share of impostor scores at or above score */
	double fnmr; /**< share of genuine scores below score */
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
 * All a file holds. From tail_score up, FMR = tail_fmr * exp(-(score -
 * tail_score) / tail_scale); points beyond tail_score carry that FMR and are
 * there for their FNMR. facts.fmr_measured_min equals tail_fmr.
 */
struct gh_calibration_content {
	struct gh_calibration_facts facts;
	struct gh_calibration_point *points;
	size_t point_count;
	float tail_score;
	double tail_fmr;
	double tail_scale;
	struct gh_calibration_spread spread;
};

/**
 * Write a calibration file, atomically as gh_file_replace() with mode 0644.
 *
 * content stays the caller's. GH_MALFORMED when content breaks a rule that
 * gh_calibration_parse() checks: what is written can be read. Otherwise
 * GH_FULL, GH_DENIED, GH_IO, GH_NO_MEMORY. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_calibration_write(
	const char *path, const struct gh_calibration_content *content, struct gh_error *error);

/**
 * Read the text of a file; name stands in errors ("name:line: reason").
 *
 * GH_OK          the caller owns *calibration.
 * GH_TRUNCATED   the text ends before its last line.
 * GH_UNSUPPORTED another version of the format.
 * GH_MALFORMED, GH_NO_MEMORY. On failure *calibration is NULL.
 * Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_calibration_parse(const char *name, struct gh_view text,
	struct gh_calibration **calibration, struct gh_error *error);

/** What an open calibration holds; belongs to it. */
const struct gh_calibration_content *gh_calibration_content(
	const struct gh_calibration *calibration);

#ifdef __cplusplus
}
#endif

#endif
