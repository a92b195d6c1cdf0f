/* SPDX-License-Identifier: Apache-2.0 */
/* What an evaluation holds between its steps. */
#ifndef GATEHOUSE_SRC_EVALUATION_INSIDE_H
#define GATEHOUSE_SRC_EVALUATION_INSIDE_H

#include "gatehouse/evaluation/evaluation.h"
#include "gatehouse/evaluation/pairs.h"

#include "bootstrap.h"
#include "scores.h"

/* Probes of one length, and how they score against single pictures. */
struct gh_averaged_scores {
	struct gh_scores scores;
	uint32_t *probes_of; /* per identity */
	struct gh_det_point det[GH_DET_POINTS_MAX];
	size_t det_count;
};

struct gh_evaluation {
	struct gh_evaluation_options options;
	struct gh_evaluation_result result;
	const char *name;      /* of the list, for errors */
	struct gh_pairs pairs; /* its index is the data set in any case */
	bool listed;           /* the pairs are what is compared */
	struct gh_template_set set;
	uint32_t *pictures; /* which picture each template is of */
	struct gh_scores scores;
	struct gh_det_point det[GH_DET_POINTS_MAX];
	size_t det_count;
	struct gh_averaged_scores averaged[GH_EVALUATION_AVERAGED_MAX]; /* result.averaged_count */
	uint32_t *templates_of;
	uint32_t *failures_of;
};

/* What the intervals of single pictures are drawn from; progress is not set. */
struct gh_bootstrap gh_evaluation_bootstrap(const struct gh_evaluation *evaluation);

#endif
