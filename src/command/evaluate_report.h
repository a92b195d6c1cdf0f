/* SPDX-License-Identifier: Apache-2.0 */
/* What an evaluation found, as a table for people and as JSON for programs. */
#ifndef GATEHOUSE_SRC_COMMAND_EVALUATE_REPORT_H
#define GATEHOUSE_SRC_COMMAND_EVALUATE_REPORT_H

#include <jansson.h>

#include "gatehouse/evaluation/evaluation.h"
#include "gatehouse/evaluation/groups.h"
#include "gatehouse/evaluation/identification.h"

/* All that was measured; what was not asked for is NULL or 0. */
struct report {
	const struct gh_evaluation_result *result;
	const struct gh_halved *halved;
	uint32_t halvings;
	const struct gh_identification_result *identification;
	const struct gh_groups *groups[GH_INDEX_COLUMNS];
};

/* Print the table to stdout. */
void report_print(const struct report *report);

/* The same as a JSON object, which the caller releases; NULL when memory ran out. */
json_t *report_json(const struct report *report);

#endif
