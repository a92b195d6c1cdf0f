/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Predicted against measured false positive identification, and what several portraits bring:
 *
 *	evaluation_fpir [INDEX [TEMPLATES [HALVINGS]]]
 *
 * Each of 50 halvings calibrates with one half of the people and searches galleries of 50, 200 and
 * 420 drawn from the other; 1,400 cannot be drawn from a half and is shown for itself. Then 420
 * people with one and with up to three portraits each, searched for by the same people, those with
 * four pictures or more. TEMPLATES is a file that templates are kept in (personal data).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/evaluation/identification.h"
#include "gatehouse/vision/vision.h"

#include "support/vision/models.h"

enum {
	EXIT_SKIPPED = 77,
	HALVINGS = 50
};

static struct gh_error error;

static void print_size(const struct gh_identification_size *size, size_t targets)
{
	printf("N %u, %.0f templates, %.0f searches of people in it, %.0f of %.0f strangers%s\n",
		size->people, size->templates, size->mated, size->strangers, size->strange_people,
		size->disjoint ? "" : "; calibrated with the gallery: nothing is claimed");
	for (size_t i = 0; i < targets; i++) {
		const struct gh_identification_point *point = &size->points[i];

		printf("  FPIR %.3g: predicted %.4f, measured %.4f (%.4f to %.4f), ratio %.2f%s; "
		       "FNIR %.2f %% (%.2f to %.2f), %.0f %% of thresholds extrapolated\n",
			point->fpir_target, point->fpir_predicted, point->fpir,
			point->fpir_interval.low, point->fpir_interval.high,
			point->fpir / point->fpir_predicted,
			size->disjoint && point->fpir_target >= 0.01 ? "" : " (not claimed)",
			100 * point->fnir, 100 * point->fnir_interval.low,
			100 * point->fnir_interval.high, 100 * point->extrapolated);
	}
}

static int search(const struct gh_evaluation *evaluation,
	const struct gh_identification_options *options, const char *title)
{
	static struct gh_identification_result result;

	if (gh_identification_run(evaluation, options, &result, &error) != GH_OK) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	printf("\n%s: %u halvings, seed %llu, %.1f s\n", title, result.rounds,
		(unsigned long long)result.seed, result.seconds);
	for (size_t i = 0; i < result.size_count; i++)
		print_size(&result.sizes[i], result.target_count);
	return 0;
}

static int search_all(const struct gh_evaluation *evaluation, uint32_t halvings)
{
	static const uint32_t sizes[] = { 50, 200, 420, 1400 };
	struct gh_identification_options options = {
		.sizes = sizes, .size_count = 4, .rounds = halvings, .jobs = 2
	};
	int result = search(evaluation, &options, "one portrait a person");

	options.sizes = sizes + 2;
	options.size_count = 1;
	options.pictures_least = 4;
	options.rounds = 2 * halvings;
	result += search(evaluation, &options, "k = 1, searched for: who has four pictures");
	options.references = 3;
	return result + search(evaluation, &options, "k = 3, the same people");
}

int main(int argc, char **argv)
{
	struct gh_evaluation_options options = { .clock = gh_clock_system(), .rounds = 10 };
	struct gh_evaluation *evaluation = NULL;
	struct gh_enroller *enrollers[2] = { NULL, NULL };
	struct gh_vision_options vision;
	char usual[4096];
	int result;

	models_data_path("faces/index.tsv", usual);
	options.index = argc > 1 ? argv[1] : usual;
	options.resume = argc > 2 && argv[2][0] ? argv[2] : NULL;
	if (!models_options(&vision) || options.index[0] == '\0')
		return EXIT_SKIPPED;
	for (int i = 0; i < 2; i++)
		if (gh_enroller_create(&vision, &enrollers[i], &error) != GH_OK) {
			fprintf(stderr, "%s\n", error.text);
			return 1;
		}
	options.enrollers = enrollers;
	options.enroller_count = 2;
	if (gh_evaluation_run(&options, &evaluation, &error) == GH_OK) {
		result = search_all(evaluation, argc > 3 ? (uint32_t)atoi(argv[3]) : HALVINGS);
	} else {
		fprintf(stderr, "%s\n", error.text);
		result = 1;
	}
	gh_evaluation_destroy(evaluation);
	for (int i = 0; i < 2; i++)
		gh_enroller_destroy(enrollers[i]);
	return result;
}
