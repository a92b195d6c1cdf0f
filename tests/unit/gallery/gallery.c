/* SPDX-License-Identifier: Apache-2.0 */
/* The gallery from loading to erasure, over real bundles and sealed files. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "support/folder.h"
#include "support/gallery/specimen_set.h"
#include "support/gallery/synthetic.h"

static void test_nothing_is_active_at_first(void **state)
{
	struct gh_search found;
	struct gh_gallery_voyage voyages[GH_GALLERY_VOYAGES_MAX];

	assert_int_equal(set_search(1, &found), GH_NOT_FOUND);
	assert_int_equal(gh_gallery_voyages(set.gallery, voyages), 0);
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL), GH_NOT_FOUND);
	assert_int_equal(gh_gallery_check(set.gallery, NULL, NULL, NULL, NULL), GH_OK);
	gh_gallery_destroy(NULL);
}

static void test_load_enrol_search(void **state)
{
	struct gh_search found;
	struct gh_gallery_state sums;

	assert_int_equal(set_load(A, 1, 60, 3), GH_OK);
	assert_int_equal(set_search(7, &found), GH_OK);
	assert_false(found.complete);
	assert_int_equal(found.count, 0);
	assert_int_equal(found.persons_without, 60);
	assert_int_equal(gh_gallery_state(set.gallery).waiting, 180);
	assert_int_equal(gh_gallery_state(set.gallery).persons, 60);

	specimen_enrol_all(&set);
	for (uint64_t who = 0; who < 60; who++)
		assert_true(set_matched(who, A));
	assert_int_equal(set_search(7, &found), GH_OK);
	assert_true(found.complete);
	assert_int_equal(found.count, GH_CANDIDATES_MAX);
	assert_int_equal(found.persons, 60);
	assert_int_equal(found.templates, 180);
	assert_int_equal(found.persons_without, 0);
	assert_true(found.threshold.score ==
		gh_threshold_for_search(set.calibration, 180, 0.003).score);
	for (size_t i = 1; i < found.count; i++)
		assert_true(found.candidates[i].score <= found.candidates[i - 1].score);
	assert_int_equal(found.candidates[0].voyage_version, 1);
	assert_int_equal(found.candidates[0].reference_age_years, 4);
	assert_true(found.candidates[0].fmr ==
		gh_calibration_fmr(set.calibration, found.candidates[0].score, NULL));
	assert_string_equal(found.candidates[0].person.document.number.text, "L000008");
	/* Somebody who is not on the voyage. */
	assert_int_equal(set_search(5000, &found), GH_OK);
	assert_true(found.candidates[0].score < found.threshold.score);

	sums = gh_gallery_state(set.gallery);
	assert_int_equal(sums.voyages, 1);
	assert_int_equal(sums.voyages_active, 1);
	assert_int_equal(sums.templates, 180);
	assert_int_equal(sums.waiting, 0);
	assert_int_equal(sums.unusable, 0);
	assert_int_equal(sums.look_alikes, 0);
}

/* Enrolment in the background: who is enrolled already can be found already. */
static void test_a_first_version_serves_as_it_grows(void **state)
{
	struct gh_search found;

	assert_int_equal(set_load(A, 1, 10, 1), GH_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL), GH_OK);
	assert_int_equal(set_search(0, &found), GH_OK);
	assert_false(found.complete);
	assert_true(found.templates >= 2 && found.templates < 10);
	assert_int_equal(found.persons + found.persons_without, 10);
	assert_true(set_matched(0, A));
	assert_false(set_lists(9, A));
}

static void test_versions_only_grow(void **state)
{
	struct gh_bundle *bundle;
	struct gh_gallery_voyage voyages[GH_GALLERY_VOYAGES_MAX];

	assert_int_equal(set_load(A, 3, 5, 1), GH_OK);
	assert_int_equal(set_load(A, 3, 5, 1), GH_EXISTS);
	assert_int_equal(set_load(A, 2, 5, 1), GH_EXISTS);
	specimen_enrol_all(&set);
	assert_int_equal(set_load(A, 3, 5, 1), GH_EXISTS);
	/* The refused bundle is still the caller's and still open. */
	specimen_init(&specimen, A, 3, 5, 1);
	bundle = specimen_bundle(&specimen, set.bundles);
	assert_int_equal(gh_gallery_load(set.gallery, bundle, NULL), GH_EXISTS);
	assert_int_equal(gh_bundle_voyage(bundle)->person_count, 5);
	gh_bundle_close(bundle);
	specimen_finish(&specimen);
	assert_int_equal(set_load(A, 4, 5, 1), GH_OK);
	assert_int_equal(gh_gallery_voyages(set.gallery, voyages), 1);
	assert_int_equal(voyages[0].version, 4);
	assert_true(voyages[0].active);
	assert_true(voyages[0].test);
}

static void test_a_new_version_enrols_only_what_changed(void **state)
{
	unsigned long before;

	assert_int_equal(set_load(A, 1, 40, 2), GH_OK);
	specimen_enrol_all(&set);
	before = fake_enrolled();
	/* Two more persons, and another second picture of person 3. */
	specimen_init(&specimen, A, 2, 42, 2);
	specimen.portraits[3][1].picture = 77;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	assert_false(set_lists(41, A));
	assert_true(set_matched(3, A));
	specimen_enrol_all(&set);
	assert_int_equal(fake_enrolled() - before, 2 * 2 + 1);
	assert_true(set_matched(41, A));
	for (uint64_t who = 0; who < 42; who++)
		assert_true(set_matched(who, A));
	assert_int_equal(gh_gallery_state(set.gallery).templates, 84);
}

/* A version that comes before the last one is complete does not throw its work away. */
static void test_an_unfinished_version_lends_its_templates(void **state)
{
	unsigned long before = fake_enrolled();

	assert_int_equal(set_load(A, 1, 10, 1), GH_OK);
	for (int i = 0; i < 6; i++)
		assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL), GH_OK);
	assert_int_equal(set_load(A, 2, 12, 1), GH_OK);
	assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL), GH_OK);
	assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL), GH_OK);
	assert_int_equal(set_load(A, 3, 14, 1), GH_OK);
	specimen_enrol_all(&set);
	assert_int_equal(fake_enrolled() - before, 14);
	assert_true(set_matched(13, A));
	assert_int_equal(gh_gallery_state(set.gallery).templates, 14);
}

static void remove_person(struct specimen_voyage *from, size_t i, bool as_row)
{
	if (as_row) {
		from->voyage.persons[i].boarding = GH_BOARDING_REMOVED;
		return;
	}
	memmove(&from->voyage.persons[i], &from->voyage.persons[i + 1],
		(from->voyage.person_count - i - 1) * sizeof(struct gh_person));
	from->voyage.person_count--;
}

static void load_without_4_and_9(uint32_t version)
{
	specimen_init(&specimen, A, version, 20, 2);
	remove_person(&specimen, 9, true);
	remove_person(&specimen, 4, false);
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
}

static void test_a_removal_is_in_force_at_once(void **state)
{
	struct gh_search found;

	assert_int_equal(set_load(A, 1, 20, 2), GH_OK);
	specimen_enrol_all(&set);
	assert_true(set_matched(4, A) && set_matched(9, A));
	load_without_4_and_9(2);
	assert_false(set_lists(4, A));
	assert_false(set_lists(9, A));
	assert_true(set_matched(5, A));
	assert_int_equal(set_search(5, &found), GH_OK);
	assert_int_equal(found.persons, 18);
	assert_int_equal(found.templates, 36);
	assert_false(found.complete);
	specimen_enrol_all(&set);
	assert_false(set_lists(4, A) || set_lists(9, A));
	assert_true(set_matched(5, A));
	assert_int_equal(set_search(5, &found), GH_OK);
	assert_int_equal(found.persons, 18);
	assert_true(found.complete);
	/* Who comes back is found again. */
	assert_int_equal(set_load(A, 3, 20, 2), GH_OK);
	specimen_enrol_all(&set);
	assert_true(set_matched(4, A) && set_matched(9, A));
}

static void test_a_removal_outlives_a_restart(void **state)
{
	assert_int_equal(set_load(A, 1, 20, 2), GH_OK);
	specimen_enrol_all(&set);
	load_without_4_and_9(2);
	set_restart();
	assert_false(set_lists(4, A) || set_lists(9, A));
	assert_true(set_matched(5, A));
	/* The newest list counts, also when it takes a removal back. */
	assert_int_equal(set_load(A, 3, 20, 2), GH_OK);
	set_restart();
	assert_true(set_matched(4, A) && set_matched(9, A));
	assert_int_equal(set_load(A, 3, 20, 2), GH_OK);
	specimen_enrol_all(&set);
	set_restart();
	assert_true(set_matched(4, A) && set_matched(5, A));
}

static void test_ready_after_a_restart_without_enrolment(void **state)
{
	struct gh_gallery_voyage voyages[GH_GALLERY_VOYAGES_MAX];
	struct gh_search before;
	struct gh_search after;
	unsigned long enrolled;

	set.options.padding_rows = 30;
	set_restart();
	specimen_init(&specimen, A, 1, 50, 3);
	specimen.portraits[20][0] = (struct fake_portrait){ FAKE_FACE, 21, 500 };
	specimen.portraits[30][1].kind = FAKE_NO_FACE;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);
	assert_int_equal(set_search(20, &before), GH_OK);
	enrolled = fake_enrolled();
	assert_int_equal(gh_gallery_voyages(set.gallery, voyages), 1);

	set_restart();
	assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), NULL), GH_NOT_FOUND);
	assert_int_equal(set_search(20, &after), GH_OK);
	/* Where portraits lie in the bundle is of no use without it and not kept. */
	for (size_t i = 0; i < GH_CANDIDATES_MAX; i++)
		for (size_t k = 0; k < GH_PERSON_PORTRAITS_MAX; k++) {
			struct gh_portrait_place *place = &before.candidates[i].person.portraits[k];

			place->offset_bytes = 0;
			memset(&place->hash, 0, sizeof(place->hash));
		}
	assert_memory_equal(&before, &after, sizeof(before));
	assert_true(after.complete);
	assert_true(after.candidates[0].look_alike);
	assert_int_equal(fake_enrolled(), enrolled);
	assert_int_equal(gh_gallery_state(set.gallery).look_alikes, 1);
	assert_int_equal(gh_gallery_state(set.gallery).unusable, 1);
	assert_int_equal(gh_gallery_state(set.gallery).padding, 30);
	assert_int_equal(set_load(A, 1, 50, 3), GH_EXISTS);
}

/* Call back with every file of the gallery's folder. */
static void each_file(const char *suffix, void (*call)(const char *path, void *ctx), void *ctx)
{
	DIR *folder = opendir(set.folder);
	struct dirent *entry;
	char path[600];

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length < strlen(suffix) || entry->d_name[0] == '.' ||
			strcmp(entry->d_name + length - strlen(suffix), suffix) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", set.folder, entry->d_name);
		call(path, ctx);
	}
	closedir(folder);
}

static void count_file(const char *path, void *ctx)
{
	(*(int *)ctx)++;
}

static int files(const char *suffix)
{
	int count = 0;

	each_file(suffix, count_file, &count);
	return count;
}

static bool holds(const struct gh_bytes *bytes, const char *text)
{
	for (size_t i = 0; i + strlen(text) <= bytes->length_bytes; i++)
		if (memcmp(bytes->data + i, text, strlen(text)) == 0)
			return true;
	return false;
}

static void check_no_names(const char *path, void *ctx)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(path, 1 << 24, &bytes, NULL), GH_OK);
	assert_false(holds(&bytes, "ERIKSSON") || holds(&bytes, "ANNA") || holds(&bytes, "L0000"));
	gh_bytes_finish(&bytes);
}

static void test_nothing_personal_lies_in_the_clear(void **state)
{
	assert_int_equal(set_load(A, 1, 20, 2), GH_OK);
	specimen_enrol_all(&set);
	load_without_4_and_9(2);
	assert_int_equal(files(".gallery"), 1);
	assert_int_equal(files(".removed"), 1);
	assert_int_equal(files(".key"), 1);
	each_file("", check_no_names, NULL);
	specimen_enrol_all(&set);
	/* One version is kept, and the list of removals goes with the version it was for. */
	assert_int_equal(files(".gallery"), 1);
	assert_int_equal(files(".removed"), 0);
}

struct damage {
	size_t at;
	bool cut;
};

static void damage_file(const char *path, void *ctx)
{
	const struct damage *damage = ctx;
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	size_t at;

	assert_int_equal(gh_file_read(path, 1 << 24, &bytes, NULL), GH_OK);
	at = damage->at % bytes.length_bytes;
	bytes.data[at] ^= 0x20;
	if (damage->cut)
		bytes.length_bytes = at;
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&bytes), 0600, NULL), GH_OK);
	gh_bytes_finish(&bytes);
}

static void test_damaged_files_are_set_aside(void **state)
{
	uint64_t seed = synthetic_seed(51);

	for (size_t i = 0; i < 60; i++) {
		/* Every byte of the header and of the first length, then anywhere. */
		struct damage damage = { i < 30 ? i * 3 : synthetic_random(&seed), i % 5 == 4 };

		assert_int_equal(set_load(A, 1, 6, 1), GH_OK);
		specimen_enrol_all(&set);
		specimen_gallery_stop(&set);
		each_file(".gallery", damage_file, &damage);
		assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
		assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
		assert_int_equal(files(".gallery"), 0);
		assert_int_equal(files(".damaged"), 1);
		/* It can be loaded and enrolled anew, and erasing it takes the damaged file too. */
		assert_int_equal(set_load(A, 1, 6, 1), GH_OK);
		specimen_enrol_all(&set);
		assert_true(set_matched(2, A));
		assert_int_equal(
			gh_gallery_drop(set.gallery, &(struct gh_id){ .bytes = { 0 } }, NULL),
			GH_NOT_FOUND);
		struct gh_id id = specimen_id(A);
		assert_int_equal(gh_gallery_drop(set.gallery, &id, NULL), GH_OK);
		assert_int_equal(files(""), 0);
	}
}

static void test_a_damaged_key_or_list_is_set_aside(void **state)
{
	struct damage damage = { 20, false };

	assert_int_equal(set_load(A, 1, 20, 1), GH_OK);
	specimen_enrol_all(&set);
	load_without_4_and_9(2);
	specimen_gallery_stop(&set);
	each_file(".removed", damage_file, &damage);
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	assert_int_equal(files(".removed"), 0);
	/* Who is off the list is not known any more, so nobody of the voyage is matched. */
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	set_restart();
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	assert_int_equal(set_load(A, 1, 20, 1), GH_OK);
	specimen_enrol_all(&set);
	specimen_gallery_stop(&set);
	each_file(".key", damage_file, &damage);
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	assert_int_equal(set_load(A, 2, 20, 1), GH_OK);
	specimen_enrol_all(&set);
	set_restart();
	assert_true(set_matched(3, A));
}

static void test_files_of_another_chain_are_set_aside(void **state)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_calibration *other;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(set_load(A, 1, 6, 1), GH_OK);
	specimen_enrol_all(&set);
	specimen_gallery_stop(&set);
	/* A calibration of the old chain does not go with templates of a new one. */
	fake_chain_set(0x77);
	set.options.chain = fake_chain();
	assert_int_equal(specimen_gallery_start(&set, &error), GH_SETTINGS);
	assert_null(set.gallery);
	content.facts.chain = fake_chain();
	assert_int_equal(
		gh_calibration_write(folder_place("calibration"), &content, NULL, &error), GH_OK);
	assert_int_equal(gh_calibration_open(folder_place("calibration"), &other, &error), GH_OK);
	set.options.calibration = other;
	assert_int_equal(specimen_gallery_start(&set, &error), GH_OK);
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	assert_int_equal(files(".damaged"), 1);
	fake_chain_set(0xc4);
	assert_int_equal(set_load(A, 1, 6, 1), GH_OK);
	assert_int_equal(gh_gallery_enrol_next(set.gallery, fake_enroller(), &error), GH_CONFLICT);
	gh_calibration_close(other);
}

static void test_expiry_erases(void **state)
{
	assert_int_equal(set_load(A, 1, 10, 1), GH_OK);
	specimen_init(&specimen, B, 1, 10, 1);
	specimen.voyage.passage_end_ms = SPECIMEN_NOW_MS + 10 * HOUR_MS;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_init(&specimen, C, 1, 10, 1);
	specimen.voyage.departure_ms = SPECIMEN_NOW_MS + 500 * HOUR_MS;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);
	assert_int_equal(gh_gallery_expire(set.gallery), 0);
	assert_int_equal(files(".key"), 3);

	gh_clock_manual_advance(&set.clock, 4 * 3600ull * 1000000 - 1000);
	assert_int_equal(gh_gallery_expire(set.gallery), 0);
	gh_clock_manual_advance(&set.clock, 1000);
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
	assert_int_equal(files(".key"), 2);
	assert_int_equal(files(".gallery"), 2);
	assert_int_equal(set_load(A, 1, 10, 1), GH_REFUSED); /* gone for good */
	assert_int_equal(gh_gallery_expire(set.gallery), 0);

	gh_clock_manual_advance(&set.clock, 8 * 3600ull * 1000000);
	assert_int_equal(gh_gallery_expire(set.gallery), 1); /* by the last passage */
	gh_clock_manual_advance(&set.clock, 84 * 3600ull * 1000000 - 1000);
	assert_int_equal(gh_gallery_expire(set.gallery), 0);
	gh_clock_manual_advance(&set.clock, 1000);
	assert_int_equal(gh_gallery_expire(set.gallery), 1); /* by age */
	assert_int_equal(files(""), 0);
}

/* A clock set back keeps nobody's data: the age also counts by the clock that cannot jump. */
static void test_a_clock_set_back_does_not_keep_a_voyage(void **state)
{
	assert_int_equal(set_load(A, 1, 3, 1), GH_OK);
	set.clock.real_ms -= 1000 * HOUR_MS;
	set.clock.monotonic_us += 96 * 3600ull * 1000000;
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
}

/* Who brings voyages is told of one that is over, as long as it is by the clock. */
static void test_what_is_over_is_not_wanted_again(void **state)
{
	struct gh_id id;
	struct gh_sha256 hash;

	specimen_init(&specimen, A, 1, 3, 1);
	id = specimen.voyage.id;
	specimen.voyage.passage_end_ms = SPECIMEN_NOW_MS + HOUR_MS;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	assert_false(gh_gallery_ended(set.gallery, &id, &hash));
	set.clock.real_ms += 10 * HOUR_MS;
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
	assert_true(gh_gallery_ended(set.gallery, &id, &hash));
	/* A clock that was wrong is set right: the voyage may come back. */
	set.clock.real_ms -= 10 * HOUR_MS;
	assert_false(gh_gallery_ended(set.gallery, &id, &hash));
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	set.clock.real_ms += 10 * HOUR_MS;
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
	/* One that comes when it is over is noted without having been held. */
	specimen.voyage.version = 2;
	assert_int_equal(specimen_load(&set, &specimen), GH_REFUSED);
	specimen_finish(&specimen);
	assert_true(gh_gallery_ended(set.gallery, &id, &hash));
	assert_int_equal(files(""), 0);
}

/* By age no wrong clock is to blame: nothing brings it back. */
static void test_what_is_too_old_stays_away(void **state)
{
	struct gh_id id;
	struct gh_sha256 hash;

	specimen_init(&specimen, A, 1, 3, 1);
	id = specimen.voyage.id;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	set.clock.monotonic_us += 96 * 3600ull * 1000000;
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
	set.clock.real_ms -= 1000 * HOUR_MS;
	assert_true(gh_gallery_ended(set.gallery, &id, &hash));
}

static void test_what_expired_while_off_is_erased_at_start(void **state)
{
	assert_int_equal(set_load(A, 1, 10, 1), GH_OK);
	specimen_enrol_all(&set);
	specimen_gallery_stop(&set);
	gh_clock_manual_advance(&set.clock, 5 * 3600ull * 1000000);
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	assert_int_equal(files(""), 0);
}

/* The age is that of the first version: a new one does not make the old portraits younger. */
static void test_a_new_version_does_not_renew_the_age(void **state)
{
	specimen_init(&specimen, A, 1, 5, 1);
	specimen.voyage.departure_ms = 0;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_enrol_all(&set);
	gh_clock_manual_advance(&set.clock, 95 * 3600ull * 1000000);
	specimen.voyage.version = 2;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);
	set_restart();
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 1);
	gh_clock_manual_advance(&set.clock, 3600ull * 1000000);
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
}

/* A file that an erasure left behind goes at the next one, a stranger's file stays. */
static void test_stray_files_are_erased(void **state)
{
	struct gh_id id = specimen_id(B);
	char text[GH_ID_TEXT_BYTES];
	char path[600];

	gh_id_format(&id, text);
	snprintf(path, sizeof(path), "%s/%s.3.gallery", set.folder, text);
	assert_int_equal(gh_file_replace(path, gh_view_of_text("x"), 0600, NULL), GH_OK);
	snprintf(path, sizeof(path), "%s/%s.key", set.folder, text);
	assert_int_equal(gh_file_replace(path, gh_view_of_text("x"), 0600, NULL), GH_OK);
	snprintf(path, sizeof(path), "%s/notes.txt", set.folder);
	assert_int_equal(gh_file_replace(path, gh_view_of_text("x"), 0600, NULL), GH_OK);
	assert_int_equal(gh_gallery_expire(set.gallery), 0);
	assert_int_equal(files(""), 1);
	assert_int_equal(files(".txt"), 1);
}

static void test_limits(void **state)
{
	set.options.rows_max = 100;
	set_restart();
	assert_int_equal(set_load(A, 1, 51, 2), GH_FULL);
	assert_int_equal(set_load(A, 1, 40, 2), GH_OK);
	assert_int_equal(set_load(B, 1, 21, 1), GH_FULL);
	assert_int_equal(set_load(B, 1, 20, 1), GH_OK);
	/* A new version takes the old one's place in the sum. */
	assert_int_equal(set_load(A, 2, 39, 2), GH_OK);
	set.options.rows_max = 100000;
	specimen_gallery_stop(&set);
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	for (uint8_t name = 1; name <= GH_GALLERY_VOYAGES_MAX; name++)
		assert_int_equal(set_load(name, 1, 1, 1), GH_OK);
	assert_int_equal(set_load(A, 1, 1, 1), GH_FULL);
	assert_int_equal(set_load(1, 2, 1, 1), GH_OK);
}

static void test_an_empty_voyage_and_one_without_id(void **state)
{
	struct gh_search found;

	assert_int_equal(set_load(A, 1, 0, 0), GH_OK);
	specimen_enrol_all(&set);
	assert_int_equal(set_search(0, &found), GH_OK);
	assert_int_equal(found.count, 0);
	assert_true(found.complete);
	set_restart();
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_begin, set_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_active_at_first),
		TEST(test_load_enrol_search),
		TEST(test_a_first_version_serves_as_it_grows),
		TEST(test_versions_only_grow),
		TEST(test_a_new_version_enrols_only_what_changed),
		TEST(test_an_unfinished_version_lends_its_templates),
		TEST(test_a_removal_is_in_force_at_once),
		TEST(test_a_removal_outlives_a_restart),
		TEST(test_ready_after_a_restart_without_enrolment),
		TEST(test_nothing_personal_lies_in_the_clear),
		TEST(test_damaged_files_are_set_aside),
		TEST(test_a_damaged_key_or_list_is_set_aside),
		TEST(test_files_of_another_chain_are_set_aside),
		TEST(test_expiry_erases),
		TEST(test_a_clock_set_back_does_not_keep_a_voyage),
		TEST(test_what_is_over_is_not_wanted_again),
		TEST(test_what_is_too_old_stays_away),
		TEST(test_what_expired_while_off_is_erased_at_start),
		TEST(test_a_new_version_does_not_renew_the_age),
		TEST(test_stray_files_are_erased),
		TEST(test_limits),
		TEST(test_an_empty_voyage_and_one_without_id),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
