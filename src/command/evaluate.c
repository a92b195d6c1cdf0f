/* SPDX-License-Identifier: Apache-2.0 */
/* Measure recognition on a set of pictures, and make a calibration of it. */
#include "gatehouse/evaluation/evaluation.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/crypto/signature.h"
#include "gatehouse/daemon/compose.h"
#include "command.h"
#include "evaluate_report.h"
#include "tables.h"

enum {
	JOBS_MAX = 64,
	PATH_BYTES = 1024,
	BAR_WIDTH = 30
};

/* All one call needs; zero is valid. */
struct work {
	struct call *call;
	struct gh_enroller *enrollers[JOBS_MAX];
	double fmr_targets[GH_EVALUATION_POINTS_MAX];
	struct gh_evaluation_options options;
	struct gh_evaluation *evaluation;
	uint32_t sizes[GH_IDENTIFICATION_SIZES_MAX];
	double fpir_targets[GH_IDENTIFICATION_TARGETS_MAX];
	struct gh_identification_options searching;
	uint64_t halvings;
	uint64_t group_minimum;
	uint64_t start_us;
	enum gh_evaluation_stage stage;
	struct gh_halved halved[GH_EVALUATION_POINTS_MAX];
	struct gh_identification_result identification;
	struct gh_groups *groups[GH_INDEX_COLUMNS];
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* How much time is left at the pace so far; only once it can be told. */
static void print_left(const struct work *work, uint64_t done, uint64_t total)
{
	const struct gh_clock *clock = gh_clock_system();
	uint64_t past_s = (clock->monotonic_us(clock) - work->start_us) / 1000000;
	uint64_t left_s = done > 0 ? past_s * (total - done) / done : 0;

	if (past_s >= 3 && done < total)
		fprintf(stderr, ", %" PRIu64 ":%02" PRIu64 " left ", left_s / 60, left_s % 60);
	else
		fputs("             ", stderr);
}

static bool show_progress(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total)
{
	static const char *const words[] = { "enrolling", "comparing", "resampling", "searching" };
	struct work *work = ctx;
	const struct gh_clock *clock = gh_clock_system();
	int filled = total > 0 ? (int)(done * BAR_WIDTH / total) : 0;

	if (stage != work->stage || work->start_us == 0)
		work->start_us = clock->monotonic_us(clock);
	work->stage = stage;
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r%-10s [", words[stage]);
		for (int i = 0; i < BAR_WIDTH; i++)
			fputc(i < filled ? '#' : '.', stderr);
		fprintf(stderr, "] %" PRIu64 " of %" PRIu64, done, total);
		print_left(work, done, total);
	}
	return !interrupted;
}

static void clear_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%79s\r", "");
}

/* Numbers with commas between; false (told on stderr) when they are not that. */
static bool read_list(
	const struct call *call, const char *name, double *list, size_t limit, size_t *count)
{
	const char *text = call_option(call, name, NULL);

	*count = 0;
	while (text) {
		char *end;
		double number;

		errno = 0;
		number = strtod(text, &end);
		if (errno != 0 || end == text || (*end != ',' && *end != '\0') || !(number > 0.0) ||
			*count == limit) {
			fprintf(stderr,
				"gatehouse: %s: up to %zu positive numbers with commas between, "
				"not \"%s\"\n",
				name, limit, call_option(call, name, ""));
			return false;
		}
		list[(*count)++] = number;
		text = *end == ',' ? end + 1 : NULL;
	}
	return true;
}

static bool read_sizes(struct work *work)
{
	double list[GH_IDENTIFICATION_SIZES_MAX];

	if (!read_list(work->call, "--gallery", list, GH_IDENTIFICATION_SIZES_MAX,
		    &work->searching.size_count))
		return false;
	for (size_t i = 0; i < work->searching.size_count; i++) {
		work->sizes[i] = list[i] < 1e8 ? (uint32_t)list[i] : 0;
		if ((double)work->sizes[i] != list[i] || work->sizes[i] == 0) {
			fputs("gatehouse: --gallery: whole numbers of people\n", stderr);
			return false;
		}
	}
	return true;
}

/* Exactly one of INDEX, --index and --pairs. */
static bool read_source(struct work *work)
{
	struct call *call = work->call;
	const char *index = call_option(call, "--index", NULL);
	const char *word = call->word_count > 0 ? call->words[0] : NULL;
	const char *pairs = call_option(call, "--pairs", NULL);

	if ((index != NULL) + (word != NULL) + (pairs != NULL) != 1) {
		fputs("gatehouse: evaluate: one of INDEX, --index FILE and --pairs FILE\n", stderr);
		return false;
	}
	work->options.index = index ? index : word;
	work->options.pairs = pairs;
	return true;
}

static uint64_t processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > JOBS_MAX ? JOBS_MAX : (uint64_t)count;
}

static bool read_numbers(struct work *work)
{
	const struct call *call = work->call;
	uint64_t rounds = 1000, jobs = processors(), averaged = 0, references = 1, least = 0;

	work->options.seed = 1;
	work->group_minimum = GH_GROUPS_MINIMUM;
	if (!call_number(call, "--rounds", 10, 100000, &rounds) ||
		!call_number(call, "--seed", 1, UINT64_MAX, &work->options.seed) ||
		!call_number(call, "--jobs", 1, JOBS_MAX, &jobs) ||
		!call_number(call, "--average", 1, GH_EVALUATION_AVERAGED_MAX, &averaged) ||
		!call_number(call, "--references", 1, 64, &references) ||
		!call_number(call, "--pictures-least", 0, 1000, &least) ||
		!call_number(call, "--split", 1, 10000, &work->halvings) ||
		!call_number(call, "--group-minimum", 5, 1000000, &work->group_minimum))
		return false;
	work->options.rounds = (uint32_t)rounds;
	/* A calibration has a curve for each average that a lane may take. */
	if (averaged == 0 && call_has(call, "--calibration"))
		averaged = GH_EVALUATION_AVERAGED_MAX;
	work->options.averaged = (uint32_t)averaged;
	work->options.enroller_count = (size_t)jobs;
	work->searching.references = (uint32_t)references;
	work->searching.pictures_least = (uint32_t)least;
	work->searching.rounds = (uint32_t)work->halvings;
	work->searching.seed = work->options.seed;
	work->searching.jobs = (uint32_t)jobs;
	return true;
}

static bool read_options(struct work *work)
{
	work->options.enrollers = work->enrollers;
	work->options.fmr_targets = work->fmr_targets;
	work->options.clock = gh_clock_system();
	work->options.resume = call_option(work->call, "--resume", NULL);
	work->options.progress = show_progress;
	work->options.ctx = work;
	work->searching.sizes = work->sizes;
	work->searching.fpir_targets = work->fpir_targets;
	work->searching.progress = show_progress;
	work->searching.ctx = work;
	return read_source(work) && read_numbers(work) && read_sizes(work) &&
		read_list(work->call, "--fmr", work->fmr_targets, GH_EVALUATION_POINTS_MAX,
			&work->options.fmr_target_count) &&
		read_list(work->call, "--fpir", work->fpir_targets, GH_IDENTIFICATION_TARGETS_MAX,
			&work->searching.target_count);
}

static enum gh_status open_enrollers(struct work *work)
{
	struct gh_vision_options vision = gh_compose_vision(&work->call->settings);
	enum gh_status status = GH_OK;

	for (size_t i = 0; status == GH_OK && i < work->options.enroller_count; i++)
		status = gh_enroller_create(&vision, &work->enrollers[i], &work->call->error);
	return status;
}

static enum gh_status measure(struct work *work)
{
	struct gh_error *error = &work->call->error;
	enum gh_status status = gh_evaluation_run(&work->options, &work->evaluation, error);

	if (status == GH_OK && work->halvings > 0)
		status = gh_evaluation_halve(work->evaluation, (uint32_t)work->halvings,
			work->options.seed, work->halved, error);
	if (status == GH_OK && work->searching.size_count > 0)
		status = gh_identification_run(
			work->evaluation, &work->searching, &work->identification, error);
	for (int i = 0; status == GH_OK && i < GH_INDEX_COLUMNS; i++)
		status = gh_groups_measure(work->evaluation, (enum gh_index_column)i,
			(uint32_t)work->group_minimum, &work->groups[i], error);
	return status;
}

/* The key to sign with; the first time there is none, and it is made, FILE.pub beside it. */
static enum gh_status have_key(struct call *call, const char *key)
{
	char public_key[PATH_BYTES];
	int length;

	if (!key || access(key, F_OK) == 0)
		return GH_OK;
	length = snprintf(public_key, sizeof(public_key), "%s.pub", key);
	if (length < 0 || (size_t)length >= sizeof(public_key))
		return gh_error_set(&call->error, GH_TOO_LARGE, "--key: the path is too long");
	return gh_signature_make_key(key, public_key, &call->error);
}

static enum gh_status write_calibration(struct work *work)
{
	struct call *call = work->call;
	const char *path = call_option(call, "--calibration", NULL);
	const char *key = call_option(call, "--key", NULL);
	enum gh_status status = GH_OK;

	if (path)
		status = have_key(call, key);
	if (status != GH_OK || !path)
		return status;
	return gh_evaluation_write_calibration(work->evaluation, path,
		call_option(call, "--data-set", "unnamed"), !call_has(call, "--for-service"), key,
		&call->error);
}

/* Single pictures, then the averages; FNMR against FMR. */
static size_t collect_curves(const struct work *work,
	struct gh_det_point (*points)[GH_DET_POINTS_MAX], struct gh_det_curve *curves)
{
	static const char *const names[] = { "all pairs, one picture", "1 picture, same people",
		"2 pictures averaged", "3 pictures averaged" };
	size_t averaged = gh_evaluation_result(work->evaluation)->averaged_count;

	for (uint32_t i = 0; i <= averaged; i++) {
		curves[i].name = names[i];
		curves[i].points = points[i];
		curves[i].count = gh_evaluation_det(work->evaluation, i, points[i]);
	}
	return averaged + 1;
}

static enum gh_status write_curves(struct work *work)
{
	struct call *call = work->call;
	const struct gh_evaluation_result *result = gh_evaluation_result(work->evaluation);
	struct gh_det_point points[GH_EVALUATION_AVERAGED_MAX + 1][GH_DET_POINTS_MAX];
	struct gh_det_curve curves[GH_EVALUATION_AVERAGED_MAX + 1];
	struct gh_det_frame frame = { "Detection error trade-off", NULL, "False match rate",
		"False non-match rate" };
	const char *svg = call_option(call, "--det-svg", NULL);
	const char *csv = call_option(call, "--det-csv", NULL);
	size_t count = collect_curves(work, points, curves);
	enum gh_status status = GH_OK;
	char note[256];

	snprintf(note, sizeof(note),
		"%.60s: %" PRIu32 " people, %" PRIu64 " genuine, %" PRIu64
		" impostor pairs. Bands: 95 %%.",
		call_option(call, "--data-set", "unnamed data"), result->identities,
		result->genuine_pairs, result->impostor_pairs);
	frame.note = note;
	if (svg)
		status = gh_det_write_svg(svg, &frame, curves, count, &call->error);
	if (status == GH_OK && csv)
		status = gh_det_write_csv(csv, curves, count, &call->error);
	return status;
}

static int answer(struct work *work)
{
	struct report report = { .result = gh_evaluation_result(work->evaluation) };

	if (work->halvings > 0) {
		report.halved = work->halved;
		report.halvings = (uint32_t)work->halvings;
	}
	if (work->searching.size_count > 0)
		report.identification = &work->identification;
	for (size_t i = 0; i < GH_INDEX_COLUMNS; i++)
		report.groups[i] = work->groups[i];
	if (work->call->json)
		return call_print_json(report_json(&report));
	report_print(&report);
	return EXIT_FINE;
}

static void finish(struct work *work)
{
	for (size_t i = 0; i < GH_INDEX_COLUMNS; i++)
		gh_groups_free(work->groups[i]);
	gh_evaluation_destroy(work->evaluation);
	for (size_t i = 0; i < JOBS_MAX; i++)
		gh_enroller_destroy(work->enrollers[i]);
	free(work);
}

static int run_measures(struct work *work)
{
	enum gh_status status = open_enrollers(work);

	if (status == GH_OK)
		status = measure(work);
	clear_progress();
	if (status == GH_OK)
		status = write_calibration(work);
	if (status == GH_OK)
		status = write_curves(work);
	if (status == GH_CANCELLED && work->options.resume)
		gh_error_set(&work->call->error, GH_CANCELLED,
			"stopped; the same command goes on where it was");
	return status == GH_OK ? answer(work) : call_fail(work->call, status);
}

static int run_evaluate(struct call *call)
{
	struct sigaction stopping = { .sa_handler = interrupt };
	struct sigaction before;
	struct work *work = calloc(1, sizeof(*work));
	int result;

	if (!work)
		return call_fail(call, gh_error_set(&call->error, GH_NO_MEMORY, "evaluation"));
	work->call = call;
	if (!read_options(work)) {
		finish(work);
		return EXIT_USAGE;
	}
	interrupted = 0;
	sigaction(SIGINT, &stopping, &before);
	result = run_measures(work);
	sigaction(SIGINT, &before, NULL);
	finish(work);
	return result;
}

static const struct option_known evaluate_options[] = {
	{ "--index", "FILE",
		"pictures: columns identity, file; sex, age_band, state may be there" },
	{ "--pairs", "FILE", "comparisons: file_a, file_b, comparison or identity_a, identity_b" },
	{ "--jobs", "N", "threads (as many as processors)" },
	{ "--resume", "FILE", "keep templates there and go on from it; personal data, not sealed" },
	{ "--fmr", "LIST", "false match rates of the operating points (1e-3,1e-4,1e-5)" },
	{ "--average", "N",
		"measure probes averaged over 1 to N pictures too (at most 3; 3 for a "
		"calibration)" },
	{ "--split", "N", "thresholds of one half of the people, rates of the other, N times" },
	{ "--gallery", "LIST", "measure identification with so many people in the gallery" },
	{ "--fpir", "LIST", "its targets (0.1,0.03,0.01,0.003)" },
	{ "--references", "K", "portraits of a person in the gallery, at most (1)" },
	{ "--pictures-least", "N", "search only for people with so many, all in the gallery" },
	{ "--group-minimum", "N", "people a group needs before its rates are told (30)" },
	{ "--det-svg", "FILE", "draw the error trade-off" },
	{ "--det-csv", "FILE", "write its points" },
	{ "--calibration", "FILE", "write the calibration that thresholds use" },
	{ "--key", "FILE",
		"sign it with this private key, which is made, with FILE.pub, if it is not there; "
		"else no lane takes it" },
	{ "--data-set", "NAME", "the data's name, for the calibration and the drawing" },
	{ "--for-service", NULL, "the data's licence allows use in service (else research only)" },
	{ "--rounds", "N", "of the bootstrap (1000)" },
	{ "--seed", "N", "of everything random (1)" },
	{ NULL, NULL, NULL },
};

const struct command evaluate_commands[] = {
	{ "evaluate", "[INDEX]", 0, 1,
		"Measure FMR, FNMR, FPIR, FNIR and failures to acquire on pictures listed in a "
		"TSV file.",
		"gatehouse evaluate faces/index.tsv --average 3 --gallery 420 --split 50",
		evaluate_options, run_evaluate },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
