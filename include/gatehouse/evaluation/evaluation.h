/* SPDX-License-Identifier: Apache-2.0 */
/* How well the product recognises: an offline technology evaluation after ISO/IEC 19795-1. */
#ifndef GATEHOUSE_EVALUATION_EVALUATION_H
#define GATEHOUSE_EVALUATION_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/evaluation/det.h"
#include "gatehouse/gallery/calibration.h"
#include "gatehouse/vision/enrol.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Operating points of one evaluation, and failures listed, at most. */
#define GH_EVALUATION_POINTS_MAX 16
#define GH_EVALUATION_FAILURES_MAX 200

/** Pictures averaged into one probe, at most. */
#define GH_EVALUATION_AVERAGED_MAX 3

/** Highest false match rate an operating point may ask for. */
#define GH_EVALUATION_FMR_MAX 0.01

/** What an evaluation is doing. */
enum gh_evaluation_stage {
	GH_EVALUATION_ENROLLING,  /**< pictures to templates; counts pictures */
	GH_EVALUATION_COMPARING,  /**< all pairs; counts templates */
	GH_EVALUATION_RESAMPLING, /**< intervals; counts rounds */
	GH_EVALUATION_SEARCHING,  /**< identification; counts rounds */
};

/** What to evaluate, and how. Pointers are borrowed for the call. */
struct gh_evaluation_options {
	const char *index; /**< path of the index, see index.h */
	const char *pairs; /**< or, where index is NULL, of a list of pairs, see pairs.h */
	struct gh_enroller *const *enrollers; /**< of one chain; a thread for each */
	size_t enroller_count;
	const char *resume; /**< a file of templates enrolled before, added to; may be NULL.
				 It holds personal data, unsealed, with mode 0600 */
	uint32_t averaged;  /**< probes averaged over 1 to so many pictures are measured as
				well, at most GH_EVALUATION_AVERAGED_MAX; 0: none */
	const struct gh_clock *clock; /**< for the times in the result */
	const double *fmr_targets;    /**< operating points; each in (0, GH_EVALUATION_FMR_MAX] */
	size_t fmr_target_count;      /**< 0: 1e-3, 1e-4, 1e-5 */
	uint32_t rounds;              /**< of the bootstrap; 0: 1000 */
	uint64_t seed;                /**< of the bootstrap; 0: 1 */

	/** Told now and then on this thread; false stops the evaluation. May be NULL. */
	bool (*progress)(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total);
	void *ctx;
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

/**
 * Probes averaged over a number of different pictures of a person, the
 * templates added and brought to unit length, against every single picture that
 * did not go into them. Genuine are those people who have pictures enough for
 * the longest average, so that all averages are of the same people; impostors
 * are everybody else.
 */
struct gh_averaged {
	uint32_t pictures; /**< in each probe */
	uint32_t people;
	uint32_t probes;
	uint64_t genuine_pairs;
	uint64_t impostor_pairs;
	struct gh_operating_point points[GH_EVALUATION_POINTS_MAX];
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
	uint32_t identities_genuine;  /**< in at least one genuine pair */
	uint32_t failures;            /**< pictures without a template */
	double fta;                   /**< failure-to-acquire rate, failures / pictures */
	struct gh_interval fta_interval;
	struct gh_evaluation_failure failure_list[GH_EVALUATION_FAILURES_MAX];
	uint32_t several_faces; /**< pictures in which more than one face was found */
	uint32_t resumed;       /**< pictures whose outcome was in the resume file */
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
	struct gh_averaged averaged[GH_EVALUATION_AVERAGED_MAX];
	size_t averaged_count;
	uint32_t rounds;
	uint64_t seed;
	uint32_t jobs;        /**< threads */
	double enrol_seconds; /**< for all pictures, reading them included */
	double compare_seconds;
	struct gh_model_chain chain;
};

struct gh_evaluation;

/**
 * Run the evaluation: each picture through an enroller (the face nearest to the
 * picture's centre, no quality gate), then every pair once: pairs of one
 * identity are genuine, all others impostor pairs; or the pairs listed.
 *
 * All intervals are 95 % percentile bootstrap intervals over identities, all
 * pictures of a drawn identity going together, because comparisons that share a
 * person are not independent (ISO/IEC 19795-1, annex on statistics). Where no
 * error was seen the upper end is 3 / identities (rule of three). The result
 * does not depend on the number of threads.
 *
 * GH_OK          the caller owns *evaluation. Pictures that give no template
 *                are counted, not fatal.
 * GH_MALFORMED, GH_TOO_LARGE: the index; or too few people to compare; or the
 *                resume file is something else.
 * GH_CONFLICT    the resume file is of another model chain. GH_BUSY: another
 *                run has it. GH_FULL.
 * GH_NOT_FOUND, GH_DENIED, GH_IO: the index or a picture it names cannot be
 *                read ("index:line: reason").
 * GH_CANCELLED   progress said so; the resume file has all that was enrolled.
 * GH_SETTINGS    an operating point or an average out of range. GH_NO_MEMORY.
 * One thread at a time with one enroller. Blocks for all of it, minutes for
 * thousands of pictures.
 */
GH_MUST_USE enum gh_status gh_evaluation_run(const struct gh_evaluation_options *options,
	struct gh_evaluation **evaluation, struct gh_error *error);

/** Wipe the templates and free. NULL safe. */
void gh_evaluation_destroy(struct gh_evaluation *evaluation);

/** The result; belongs to the evaluation. */
const struct gh_evaluation_result *gh_evaluation_result(const struct gh_evaluation *evaluation);

/**
 * The DET curve of single pictures, tenths of decades of FMR from 1 down to ten
 * impostor pairs; intervals (threshold found anew) up to the highest operating
 * point. pictures 0: all pairs; 1 to averaged_count: probes of so many averaged.
 * points holds GH_DET_POINTS_MAX. Returns how many there are.
 */
size_t gh_evaluation_det(
	const struct gh_evaluation *evaluation, uint32_t pictures, struct gh_det_point *points);

/** What random halves of the people say of each other, at one false match rate. */
struct gh_halved {
	double fmr_target;
	double threshold; /**< mean of those found in one half of the people */
	double fmr;       /**< in the other half: mean, and where 95 % of the halvings lie */
	struct gh_interval fmr_interval;
	double fnmr;
	struct gh_interval fnmr_interval;
};

/**
 * Halve the people at random `rounds` times (at most 100,000), find each
 * operating point's threshold in one half and measure it in the other: what is
 * calibrated is never measured on those it was calibrated with. halved holds
 * point_count. GH_OK, GH_NO_MEMORY, GH_CANCELLED (progress counts rounds),
 * GH_SETTINGS. Blocks for about a millisecond per round.
 */
GH_MUST_USE enum gh_status gh_evaluation_halve(const struct gh_evaluation *evaluation,
	uint32_t rounds, uint64_t seed, struct gh_halved *halved, struct gh_error *error);

/** Share of impostor scores at or above a score. Any thread. */
double gh_evaluation_fmr(const struct gh_evaluation *evaluation, float score);

/** Share of genuine scores below a score. Any thread. */
double gh_evaluation_fnmr(const struct gh_evaluation *evaluation, float score);

/**
 * Write the calibration that the threshold uses (gallery/calibration_file.h):
 * the measured curves, one for each number of pictures averaged that was
 * measured, the tails fitted to the highest impostor scores, likelihood ratios,
 * and the distribution of templates. data_set names the data, without line
 * breaks. key_path is the private key it is signed by (crypto/signature.h);
 * NULL: unsigned, and no lane takes it.
 *
 * GH_MALFORMED also when there are too few impostor pairs to fit a tail to.
 * Otherwise as gh_calibration_write().
 */
GH_MUST_USE enum gh_status gh_evaluation_write_calibration(const struct gh_evaluation *evaluation,
	const char *path, const char *data_set, bool research_only, const char *key_path,
	struct gh_error *error);

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
