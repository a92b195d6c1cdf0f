/* SPDX-License-Identifier: Apache-2.0 */
/* Scores read at operating points and as a curve. */
#ifndef GATEHOUSE_SRC_EVALUATION_MEASURING_H
#define GATEHOUSE_SRC_EVALUATION_MEASURING_H

#include "bootstrap.h"
#include "scores.h"

/*
 * How many high impostor scores the operating points of a result, their drawn samples and the tail
 * of a calibration need, of probes against references; probes 0: every pair of references once.
 */
size_t gh_measuring_top(
	const struct gh_evaluation_result *result, size_t probes, size_t references);

/* Fill the points, which have their targets, but for the intervals. */
void gh_measuring_points(
	const struct gh_scores *scores, struct gh_operating_point *points, size_t count);

/* Fill a curve of at most GH_DET_POINTS_MAX points; gives their number. */
size_t gh_measuring_det(const struct gh_scores *scores, struct gh_det_point *points);

/* Name those points of a curve whose intervals the kept scores bear out. */
void gh_measuring_det_tail(const struct gh_scores *scores, struct gh_det_point *points,
	size_t count, struct gh_bootstrapped *to);

#endif
