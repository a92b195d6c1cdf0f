/* SPDX-License-Identifier: Apache-2.0 */
/* What an evaluation holds between its steps. */
#ifndef GATEHOUSE_SRC_EVALUATION_INSIDE_H
#define GATEHOUSE_SRC_EVALUATION_INSIDE_H

#include "gatehouse/evaluation/evaluation.h"
#include "gatehouse/evaluation/index.h"

#include "scores.h"

struct gh_evaluation {
	struct gh_evaluation_options options;
	struct gh_evaluation_result result;
	struct gh_index index;
	struct gh_template_set set;
	struct gh_scores scores;
	uint32_t *templates_of;
	uint32_t *failures_of;
};

#endif
