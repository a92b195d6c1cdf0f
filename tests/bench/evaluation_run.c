/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognition on a data set, through the product's own code:
 *
 *	evaluation_run INDEX [CALIBRATION DATA-SET-NAME]
 *
 * With three arguments the calibration is written, marked research-only, and the strangers drawn
 * from it are held against the real templates. Models and engine come from the cache folder. The
 * index is $GATEHOUSE_TEST_DATA/faces/index.tsv without arguments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/evaluation/evaluation.h"
#include "gatehouse/vision/vision.h"

enum {
	EXIT_SKIPPED = 77,
	STRANGERS = 1000,
	PATH_BYTES = 1024
};

static struct gh_error error;

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, error.text);
	return error.status == GH_NOT_FOUND ? EXIT_SKIPPED : 1;
}

static bool progress(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total)
{
	static const char *const names[] = { "enrolling", "comparing", "resampling" };
	uint64_t *last = ctx;
	uint64_t percent = done * 100 / total;

	if (percent != *last)
		fprintf(stderr, "\r%s %3u %%", names[stage], (unsigned)percent);
	*last = percent;
	return true;
}

static enum gh_status open_enroller(struct gh_enroller **enroller)
{
	static char models[PATH_BYTES];
	static char engine[PATH_BYTES];
	struct gh_vision_options options = gh_vision_options_default();
	const char *cache = getenv("GATEHOUSE_CACHE");
	const char *home = getenv("HOME");
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");
	static char manifest[PATH_BYTES];

	snprintf(models, sizeof(models), "%s%s/models",
		cache          ? cache
			: home ? home
			       : "",
		cache ? "" : "/.cache/gatehouse");
	snprintf(engine, sizeof(engine), "%s%s/engine/libonnxruntime.so.1.28.0",
		cache          ? cache
			: home ? home
			       : "",
		cache ? "" : "/.cache/gatehouse");
	snprintf(manifest, sizeof(manifest), "%s/models/MANIFEST", source ? source : ".");
	options.models_directory = models;
	options.models_manifest = manifest;
	options.engine_library = engine;
	return gh_enroller_create(&options, enroller, &error);
}

static void print_point(const struct gh_operating_point *point)
{
	printf("FMR %.0e: threshold %.4f, FNMR %.2f %% (%.2f to %.2f; threshold refitted %.2f to "
	       "%.2f), FMR there %.2e (%.2e to %.2e), %llu false non-matches%s\n",
		point->fmr_target, (double)point->threshold, 100 * point->fnmr,
		100 * point->fnmr_interval.low, 100 * point->fnmr_interval.high,
		100 * point->fnmr_refit_interval.low, 100 * point->fnmr_refit_interval.high,
		point->fmr, point->fmr_interval.low, point->fmr_interval.high,
		(unsigned long long)point->false_non_matches,
		point->measured ? "" : ", fewer than 30 impostor scores");
}

static void print_result(const struct gh_evaluation_result *result)
{
	printf("pictures %u, identities %u (%u with several), no template %u, failure to acquire "
	       "%.3f %% (%.3f to %.3f)\n",
		result->pictures, result->identities, result->identities_genuine, result->failures,
		100 * result->fta, 100 * result->fta_interval.low, 100 * result->fta_interval.high);
	printf("several faces in %u pictures\n", result->several_faces);
	printf("genuine pairs %llu: mean %.4f, sd %.4f, lowest %.4f\n",
		(unsigned long long)result->genuine_pairs, result->genuine_mean, result->genuine_sd,
		(double)result->genuine_min);
	printf("impostor pairs %llu: mean %.4f, sd %.4f, highest %.4f\n",
		(unsigned long long)result->impostor_pairs, result->impostor_mean,
		result->impostor_sd, (double)result->impostor_max);
	for (size_t i = 0; i < result->point_count; i++)
		print_point(&result->points[i]);
	printf("intervals: 95 %%, %u rounds by identity, seed %llu\n", result->rounds,
		(unsigned long long)result->seed);
	printf("enrolment %.1f s (%.1f ms a picture), comparison %.2f s (%.1f M pairs a second)\n",
		result->enrol_seconds, 1e3 * result->enrol_seconds / result->pictures,
		result->compare_seconds,
		1e-6 * (double)(result->genuine_pairs + result->impostor_pairs) /
			result->compare_seconds);
}

static int write_calibration(
	const struct gh_evaluation *evaluation, const char *path, const char *data_set)
{
	const struct gh_evaluation_result *result = gh_evaluation_result(evaluation);
	struct gh_stranger_agreement agreement;
	struct gh_calibration *calibration;
	struct gh_threshold limit;

	if (gh_evaluation_write_calibration(evaluation, path, data_set, true, NULL, &error) !=
			GH_OK ||
		gh_calibration_open(path, &calibration, &error) != GH_OK)
		return fail("calibration");
	gh_evaluation_compare_strangers(evaluation, calibration, STRANGERS, 1, &agreement);
	printf("strangers against real templates: mean %.4f (impostors %.4f), sd %.4f (%.4f)\n",
		agreement.mean, result->impostor_mean, agreement.sd, result->impostor_sd);
	for (size_t i = 0; i < result->point_count; i++)
		printf("  at the threshold of FMR %.0e: %.2e\n", result->points[i].fmr_target,
			agreement.above[i]);
	limit = gh_threshold_for_search(calibration, 420, 0.003);
	printf("threshold for N = 420 at FPIR 0.003: %.4f%s\n", (double)limit.score,
		limit.extrapolated ? " (extrapolated)" : "");
	limit = gh_threshold_for_search(calibration, 42000, 0.003);
	printf("threshold for N = 42000: %.4f%s\n", (double)limit.score,
		limit.extrapolated ? " (extrapolated)" : "");
	gh_calibration_close(calibration);
	return 0;
}

int main(int argc, char **argv)
{
	static char usual[PATH_BYTES];
	const char *data = getenv("GATEHOUSE_TEST_DATA");
	struct gh_evaluation_options options = { .clock = gh_clock_system(), .progress = progress };
	struct gh_evaluation *evaluation = NULL;
	struct gh_enroller *enroller = NULL;
	uint64_t last = 101;
	int result = 0;

	snprintf(usual, sizeof(usual), "%s/faces/index.tsv", data ? data : "");
	options.index = argc > 1 ? argv[1] : usual;
	options.ctx = &last;
	if ((argc != 1 && argc != 2 && argc != 4) || (argc == 1 && !data)) {
		fprintf(stderr, "no index named, and GATEHOUSE_TEST_DATA is not set\n");
		return EXIT_SKIPPED;
	}
	if (open_enroller(&enroller) != GH_OK)
		return fail("models");
	options.enrollers = &enroller;
	options.enroller_count = 1;
	if (gh_evaluation_run(&options, &evaluation, &error) != GH_OK)
		return fail("evaluation");
	fprintf(stderr, "\n");
	print_result(gh_evaluation_result(evaluation));
	if (argc == 4)
		result = write_calibration(evaluation, argv[2], argv[3]);
	gh_evaluation_destroy(evaluation);
	gh_enroller_destroy(enroller);
	return result;
}
