/* SPDX-License-Identifier: Apache-2.0 */
/* Detection error trade-off: curves of two error rates, as a table and as a drawing. */
#ifndef GATEHOUSE_EVALUATION_DET_H
#define GATEHOUSE_EVALUATION_DET_H

#include <stdbool.h>
#include <stddef.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Points of a curve, and curves of a drawing, at most. */
#define GH_DET_POINTS_MAX 160
#define GH_DET_CURVES_MAX 8

/** A 95 % interval of a rate. */
struct gh_interval {
	double low;
	double high;
};

/** One point of a curve (ISO/IEC 19795-1, DET). */
struct gh_det_point {
	double false_positive; /**< FMR, or FPIR of an identification */
	double false_negative; /**< FNMR, or FNIR */
	float threshold;
	bool has_interval;
	struct gh_interval false_negative_interval;
};

/** One curve; points from the highest false positive rate to the lowest. Texts are borrowed. */
struct gh_det_curve {
	const char *name; /**< for the legend: "two pictures averaged" */
	const struct gh_det_point *points;
	size_t count;
};

/** What stands around the curves. */
struct gh_det_frame {
	const char *title;
	const char *note;                /**< below the drawing: data, counts, chain; may be NULL */
	const char *false_positive_name; /**< "False match rate" */
	const char *false_negative_name; /**< "False non-match rate" */
};

/**
 * Write curves as comma-separated values with a head line:
 * curve,threshold,false_positive,false_negative,low,high. Names are quoted
 * (RFC 4180); low and high are empty without an interval.
 *
 * GH_OK; GH_MALFORMED: too many curves or points; statuses of
 * gh_file_replace(). Mode 0644. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_det_write_csv(
	const char *path, const struct gh_det_curve *curves, size_t count, struct gh_error *error);

/**
 * Draw curves as SVG 1.1 without scripts, foreign fonts or links, legible in
 * grey: both axes logarithmic, whole decades and their 2 and 5 ruled, intervals
 * as bands, a legend. Rates of 0 lie below the drawing and end their curve.
 * Statuses as gh_det_write_csv().
 */
GH_MUST_USE enum gh_status gh_det_write_svg(const char *path, const struct gh_det_frame *frame,
	const struct gh_det_curve *curves, size_t count, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
