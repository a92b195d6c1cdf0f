/* SPDX-License-Identifier: Apache-2.0 */
/* Measure and fit presentation attack detection on a site's own presentations. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/daemon/compose.h"
#include "gatehouse/evaluation/presentations.h"
#include "gatehouse/vision/examine.h"
#include "gatehouse/vision/vision.h"
#include "command.h"
#include "tables.h"

/* Presentations of either kind that a fit needs. */
#define PRESENTATIONS_MIN 20

/* All one call needs; zero is valid. */
struct work {
	struct call *call;
	uint64_t bpcer_permille;
	struct gh_presentations list;
	struct gh_attack_case *cases;
	struct gh_attack_case *chosen;
	size_t chosen_count;
	struct gh_attack_parameters parameters;
	bool has_network;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static bool show_progress(void *ctx, size_t done)
{
	const struct work *work = ctx;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu of %zu presentations%s", done, work->list.count,
			done == work->list.count ? "\r\033[K" : "");
	return !interrupted;
}

static enum gh_status examine(struct work *work)
{
	struct gh_error *error = &work->call->error;
	struct gh_vision_options options = gh_compose_vision(&work->call->settings);
	struct gh_examiner *examiner = NULL;
	enum gh_status status = gh_presentations_read(work->call->words[0], &work->list, error);

	if (status != GH_OK)
		return status;
	work->cases = calloc(2 * work->list.count, sizeof(*work->cases));
	work->chosen = calloc(2 * work->list.count, sizeof(*work->chosen));
	if (!work->cases || !work->chosen)
		return gh_error_set(error, GH_NO_MEMORY, "presentations");
	/* Only cues are wanted of it: the parameters may be those that are still to be made. */
	options.attack_file = NULL;
	status = gh_examiner_create(&options, &examiner, error);
	if (status == GH_OK)
		status = gh_presentations_examine(
			&work->list, examiner, show_progress, work, work->cases, error);
	gh_examiner_destroy(examiner);
	for (size_t i = 0; i < work->list.count && status == GH_OK; i++)
		work->has_network |= work->cases[i].cues[GH_ATTACK_CUE_NETWORK].assessed;
	return status;
}

/*
 * Everything (half 2), or the people with even numbers (0) or odd ones (1); also after one frame
 * alone, so that no cue of one frame rests on what only several show.
 */
static void choose(struct work *work, uint32_t half, bool also_one_frame)
{
	size_t count = (also_one_frame ? 2 : 1) * work->list.count;

	work->chosen_count = 0;
	for (size_t i = 0; i < count; i++)
		if (half == 2 || work->cases[i].identity % 2 == half)
			work->chosen[work->chosen_count++] = work->cases[i];
}

static const char *species_word(const struct work *work, uint32_t species)
{
	return species == 0 ? "bona fide (BPCER)" : work->list.species[species];
}

static uint32_t lost_of(const struct work *work, uint32_t species)
{
	uint32_t lost = 0;

	for (size_t i = 0; i < work->chosen_count; i++)
		lost += work->chosen[i].species == species && !work->chosen[i].acquired;
	return lost;
}

/* The share called attack is BPCER of the bona fide, and 1 - APCER of a species. */
static struct gh_attack_rate error_rate(uint32_t species, const struct gh_attack_rate *called)
{
	if (species == 0)
		return *called;
	return (struct gh_attack_rate){ called->shown, 1.0 - called->rate, 1.0 - called->high,
		1.0 - called->low };
}

static void print_rate(const struct gh_attack_rate *rate)
{
	if (rate->shown == 0)
		printf("  %22s", "-");
	else
		printf("  %6.2f (%5.2f to %6.2f)", 100 * rate->rate, 100 * rate->low,
			100 * rate->high);
}

static void print_table(const struct work *work)
{
	const struct gh_attack_parameters *p = &work->parameters;

	printf("%-24s %6s %6s  %-22s  %-22s\n", "APCER in %, by species", "shown", "lost",
		"all cues", "without fr_liveness");
	for (uint32_t s = 0; s < work->list.species_count; s++) {
		struct gh_attack_rate called[3];

		gh_attack_measure_species(work->chosen, work->chosen_count, s, p,
			(uint32_t)work->bpcer_permille, called);
		printf("%-24.24s %6" PRIu32 " %6" PRIu32, species_word(work, s), called[0].shown,
			lost_of(work, s));
		for (int i = work->has_network ? 0 : 1; i < 2; i++) {
			struct gh_attack_rate rate = error_rate(s, &called[i]);

			print_rate(&rate);
		}
		printf("\n");
	}
	printf("\nIntervals of 95 %%, by identity. lost: no face was found, not counted. Limits "
	       "set for %.1f %%\nof the bona fide of \"%s\"%s.\n",
		(double)work->bpcer_permille / 10.0, p->data_set,
		p->simulated_only ? "; " GH_ATTACK_CAVEAT : "");
}

/* A line for each presentation: what was seen of it, and the score that comes to. */
static enum gh_status print_cues(
	const struct work *work, size_t i, struct gh_bytes *text, struct gh_error *error)
{
	const struct gh_attack_case *is = &work->cases[i];
	const struct gh_attack_fusion *fusion = is->cues[GH_ATTACK_CUE_NETWORK].assessed
		? &work->parameters.with_network
		: &work->parameters.without_network;
	enum gh_status status =
		gh_bytes_print(text, error, "%zu\t%s\t", i + 1, work->list.species[is->species]);

	if (status == GH_OK && is->acquired)
		status = gh_bytes_print(
			text, error, "%.4f", (double)gh_attack_score(fusion, is->cues));
	for (int c = 0; c < GH_ATTACK_CUE_COUNT && status == GH_OK; c++)
		status = is->cues[c].assessed
			? gh_bytes_print(text, error, "\t%.6g", (double)is->cues[c].native)
			: gh_bytes_print(text, error, "\t");
	return status == GH_OK ? gh_bytes_print(text, error, "\n") : status;
}

static enum gh_status write_cues(struct work *work)
{
	const char *path = call_option(work->call, "--cues", NULL);
	struct gh_error *error = &work->call->error;
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = GH_OK;

	if (path)
		status = gh_bytes_print(&text, error, "presentation\tspecies\tscore");
	for (int c = 0; c < GH_ATTACK_CUE_COUNT && path && status == GH_OK; c++)
		status = gh_bytes_print(
			&text, error, "\t%s", gh_attack_cue_word((enum gh_attack_cue)c));
	if (path && status == GH_OK)
		status = gh_bytes_print(&text, error, "\n");
	for (size_t i = 0; i < work->list.count && path && status == GH_OK; i++)
		status = print_cues(work, i, &text, error);
	if (path && status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&text), 0600, error);
	gh_bytes_finish(&text);
	return status;
}

static json_t *rate_json(uint32_t species, const struct gh_attack_rate *called)
{
	struct gh_attack_rate rate = error_rate(species, called);

	return rate.shown == 0
		? json_null()
		: json_pack("{s:f,s:[f,f]}", "rate", rate.rate, "interval_95", rate.low, rate.high);
}

static json_t *row_json(const struct work *work, uint32_t species)
{
	struct gh_attack_rate called[3];
	json_t *row;

	gh_attack_measure_species(work->chosen, work->chosen_count, species, &work->parameters,
		(uint32_t)work->bpcer_permille, called);
	row = json_pack("{s:s,s:s,s:i,s:i,s:o}", "species",
		species == 0 ? "" : work->list.species[species], "measure",
		species == 0 ? "bpcer" : "apcer", "shown", (int)called[0].shown, "lost",
		(int)lost_of(work, species), "without_network", rate_json(species, &called[1]));
	if (work->has_network)
		json_object_set_new(row, "all_cues", rate_json(species, &called[0]));
	return row;
}

static int answer(const struct work *work)
{
	const struct gh_attack_parameters *p = &work->parameters;
	json_t *rows;

	if (!work->call->json) {
		print_table(work);
		return EXIT_FINE;
	}
	rows = json_array();
	for (uint32_t s = 0; s < work->list.species_count; s++)
		json_array_append_new(rows, row_json(work, s));
	return call_print_json(json_pack("{s:s,s:b,s:i,s:o}", "data_set", p->data_set,
		"simulated_only", p->simulated_only, "bpcer_permille", (int)work->bpcer_permille,
		"species", rows));
}

static enum gh_status measure(struct work *work)
{
	const char *path =
		call_option(work->call, "--parameters", work->call->settings.vision.attack_file);
	enum gh_status status = gh_attack_read(path, &work->parameters, &work->call->error);

	if (status == GH_OK)
		status = examine(work);
	choose(work, 2, false);
	return status;
}

static bool has_enough(const struct work *work)
{
	uint32_t counts[2] = { 0 };

	for (size_t i = 0; i < work->chosen_count; i++)
		counts[work->chosen[i].species > 0] += work->chosen[i].acquired;
	return counts[0] >= PRESENTATIONS_MIN && counts[1] >= PRESENTATIONS_MIN;
}

/* Fit on one half of the people, answer with the figures of the other. */
static enum gh_status fit(struct work *work)
{
	struct call *call = work->call;
	const char *name = call_option(call, "--data-set", "unnamed");
	enum gh_status status;

	if (strpbrk(name, "\n\r") ||
		!gh_text_copy(work->parameters.data_set, sizeof(work->parameters.data_set), name))
		return gh_error_set(&call->error, GH_TOO_LARGE, "--data-set: one short line");
	work->parameters.simulated_only = call_has(call, "--simulated");
	status = examine(work);
	if (status != GH_OK)
		return status;
	choose(work, 0, false);
	if (!has_enough(work))
		return gh_error_set(&call->error, GH_MALFORMED,
			"one half of the people needs %d bona fide presentations and %d attacks",
			PRESENTATIONS_MIN, PRESENTATIONS_MIN);
	choose(work, 0, true);
	status = gh_attack_fit(work->chosen, work->chosen_count, &work->parameters, &call->error);
	/* Each presentation was counted twice. */
	work->parameters.bona_fide /= 2;
	work->parameters.attacks /= 2;
	if (status == GH_OK)
		status = gh_attack_write(call->words[1], &work->parameters, &call->error);
	choose(work, 1, false);
	return status;
}

static int run(struct call *call, enum gh_status (*steps)(struct work *work))
{
	struct work work = { .call = call,
		.bpcer_permille = call->settings.vision.attack_bpcer_permille };
	struct sigaction stopping = { .sa_handler = interrupt }, before;
	enum gh_status status;
	int result;

	if (!call_number(call, "--bpcer-permille", gh_attack_bpcers_permille[0],
		    gh_attack_bpcers_permille[GH_ATTACK_BPCER_COUNT - 1], &work.bpcer_permille))
		return EXIT_USAGE;
	interrupted = 0;
	sigaction(SIGINT, &stopping, &before);
	status = steps(&work);
	if (status == GH_OK)
		status = write_cues(&work);
	sigaction(SIGINT, &before, NULL);
	result = status == GH_OK ? answer(&work) : call_fail(call, status);
	if (work.cases)
		gh_wipe(work.cases, 2 * work.list.count * sizeof(*work.cases));
	free(work.cases);
	free(work.chosen);
	gh_presentations_finish(&work.list);
	return result;
}

static int run_measure(struct call *call)
{
	return run(call, measure);
}

static int run_fit(struct call *call)
{
	return run(call, fit);
}

static const struct option_known measure_options[] = {
	{ "--parameters", "FILE", "measure these instead of [vision] attack_file" },
	{ "--cues", "FILE", "write each presentation's cues and score there" },
	{ "--bpcer-permille", "N",
		"the share of bona fide that the limit is set for ([vision] "
		"attack_bpcer_permille)" },
	{ NULL, NULL, NULL },
};

static const struct option_known fit_options[] = {
	{ "--data-set", "NAME", "the data's name, for the file" },
	{ "--cues", "FILE", "write each presentation's cues and score there" },
	{ "--simulated", NULL, "the attacks are simulated: records will say so" },
	{ "--bpcer-permille", "N",
		"the share that the figures are told for ([vision] attack_bpcer_permille)" },
	{ NULL, NULL, NULL },
};

const struct command attack_commands[] = {
	{ "attack measure", "INDEX", 1, 1,
		"Measure APCER of each species and BPCER on frames listed in a TSV file: columns "
		"file and species (empty: bona fide); identity and presentation may be there.",
		"gatehouse attack measure presentations.tsv --bpcer-permille 50", measure_options,
		run_measure },
	{ "attack fit", "INDEX FILE", 2, 2,
		"Fit the detector's parameters on one half of the people, write them, and measure "
		"on the other half.",
		"gatehouse attack fit presentations.tsv attack.txt --data-set \"booth, May\"",
		fit_options, run_fit },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
