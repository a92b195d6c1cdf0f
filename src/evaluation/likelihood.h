/* SPDX-License-Identifier: Apache-2.0 */
/* From the rates of a curve to likelihood ratios. */
#ifndef EVALUATION_LIKELIHOOD_H
#define EVALUATION_LIKELIHOOD_H

#include "gatehouse/gallery/calibration_file.h"

/*
 * Fill the likelihood ratio of every point from the rates: shares of the genuine and of the
 * impostor scores between neighbouring points, pooled where their ratio would fall (pool adjacent
 * violators: the monotonic fit of maximum likelihood). At either end as much is pooled as 30 scores
 * bear out. GH_OK, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_likelihood_fill(
	struct gh_calibration_curve *curve, struct gh_error *error);

#endif
