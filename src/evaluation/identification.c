/* SPDX-License-Identifier: Apache-2.0 */
/* Searches in galleries of several sizes: how often they name somebody wrongly, or nobody. */
#include "gatehouse/evaluation/identification.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"

#include "inside.h"
#include "pooled.h"
#include "random.h"
#include "round.h"

#define ROUNDS_USUAL 100u
#define ROUNDS_MAX 10000u
#define REFERENCES_MAX 64u
#define JOBS_MAX 256u

static const double usual_targets[] = { 0.1, 0.03, 0.01, 0.003 };

/* One identification, shared by the threads that make its rounds. */
struct effort {
	const struct gh_identification_options *from;
	struct gh_round_plan plan;
	struct gh_round *rounds; /* one for each, filled by whoever makes it */
	pthread_mutex_t mutex;   /* all below */
	uint32_t next;
	bool stop;
	enum gh_status status;
	struct gh_error error;
};

static enum gh_status check_sizes(const struct gh_identification_options *options,
	const struct gh_people *people, struct gh_error *error)
{
	if (options->size_count == 0 || options->size_count > GH_IDENTIFICATION_SIZES_MAX)
		return gh_error_set(
			error, GH_SETTINGS, "1 to %d gallery sizes", GH_IDENTIFICATION_SIZES_MAX);
	for (size_t i = 0; i < options->size_count; i++)
		if (options->sizes[i] == 0 || options->sizes[i] > people->count ||
			people->count - options->sizes[i] < GH_IDENTIFICATION_STRANGERS_MIN)
			return gh_error_set(error, GH_SETTINGS,
				"a gallery of %u needs %u people more that are not in it: %u have "
				"a template",
				(unsigned)options->sizes[i],
				(unsigned)GH_IDENTIFICATION_STRANGERS_MIN, (unsigned)people->count);
	return GH_OK;
}

static enum gh_status check_targets(
	const struct gh_identification_options *options, struct gh_error *error)
{
	if (options->target_count > GH_IDENTIFICATION_TARGETS_MAX)
		return gh_error_set(error, GH_SETTINGS, "at most %d targets of FPIR",
			GH_IDENTIFICATION_TARGETS_MAX);
	for (size_t i = 0; i < options->target_count; i++)
		if (!(options->fpir_targets[i] > 0.0 && options->fpir_targets[i] < 1.0))
			return gh_error_set(error, GH_SETTINGS,
				"a false positive identification rate of %g is not in (0, 1)",
				options->fpir_targets[i]);
	if (options->rounds > ROUNDS_MAX || options->references > REFERENCES_MAX)
		return gh_error_set(error, GH_SETTINGS, "at most %u rounds and %u references",
			ROUNDS_MAX, REFERENCES_MAX);
	return GH_OK;
}

static void make_plan(const struct gh_evaluation *evaluation,
	const struct gh_identification_options *options, struct gh_round_plan *plan)
{
	plan->set = &evaluation->set;
	plan->chain = evaluation->result.chain;
	plan->sizes = options->sizes;
	plan->size_count = options->size_count;
	plan->targets = options->target_count > 0 ? options->fpir_targets : usual_targets;
	plan->target_count = options->target_count > 0
		? options->target_count
		: sizeof(usual_targets) / sizeof(usual_targets[0]);
	plan->references = options->references > 0 ? options->references : 1;
	plan->pictures_least = options->pictures_least;
	plan->seed = options->seed > 0 ? options->seed : 1;
}

/* False: there is none left, or the rest is not wanted. */
static bool take_round(struct effort *effort, uint32_t rounds, uint32_t *round)
{
	bool more;

	pthread_mutex_lock(&effort->mutex);
	more = !effort->stop && effort->next < rounds;
	if (more)
		*round = effort->next++;
	pthread_mutex_unlock(&effort->mutex);
	return more;
}

static void give_up(struct effort *effort, enum gh_status status, const struct gh_error *error)
{
	pthread_mutex_lock(&effort->mutex);
	effort->stop = true;
	if (effort->status == GH_OK) {
		effort->status = status;
		effort->error = *error;
	}
	pthread_mutex_unlock(&effort->mutex);
}

static uint32_t rounds_of(const struct gh_identification_options *options)
{
	return options->rounds > 0 ? options->rounds : ROUNDS_USUAL;
}

static void make_rounds(struct effort *effort, bool calls)
{
	const struct gh_identification_options *from = effort->from;
	uint32_t rounds = rounds_of(from);
	uint32_t round;

	while (take_round(effort, rounds, &round)) {
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status =
			gh_round_make(&effort->plan, round, &effort->rounds[round], &error);

		if (status == GH_OK && calls && from->progress &&
			!from->progress(from->ctx, GH_EVALUATION_SEARCHING, round + 1, rounds))
			status = gh_error_set(&error, GH_CANCELLED, "stopped on request");
		if (status != GH_OK)
			give_up(effort, status, &error);
	}
}

static void *work(void *argument)
{
	make_rounds(argument, false);
	return NULL;
}

/* The calling thread works as well, and alone where no other can be started. */
static enum gh_status run(struct effort *effort, struct gh_error *error)
{
	uint32_t jobs = effort->from->jobs < JOBS_MAX ? effort->from->jobs : JOBS_MAX;
	pthread_t *threads = calloc(jobs + 1, sizeof(*threads));
	uint32_t started = 0;

	if (!threads)
		return gh_error_set(error, GH_NO_MEMORY, "threads of the identification");
	pthread_mutex_init(&effort->mutex, NULL);
	for (uint32_t i = 1; i < jobs; i++)
		started += pthread_create(&threads[started], NULL, work, effort) == 0;
	make_rounds(effort, true);
	for (uint32_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&effort->mutex);
	free(threads);
	if (effort->status != GH_OK && error)
		*error = effort->error;
	return effort->status;
}

static enum gh_status identify(
	struct effort *effort, struct gh_identification_result *result, struct gh_error *error)
{
	uint32_t rounds = rounds_of(effort->from);
	enum gh_status status;

	effort->rounds = calloc(rounds, sizeof(*effort->rounds));
	if (!effort->rounds)
		return gh_error_set(error, GH_NO_MEMORY, "%u rounds", (unsigned)rounds);
	status = run(effort, error);
	if (status == GH_OK)
		status = gh_pooled_conclude(&effort->plan, effort->rounds, rounds, result, error);
	for (uint32_t i = 0; i < rounds; i++)
		gh_round_finish(&effort->rounds[i]);
	free(effort->rounds);
	return status;
}

enum gh_status gh_identification_run(const struct gh_evaluation *evaluation,
	const struct gh_identification_options *options, struct gh_identification_result *result,
	struct gh_error *error)
{
	const struct gh_clock *clock = gh_clock_system();
	uint64_t start = clock->monotonic_us(clock);
	struct effort effort = { .from = options };
	enum gh_status status;

	memset(result, 0, sizeof(*result));
	if (evaluation->listed)
		return gh_error_set(error, GH_MALFORMED, "a list of pairs has no galleries");
	status = gh_people_make(&evaluation->set, &effort.plan.people, error);
	if (status == GH_OK)
		status = check_sizes(options, &effort.plan.people, error);
	if (status == GH_OK)
		status = check_targets(options, error);
	if (status == GH_OK) {
		make_plan(evaluation, options, &effort.plan);
		status = identify(&effort, result, error);
	}
	gh_people_finish(&effort.plan.people);
	result->seconds = (double)(clock->monotonic_us(clock) - start) * 1e-6;
	return status;
}
