/* SPDX-License-Identifier: Apache-2.0 */
/* From scores to the curves of a calibration. */
#ifndef EVALUATION_CURVES_H
#define EVALUATION_CURVES_H

#include "gatehouse/gallery/calibration_file.h"

#include "scores.h"

/* Highest impostor scores that the tail is fitted to: this share of all, but at least so many. */
#define GH_TAIL_SHARE 1e-4
#define GH_TAIL_SCORES_MIN 100

/* Impostor scores that must be kept in `top` for the fit. */
size_t gh_curves_top(uint64_t impostor_pairs);

/*
 * Make a curve of scores: rates, tail and its fit, likelihood ratios. curve->points is allocated
 * for the caller. GH_OK; GH_MALFORMED: too few impostor scores to fit a tail to; GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_curves_make(
	const struct gh_scores *scores, struct gh_calibration_curve *curve, struct gh_error *error);

#endif
