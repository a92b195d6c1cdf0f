/* SPDX-License-Identifier: Apache-2.0 */
/* Measure recognition on a set of pictures, and make a calibration of it. */
#include "gatehouse/evaluation/evaluation.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/daemon/compose.h"
#include "command.h"
#include "tables.h"

static bool show_progress(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total)
{
	static const char *const words[] = { "enrolling", "comparing", "resampling" };

	(void)ctx;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-10s %" PRIu64 " of %" PRIu64 "   ", words[stage], done, total);
	return true;
}

static json_t *interval_json(const struct gh_interval *interval)
{
	return json_pack("[f,f]", interval->low, interval->high);
}

static json_t *points_json(const struct gh_evaluation_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->point_count; i++) {
		const struct gh_operating_point *p = &result->points[i];

		json_array_append_new(list,
			json_pack("{s:f,s:f,s:f,s:o,s:f,s:o,s:I,s:I,s:b}", "fmr_target",
				p->fmr_target, "threshold", (double)p->threshold, "fmr", p->fmr,
				"fmr_95", interval_json(&p->fmr_interval), "fnmr", p->fnmr,
				"fnmr_95", interval_json(&p->fnmr_interval), "false_matches",
				(json_int_t)p->false_matches, "false_non_matches",
				(json_int_t)p->false_non_matches, "measured", p->measured));
	}
	return list;
}

static json_t *failures_json(const struct gh_evaluation_result *result)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < result->failures && i < GH_EVALUATION_FAILURES_MAX; i++)
		json_array_append_new(list,
			json_pack("{s:i,s:s}", "line", (int)result->failure_list[i].line, "status",
				gh_status_name(result->failure_list[i].status)));
	return list;
}

static json_t *result_json(const struct gh_evaluation_result *r)
{
	char chain[65];

	gh_hex_format(r->chain.bytes, sizeof(r->chain.bytes), chain);
	return json_pack(
		"{s:i,s:i,s:i,s:f,s:o,s:o,s:I,s:I,s:f,s:f,s:f,s:f,s:o,s:i,s:I,s:f,s:f,s:s}",
		"pictures", (int)r->pictures, "identities", (int)r->identities,
		"failures_to_acquire", (int)r->failures, "fta", r->fta, "fta_95",
		interval_json(&r->fta_interval), "failures", failures_json(r), "genuine_pairs",
		(json_int_t)r->genuine_pairs, "impostor_pairs", (json_int_t)r->impostor_pairs,
		"genuine_mean", r->genuine_mean, "genuine_sd", r->genuine_sd, "impostor_mean",
		r->impostor_mean, "impostor_sd", r->impostor_sd, "points", points_json(r),
		"bootstrap_rounds", (int)r->rounds, "bootstrap_seed", (json_int_t)r->seed,
		"enrol_seconds", r->enrol_seconds, "compare_seconds", r->compare_seconds,
		"model_chain", chain);
}

static void print_words(const struct gh_evaluation_result *r)
{
	printf("%" PRIu32 " pictures of %" PRIu32 " people, %" PRIu64 " genuine and %" PRIu64
	       " impostor pairs\n",
		r->pictures, r->identities, r->genuine_pairs, r->impostor_pairs);
	printf("failure to acquire: %" PRIu32 " (%.2f %%; 95 %%: %.2f to %.2f)\n", r->failures,
		100 * r->fta, 100 * r->fta_interval.low, 100 * r->fta_interval.high);
	for (size_t i = 0; i < r->point_count; i++) {
		const struct gh_operating_point *p = &r->points[i];

		printf("FMR %.0e: FNMR %.2f %% (95 %%: %.2f to %.2f) at score %.4f%s\n",
			p->fmr_target, 100 * p->fnmr, 100 * p->fnmr_interval.low,
			100 * p->fnmr_interval.high, (double)p->threshold,
			p->measured ? "" : " (too few pairs to be sure)");
	}
	printf("intervals: bootstrap by identity, %" PRIu32 " rounds, seed %" PRIu64 "\n",
		r->rounds, r->seed);
}

static enum gh_status write_calibration(struct call *call, const struct gh_evaluation *evaluation)
{
	const char *path = call_option(call, "--calibration", NULL);

	if (!path)
		return GH_OK;
	return gh_evaluation_write_calibration(evaluation, path,
		call_option(call, "--data-set", "unnamed"), !call_has(call, "--for-service"),
		&call->error);
}

static int answer(struct call *call, const struct gh_evaluation *evaluation)
{
	const struct gh_evaluation_result *result = gh_evaluation_result(evaluation);

	if (call->json)
		return call_print_json(result_json(result));
	print_words(result);
	return EXIT_FINE;
}

static int run_evaluate(struct call *call)
{
	struct gh_vision_options vision = gh_compose_vision(&call->settings);
	struct gh_evaluation_options options = {
		.index = call->words[0], .clock = gh_clock_system(), .progress = show_progress
	};
	struct gh_evaluation *evaluation = NULL;
	struct gh_enroller *enroller = NULL;
	uint64_t rounds = 1000;
	enum gh_status status;
	int result;

	if (!call_number(call, "--rounds", 10, 100000, &rounds) ||
		!call_number(call, "--seed", 1, UINT64_MAX, &options.seed))
		return EXIT_USAGE;
	options.rounds = (uint32_t)rounds;
	status = gh_enroller_create(&vision, &enroller, &call->error);
	options.enroller = enroller;
	if (status == GH_OK)
		status = gh_evaluation_run(&options, &evaluation, &call->error);
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (status == GH_OK)
		status = write_calibration(call, evaluation);
	result = status == GH_OK ? answer(call, evaluation) : call_fail(call, status);
	gh_evaluation_destroy(evaluation);
	gh_enroller_destroy(enroller);
	return result;
}

static const struct option_known evaluate_options[] = {
	{ "--calibration", "FILE", "write the calibration that thresholds use" },
	{ "--data-set", "NAME", "the data's name, for the calibration" },
	{ "--for-service", NULL, "the data's licence allows use in service (else research only)" },
	{ "--rounds", "N", "of the bootstrap (1000)" },
	{ "--seed", "N", "of the bootstrap (1)" },
	{ NULL, NULL, NULL },
};

const struct command evaluate_commands[] = {
	{ "evaluate", "INDEX", 1, 1,
		"Measure FMR, FNMR and failures to acquire on pictures listed in a TSV file.",
		"gatehouse evaluate faces/index.tsv --json", evaluate_options, run_evaluate },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
