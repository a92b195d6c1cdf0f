/* SPDX-License-Identifier: Apache-2.0 */
/* Loading, enrolling, searching, claiming, looking and erasing at the same time. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "support/folder.h"
#include "support/gallery/specimen_voyage.h"
#include "support/gallery/synthetic.h"

enum {
	VERSIONS = 25,
	PERSONS = 30,
	STAYS = 0xa1,
	COMES_AND_GOES = 0xb2
};

static struct specimen_gallery set;
static atomic_bool over;
static atomic_int removed_from; /* version in which person 7 is off the list, 0 none */
static atomic_int failures;

static void expect(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "%s\n", what);
	atomic_fetch_add(&failures, 1);
}

static void load(uint8_t name, uint32_t version, bool without_7)
{
	struct specimen_voyage specimen;

	specimen_init(&specimen, name, version, PERSONS, 2);
	specimen.voyage.departure_ms = 0;
	if (without_7)
		specimen.voyage.persons[7].boarding = GH_BOARDING_REMOVED;
	expect(specimen_load(&set, &specimen) == GH_OK, "load");
	specimen_finish(&specimen);
}

/* Versions of one voyage, person 7 being on it and off it in turn, and another voyage's life. */
static void *load_all(void *unused)
{
	struct gh_id other = specimen_id(COMES_AND_GOES);

	for (uint32_t version = 2; version <= VERSIONS; version++) {
		bool without_7 = version % 4 >= 2;

		if (!without_7)
			atomic_store(&removed_from, 0);
		load(STAYS, version, without_7);
		if (without_7)
			atomic_store(&removed_from, (int)version);
		load(COMES_AND_GOES, version, false);
		gh_gallery_expire(set.gallery);
		expect(gh_gallery_drop(set.gallery, &other, NULL) == GH_OK, "drop");
	}
	atomic_store(&over, true);
	return NULL;
}

static void *enrol_all(void *unused)
{
	while (!atomic_load(&over)) {
		enum gh_status status = gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL);

		expect(status == GH_OK || status == GH_NOT_FOUND, "enrol");
	}
	return NULL;
}

static bool holds_7(const struct gh_search *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->candidates[i].person.id.bytes[15] == 8 &&
			found->candidates[i].voyage.bytes[0] == STAYS)
			return true;
	return false;
}

/* A person who was off the list before and after the search must not be in its answer. */
static void *search_all(void *ctx)
{
	uint64_t seed = *(uint64_t *)ctx;

	while (!atomic_load(&over)) {
		int before = atomic_load(&removed_from);
		uint64_t who = synthetic_below(&seed, 3) == 0 ? 7 : synthetic_below(&seed, PERSONS);
		struct gh_template probe;
		struct gh_search found;
		enum gh_status status;

		fake_template(who, 1000, &probe);
		status = gh_gallery_search(set.gallery, &probe, &found, NULL);
		expect(status == GH_OK || status == GH_BUSY, "search");
		if (status == GH_OK && before != 0 && atomic_load(&removed_from) == before)
			expect(!holds_7(&found), "a removed person was matched");
		status = gh_gallery_verify(set.gallery, "L000004", "UTO", &probe, &found, NULL);
		expect(status == GH_OK || status == GH_CONFLICT || status == GH_BUSY, "verify");
	}
	return NULL;
}

static void ignore(void *ctx, const struct gh_gallery_finding *finding)
{
}

static void *look_all(void *unused)
{
	struct gh_gallery_voyage voyages[GH_GALLERY_VOYAGES_MAX];

	while (!atomic_load(&over)) {
		struct gh_gallery_state state = gh_gallery_state(set.gallery);

		expect(state.voyages >= 1 && state.voyages <= 2, "state");
		expect(gh_gallery_voyages(set.gallery, voyages) >= 1, "voyages");
		expect(gh_gallery_check(set.gallery, NULL, ignore, NULL, NULL) == GH_OK, "check");
	}
	return NULL;
}

static void test_all_at_once(void **state)
{
	void *(*const jobs[])(void *) = { load_all, enrol_all, search_all, search_all, look_all };
	uint64_t seeds[5] = { 1, 1, synthetic_seed(111), 113, 1 };
	pthread_t threads[5];
	struct gh_search found;
	struct gh_template probe;

	load(STAYS, 1, false);
	specimen_enrol_all(&set);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, jobs[i], &seeds[i]), 0);
	for (size_t i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&failures), 0);
	/* What is left is whole: the last version, everybody of it. */
	specimen_enrol_all(&set);
	for (uint64_t who = 0; who < PERSONS; who++) {
		fake_template(who, 1000, &probe);
		assert_int_equal(gh_gallery_search(set.gallery, &probe, &found, NULL), GH_OK);
		assert_int_equal(found.candidates[0].person.id.bytes[15], who + 1);
		assert_int_equal(found.candidates[0].voyage_version, VERSIONS);
		assert_true(found.complete);
	}
}

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	specimen_gallery_init(&set, folder_path());
	set.options.clock = gh_clock_system();
	return specimen_gallery_start(&set, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	specimen_gallery_finish(&set);
	return folder_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_at_once, set_up, tear_down),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
