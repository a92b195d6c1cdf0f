/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a capture stops: frames taken, and outcomes changed against always taking all of them.
 *
 *	transaction_stop [INDEX [CALIBRATION]]
 *
 * Different photographs of a person stand for the frames of a capture: each picture of people
 * with four or more is once the portrait, those behind it in turn are the frames. For people who
 * are not in the gallery the best of 420 pictures of others counts, drawn anew each time (seed 1).
 * The index is $GATEHOUSE_TEST_DATA/faces/index.tsv, the calibration the one kept in models/.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/index.h"
#include "gatehouse/transaction/decision.h"
#include "gatehouse/vision/enrol.h"
#include "support/vision/models.h"

enum {
	EXIT_SKIPPED = 77,
	PATH_BYTES = 4096,
	PICTURES_LEAST = 4,
	FRAMES_MAX = 3,
	GALLERY = 420,
	FPIR_TARGET_PPM = 3000
};

static struct gh_error error;

/* Templates of people with pictures enough; those of one follow each other. */
static struct gh_template *templates;
static uint32_t *owners;
static size_t count;
static struct gh_limits limits[FRAMES_MAX];

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, error.text);
	return error.status == GH_NOT_FOUND ? EXIT_SKIPPED : 1;
}

static enum gh_status enrol(struct gh_enroller *enroller, const struct gh_index_picture *picture)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_enrolment enrolment;
	enum gh_status status = gh_file_read(picture->file, 16u << 20, &bytes, &error);

	if (status != GH_OK)
		return status;
	status = gh_enroller_enrol(enroller, gh_bytes_view(&bytes), &enrolment, &error);
	gh_bytes_finish(&bytes);
	if (status != GH_OK)
		return GH_OK;
	templates[count] = enrolment.reference;
	owners[count++] = picture->identity;
	return GH_OK;
}

/* Pictures of one identity follow each other; returns where those of the next begin. */
static size_t next_person(const struct gh_index *index, size_t first)
{
	size_t end = first;

	while (end < index->picture_count &&
		index->pictures[end].identity == index->pictures[first].identity)
		end++;
	return end;
}

static enum gh_status enrol_all(const struct gh_index *index, struct gh_enroller *enroller)
{
	enum gh_status status = GH_OK;
	size_t end;

	templates = calloc(index->picture_count, sizeof(*templates));
	owners = calloc(index->picture_count, sizeof(*owners));
	if (!templates || !owners)
		return gh_error_set(&error, GH_NO_MEMORY, "templates");
	for (size_t first = 0; first < index->picture_count && status == GH_OK; first = end) {
		end = next_person(index, first);
		for (size_t i = first; i < end && end - first >= PICTURES_LEAST; i++)
			if (status == GH_OK)
				status = enrol(enroller, &index->pictures[i]);
	}
	return status;
}

static void make_limits(const struct gh_calibration *calibration)
{
	struct gh_limits_of of = { .kind = GH_COMPARISON_ONE_TO_MANY,
		.templates = GALLERY,
		.target = FPIR_TARGET_PPM / 1e6,
		.age_years = -1,
		.reference_age_years = -1 };

	for (of.frames_averaged = 1; of.frames_averaged <= FRAMES_MAX; of.frames_averaged++) {
		limits[of.frames_averaged - 1] = gh_limits_make(calibration, &of);
		printf("%u averaged: match from %.4f, no match below %.4f\n",
			(unsigned)of.frames_averaged,
			(double)limits[of.frames_averaged - 1].match.score,
			(double)limits[of.frames_averaged - 1].no_match_below);
	}
}

/* The average of frames of a person that follow `portrait` in turn. */
static struct gh_template average(
	size_t first, size_t end, size_t portrait, size_t start, uint32_t frames)
{
	struct gh_template sum = { .values = { 0.0f } };
	size_t place = portrait;

	for (size_t skip = 0; skip < start + frames; skip++) {
		place = place + 1 == end ? first : place + 1;
		if (place == portrait)
			place = place + 1 == end ? first : place + 1;
		for (size_t i = 0; skip >= start && i < GH_TEMPLATE_VALUES; i++)
			sum.values[i] += templates[place].values[i];
	}
	if (gh_template_normalise(&sum, &error) != GH_OK)
		memset(&sum, 0, sizeof(sum));
	return sum;
}

struct tally {
	double sequences;
	double frames;
	double changed;
	double changed_match;
};

static enum gh_outcome outcome(float score, uint32_t frames)
{
	const struct gh_limits *limit = &limits[frames - 1];
	struct gh_evidence evidence = { .capture = GH_CAPTURE_CAPTURED,
		.kind = GH_COMPARISON_ONE_TO_MANY,
		.answer = GH_OK,
		.has_candidate = true,
		.score = score,
		.match_from = limit->match.score,
		.no_match_below = limit->no_match_below,
		.templates = GALLERY,
		.gallery_complete = true };

	return gh_decide(&evidence).outcome;
}

/* scores[i] is that of the average over i + 1 frames. */
static void add(struct tally *tally, const float scores[FRAMES_MAX], double spread, double most)
{
	enum gh_outcome all = outcome(scores[FRAMES_MAX - 1], FRAMES_MAX);
	struct gh_prospect prospect = {
		.last = limits[FRAMES_MAX - 1], .frames_max = FRAMES_MAX, .frame_spread = spread
	};
	enum gh_outcome early;

	do {
		prospect.score = scores[prospect.frames];
		prospect.now = limits[prospect.frames];
		prospect.frames++;
	} while (gh_change_probability(&prospect) > most);
	early = outcome(prospect.score, prospect.frames);
	tally->sequences++;
	tally->frames += prospect.frames;
	tally->changed += early != all;
	tally->changed_match += (early == GH_OUTCOME_MATCH) != (all == GH_OUTCOME_MATCH);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The best score among GALLERY pictures of others, the same ones for each number of frames. */
static void best_of_others(const struct gh_template *probes, uint32_t person, uint64_t *state,
	float scores[FRAMES_MAX])
{
	for (int i = 0; i < FRAMES_MAX; i++)
		scores[i] = -1.0f;
	for (int drawn = 0; drawn < GALLERY;) {
		size_t at = next_random(state) % count;

		if (owners[at] == person)
			continue;
		drawn++;
		for (int i = 0; i < FRAMES_MAX; i++) {
			float score = gh_template_score(&probes[i], &templates[at]);

			scores[i] = score > scores[i] ? score : scores[i];
		}
	}
}

/* One run over all people. */
struct pass {
	double spread;
	double most;
	uint64_t random;
	struct tally tallies[2]; /* in the gallery, and not */
};

static void run_sequence(struct pass *pass, size_t first, size_t end, size_t portrait, size_t start)
{
	struct gh_template probes[FRAMES_MAX];
	float scores[FRAMES_MAX];

	for (uint32_t frames = 1; frames <= FRAMES_MAX; frames++) {
		probes[frames - 1] = average(first, end, portrait, start, frames);
		scores[frames - 1] = gh_template_score(&probes[frames - 1], &templates[portrait]);
	}
	add(&pass->tallies[0], scores, pass->spread, pass->most);
	if (start != 0)
		return;
	best_of_others(probes, owners[first], &pass->random, scores);
	add(&pass->tallies[1], scores, pass->spread, pass->most);
}

static void run_person(struct pass *pass, size_t first, size_t end)
{
	if (end - first < PICTURES_LEAST)
		return;
	for (size_t portrait = first; portrait < end; portrait++)
		for (size_t start = 0; start + 1 < end - first; start++)
			run_sequence(pass, first, end, portrait, start);
}

static void run(double spread, double most)
{
	static const char *const names[] = { "in the gallery", "not in it" };
	struct pass pass;
	size_t end;

	memset(&pass, 0, sizeof(pass));
	pass.spread = spread;
	pass.most = most;
	pass.random = 1;
	for (size_t first = 0; first < count; first = end) {
		for (end = first; end < count && owners[end] == owners[first]; end++)
			;
		run_person(&pass, first, end);
	}
	for (int i = 0; i < 2; i++) {
		const struct tally *tally = &pass.tallies[i];

		printf("chance at most %.3f, %s: %.0f sequences, %.3f of %d frames, outcome "
		       "changed %.3f %%, match or not %.3f %%\n",
			most, names[i], tally->sequences, tally->frames / tally->sequences,
			FRAMES_MAX, 100.0 * tally->changed / tally->sequences,
			100.0 * tally->changed_match / tally->sequences);
	}
}

static int measure(const char *index_path, const char *calibration_path)
{
	static const double chances[] = { 0.001, 0.01, 0.05 };
	struct gh_vision_options options;
	struct gh_calibration *calibration;
	struct gh_enroller *enroller;
	struct gh_index index;
	double spread;

	if (!models_options(&options))
		return EXIT_SKIPPED;
	if (gh_calibration_open(calibration_path, &calibration, &error) != GH_OK)
		return fail("calibration");
	if (gh_enroller_create(&options, &enroller, &error) != GH_OK)
		return fail("models");
	if (gh_index_read(index_path, &index, &error) != GH_OK ||
		enrol_all(&index, enroller) != GH_OK)
		return fail("index");
	spread = gh_calibration_facts(calibration)->frame_spread;
	printf("%zu pictures; frame spread %.4f\n", count, spread);
	make_limits(calibration);
	for (size_t i = 0; i < sizeof(chances) / sizeof(chances[0]); i++)
		run(spread, chances[i]);
	gh_index_finish(&index);
	gh_enroller_destroy(enroller);
	gh_calibration_close(calibration);
	gh_wipe(templates, count * sizeof(*templates));
	free(templates);
	free(owners);
	return 0;
}

int main(int argc, char **argv)
{
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");
	char index[PATH_BYTES];
	char calibration[PATH_BYTES];

	models_data_path("faces/index.tsv", index);
	snprintf(calibration, sizeof(calibration), "%s/models/calibration-fr-flip.txt",
		source ? source : ".");
	if (argc < 2 && index[0] == '\0') {
		fprintf(stderr, "no index named, and GATEHOUSE_TEST_DATA is not set\n");
		return EXIT_SKIPPED;
	}
	return measure(argc > 1 ? argv[1] : index, argc > 2 ? argv[2] : calibration);
}
