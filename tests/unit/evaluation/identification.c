/* SPDX-License-Identifier: Apache-2.0 */
/* Searches in random galleries: rates, who is searched for, and the same for all threads. */
#include "gatehouse/evaluation/identification.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/evaluation/people.h"
#include "support/folder.h"

enum {
	PEOPLE = 240
};

static struct gh_evaluation *evaluation;
static struct gh_identification_options options;
static struct gh_identification_result result;
static struct gh_error error;
static const uint32_t sizes[] = { 40, 100 };

/* 240 people: half have two pictures, a quarter one, a quarter four. */
static int set_up(void **state)
{
	struct gh_evaluation_options whole;

	if (folder_set_up(state) != 0)
		return -1;
	fake_chain_set(0xc4);
	people_begin("");
	for (unsigned who = 0; who < PEOPLE; who++) {
		static const unsigned pictures[] = { 2, 1, 2, 4 };

		for (unsigned i = 0; i < pictures[who % 4]; i++)
			people_add(who, i, FAKE_FACE, "");
	}
	people_index();
	whole = people_options(2);
	evaluation = people_run(&whole);
	options = (struct gh_identification_options){
		.sizes = sizes, .size_count = 2, .rounds = 20, .seed = 5
	};
	memset(&error, 0, sizeof(error));
	return 0;
}

static int tear_down(void **state)
{
	gh_evaluation_destroy(evaluation);
	people_finish();
	return folder_tear_down(state);
}

static void run(void)
{
	if (gh_identification_run(evaluation, &options, &result, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void test_rates_and_counts(void **state)
{
	run();
	assert_int_equal(result.size_count, 2);
	assert_int_equal(result.target_count, 4);
	for (size_t i = 0; i < 2; i++) {
		const struct gh_identification_size *size = &result.sizes[i];

		/* All of half the people are either in the gallery or strangers. */
		assert_int_equal(size->people, sizes[i]);
		assert_true(fabs(size->templates - sizes[i]) < 1e-9);
		assert_true(fabs(size->strange_people - (PEOPLE / 2 - sizes[i])) < 1e-9);
		assert_true(size->strangers > size->strange_people);
		assert_true(size->mated_people < sizes[i] && size->mated > size->mated_people);
		assert_true(size->disjoint);
		/* Pictures of one person score about 0.81, strangers hardly 0.2. */
		assert_true(size->not_first == 0.0);
		for (size_t t = 0; t < result.target_count; t++) {
			const struct gh_identification_point *point = &size->points[t];

			assert_true(point->fpir_predicted <= point->fpir_target * 1.001);
			assert_true(point->fnir == 0.0);
			assert_true(t == 0 || point->threshold > size->points[t - 1].threshold);
			assert_true(t == 0 || point->fpir <= size->points[t - 1].fpir);
		}
	}
	/* What is predicted of strangers without look-alikes is what comes. */
	assert_true(fabs(result.sizes[0].points[0].fpir - 0.1) < 0.05);
	assert_true(fabs(result.sizes[1].points[0].fpir - 0.1) < 0.05);
}

static void test_a_measured_curve(void **state)
{
	const struct gh_identification_size *size = &result.sizes[1];

	run();
	assert_true(size->det_count > 20);
	for (size_t i = 1; i < size->det_count; i++) {
		assert_true(size->det[i].false_positive < size->det[i - 1].false_positive);
		assert_true(size->det[i].false_negative >= size->det[i - 1].false_negative);
		assert_true(size->det[i].threshold >= size->det[i - 1].threshold);
	}
}

static void test_any_number_of_threads_gives_the_same(void **state)
{
	static struct gh_identification_result first;

	run();
	first = result;
	for (uint32_t jobs = 2; jobs <= 5; jobs++) {
		options.jobs = jobs;
		run();
		assert_memory_equal(result.sizes, first.sizes, sizeof(first.sizes));
	}
	options.seed = 6;
	run();
	assert_memory_not_equal(result.sizes, first.sizes, sizeof(first.sizes));
}

static void test_several_portraits(void **state)
{
	options.references = 3;
	options.pictures_least = 4;
	run();
	for (size_t i = 0; i < 2; i++) {
		const struct gh_identification_size *size = &result.sizes[i];
		double many = size->mated_people;

		/* Only those with four are searched for, and they have three in the gallery. */
		assert_true(fabs(size->mated - many) < 1e-9);
		assert_true(size->templates >= sizes[i] + 2 * many - 1e-9);
		assert_true(many > 15 && many < 45);
	}
	/* The same people by one portrait: three pictures left of each. */
	options.references = 1;
	run();
	assert_true(fabs(result.sizes[0].mated - 3 * result.sizes[0].mated_people) < 1e-9);
}

static void test_a_gallery_of_nearly_all_claims_nothing(void **state)
{
	static const uint32_t large[] = { PEOPLE - GH_IDENTIFICATION_STRANGERS_MIN };

	options.sizes = large;
	options.size_count = 1;
	run();
	assert_false(result.sizes[0].disjoint);
	assert_true(fabs(result.sizes[0].strange_people - GH_IDENTIFICATION_STRANGERS_MIN) < 1e-9);
}

static void refused(enum gh_status expected, const char *reason)
{
	assert_int_equal(gh_identification_run(evaluation, &options, &result, &error), expected);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
}

static void test_options_out_of_range(void **state)
{
	static const uint32_t large[] = { PEOPLE - GH_IDENTIFICATION_STRANGERS_MIN + 1,
		UINT32_MAX };
	static const double certain[] = { 1.0 };

	options.sizes = large;
	options.size_count = 1;
	refused(GH_SETTINGS, "people more");
	options.sizes = large + 1;
	refused(GH_SETTINGS, "people more");
	options.size_count = 0;
	refused(GH_SETTINGS, "gallery sizes");
	options.sizes = sizes;
	options.size_count = GH_IDENTIFICATION_SIZES_MAX + 1;
	refused(GH_SETTINGS, "gallery sizes");
	options.size_count = 1;
	options.fpir_targets = certain;
	options.target_count = 1;
	refused(GH_SETTINGS, "not in (0, 1)");
	options.target_count = 0;
	options.references = 1000;
	refused(GH_SETTINGS, "references");
}

static bool stop(void *ctx, enum gh_evaluation_stage stage, uint64_t done, uint64_t total)
{
	(void)ctx;
	assert_int_equal(stage, GH_EVALUATION_SEARCHING);
	assert_true(done <= total);
	return false;
}

static void test_progress_can_stop_it(void **state)
{
	options.progress = stop;
	for (options.jobs = 1; options.jobs <= 3; options.jobs++)
		refused(GH_CANCELLED, "stopped");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rates_and_counts),
		TEST(test_a_measured_curve),
		TEST(test_any_number_of_threads_gives_the_same),
		TEST(test_several_portraits),
		TEST(test_a_gallery_of_nearly_all_claims_nothing),
		TEST(test_options_out_of_range),
		TEST(test_progress_can_stop_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
