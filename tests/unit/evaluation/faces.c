/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognition of real people through the real chain: some 300 pictures, or all with GATEHOUSE_LONG.
 * The calibration that is kept must be of this chain and must say what is measured here.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/evaluation.h"
#include "support/folder.h"
#include "support/vision/models.h"

enum {
	PICTURES = 300
};

static struct gh_enroller *enroller;
static char data[4096];

static bool long_run(void)
{
	const char *set = getenv("GATEHOUSE_LONG");

	return set && set[0] == '1';
}

static int set_up(void **state)
{
	struct gh_vision_options options;
	struct gh_error error = GH_ERROR_NONE;

	if (folder_set_up(state) != 0)
		return -1;
	if (models_options(&options) && gh_enroller_create(&options, &enroller, &error) != GH_OK) {
		printf("%s\n", error.text);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	gh_enroller_destroy(enroller);
	return folder_tear_down(state);
}

/* The calibration in the source tree. */
static struct gh_calibration *kept(void)
{
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");
	struct gh_calibration *calibration = NULL;
	struct gh_error error = GH_ERROR_NONE;
	char path[4096];

	snprintf(path, sizeof(path), "%s/models/calibration-fr-flip.txt",
		source && *source ? source : ".");
	if (gh_calibration_open(path, &calibration, &error) != GH_OK)
		fail_msg("%s", error.text);
	return calibration;
}

static void test_the_calibration_kept_is_of_this_chain(void **state)
{
	struct gh_calibration *calibration = kept();
	struct gh_model_chain chain;
	struct gh_threshold limit;

	assert_true(gh_calibration_facts(calibration)->research_only);
	/* Small galleries rest on data; a flight's threshold says where it does not. */
	assert_false(gh_threshold_for_search(calibration, 50, 0.01).extrapolated);
	limit = gh_threshold_for_search(calibration, 420, 0.003);
	assert_int_equal(limit.extrapolated,
		limit.fmr < gh_calibration_facts(calibration)->fmr_measured_min);
	if (!enroller) {
		gh_calibration_close(calibration);
		skip();
	}
	gh_enroller_chain(enroller, &chain);
	assert_memory_equal(&gh_calibration_facts(calibration)->chain, &chain, sizeof(chain));
	gh_calibration_close(calibration);
}

/* The first lines of the index, with absolute paths, or the index itself in a long run. */
static const char *index_of_some(void)
{
	static char path[4096];
	struct gh_bytes whole = GH_BYTES_EMPTY;
	struct gh_bytes some = GH_BYTES_EMPTY;
	const char *line;
	char *next;

	models_data_path("faces/index.tsv", path);
	if (long_run())
		return path;
	assert_int_equal(gh_file_read(path, 1 << 24, &whole, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&whole, "", 1, NULL), GH_OK);
	line = (const char *)whole.data;
	for (int i = 0; i <= PICTURES && (next = strchr(line, '\n')) != NULL; i++) {
		const char *tab = strchr(line, '\t');

		assert_true(tab && tab < next);
		if (i == 0)
			assert_int_equal(
				gh_bytes_print(&some, NULL, "%.*s\n", (int)(next - line), line),
				GH_OK);
		else
			assert_int_equal(
				gh_bytes_print(&some, NULL, "%.*s%s/%.*s\n", (int)(tab + 1 - line),
					line, data, (int)(next - tab - 1), tab + 1),
				GH_OK);
		line = next + 1;
	}
	snprintf(path, sizeof(path), "%s", folder_place("index.tsv"));
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&some), 0600, NULL), GH_OK);
	gh_bytes_finish(&whole);
	gh_bytes_finish(&some);
	return path;
}

static void test_people_are_told_apart(void **state)
{
	struct gh_evaluation_options options = { .clock = gh_clock_system(), .rounds = 200 };
	const struct gh_evaluation_result *result;
	struct gh_evaluation *evaluation;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_calibration *calibration;
	float threshold;

	models_data_path("faces", data);
	if (!enroller || access(data, R_OK) != 0) {
		printf("no models or no faces, so this test is skipped\n");
		skip();
	}
	calibration = kept();
	options.index = index_of_some();
	options.enrollers = &enroller;
	options.enroller_count = 1;
	if (gh_evaluation_run(&options, &evaluation, &error) != GH_OK)
		fail_msg("%s", error.text);
	result = gh_evaluation_result(evaluation);
	threshold = gh_calibration_score(calibration, 1e-3, NULL);
	printf("%u pictures, %u failures, FNMR %.2f %%, FMR %.2e at %.4f\n", result->pictures,
		result->failures, 100 * gh_evaluation_fnmr(evaluation, threshold),
		gh_evaluation_fmr(evaluation, threshold), (double)threshold);
	assert_true(result->fta < 0.01);
	assert_true(result->genuine_mean > 0.6 && result->impostor_mean < 0.05);
	assert_true(gh_evaluation_fnmr(evaluation, threshold) < 0.06);
	/* A few dozen people are not all: their rate may lie a few times off, no more. */
	assert_true(gh_evaluation_fmr(evaluation, threshold) < 4e-3);
	if (long_run()) {
		assert_true(fabs(gh_evaluation_fmr(evaluation, threshold) - 1e-3) < 1e-4);
		assert_true(result->points[1].fnmr_interval.low < 0.0237);
		assert_true(result->points[2].fnmr_interval.low < 0.0515);
	}
	gh_evaluation_destroy(evaluation);
	gh_calibration_close(calibration);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_calibration_kept_is_of_this_chain),
		cmocka_unit_test(test_people_are_told_apart),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
