/* SPDX-License-Identifier: Apache-2.0 */
/* Searches in galleries of several sizes: how often they name somebody wrongly, or nobody. */
#ifndef GATEHOUSE_EVALUATION_IDENTIFICATION_H
#define GATEHOUSE_EVALUATION_IDENTIFICATION_H

#include "gatehouse/evaluation/evaluation.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Sizes and targets of one identification, at most. */
#define GH_IDENTIFICATION_SIZES_MAX 8
#define GH_IDENTIFICATION_TARGETS_MAX 8

/** People outside the gallery that a size needs at least. */
#define GH_IDENTIFICATION_STRANGERS_MIN 20

/** What to search for. Pointers are borrowed for the call. */
struct gh_identification_options {
	const uint32_t *sizes; /**< people in the gallery, N */
	size_t size_count;
	const double *fpir_targets; /**< each in (0, 1) */
	size_t target_count;        /**< 0: 0.1, 0.03, 0.01, 0.003 */
	uint32_t references;     /**< of a person in the gallery, k; 0: 1. Who has not one picture
				  more than that has one reference */
	uint32_t pictures_least; /**< 0: the gallery is drawn from all people, and whoever has
				      a picture left is searched for. Otherwise those with at
				      least so many pictures are in the gallery first, and only
				      they are searched for: k can be compared on the same people */
	uint32_t rounds;         /**< random halvings of the people; 0: 100 */
	uint64_t seed;           /**< 0: 1 */
	uint32_t jobs;           /**< threads; 0: 1 */

	/** Told now and then on this thread; false stops. May be NULL. */
	bool (*progress)(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total);
	void *ctx;
};

/**
 * One size at one target. Rates are means over the rounds; an interval says
 * where 95 % of single rounds lie, their probe people drawn with replacement.
 */
struct gh_identification_point {
	double fpir_target;
	double threshold;      /**< as a lane would set it from the calibration half */
	double fpir_predicted; /**< closed form, 1 - (1 - FMR)^(templates), at that threshold */
	double fpir;           /**< strangers whose best candidate reaches the threshold */
	struct gh_interval fpir_interval;
	double fnir_predicted; /**< FNMR of single pictures there */
	double fnir; /**< people of the gallery that are not first, or below the threshold */
	struct gh_interval fnir_interval;
	double extrapolated; /**< share of rounds whose threshold lay beyond the data */
};

/** One gallery size. */
struct gh_identification_size {
	uint32_t people;
	double templates; /**< in the gallery, N k at most; mean over the rounds */
	double mated;     /**< searches of people in the gallery, in a round */
	double strangers; /**< searches of others */
	double mated_people;
	double strange_people;
	double not_first; /**< mated searches with another person first, threshold aside */
	bool disjoint;    /**< nobody of the gallery or the searches was calibrated with; else only
			    those searched for who are not in the gallery are new, and the
			    figures claim nothing */
	struct gh_identification_point points[GH_IDENTIFICATION_TARGETS_MAX];
	struct gh_det_point det[GH_DET_POINTS_MAX]; /**< FPIR and FNIR measured, rounds pooled */
	size_t det_count;
};

struct gh_identification_result {
	struct gh_identification_size sizes[GH_IDENTIFICATION_SIZES_MAX];
	size_t size_count;
	size_t target_count;
	uint32_t references;
	uint32_t rounds;
	uint64_t seed;
	double seconds;
};

/**
 * Open-set identification (ISO/IEC 19795-1) with the templates of an
 * evaluation. Each round halves the people at random, calibrates with one half,
 * and searches galleries drawn from the other at the threshold that the
 * calibration gives for their size. A size too large for half of the people is
 * drawn from all of them and calibrated with its own gallery: disjoint is false.
 *
 * GH_OK; GH_SETTINGS: out of range, or more people than there are;
 * GH_MALFORMED: too few comparisons to calibrate with, or an evaluation of
 * pairs; GH_CANCELLED; GH_NO_MEMORY. The result does not depend on jobs.
 * Blocks for all of it, some 0.2 s per round for 3,000 pictures.
 */
GH_MUST_USE enum gh_status gh_identification_run(const struct gh_evaluation *evaluation,
	const struct gh_identification_options *options, struct gh_identification_result *result,
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
