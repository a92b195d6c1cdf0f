/* SPDX-License-Identifier: Apache-2.0 */
/* Searches, claims and the health check over galleries of specimen persons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "support/folder.h"
#include "support/gallery/specimen_set.h"
#include "support/gallery/synthetic.h"

static enum gh_status verify(
	const char *number, const char *issuer, uint64_t who, struct gh_search *found)
{
	struct gh_template probe;

	set_probe(who, &probe);
	return gh_gallery_verify(set.gallery, number, issuer, &probe, found, NULL);
}

static void test_only_voyages_in_their_window_are_searched(void **state)
{
	struct gh_search found;

	assert_int_equal(set_load(A, 1, 20, 1), GH_OK);
	specimen_init(&specimen, B, 1, 30, 1);
	specimen.voyage.departure_ms = SPECIMEN_NOW_MS + 6 * HOUR_MS;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_init(&specimen, C, 1, 5, 1);
	specimen.voyage.departure_ms = 0;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);
	/* The first persons are on all three voyages; ties go to the first slot. */
	assert_true(set_matched(10, A));
	assert_false(set_lists(10, B));
	assert_int_equal(set_search(10, &found), GH_OK);
	assert_int_equal(found.persons, 25);
	assert_int_equal(gh_gallery_state(set.gallery).voyages_active, 2);

	gh_clock_manual_advance(&set.clock, (uint64_t)(2.4 * 3600e6));
	assert_int_equal(set_search(25, &found), GH_OK);
	assert_int_equal(found.persons, 20 + 30 + 5);
	assert_true(set_matched(25, B));
	assert_true(set_lists(10, A) && set_lists(10, B));
	/* Half an hour after departure the first one is over. */
	gh_clock_manual_advance(&set.clock, (uint64_t)(0.2 * 3600e6));
	assert_int_equal(set_search(10, &found), GH_OK);
	assert_int_equal(found.persons, 35);
	assert_false(set_lists(10, A));
}

static void test_a_claim_is_compared_with_its_person_only(void **state)
{
	struct gh_search found;

	specimen_init(&specimen, A, 1, 20, 2);
	specimen.voyage.persons[6].portrait_count = 0;
	specimen.voyage.persons[8] = specimen.voyage.persons[7];
	specimen.voyage.persons[8].id.bytes[15] = 9;
	specimen.voyage.persons[8].row = 9;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);
	assert_int_equal(verify("l 000003<<", "UTO", 2, &found), GH_OK);
	assert_int_equal(found.count, 1);
	assert_true(set_has(&found.candidates[0], A, 2));
	assert_int_equal(found.templates, 2);
	assert_true(found.candidates[0].score >= found.threshold.score);
	assert_true(
		found.threshold.score == gh_threshold_for_claim(set.calibration, 2, 1e-4).score);
	/* Somebody else with the same document in hand. */
	assert_int_equal(verify("L000003", "UTO", 11, &found), GH_OK);
	assert_true(found.candidates[0].score < found.threshold.score);
	assert_int_equal(verify("L999999", "UTO", 2, &found), GH_NOT_FOUND);
	assert_int_equal(verify("L000003", "USA", 2, &found), GH_NOT_FOUND);
	assert_int_equal(verify("L000008", "UTO", 7, &found), GH_CONFLICT);
	/* Listed, but without any portrait. */
	assert_int_equal(verify("L000007", "UTO", 6, &found), GH_OK);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.templates, 0);
	assert_int_equal(found.persons_without, 1);
	assert_true(found.candidates[0].score < found.threshold.score);
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

static void test_a_claim_follows_the_newest_version(void **state)
{
	struct gh_search found;

	assert_int_equal(set_load(A, 1, 20, 2), GH_OK);
	specimen_enrol_all(&set);
	specimen_init(&specimen, A, 2, 21, 2);
	remove_person(&specimen, 9, true);
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	/* Removed: not known. Added: known, without a template yet. Kept: by the older template. */
	assert_int_equal(verify("L000010", "UTO", 9, &found), GH_NOT_FOUND);
	assert_int_equal(verify("L000021", "UTO", 20, &found), GH_OK);
	assert_int_equal(found.templates, 0);
	assert_int_equal(verify("L000005", "UTO", 4, &found), GH_OK);
	assert_int_equal(found.templates, 2);
	assert_int_equal(found.candidates[0].voyage_version, 2);
	assert_true(found.candidates[0].score >= found.threshold.score);
	specimen_enrol_all(&set);
	assert_int_equal(verify("L000021", "UTO", 20, &found), GH_OK);
	assert_int_equal(found.templates, 2);
	gh_clock_manual_advance(&set.clock, 3 * 3600ull * 1000000);
	assert_int_equal(verify("L000005", "UTO", 4, &found), GH_NOT_FOUND);
}

static void test_bad_probes_are_refused(void **state)
{
	struct gh_template probe = { { 0.5f } };
	struct gh_search found;

	assert_int_equal(set_load(A, 1, 3, 1), GH_OK);
	specimen_enrol_all(&set);
	assert_int_equal(gh_gallery_search(set.gallery, &probe, &found, NULL), GH_MALFORMED);
	assert_int_equal(found.count, 0);
	assert_int_equal(gh_gallery_verify(set.gallery, "L000001", "UTO", &probe, &found, NULL),
		GH_MALFORMED);
	assert_int_equal(found.count, 0);
}

struct findings {
	struct gh_gallery_finding list[32];
	size_t count;
};

static void take_finding(void *ctx, const struct gh_gallery_finding *finding)
{
	struct findings *findings = ctx;

	assert_true(findings->count < 32);
	findings->list[findings->count++] = *finding;
}

static const struct gh_gallery_finding *finding_of(const struct findings *findings, uint32_t row)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].row == row)
			return &findings->list[i];
	fail_msg("no finding of row %u", (unsigned)row);
	return NULL;
}

static void test_health_check(void **state)
{
	struct findings findings = { .count = 0 };
	struct gh_id id = specimen_id(A);
	struct gh_id other = specimen_id(B);
	const struct gh_gallery_finding *finding;
	struct gh_search found;

	specimen_init(&specimen, A, 1, 64, 3);
	specimen.portraits[10][0].kind = FAKE_NO_FACE;
	specimen.portraits[11][1].kind = FAKE_MALFORMED;
	specimen.portraits[12][2].kind = FAKE_DOUBT;
	specimen.portraits[13][0].kind = FAKE_BROKEN;
	for (uint32_t k = 0; k < 3; k++)
		specimen.portraits[14][k].kind = FAKE_NO_FACE;
	/* Persons 20 and 50 have the same face, in three different pictures each. */
	for (uint32_t k = 0; k < 3; k++)
		specimen.portraits[50][k] = (struct fake_portrait){ FAKE_FACE, 20, 900 + k };
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);

	assert_int_equal(gh_gallery_check(set.gallery, &id, take_finding, &findings, NULL), GH_OK);
	assert_int_equal(findings.count, 1 + 1 + 1 + 1 + 3 + 1);
	finding = finding_of(&findings, 11);
	assert_int_equal(finding->status, GH_NO_FACE);
	assert_int_equal(finding->reason, GH_REASON_NO_FACE);
	assert_int_equal(finding->portrait, 0);
	assert_int_equal(finding_of(&findings, 12)->status, GH_MALFORMED);
	assert_int_equal(finding_of(&findings, 12)->portrait, 1);
	assert_int_equal(finding_of(&findings, 13)->status, GH_OK);
	assert_int_equal(finding_of(&findings, 13)->reason, GH_REASON_BLURRED);
	assert_int_equal(finding_of(&findings, 14)->status, GH_INTERNAL);
	finding = finding_of(&findings, 21);
	assert_int_equal(finding->other_row, 51);
	assert_true(finding->score > 0.7f);
	assert_int_equal(gh_gallery_state(set.gallery).unusable, 6);
	assert_int_equal(gh_gallery_state(set.gallery).look_alikes, 1);

	assert_int_equal(set_search(20, &found), GH_OK);
	assert_true(found.candidates[0].look_alike && found.candidates[1].look_alike);
	assert_false(found.candidates[2].look_alike);
	assert_int_equal(found.persons_without, 1);
	findings.count = 0;
	assert_int_equal(gh_gallery_check(set.gallery, NULL, take_finding, &findings, NULL), GH_OK);
	assert_int_equal(findings.count, 8);
	assert_int_equal(
		gh_gallery_check(set.gallery, &other, take_finding, &findings, NULL), GH_NOT_FOUND);
}

/* A hostile voyage on which everybody is the same person: all pairs are counted, few kept. */
static void test_a_voyage_of_doubles(void **state)
{
	enum {
		PERSONS = 64
	};

	specimen_init(&specimen, A, 1, PERSONS, 2);
	for (size_t i = 0; i < PERSONS; i++)
		for (uint32_t k = 0; k < 2; k++)
			specimen.portraits[i][k].who = 1;
	assert_int_equal(specimen_load(&set, &specimen), GH_OK);
	specimen_finish(&specimen);
	specimen_enrol_all(&set);
	assert_int_equal(gh_gallery_state(set.gallery).look_alikes, PERSONS * (PERSONS - 1) / 2);
	set_restart();
	assert_int_equal(gh_gallery_state(set.gallery).look_alikes, PERSONS * (PERSONS - 1) / 2);
}

static void test_padding_counts_but_is_nobody(void **state)
{
	struct gh_search found;

	set.options.padding_rows = 400;
	set_restart();
	assert_int_equal(set_load(A, 1, 3, 1), GH_OK);
	specimen_enrol_all(&set);
	assert_int_equal(set_search(1, &found), GH_OK);
	assert_int_equal(found.persons, 403);
	assert_int_equal(found.templates, 403);
	assert_int_equal(found.count, 3);
	assert_true(set_matched(1, A));
	assert_int_equal(gh_gallery_state(set.gallery).padding, 400);
	assert_int_equal(gh_gallery_state(set.gallery).templates, 3);
	assert_true(found.threshold.score ==
		gh_threshold_for_search(set.calibration, 403, 0.003).score);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_begin, set_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_only_voyages_in_their_window_are_searched),
		TEST(test_a_claim_is_compared_with_its_person_only),
		TEST(test_a_claim_follows_the_newest_version),
		TEST(test_bad_probes_are_refused),
		TEST(test_health_check),
		TEST(test_a_voyage_of_doubles),
		TEST(test_padding_counts_but_is_nobody),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
