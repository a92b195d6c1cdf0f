/* SPDX-License-Identifier: Apache-2.0 */
/* The same measures by group of people, and how far the groups lie apart. */
#ifndef GATEHOUSE_EVALUATION_GROUPS_H
#define GATEHOUSE_EVALUATION_GROUPS_H

#include "gatehouse/evaluation/evaluation.h"
#include "gatehouse/evaluation/index.h"

#ifdef __cplusplus
extern "C" {
#endif

/** People that a group needs, in genuine pairs, before its rates are told. */
#define GH_GROUPS_MINIMUM 30u

/** Rates of one group at one operating point, whose threshold is that of all people. */
struct gh_group_point {
	double fmr;                       /**< among pairs of two people of the group */
	struct gh_interval fmr_interval;  /**< 95 %, threshold fixed */
	double fnmr;                      /**< among pairs of one person, both in the group */
	struct gh_interval fnmr_interval; /**< 95 %, threshold fixed */
	uint64_t false_matches;
	uint64_t false_non_matches;
};

/**
 * One group: those pictures that have one value in a column. A person whose
 * pictures have several values (an age band) counts in each with those; pairs
 * across groups count in none.
 */
struct gh_group {
	const char *value; /**< belongs to the evaluation; "" is: nothing said */
	uint32_t identities;
	uint32_t identities_genuine; /**< in at least one genuine pair of the group */
	uint32_t pictures;
	bool suppressed; /**< fewer people than the minimum: all else here is 0 */
	uint32_t failures;
	double fta;
	struct gh_interval fta_interval;
	uint64_t genuine_pairs;  /**< both pictures in the group */
	uint64_t impostor_pairs; /**< likewise: two people of one group, the harder kind */
	struct gh_group_point points[GH_EVALUATION_POINTS_MAX];
};

/**
 * How far groups lie apart at one operating point (ISO/IEC 19795-10): the
 * highest rate over the lowest, and over the geometric mean, of groups told.
 * 0 where fewer than two groups are told or a rate of one is 0.
 */
struct gh_group_differential {
	double fmr_ratio;    /**< highest over lowest */
	double fmr_to_mean;  /**< highest over geometric mean */
	double fnmr_ratio;   /**< likewise */
	double fnmr_to_mean; /**< likewise */
};

/** All groups of one column. */
struct gh_groups {
	enum gh_index_column column; /**< what the people are told apart by */
	uint32_t minimum;            /**< as it was asked for */
	struct gh_group groups[GH_INDEX_VALUES_MAX + 1];
	size_t count; /**< 0: the index has no such column */
	struct gh_group_differential differentials[GH_EVALUATION_POINTS_MAX];
};

/**
 * Measure by the values of a column. Intervals as in an evaluation, over the
 * people of each group.
 *
 * GH_OK: the caller frees *groups with gh_groups_free(). GH_NO_MEMORY. Any
 * thread. Blocks for the bootstrap of each group.
 */
GH_MUST_USE enum gh_status gh_groups_measure(const struct gh_evaluation *evaluation,
	enum gh_index_column column, uint32_t minimum, struct gh_groups **groups,
	struct gh_error *error);

/** Free. NULL safe. */
void gh_groups_free(struct gh_groups *groups);

#ifdef __cplusplus
}
#endif

#endif
