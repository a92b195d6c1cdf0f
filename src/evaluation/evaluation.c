/* SPDX-License-Identifier: Apache-2.0 */
/* How well the product recognises: from an index of pictures to rates with intervals. */
#include "gatehouse/evaluation/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/index.h"

#include "bootstrap.h"
#include "curves.h"
#include "inside.h"

#define PICTURE_BYTES_MAX (16u * 1024u * 1024u)
#define ROUNDS_USUAL 1000u
#define ROUNDS_MAX 100000u

/* High scores kept beyond what a target allows: a drawn sample may need more of them. */
#define TOP_FACTOR 4.0

static const double usual_targets[] = { 1e-3, 1e-4, 1e-5 };

static bool tell(const struct gh_evaluation *evaluation, enum gh_evaluation_stage stage,
	uint64_t done, uint64_t total)
{
	const struct gh_evaluation_options *options = &evaluation->options;

	return !options->progress || options->progress(options->ctx, stage, done, total);
}

static bool tell_comparing(void *ctx, size_t done, size_t total)
{
	return tell(ctx, GH_EVALUATION_COMPARING, done, total);
}

static bool tell_resampling(void *ctx, uint64_t done, uint64_t total)
{
	return tell(ctx, GH_EVALUATION_RESAMPLING, done, total);
}

static enum gh_status cancelled(struct gh_error *error)
{
	return gh_error_set(error, GH_CANCELLED, "stopped on request");
}

static enum gh_status take_options(struct gh_evaluation *evaluation,
	const struct gh_evaluation_options *options, struct gh_error *error)
{
	struct gh_evaluation_result *result = &evaluation->result;
	struct gh_evaluation_options *own = &evaluation->options;

	*own = *options;
	if (own->fmr_target_count == 0) {
		own->fmr_targets = usual_targets;
		own->fmr_target_count = sizeof(usual_targets) / sizeof(usual_targets[0]);
	}
	if (own->fmr_target_count > GH_EVALUATION_POINTS_MAX || own->rounds > ROUNDS_MAX)
		return gh_error_set(error, GH_SETTINGS, "at most %d operating points, %u rounds",
			GH_EVALUATION_POINTS_MAX, ROUNDS_MAX);
	result->point_count = own->fmr_target_count;
	for (size_t i = 0; i < own->fmr_target_count; i++) {
		double target = own->fmr_targets[i];

		if (!(target > 0.0 && target <= GH_EVALUATION_FMR_MAX))
			return gh_error_set(error, GH_SETTINGS,
				"a false match rate of %g is not in (0, %g]", target,
				GH_EVALUATION_FMR_MAX);
		result->points[i].fmr_target = target;
	}
	result->rounds = own->rounds != 0 ? own->rounds : ROUNDS_USUAL;
	result->seed = own->seed != 0 ? own->seed : 1;
	gh_enroller_chain(own->enroller, &result->chain);
	return GH_OK;
}

static enum gh_status take_memory(struct gh_evaluation *evaluation, struct gh_error *error)
{
	size_t pictures = evaluation->index.picture_count;
	size_t identities = evaluation->index.identity_count;

	evaluation->set.templates = calloc(pictures, sizeof(*evaluation->set.templates));
	evaluation->set.identities = calloc(pictures, sizeof(*evaluation->set.identities));
	evaluation->templates_of = calloc(identities, sizeof(*evaluation->templates_of));
	evaluation->failures_of = calloc(identities, sizeof(*evaluation->failures_of));
	if (!evaluation->set.templates || !evaluation->set.identities ||
		!evaluation->templates_of || !evaluation->failures_of)
		return gh_error_set(error, GH_NO_MEMORY, "templates of %zu pictures", pictures);
	return GH_OK;
}

static void note_failure(struct gh_evaluation *evaluation, const struct gh_index_picture *picture,
	enum gh_status status)
{
	struct gh_evaluation_result *result = &evaluation->result;

	if (result->failures < GH_EVALUATION_FAILURES_MAX)
		result->failure_list[result->failures] =
			(struct gh_evaluation_failure){ picture->line, status };
	result->failures++;
	evaluation->failures_of[picture->identity]++;
}

static void note_template(struct gh_evaluation *evaluation, const struct gh_index_picture *picture,
	const struct gh_enrolment *enrolment)
{
	struct gh_template_set *set = &evaluation->set;

	evaluation->result.several_faces += enrolment->faces > 1;
	evaluation->templates_of[picture->identity]++;
	set->templates[set->count] = enrolment->reference;
	set->identities[set->count] = picture->identity;
	set->count++;
}

static enum gh_status enrol_picture(struct gh_evaluation *evaluation,
	const struct gh_index_picture *picture, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_enrolment enrolment;
	enum gh_status status = gh_file_read(picture->file, PICTURE_BYTES_MAX, &bytes, error);

	if (status == GH_TOO_LARGE) {
		note_failure(evaluation, picture, status);
		return GH_OK;
	}
	if (status != GH_OK) {
		gh_error_wrap(error, "%s:%u", evaluation->options.index, (unsigned)picture->line);
		return status;
	}
	status = gh_enroller_enrol(
		evaluation->options.enroller, gh_bytes_view(&bytes), &enrolment, error);
	gh_bytes_finish(&bytes);
	if (status == GH_NO_MEMORY)
		return status;
	if (status != GH_OK) {
		note_failure(evaluation, picture, status);
		return GH_OK;
	}
	note_template(evaluation, picture, &enrolment);
	gh_wipe(&enrolment, sizeof(enrolment));
	return GH_OK;
}

static double seconds(const struct gh_evaluation *evaluation)
{
	const struct gh_clock *clock = evaluation->options.clock;

	return (double)clock->monotonic_us(clock) * 1e-6;
}

static enum gh_status enrol_all(struct gh_evaluation *evaluation, struct gh_error *error)
{
	const struct gh_index *index = &evaluation->index;
	double start = seconds(evaluation);

	for (size_t i = 0; i < index->picture_count; i++) {
		enum gh_status status = enrol_picture(evaluation, &index->pictures[i], error);

		if (status != GH_OK)
			return status;
		if (!tell(evaluation, GH_EVALUATION_ENROLLING, i + 1, index->picture_count))
			return cancelled(error);
	}
	evaluation->result.enrol_seconds = seconds(evaluation) - start;
	return GH_OK;
}

static void count(struct gh_evaluation *evaluation)
{
	struct gh_evaluation_result *result = &evaluation->result;

	result->pictures = (uint32_t)evaluation->index.picture_count;
	result->identities = evaluation->index.identity_count;
	for (uint32_t i = 0; i < result->identities; i++) {
		result->identities_compared += evaluation->templates_of[i] > 0;
		result->identities_genuine += evaluation->templates_of[i] > 1;
	}
	result->fta = (double)result->failures / (double)result->pictures;
}

/* How many high scores the operating points and the tail need. */
static size_t top_wanted(const struct gh_evaluation *evaluation)
{
	double pairs = (double)evaluation->set.count * (double)(evaluation->set.count - 1) / 2.0;
	size_t wanted = gh_curves_top((uint64_t)pairs);

	for (size_t i = 0; i < evaluation->result.point_count; i++) {
		double most = TOP_FACTOR * evaluation->result.points[i].fmr_target * pairs + 100.0;

		if (most > (double)wanted)
			wanted = (size_t)most;
	}
	return wanted;
}

static void summarise_scores(struct gh_evaluation *evaluation)
{
	struct gh_evaluation_result *result = &evaluation->result;
	const struct gh_scores *scores = &evaluation->scores;
	double pairs = (double)scores->impostor_count;
	double sum = 0.0;
	double square = 0.0;

	result->genuine_pairs = scores->genuine_count;
	result->impostor_pairs = scores->impostor_count;
	result->impostor_mean = scores->impostor_sum / pairs;
	result->impostor_sd = sqrt(fmax(
		scores->impostor_square / pairs - result->impostor_mean * result->impostor_mean,
		0.0));
	result->impostor_max = scores->impostor_max;
	result->genuine_min = 1.0f;
	for (size_t i = 0; i < scores->genuine_count; i++) {
		double score = (double)scores->genuine[i].score;

		sum += score;
		square += score * score;
		result->genuine_min = fminf(result->genuine_min, scores->genuine[i].score);
	}
	result->genuine_mean = sum / (double)scores->genuine_count;
	result->genuine_sd = sqrt(fmax(square / (double)scores->genuine_count -
			result->genuine_mean * result->genuine_mean,
		0.0));
}

static void measure_point(struct gh_evaluation *evaluation, struct gh_operating_point *point)
{
	const struct gh_scores *scores = &evaluation->scores;

	point->threshold = gh_scores_threshold(scores, point->fmr_target);
	point->fmr = gh_scores_fmr(scores, point->threshold);
	point->fnmr = gh_scores_fnmr(scores, point->threshold);
	point->false_matches = (uint64_t)(point->fmr * (double)scores->impostor_count + 0.5);
	point->false_non_matches = (uint64_t)(point->fnmr * (double)scores->genuine_count + 0.5);
	point->measured = point->fmr_target * (double)scores->impostor_count >=
		(double)GH_CALIBRATION_RULE_OF;
}

static enum gh_status compare_all(struct gh_evaluation *evaluation, struct gh_error *error)
{
	double start = seconds(evaluation);
	enum gh_status status;

	if (evaluation->result.identities_compared < 2 || evaluation->result.identities_genuine < 1)
		return gh_error_set(error, GH_MALFORMED,
			"%s: %u people with a template, %u with two: too few to compare",
			evaluation->options.index, (unsigned)evaluation->result.identities_compared,
			(unsigned)evaluation->result.identities_genuine);
	status = gh_scores_compute(&evaluation->set, top_wanted(evaluation), tell_comparing,
		evaluation, &evaluation->scores, error);
	if (status != GH_OK)
		return status;
	summarise_scores(evaluation);
	for (size_t i = 0; i < evaluation->result.point_count; i++)
		measure_point(evaluation, &evaluation->result.points[i]);
	evaluation->result.compare_seconds = seconds(evaluation) - start;
	return GH_OK;
}

static enum gh_status resample(struct gh_evaluation *evaluation, struct gh_error *error)
{
	struct gh_bootstrap bootstrap = {
		.scores = &evaluation->scores,
		.templates_of = evaluation->templates_of,
		.failures_of = evaluation->failures_of,
		.identity_count = evaluation->index.identity_count,
		.rounds = evaluation->result.rounds,
		.seed = evaluation->result.seed,
		.progress = tell_resampling,
		.ctx = evaluation,
	};

	return gh_bootstrap_run(&bootstrap, &evaluation->result, error);
}

static enum gh_status run(struct gh_evaluation *evaluation,
	const struct gh_evaluation_options *options, struct gh_error *error)
{
	enum gh_status status = take_options(evaluation, options, error);

	if (status == GH_OK)
		status = gh_index_read(options->index, &evaluation->index, error);
	if (status == GH_OK)
		status = take_memory(evaluation, error);
	if (status == GH_OK)
		status = enrol_all(evaluation, error);
	if (status != GH_OK)
		return status;
	count(evaluation);
	status = compare_all(evaluation, error);
	if (status == GH_OK)
		status = resample(evaluation, error);
	return status;
}

enum gh_status gh_evaluation_run(const struct gh_evaluation_options *options,
	struct gh_evaluation **evaluation, struct gh_error *error)
{
	struct gh_evaluation *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*evaluation = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "evaluation");
	status = run(made, options, error);
	if (status != GH_OK) {
		gh_evaluation_destroy(made);
		return status;
	}
	*evaluation = made;
	return GH_OK;
}

void gh_evaluation_destroy(struct gh_evaluation *evaluation)
{
	if (!evaluation)
		return;
	gh_wipe(evaluation->set.templates,
		evaluation->set.count * sizeof(*evaluation->set.templates));
	free(evaluation->set.templates);
	free(evaluation->set.identities);
	free(evaluation->templates_of);
	free(evaluation->failures_of);
	gh_scores_finish(&evaluation->scores);
	gh_index_finish(&evaluation->index);
	free(evaluation);
}

const struct gh_evaluation_result *gh_evaluation_result(const struct gh_evaluation *evaluation)
{
	return &evaluation->result;
}

double gh_evaluation_fmr(const struct gh_evaluation *evaluation, float score)
{
	return gh_scores_fmr(&evaluation->scores, score);
}

double gh_evaluation_fnmr(const struct gh_evaluation *evaluation, float score)
{
	return gh_scores_fnmr(&evaluation->scores, score);
}
