/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation over files that say which template they give. */
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
#include "support/gallery/fake_enroller.h"

enum {
	PEOPLE = 120
};

static struct gh_enroller *enrollers[2];
static struct gh_evaluation_options options;
static struct gh_bytes lines;
static char path[512];

static void add_picture(unsigned who, unsigned picture, enum fake_portrait_kind kind)
{
	struct fake_portrait portrait = { kind, who, picture };
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char name[64];

	snprintf(name, sizeof(name), "%u-%u.jpg", who, picture);
	fake_portrait_write(&portrait, &bytes);
	assert_int_equal(
		gh_file_replace(folder_place(name), gh_bytes_view(&bytes), 0600, NULL), GH_OK);
	assert_int_equal(gh_bytes_print(&lines, NULL, "p%u\t%s\n", who, name), GH_OK);
	gh_bytes_finish(&bytes);
}

static void write_index(void)
{
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&lines), 0600, NULL), GH_OK);
}

/* 120 people with two pictures each, every tenth with a third one that shows no face. */
static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/index.tsv", folder_path());
	fake_chain_set(0xc4);
	assert_int_equal(gh_bytes_print(&lines, NULL, "identity\tfile\n"), GH_OK);
	for (unsigned who = 0; who < PEOPLE; who++) {
		add_picture(who, 0, FAKE_FACE);
		add_picture(who, 1, FAKE_FACE);
		if (who % 10 == 0)
			add_picture(who, 2, who % 20 == 0 ? FAKE_NO_FACE : FAKE_MALFORMED);
	}
	write_index();
	enrollers[0] = fake_enroller();
	options = (struct gh_evaluation_options){ .index = path,
		.enrollers = enrollers,
		.enroller_count = 1,
		.clock = gh_clock_system(),
		.rounds = 50 };
	return 0;
}

static int tear_down(void **state)
{
	gh_bytes_finish(&lines);
	return folder_tear_down(state);
}

static struct gh_evaluation *run(void)
{
	struct gh_evaluation *evaluation = NULL;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_evaluation_run(&options, &evaluation, &error) != GH_OK)
		fail_msg("%s", error.text);
	return evaluation;
}

static void test_counts(void **state)
{
	struct gh_evaluation *evaluation = run();
	const struct gh_evaluation_result *result = gh_evaluation_result(evaluation);

	assert_int_equal(result->pictures, 2 * PEOPLE + 12);
	assert_int_equal(result->identities, PEOPLE);
	assert_int_equal(result->identities_genuine, PEOPLE);
	assert_int_equal(result->failures, 12);
	assert_true(fabs(result->fta - 12.0 / (2 * PEOPLE + 12)) < 1e-12);
	assert_true(
		result->fta_interval.low < result->fta && result->fta < result->fta_interval.high);
	assert_int_equal(result->failure_list[0].line, 4);
	assert_int_equal(result->failure_list[0].status, GH_NO_FACE);
	assert_int_equal(result->failure_list[1].status, GH_MALFORMED);
	assert_int_equal(result->genuine_pairs, PEOPLE);
	assert_int_equal(result->impostor_pairs, (uint64_t)PEOPLE * (PEOPLE - 1) / 2 * 4);
	/* Two pictures of cosine 0.9 with the person score about 0.81 with each other. */
	assert_true(fabs(result->genuine_mean - 0.81) < 0.01);
	assert_true(fabs(result->impostor_mean) < 0.01);
	assert_int_equal(result->chain.bytes[5], 0xc4);
	gh_evaluation_destroy(evaluation);
	gh_evaluation_destroy(NULL);
}

static void test_operating_points(void **state)
{
	static const double targets[] = { 1e-2, 1e-3 };
	struct gh_evaluation *evaluation;
	const struct gh_evaluation_result *result;

	options.fmr_targets = targets;
	options.fmr_target_count = 2;
	options.seed = 7;
	evaluation = run();
	result = gh_evaluation_result(evaluation);
	assert_int_equal(result->point_count, 2);
	assert_int_equal(result->seed, 7);
	assert_int_equal(result->rounds, 50);
	for (size_t i = 0; i < 2; i++) {
		const struct gh_operating_point *point = &result->points[i];

		assert_true(point->fmr <= targets[i]);
		assert_true(point->fmr == gh_evaluation_fmr(evaluation, point->threshold));
		assert_true(point->fnmr == gh_evaluation_fnmr(evaluation, point->threshold));
		assert_true(gh_evaluation_fmr(evaluation, nextafterf(point->threshold, -1.0f)) >
			targets[i]);
		assert_int_equal(point->false_non_matches, 0);
		assert_true(fabs(point->fnmr_interval.high - 3.0 / PEOPLE) < 1e-12);
	}
	/* 28,560 impostor pairs: 1e-2 allows 285 of them, 1e-3 only 28. */
	assert_true(result->points[0].measured);
	assert_false(result->points[1].measured);
	gh_evaluation_destroy(evaluation);
}

static void test_calibration_says_what_was_measured(void **state)
{
	struct gh_evaluation *evaluation = run();
	const struct gh_evaluation_result *result = gh_evaluation_result(evaluation);
	struct gh_calibration *calibration;
	const struct gh_calibration_facts *facts;
	struct gh_stranger_agreement agreement;
	struct gh_error error = GH_ERROR_NONE;
	const char *file = folder_place("calibration.txt");

	assert_int_equal(gh_evaluation_write_calibration(
				 evaluation, file, "made by code", true, NULL, &error),
		GH_OK);
	assert_int_equal(gh_calibration_open(file, &calibration, &error), GH_OK);
	facts = gh_calibration_facts(calibration);
	assert_string_equal(facts->data_set, "made by code");
	assert_true(facts->research_only);
	assert_int_equal(facts->pictures, result->pictures);
	assert_int_equal(facts->failures_to_acquire, 12);
	assert_int_equal(facts->identities, PEOPLE);
	assert_int_equal(facts->genuine_pairs, result->genuine_pairs);
	assert_int_equal(facts->impostor_pairs, result->impostor_pairs);
	assert_memory_equal(&facts->chain, &result->chain, sizeof(facts->chain));
	/* Read off the file, a rate is that of the scores, to the width of a step. */
	for (float score = -0.1f; score < 0.13f; score += 0.01f) {
		double fmr = gh_calibration_fmr(calibration, score, NULL);

		assert_true(fmr <= gh_evaluation_fmr(evaluation, score - 0.006f));
		assert_true(fmr >= gh_evaluation_fmr(evaluation, score + 0.006f));
	}
	gh_evaluation_compare_strangers(evaluation, calibration, 300, 1, &agreement);
	assert_int_equal(agreement.pairs, 300 * 2 * PEOPLE);
	/* 120 people do not show 512 directions: what was measured of them is narrower than they
	 * are, and strangers score wider. unit/evaluation/spread has enough of them. */
	assert_true(fabs(agreement.mean - result->impostor_mean) < 0.01);
	assert_true(agreement.sd >= result->impostor_sd && agreement.sd < 0.15);
	for (size_t i = 1; i < result->point_count; i++)
		assert_true(agreement.above[i] <= agreement.above[i - 1]);
	gh_calibration_close(calibration);
	gh_evaluation_destroy(evaluation);
}

static void test_a_bad_name_or_too_few_pairs_give_no_file(void **state)
{
	struct gh_evaluation *evaluation = run();
	struct gh_error error = GH_ERROR_NONE;
	char file[512];

	snprintf(file, sizeof(file), "%s/calibration.txt", folder_path());
	assert_int_equal(
		gh_evaluation_write_calibration(evaluation, file, "two\nlines", true, NULL, &error),
		GH_MALFORMED);
	gh_evaluation_destroy(evaluation);
	gh_bytes_clear(&lines);
	assert_int_equal(gh_bytes_print(&lines, NULL, "identity\tfile\n"), GH_OK);
	for (unsigned who = 0; who < 5; who++) {
		add_picture(who, 0, FAKE_FACE);
		add_picture(who, 1, FAKE_FACE);
	}
	write_index();
	evaluation = run();
	assert_int_equal(
		gh_evaluation_write_calibration(evaluation, file, "small", true, NULL, &error),
		GH_MALFORMED);
	assert_int_not_equal(access(file, F_OK), 0);
	gh_evaluation_destroy(evaluation);
}

static void refused(enum gh_status expected, const char *reason)
{
	struct gh_evaluation *evaluation;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_evaluation_run(&options, &evaluation, &error), expected);
	assert_null(evaluation);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
}

static void test_too_few_people_are_refused(void **state)
{
	gh_bytes_clear(&lines);
	assert_int_equal(gh_bytes_print(&lines, NULL, "identity\tfile\n"), GH_OK);
	add_picture(1, 0, FAKE_FACE);
	add_picture(1, 1, FAKE_FACE);
	add_picture(2, 0, FAKE_NO_FACE);
	write_index();
	refused(GH_MALFORMED, "1 people with a template");
}

static void test_a_picture_that_is_not_there_is_named_by_line(void **state)
{
	assert_int_equal(unlink(folder_place("1-0.jpg")), 0);
	refused(GH_NOT_FOUND, "index.tsv:5: ");
}

static void test_options_out_of_range(void **state)
{
	static const double bad[] = { 0.5 };

	options.fmr_targets = bad;
	options.fmr_target_count = 1;
	refused(GH_SETTINGS, "false match rate");
	options.fmr_target_count = GH_EVALUATION_POINTS_MAX + 1;
	refused(GH_SETTINGS, "at most");
}

struct calls {
	uint64_t last[3];
	uint64_t count[3];
	int stop_in;
};

static bool progress(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total)
{
	struct calls *calls = ctx;

	assert_true(done <= total);
	assert_true(done >= calls->last[stage]);
	calls->last[stage] = done;
	calls->count[stage]++;
	return calls->stop_in != (int)stage;
}

static void test_progress_is_told_and_can_stop(void **state)
{
	for (int stop_in = 0; stop_in <= 3; stop_in++) {
		struct calls calls = { .stop_in = stop_in };

		options.progress = progress;
		options.ctx = &calls;
		if (stop_in < 3) {
			refused(GH_CANCELLED, "stopped");
			assert_int_equal(calls.count[stop_in], 1);
			continue;
		}
		gh_evaluation_destroy(run());
		assert_int_equal(calls.last[GH_EVALUATION_ENROLLING], 2 * PEOPLE + 12);
		assert_int_equal(calls.last[GH_EVALUATION_RESAMPLING], 50);
	}
}

static void test_any_number_of_threads_gives_the_same(void **state)
{
	struct gh_evaluation *one = run();
	const struct gh_evaluation_result *first = gh_evaluation_result(one);

	for (size_t jobs = 2; jobs <= 4; jobs++) {
		struct gh_enroller *several[4];
		struct gh_evaluation *many;
		const struct gh_evaluation_result *result;

		for (size_t i = 0; i < jobs; i++)
			several[i] = fake_enroller();
		options.enrollers = several;
		options.enroller_count = jobs;
		many = run();
		result = gh_evaluation_result(many);
		assert_int_equal(result->jobs, jobs);
		assert_memory_equal(result->points, first->points, sizeof(first->points));
		assert_memory_equal(
			result->failure_list, first->failure_list, sizeof(first->failure_list));
		assert_true(result->impostor_mean == first->impostor_mean);
		gh_evaluation_destroy(many);
	}
	gh_evaluation_destroy(one);
}

/* Stops when half of the pictures have been enrolled. */
static bool stop_half_way(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total)
{
	(void)ctx;
	return stage != GH_EVALUATION_ENROLLING || done < total / 2;
}

static void test_a_stopped_run_goes_on_where_it_was(void **state)
{
	static char file[512];
	struct gh_evaluation *whole = run();
	struct gh_evaluation *resumed;
	unsigned long before;

	snprintf(file, sizeof(file), "%s/templates", folder_path());
	options.resume = file;
	options.progress = stop_half_way;
	refused(GH_CANCELLED, "stopped");
	options.progress = NULL;
	before = fake_enrolled();
	resumed = run();
	assert_true(gh_evaluation_result(resumed)->resumed > PEOPLE);
	assert_int_equal(
		fake_enrolled() - before + gh_evaluation_result(resumed)->resumed, 2 * PEOPLE + 12);
	assert_memory_equal(gh_evaluation_result(resumed)->points,
		gh_evaluation_result(whole)->points, sizeof(struct gh_operating_point) * 3);
	assert_int_equal(gh_evaluation_result(resumed)->failures, 12);
	gh_evaluation_destroy(resumed);
	/* Now all are known, failures too. */
	before = fake_enrolled();
	gh_evaluation_destroy(run());
	assert_int_equal(fake_enrolled(), before);
	fake_chain_set(0xc5);
	refused(GH_CONFLICT, "another chain");
	gh_evaluation_destroy(whole);
}

static void test_what_fails_on_the_machine_is_not_kept(void **state)
{
	static char file[512];

	snprintf(file, sizeof(file), "%s/templates", folder_path());
	options.resume = file;
	add_picture(3, 0, FAKE_BROKEN);
	write_index();
	refused(GH_MALFORMED, "second time");
	gh_bytes_clear(&lines);
	assert_int_equal(gh_bytes_print(&lines, NULL, "identity\tfile\n"), GH_OK);
	add_picture(3, 0, FAKE_BROKEN);
	write_index();
	for (int i = 0; i < 2; i++)
		refused(GH_INTERNAL, "index.tsv:2: the engine failed");
}

static void test_averages_are_of_the_same_people(void **state)
{
	struct gh_det_point points[GH_DET_POINTS_MAX];
	struct gh_evaluation *evaluation;
	const struct gh_evaluation_result *result;

	for (unsigned who = 0; who < 40; who++)
		for (unsigned picture = 2; picture < 4; picture++)
			add_picture(who, picture + 2, FAKE_FACE);
	write_index();
	options.averaged = 3;
	evaluation = run();
	result = gh_evaluation_result(evaluation);
	assert_int_equal(result->averaged_count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		static const unsigned choices[] = { 4, 6, 4 };
		const struct gh_averaged *averaged = &result->averaged[i];

		assert_int_equal(averaged->pictures, i + 1);
		assert_int_equal(averaged->people, 40);
		assert_int_equal(averaged->probes, 40 * choices[i]);
		assert_int_equal(averaged->genuine_pairs, 40 * choices[i] * (3 - i));
		assert_int_equal(averaged->impostor_pairs,
			40 * choices[i] * (gh_evaluation_result(evaluation)->pictures - 12 - 4));
		assert_true(averaged->points[0].threshold > 0.05f);
		assert_true(gh_evaluation_det(evaluation, i + 1, points) > 20);
	}
	assert_int_equal(gh_evaluation_det(evaluation, 4, points), 0);
	assert_true(gh_evaluation_det(evaluation, 0, points) > 20);
	gh_evaluation_destroy(evaluation);
}

static void test_too_few_pictures_give_no_average(void **state)
{
	struct gh_evaluation *evaluation;

	options.averaged = 3;
	evaluation = run();
	assert_int_equal(gh_evaluation_result(evaluation)->averaged_count, 0);
	gh_evaluation_destroy(evaluation);
}

static void test_halves_know_nothing_of_each_other(void **state)
{
	static const double targets[] = { 1e-2 };
	struct gh_evaluation *evaluation;
	struct gh_halved halved[2];

	options.fmr_targets = targets;
	options.fmr_target_count = 1;
	evaluation = run();
	assert_int_equal(gh_evaluation_halve(evaluation, 100, 3, halved, NULL), GH_OK);
	assert_true(halved[0].fmr_target == 1e-2);
	assert_true(fabs(halved[0].fmr - 1e-2) < 1e-3);
	assert_true(halved[0].fmr_interval.low < 1e-2 && halved[0].fmr_interval.high > 1e-2);
	assert_true(halved[0].fnmr == 0.0);
	assert_int_equal(gh_evaluation_halve(evaluation, 0, 3, halved, NULL), GH_SETTINGS);
	gh_evaluation_destroy(evaluation);
}

static void add_pair(struct gh_bytes *list, unsigned a, unsigned b, bool genuine)
{
	assert_int_equal(gh_bytes_print(list, NULL, "%u-0.jpg\t%u-%d.jpg\t%s\n", a, b,
				 genuine ? 1 : 0, genuine ? "genuine" : "impostor"),
		GH_OK);
}

static void test_only_the_pairs_listed(void **state)
{
	struct gh_bytes list = GH_BYTES_EMPTY;
	const struct gh_evaluation_result *result;
	struct gh_evaluation *evaluation;
	static char file[512];

	snprintf(file, sizeof(file), "%s/pairs.tsv", folder_path());
	assert_int_equal(gh_bytes_print(&list, NULL, "file_a\tfile_b\tcomparison\n"), GH_OK);
	for (unsigned who = 0; who < PEOPLE; who++) {
		add_pair(&list, who, who, true);
		for (unsigned other = who + 1; other < who + 30 && other < PEOPLE; other++)
			add_pair(&list, who, other, false);
	}
	assert_int_equal(gh_file_replace(file, gh_bytes_view(&list), 0600, NULL), GH_OK);
	options.pairs = file;
	refused(GH_SETTINGS, "either an index or a list");
	options.index = NULL;
	evaluation = run();
	result = gh_evaluation_result(evaluation);
	assert_int_equal(result->pictures, 2 * PEOPLE);
	assert_int_equal(result->identities, PEOPLE);
	assert_int_equal(result->genuine_pairs, PEOPLE);
	assert_int_equal(result->impostor_pairs, PEOPLE * 29 - 29 * 30 / 2);
	assert_true(result->points[0].fmr_interval.low <= result->points[0].fmr);
	assert_true(result->points[0].fmr_interval.high >= result->points[0].fmr);
	gh_evaluation_destroy(evaluation);
	/* A picture that fails takes its pairs along, no others. */
	{
		struct fake_portrait none = { FAKE_NO_FACE, 0, 0 };
		struct gh_bytes bytes = GH_BYTES_EMPTY;

		fake_portrait_write(&none, &bytes);
		assert_int_equal(
			gh_file_replace(folder_place("0-0.jpg"), gh_bytes_view(&bytes), 0600, NULL),
			GH_OK);
		gh_bytes_finish(&bytes);
	}
	evaluation = run();
	assert_int_equal(gh_evaluation_result(evaluation)->failures, 1);
	assert_int_equal(gh_evaluation_result(evaluation)->genuine_pairs, PEOPLE - 1);
	assert_int_equal(
		gh_evaluation_result(evaluation)->impostor_pairs, PEOPLE * 29 - 29 * 30 / 2 - 29);
	gh_evaluation_destroy(evaluation);
	gh_bytes_finish(&list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counts),
		TEST(test_operating_points),
		TEST(test_calibration_says_what_was_measured),
		TEST(test_a_bad_name_or_too_few_pairs_give_no_file),
		TEST(test_too_few_people_are_refused),
		TEST(test_a_picture_that_is_not_there_is_named_by_line),
		TEST(test_options_out_of_range),
		TEST(test_progress_is_told_and_can_stop),
		TEST(test_any_number_of_threads_gives_the_same),
		TEST(test_a_stopped_run_goes_on_where_it_was),
		TEST(test_what_fails_on_the_machine_is_not_kept),
		TEST(test_averages_are_of_the_same_people),
		TEST(test_too_few_pictures_give_no_average),
		TEST(test_halves_know_nothing_of_each_other),
		TEST(test_only_the_pairs_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
