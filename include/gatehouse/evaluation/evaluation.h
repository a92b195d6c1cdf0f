/* SPDX-License-Identifier: Apache-2.0 */
/* How well the product recognises: an offline technology evaluation after ISO/IEC 19795-1. */
#ifndef GATEHOUSE_EVALUATION_EVALUATION_H
#define GATEHOUSE_EVALUATION_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/gallery/calibration.h"
#include "gatehouse/vision/enrol.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Operating points of one evaluation, and failures listed, at most. */
#define GH_EVALUATION_POINTS_MAX 16
#define GH_EVALUATION_FAILURES_MAX 200

/** Highest false match rate an operating point may ask for. */
#define GH_EVALUATION_FMR_MAX 0.01

/** What an evaluation is doing. */
enum gh_evaluation_stage {
	GH_EVALUATION_ENROLLING,  /**< pictures to templates; counts pictures */
	GH_EVALUATION_COMPARING,  /**< all pairs; counts templates */
	GH_EVALUATION_RESAMPLING, /**< intervals; counts rounds */
};

/** What to evaluate, and how. Pointers are borrowed for the call. */
struct gh_evaluation_options {
	const char *index;            /**< path of the index, see index.h */
	struct gh_enroller *enroller; /**< the product's chain, without quality gate */
	const struct gh_clock *clock; /**< for the times in the result */
	const double *fmr_targets;    /**< operating points; each in (0, GH_EVALUATION_FMR_MAX] */
	size_t fmr_target_count;      /**< 0: 1e-3, 1e-4, 1e-5 */
	uint32_t rounds;              /**< of the bootstrap; 0: 1000 */
	uint64_t seed;                /**< of the bootstrap; 0: 1 */

	/** Told now and then on this thread; false stops the evaluation. May be NULL. */
	bool (*progress)(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total);
	void *ctx;
};

/**
 * A 95 % confidence interval. Percentile bootstrap over identities, all
 * pictures of a drawn identity going together, because comparisons that share
 * a person are not independent (ISO/IEC 19795-1, annex on statistics). Where no
 * error was seen the upper end is 3 / identities (rule of three).
 */
struct gh_interval {
	double low;
	double high;
};

/** What was measured at one false match rate. */
struct gh_operating_point {
	double fmr_target;
	float threshold;                        /**< lowest with FMR <= fmr_target */
	double fmr;                             /**< false match rate there */
	struct gh_interval fmr_interval;        /**< threshold fixed */
	double fnmr;                            /**< false non-match rate there */
	struct gh_interval fnmr_interval;       /**< threshold fixed */
	struct gh_interval fnmr_refit_interval; /**< threshold found anew in each round: wide
						     where few impostors, some of them perhaps
						     wrongly labelled, decide the threshold */
	uint64_t false_matches;
	uint64_t false_non_matches;
	bool measured; /**< at least 30 impostor scores allowed (rule of 30) */
};

/** A picture that gave no template. */
struct gh_evaluation_failure {
	uint32_t line; /**< of the index */
	enum gh_status status;
};

/** The result. All counts are after failures unless said otherwise. */
struct gh_evaluation_result {
	uint32_t pictures;            /**< in the index */
	uint32_t identities;          /**< in the index */
	uint32_t identities_compared; /**< with at least one template */
	uint32_t identities_genuine;  /**< with at least two */
	uint32_t failures;            /**< pictures without a template */
	double fta;                   /**< failure-to-acquire rate, failures / pictures */
	struct gh_interval fta_interval;
	struct gh_evaluation_failure failure_list[GH_EVALUATION_FAILURES_MAX];
	uint32_t several_faces; /**< pictures in which more than one face was found */
	uint64_t genuine_pairs;
	uint64_t impostor_pairs;
	double genuine_mean;
	double genuine_sd;
	double impostor_mean;
	double impostor_sd;
	float impostor_max;
	float genuine_min;
	struct gh_operating_point points[GH_EVALUATION_POINTS_MAX];
	size_t point_count;
	uint32_t rounds;
	uint64_t seed;
	double enrol_seconds; /**< for all pictures, reading them included */
	double compare_seconds;
	struct gh_model_chain chain;
};

struct gh_evaluation;

/**
 * Run the evaluation: each picture through the enroller (the face nearest to
 * the picture's centre), then every pair once: pairs of one identity are
 * genuine, all others impostor pairs.
 *
 * GH_OK          the caller owns *evaluation. Pictures that give no template
 *                are counted, not fatal.
 * GH_MALFORMED, GH_TOO_LARGE: the index; or too few people to compare.
 * GH_NOT_FOUND, GH_DENIED, GH_IO: the index or a picture it names cannot be
 *                read ("index:line: reason").
 * GH_CANCELLED   progress said so.
 * GH_SETTINGS    an operating point out of range. GH_NO_MEMORY.
 * One thread at a time with one enroller. Blocks for all of it, minutes for
 * thousands of pictures.
 */
GH_MUST_USE enum gh_status gh_evaluation_run(const struct gh_evaluation_options *options,
	struct gh_evaluation **evaluation, struct gh_error *error);

/** Wipe the templates and free. NULL safe. */
void gh_evaluation_destroy(struct gh_evaluation *evaluation);

/** The result; belongs to the evaluation. */
const struct gh_evaluation_result *gh_evaluation_result(const struct gh_evaluation *evaluation);

/** Share of impostor scores at or above a score. Any thread. */
double gh_evaluation_fmr(const struct gh_evaluation *evaluation, float score);

/** Share of genuine scores below a score. Any thread. */
double gh_evaluation_fnmr(const struct gh_evaluation *evaluation, float score);

/**
 * Write the calibration that the threshold uses (gallery/calibration_file.h):
 * the measured curves, the tail fitted to the highest impostor scores, and the
 * distribution of templates. data_set names the data, without line breaks.
 *
 * GH_MALFORMED also when there are too few impostor pairs to fit a tail to.
 * Otherwise as gh_calibration_write().
 */
GH_MUST_USE enum gh_status gh_evaluation_write_calibration(const struct gh_evaluation *evaluation,
	const char *path, const char *data_set, bool research_only, struct gh_error *error);

/** How strangers drawn from a calibration score against the real templates. */
struct gh_stranger_agreement {
	uint64_t pairs;
	double mean;                            /**< beside impostor_mean */
	double sd;                              /**< beside impostor_sd */
	double above[GH_EVALUATION_POINTS_MAX]; /**< share at or above each point's threshold */
};

/** Draw `strangers` of them from seed and compare each with every template. Any thread. */
void gh_evaluation_compare_strangers(const struct gh_evaluation *evaluation,
	const struct gh_calibration *calibration, uint32_t strangers, uint64_t seed,
	struct gh_stranger_agreement *agreement);

#ifdef __cplusplus
}
#endif

#endif
