/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation when memory, threads or the disk fail anywhere: a status, or the same result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/evaluation/groups.h"
#include "gatehouse/evaluation/identification.h"
#include "gatehouse/evaluation/pairs.h"
#include "inject.h"
#include "support/evaluation/people.h"
#include "support/folder.h"

enum {
	PEOPLE = 60
};

static struct gh_evaluation_options options;
static struct gh_evaluation *whole;
static char resume[512];

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	fake_chain_set(0xc4);
	snprintf(resume, sizeof(resume), "%s/templates", folder_path());
	people_begin("\tsex");
	for (unsigned who = 0; who < PEOPLE; who++)
		for (unsigned i = 0; i < 2 + who % 3; i++)
			people_add(who, i, FAKE_FACE, who % 2 ? "\tF" : "\tM");
	people_index();
	options = people_options(2);
	options.rounds = 10;
	options.averaged = 2;
	whole = people_run(&options);
	return 0;
}

static int tear_down(void **state)
{
	gh_evaluation_destroy(whole);
	people_finish();
	return folder_tear_down(state);
}

static void same_as_whole(const struct gh_evaluation *evaluation)
{
	const struct gh_evaluation_result *a = gh_evaluation_result(evaluation);
	const struct gh_evaluation_result *b = gh_evaluation_result(whole);

	assert_memory_equal(a->points, b->points, sizeof(a->points));
	assert_int_equal(a->genuine_pairs, b->genuine_pairs);
	assert_int_equal(a->averaged_count, b->averaged_count);
}

/* Each failure gives one of these statuses and no evaluation, or changes nothing. */
static void every_failure(enum inject_point point, const enum gh_status *allowed, size_t count)
{
	INJECT_EACH(point, n)
	{
		struct gh_evaluation *evaluation;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_evaluation_run(&options, &evaluation, &error);
		bool fine = status == GH_OK;

		inject_pause();
		if (status == GH_OK)
			same_as_whole(evaluation);
		else
			assert_null(evaluation);
		for (size_t i = 0; inject_hit() && i < count; i++)
			fine = fine || status == allowed[i];
		if (!fine)
			fail_msg("%s: %s", gh_status_name(status), error.text);
		gh_evaluation_destroy(evaluation);
		unlink(resume);
	}
}

static void test_no_memory(void **state)
{
	static const enum gh_status allowed[] = { GH_NO_MEMORY };

	options.resume = resume;
	every_failure(INJECT_ALLOC, allowed, 1);
}

static void test_no_thread(void **state)
{
	static const enum gh_status allowed[] = { GH_NO_MEMORY };

	every_failure(INJECT_THREAD, allowed, 1);
}

static void test_no_reading(void **state)
{
	static const enum gh_status allowed[] = { GH_IO };

	options.resume = resume;
	every_failure(INJECT_READ, allowed, 1);
}

static void test_a_full_disk(void **state)
{
	static const enum gh_status allowed[] = { GH_FULL };

	options.resume = resume;
	every_failure(INJECT_WRITE, allowed, 1);
	/* Half a record, and that is reported: the rest is written after it. */
	every_failure(INJECT_SHORT, allowed, 0);
}

/* What a full disk has cut short is cut off by the next run, which then has all. */
static void test_going_on_after_a_full_disk(void **state)
{
	struct gh_evaluation *evaluation;

	options.resume = resume;
	inject_arm_from(INJECT_WRITE, 40);
	assert_int_equal(gh_evaluation_run(&options, &evaluation, NULL), GH_FULL);
	inject_pause();
	evaluation = people_run(&options);
	same_as_whole(evaluation);
	assert_in_range(gh_evaluation_result(evaluation)->resumed, 30, 40);
	gh_evaluation_destroy(evaluation);
}

static void test_no_memory_for_searches_and_groups(void **state)
{
	static const uint32_t sizes[] = { 8 };
	static struct gh_identification_result result;
	struct gh_identification_options searching = {
		.sizes = sizes, .size_count = 1, .rounds = 3, .jobs = 2
	};

	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status = gh_identification_run(whole, &searching, &result, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
	}
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_groups *groups;
		enum gh_status status = gh_groups_measure(whole, GH_INDEX_SEX, 5, &groups, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_groups_free(groups);
	}
}

static void test_no_memory_for_a_list(void **state)
{
	static const char text[] = "file_a\tfile_b\tcomparison\na\tb\tgenuine\na\tc\timpostor\n";

	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_pairs pairs;
		enum gh_status status =
			gh_pairs_parse("p", "/", gh_view_of_text(text), &pairs, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_pairs_finish(&pairs);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_memory),
		TEST(test_no_thread),
		TEST(test_no_reading),
		TEST(test_a_full_disk),
		TEST(test_going_on_after_a_full_disk),
		TEST(test_no_memory_for_searches_and_groups),
		TEST(test_no_memory_for_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
