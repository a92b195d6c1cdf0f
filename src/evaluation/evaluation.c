/* SPDX-License-Identifier: Apache-2.0 */
/* How well the product recognises: from an index of pictures to rates with intervals. */
#include "gatehouse/evaluation/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "averaging.h"
#include "cache.h"
#include "curves.h"
#include "enrolling.h"
#include "inside.h"
#include "measuring.h"

#define ROUNDS_USUAL 1000u
#define ROUNDS_MAX 100000u

static const double usual_targets[] = { 1e-3, 1e-4, 1e-5 };

static bool tell(const struct gh_evaluation *evaluation, enum gh_evaluation_stage stage,
	uint64_t done, uint64_t total)
{
	const struct gh_evaluation_options *options = &evaluation->options;

	return !options->progress || options->progress(options->ctx, stage, done, total);
}

static bool tell_enrolling(void *ctx, uint64_t done, uint64_t total)
{
	return tell(ctx, GH_EVALUATION_ENROLLING, done, total);
}

static bool tell_comparing(void *ctx, size_t done, size_t total)
{
	return tell(ctx, GH_EVALUATION_COMPARING, done, total);
}

static bool tell_resampling(void *ctx, uint64_t done, uint64_t total)
{
	return tell(ctx, GH_EVALUATION_RESAMPLING, done, total);
}

static enum gh_status check_options(
	const struct gh_evaluation_options *options, struct gh_error *error)
{
	struct gh_model_chain first;

	if (options->fmr_target_count > GH_EVALUATION_POINTS_MAX || options->rounds > ROUNDS_MAX)
		return gh_error_set(error, GH_SETTINGS, "at most %d operating points, %u rounds",
			GH_EVALUATION_POINTS_MAX, ROUNDS_MAX);
	if (options->averaged > GH_EVALUATION_AVERAGED_MAX)
		return gh_error_set(error, GH_SETTINGS, "at most %d pictures are averaged",
			GH_EVALUATION_AVERAGED_MAX);
	if (options->enroller_count == 0 || (!options->index == !options->pairs))
		return gh_error_set(error, GH_SETTINGS,
			"an enroller, and either an index or a list of pairs are needed");
	gh_enroller_chain(options->enrollers[0], &first);
	for (size_t i = 1; i < options->enroller_count; i++) {
		struct gh_model_chain other;

		gh_enroller_chain(options->enrollers[i], &other);
		if (memcmp(&first, &other, sizeof(first)) != 0)
			return gh_error_set(
				error, GH_SETTINGS, "enrollers of different model chains");
	}
	return GH_OK;
}

static enum gh_status take_options(struct gh_evaluation *evaluation,
	const struct gh_evaluation_options *options, struct gh_error *error)
{
	struct gh_evaluation_result *result = &evaluation->result;
	struct gh_evaluation_options *own = &evaluation->options;
	enum gh_status status = check_options(options, error);

	if (status != GH_OK)
		return status;
	*own = *options;
	evaluation->listed = !options->index;
	evaluation->name = evaluation->listed ? options->pairs : options->index;
	if (own->fmr_target_count == 0) {
		own->fmr_targets = usual_targets;
		own->fmr_target_count = sizeof(usual_targets) / sizeof(usual_targets[0]);
	}
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
	result->jobs = (uint32_t)own->enroller_count;
	gh_enroller_chain(own->enrollers[0], &result->chain);
	return GH_OK;
}

static enum gh_status take_memory(struct gh_evaluation *evaluation, struct gh_error *error)
{
	size_t pictures = evaluation->pairs.index.picture_count;
	size_t identities = evaluation->pairs.index.identity_count;

	evaluation->set.templates = calloc(pictures, sizeof(*evaluation->set.templates));
	evaluation->set.identities = calloc(pictures, sizeof(*evaluation->set.identities));
	evaluation->pictures = calloc(pictures, sizeof(*evaluation->pictures));
	evaluation->templates_of = calloc(identities, sizeof(*evaluation->templates_of));
	evaluation->failures_of = calloc(identities, sizeof(*evaluation->failures_of));
	if (!evaluation->set.templates || !evaluation->set.identities || !evaluation->pictures ||
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

static void note_template(
	struct gh_evaluation *evaluation, uint32_t i, const struct gh_enrolled *enrolled)
{
	const struct gh_index_picture *picture = &evaluation->pairs.index.pictures[i];
	struct gh_template_set *set = &evaluation->set;

	evaluation->result.several_faces += enrolled->faces > 1;
	evaluation->templates_of[picture->identity]++;
	evaluation->pictures[set->count] = i;
	set->templates[set->count] = enrolled->reference;
	set->identities[set->count] = picture->identity;
	set->count++;
}

static void count(struct gh_evaluation *evaluation, const struct gh_enrolled *outcomes)
{
	struct gh_evaluation_result *result = &evaluation->result;
	const struct gh_index *index = &evaluation->pairs.index;

	for (uint32_t i = 0; i < index->picture_count; i++) {
		if (outcomes[i].status == GH_OK)
			note_template(evaluation, i, &outcomes[i]);
		else
			note_failure(evaluation, &index->pictures[i], outcomes[i].status);
	}
	result->pictures = (uint32_t)index->picture_count;
	result->identities = index->identity_count;
	for (uint32_t i = 0; i < result->identities; i++)
		result->identities_compared += evaluation->templates_of[i] > 0;
	result->fta = (double)result->failures / (double)result->pictures;
}

static double seconds(const struct gh_evaluation *evaluation)
{
	const struct gh_clock *clock = evaluation->options.clock;

	return (double)clock->monotonic_us(clock) * 1e-6;
}

static enum gh_status enrol_with(
	struct gh_evaluation *evaluation, struct gh_cache *cache, struct gh_error *error)
{
	size_t pictures = evaluation->pairs.index.picture_count;
	struct gh_enrolling enrolling = {
		.name = evaluation->name,
		.index = &evaluation->pairs.index,
		.enrollers = evaluation->options.enrollers,
		.enroller_count = evaluation->options.enroller_count,
		.cache = cache,
		.progress = tell_enrolling,
		.ctx = evaluation,
		.outcomes = calloc(pictures, sizeof(struct gh_enrolled)),
	};
	enum gh_status status;

	if (!enrolling.outcomes)
		return gh_error_set(error, GH_NO_MEMORY, "templates of %zu pictures", pictures);
	status = gh_enrolling_run(&enrolling, error);
	if (status == GH_OK)
		count(evaluation, enrolling.outcomes);
	evaluation->result.resumed = enrolling.known;
	gh_wipe(enrolling.outcomes, pictures * sizeof(*enrolling.outcomes));
	free(enrolling.outcomes);
	return status;
}

static enum gh_status enrol_all(struct gh_evaluation *evaluation, struct gh_error *error)
{
	const char *path = evaluation->options.resume;
	double start = seconds(evaluation);
	struct gh_cache *cache = NULL;
	enum gh_status status = GH_OK;

	if (path)
		status = gh_cache_open(path, &evaluation->result.chain, &cache, error);
	if (status == GH_OK)
		status = enrol_with(evaluation, cache, error);
	gh_cache_close(cache);
	evaluation->result.enrol_seconds = seconds(evaluation) - start;
	return status;
}

static void count_genuine(struct gh_evaluation *evaluation)
{
	const struct gh_scores *scores = &evaluation->scores;

	for (size_t i = 0; i < scores->genuine_count; i++)
		evaluation->result.identities_genuine +=
			i == 0 || scores->genuine[i].identity != scores->genuine[i - 1].identity;
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

/* The template of each picture, where it has one. */
static enum gh_status compare_listed(struct gh_evaluation *evaluation, struct gh_error *error)
{
	size_t pictures = evaluation->pairs.index.picture_count;
	uint32_t *places = calloc(pictures, sizeof(*places));
	enum gh_status status;

	if (!places)
		return gh_error_set(error, GH_NO_MEMORY, "places of %zu pictures", pictures);
	for (size_t i = 0; i < pictures; i++)
		places[i] = UINT32_MAX;
	for (size_t i = 0; i < evaluation->set.count; i++)
		places[evaluation->pictures[i]] = (uint32_t)i;
	status = gh_scores_listed(
		&evaluation->set, &evaluation->pairs, places, &evaluation->scores, error);
	free(places);
	return status;
}

static enum gh_status compare_sets(struct gh_evaluation *evaluation,
	const struct gh_template_set *probes, struct gh_scores *scores, struct gh_error *error)
{
	struct gh_comparing comparing = {
		.probes = probes,
		.references = &evaluation->set,
		.top = gh_measuring_top(
			&evaluation->result, probes ? probes->count : 0, evaluation->set.count),
		.jobs = evaluation->options.enroller_count,
		.progress = tell_comparing,
		.ctx = evaluation,
	};

	return gh_scores_compute(&comparing, scores, error);
}

static enum gh_status compare_all(struct gh_evaluation *evaluation, struct gh_error *error)
{
	struct gh_evaluation_result *result = &evaluation->result;
	enum gh_status status = evaluation->listed
		? compare_listed(evaluation, error)
		: compare_sets(evaluation, NULL, &evaluation->scores, error);

	if (status != GH_OK)
		return status;
	count_genuine(evaluation);
	if (evaluation->scores.impostor_count == 0 || evaluation->scores.genuine_count == 0)
		return gh_error_set(error, GH_MALFORMED,
			"%s: %u people with a template, %u with two compared: too few to compare",
			evaluation->name, (unsigned)result->identities_compared,
			(unsigned)result->identities_genuine);
	summarise_scores(evaluation);
	gh_measuring_points(&evaluation->scores, result->points, result->point_count);
	evaluation->det_count = gh_measuring_det(&evaluation->scores, evaluation->det);
	return GH_OK;
}

struct gh_bootstrap gh_evaluation_bootstrap(const struct gh_evaluation *evaluation)
{
	const struct gh_evaluation_result *result = &evaluation->result;

	return (struct gh_bootstrap){
		.scores = &evaluation->scores,
		.references_of = evaluation->templates_of,
		.failures_of = evaluation->failures_of,
		.listed = evaluation->listed,
		.identity_count = result->identities,
		.identities_compared = result->identities_compared,
		.identities_genuine = result->identities_genuine,
		.rounds = result->rounds,
		.seed = result->seed,
	};
}

static enum gh_status resample(struct gh_evaluation *evaluation, struct gh_error *error)
{
	struct gh_evaluation_result *result = &evaluation->result;
	struct gh_bootstrap bootstrap = gh_evaluation_bootstrap(evaluation);
	struct gh_bootstrapped to = {
		.points = result->points,
		.point_count = result->point_count,
		.fta = &result->fta_interval,
		.failures = result->failures,
	};

	gh_measuring_det_tail(&evaluation->scores, evaluation->det, evaluation->det_count, &to);
	bootstrap.progress = tell_resampling;
	bootstrap.ctx = evaluation;
	return gh_bootstrap_run(&bootstrap, &to, error);
}

static enum gh_status resample_averaged(
	struct gh_evaluation *evaluation, uint32_t i, struct gh_error *error)
{
	struct gh_averaged *averaged = &evaluation->result.averaged[i];
	struct gh_averaged_scores *own = &evaluation->averaged[i];
	struct gh_bootstrap bootstrap = gh_evaluation_bootstrap(evaluation);
	struct gh_bootstrapped to = {
		.points = averaged->points,
		.point_count = evaluation->result.point_count,
	};

	gh_measuring_det_tail(&own->scores, own->det, own->det_count, &to);
	bootstrap.scores = &own->scores;
	bootstrap.probes_of = own->probes_of;
	bootstrap.failures_of = NULL;
	bootstrap.identities_genuine = averaged->people;
	bootstrap.progress = tell_resampling;
	bootstrap.ctx = evaluation;
	return gh_bootstrap_run(&bootstrap, &to, error);
}

/* Too few people with so many pictures: this length and longer ones are left out. */
static bool worth_it(const struct gh_averaged_scores *own)
{
	return own->scores.genuine_count > 0 && own->scores.impostor_count > 0;
}

static enum gh_status measure_averaged(
	struct gh_evaluation *evaluation, uint32_t i, struct gh_error *error)
{
	struct gh_evaluation_result *result = &evaluation->result;
	struct gh_averaged *averaged = &result->averaged[i];
	struct gh_averaged_scores *own = &evaluation->averaged[i];
	struct gh_template_set probes;
	enum gh_status status;

	own->probes_of = calloc(result->identities, sizeof(*own->probes_of));
	if (!own->probes_of)
		return gh_error_set(error, GH_NO_MEMORY, "averaged probes");
	status = gh_averaging_make(&evaluation->set, i + 1, evaluation->options.averaged + 1,
		&probes, own->probes_of, error);
	if (status != GH_OK)
		return status;
	status = compare_sets(evaluation, &probes, &own->scores, error);
	averaged->pictures = i + 1;
	averaged->probes = (uint32_t)probes.count;
	gh_template_set_finish(&probes);
	if (status != GH_OK || !worth_it(own))
		return status;
	for (uint32_t k = 0; k < result->identities; k++)
		averaged->people += own->probes_of[k] > 0;
	averaged->genuine_pairs = own->scores.genuine_count;
	averaged->impostor_pairs = own->scores.impostor_count;
	memcpy(averaged->points, result->points, sizeof(averaged->points));
	gh_measuring_points(&own->scores, averaged->points, result->point_count);
	own->det_count = gh_measuring_det(&own->scores, own->det);
	result->averaged_count = i + 1;
	return resample_averaged(evaluation, i, error);
}

static enum gh_status measure_all(struct gh_evaluation *evaluation, struct gh_error *error)
{
	double start = seconds(evaluation);
	enum gh_status status = compare_all(evaluation, error);

	evaluation->result.compare_seconds = seconds(evaluation) - start;
	if (status == GH_OK)
		status = resample(evaluation, error);
	for (uint32_t i = 0; status == GH_OK && !evaluation->listed &&
		i < evaluation->options.averaged && evaluation->result.averaged_count == i;
		i++)
		status = measure_averaged(evaluation, i, error);
	return status;
}

static enum gh_status read_list(struct gh_evaluation *evaluation, struct gh_error *error)
{
	if (evaluation->listed)
		return gh_pairs_read(evaluation->options.pairs, &evaluation->pairs, error);
	return gh_index_read(evaluation->options.index, &evaluation->pairs.index, error);
}

static enum gh_status run(struct gh_evaluation *evaluation,
	const struct gh_evaluation_options *options, struct gh_error *error)
{
	enum gh_status status = take_options(evaluation, options, error);

	if (status == GH_OK)
		status = read_list(evaluation, error);
	if (status == GH_OK)
		status = take_memory(evaluation, error);
	if (status == GH_OK)
		status = enrol_all(evaluation, error);
	return status == GH_OK ? measure_all(evaluation, error) : status;
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
	gh_template_set_finish(&evaluation->set);
	free(evaluation->pictures);
	free(evaluation->templates_of);
	free(evaluation->failures_of);
	gh_scores_finish(&evaluation->scores);
	for (size_t i = 0; i < GH_EVALUATION_AVERAGED_MAX; i++) {
		gh_scores_finish(&evaluation->averaged[i].scores);
		free(evaluation->averaged[i].probes_of);
	}
	gh_pairs_finish(&evaluation->pairs);
	free(evaluation);
}

const struct gh_evaluation_result *gh_evaluation_result(const struct gh_evaluation *evaluation)
{
	return &evaluation->result;
}

size_t gh_evaluation_det(
	const struct gh_evaluation *evaluation, uint32_t pictures, struct gh_det_point *points)
{
	const struct gh_det_point *from = evaluation->det;
	size_t found = evaluation->det_count;

	if (pictures > evaluation->result.averaged_count)
		return 0;
	if (pictures > 0) {
		from = evaluation->averaged[pictures - 1].det;
		found = evaluation->averaged[pictures - 1].det_count;
	}
	memcpy(points, from, found * sizeof(*points));
	return found;
}

enum gh_status gh_evaluation_halve(const struct gh_evaluation *evaluation, uint32_t rounds,
	uint64_t seed, struct gh_halved *halved, struct gh_error *error)
{
	struct gh_bootstrap bootstrap = gh_evaluation_bootstrap(evaluation);
	size_t points = evaluation->result.point_count;

	if (rounds == 0 || rounds > ROUNDS_MAX || seed == 0)
		return gh_error_set(error, GH_SETTINGS, "1 to %u halvings, and a seed", ROUNDS_MAX);
	for (size_t i = 0; i < points; i++)
		halved[i] =
			(struct gh_halved){ .fmr_target = evaluation->result.points[i].fmr_target };
	bootstrap.rounds = rounds;
	bootstrap.seed = seed;
	return gh_bootstrap_halve(&bootstrap, halved, points, error);
}

double gh_evaluation_fmr(const struct gh_evaluation *evaluation, float score)
{
	return gh_scores_fmr(&evaluation->scores, score);
}

double gh_evaluation_fnmr(const struct gh_evaluation *evaluation, float score)
{
	return gh_scores_fnmr(&evaluation->scores, score);
}
