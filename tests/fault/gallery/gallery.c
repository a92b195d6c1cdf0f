/* SPDX-License-Identifier: Apache-2.0 */
/* The gallery when memory or disk fail at any point: a status, never a crash or a wrong match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "inject.h"
#include "support/folder.h"
#include "support/gallery/specimen_voyage.h"

enum {
	A = 0xa1,
	PERSONS = 6
};

static struct specimen_gallery set;
static struct specimen_voyage specimen;

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	specimen_gallery_init(&set, folder_path());
	set.options.padding_rows = 3;
	return specimen_gallery_start(&set, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	specimen_gallery_finish(&set);
	return folder_tear_down(state);
}

static void load(uint32_t version)
{
	specimen_init(&specimen, A, version, PERSONS, 2);
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
}

static bool finds(uint64_t who)
{
	struct gh_template probe;
	struct gh_search found;

	fake_template(who, 1000, &probe);
	return gh_gallery_search(set.gallery, &probe, &found, NULL) == GH_OK && found.count > 0 &&
		found.candidates[0].person.id.bytes[15] == who + 1 &&
		found.candidates[0].score >= found.threshold.score;
}

static void test_no_memory_to_start(void **state)
{
	load(1);
	specimen_enrol_all(&set);
	specimen_gallery_stop(&set);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status = specimen_gallery_start(&set, NULL);

		inject_pause();
		/* A start without the voyage would be a silent loss: it fails, or it has it. */
		if (status == GH_OK)
			assert_true(finds(2));
		else
			assert_int_equal(status, GH_NO_MEMORY);
		specimen_gallery_stop(&set);
	}
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	assert_true(finds(2));
}

static void test_no_memory_to_load(void **state)
{
	uint32_t version = 1;

	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bundle *bundle;
		enum gh_status status;

		inject_pause();
		specimen_init(&specimen, A, version, PERSONS, 2);
		bundle = specimen_bundle(&specimen, set.bundles);
		specimen_finish(&specimen);
		inject_arm(INJECT_ALLOC, n);
		status = gh_gallery_load(set.gallery, bundle, NULL);
		if (status != GH_OK) {
			assert_int_equal(status, GH_NO_MEMORY);
			gh_bundle_close(bundle);
		} else {
			version++;
		}
	}
	inject_disarm();
	specimen_enrol_all(&set);
	assert_true(finds(3));
}

static void test_no_memory_to_enrol(void **state)
{
	load(1);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status = gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL);

		inject_pause();
		assert_true(status == GH_OK || status == GH_NOT_FOUND || status == GH_NO_MEMORY);
		if (!inject_hit() && status != GH_NOT_FOUND)
			inject_arm(INJECT_ALLOC, 1);
	}
	inject_disarm();
	specimen_enrol_all(&set);
	for (uint64_t who = 0; who < PERSONS; who++)
		assert_true(finds(who));
	assert_int_equal(gh_gallery_state(set.gallery).unusable, 0);
}

static void test_no_memory_to_search(void **state)
{
	struct gh_template probe;
	struct gh_search found;

	load(1);
	specimen_enrol_all(&set);
	fake_template(4, 1000, &probe);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status = gh_gallery_search(set.gallery, &probe, &found, NULL);

		inject_pause();
		if (inject_hit()) {
			assert_int_equal(status, GH_NO_MEMORY);
			assert_int_equal(found.count, 0);
		} else {
			assert_int_equal(status, GH_OK);
			assert_int_equal(found.candidates[0].person.id.bytes[15], 5);
		}
	}
}

/* Enrol with failures of one kind: the voyage serves, whatever became of its file. */
static void enrol_with(enum inject_point point, unsigned long n, bool for_good)
{
	enum gh_status status = GH_OK;

	if (for_good)
		inject_arm_from(point, n);
	else
		inject_arm(point, n);
	while (status != GH_NOT_FOUND)
		status = gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL);
	inject_pause();
	assert_true(finds(1) && finds(PERSONS - 1));
}

/* After each failure a restart has the voyage whole, or not at all. */
static void each_failure(enum inject_point point)
{
	struct gh_id id = specimen_id(A);

	INJECT_EACH(point, n)
	{
		inject_pause();
		load(1);
		enrol_with(point, n, false);
		specimen_gallery_stop(&set);
		assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
		if (gh_gallery_state(set.gallery).voyages == 1) {
			assert_true(finds(1) && finds(PERSONS - 1));
			assert_int_equal(gh_gallery_drop(set.gallery, &id, NULL), GH_OK);
		}
		gh_gallery_expire(set.gallery);
		assert_true(folder_count("gallery") <= 1); /* a fresh .part may be left */
	}
}

static void test_each_write_fails(void **state)
{
	each_failure(INJECT_WRITE);
}

static void test_each_write_is_short(void **state)
{
	each_failure(INJECT_SHORT);
}

static void test_each_sync_fails(void **state)
{
	each_failure(INJECT_SYNC);
}

static void test_each_rename_fails(void **state)
{
	each_failure(INJECT_RENAME);
}

static void test_each_open_fails(void **state)
{
	each_failure(INJECT_OPEN);
}

/* A disk that stays full: no file, and the lane works on. */
static void test_a_full_disk(void **state)
{
	load(1);
	enrol_with(INJECT_WRITE, 1, true);
	inject_disarm();
	load(2);
	specimen_enrol_all(&set);
	specimen_gallery_stop(&set);
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	assert_true(finds(2));
}

/* An erasure that failed is told, the person is not matched, and the next one completes it. */
static void test_an_erasure_that_fails_is_done_again(void **state)
{
	struct gh_id id = specimen_id(A);

	for (int point = INJECT_OPEN; point <= INJECT_RENAME; point++) {
		if (point == INJECT_SHORT || point == INJECT_READ)
			continue;
		load(1);
		specimen_enrol_all(&set);
		inject_arm_from((enum inject_point)point, 1);
		(void)!gh_gallery_drop(set.gallery, &id, NULL);
		inject_disarm();
		assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
		assert_false(finds(1));
		gh_gallery_expire(set.gallery);
		assert_int_equal(folder_count("gallery"), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_memory_to_start),
		TEST(test_no_memory_to_load),
		TEST(test_no_memory_to_enrol),
		TEST(test_no_memory_to_search),
		TEST(test_each_write_fails),
		TEST(test_each_write_is_short),
		TEST(test_each_sync_fails),
		TEST(test_each_rename_fails),
		TEST(test_each_open_fails),
		TEST(test_a_full_disk),
		TEST(test_an_erasure_that_fails_is_done_again),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
