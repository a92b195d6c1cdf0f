/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of updates: who is the same person, what each message does, and how much work it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/manifest/paxlst.h"
#include "support/manifest/list.h"

static unsigned long compared;

int __real_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b);

int __wrap_strcmp(const char *a, const char *b)
{
	compared++;
	return __real_strcmp(a, b);
}

static struct gh_voyage voyage;
static struct gh_voyage_changes changes;

static int set_up(void **state)
{
	list_voyage(&voyage, 6, 2);
	return 0;
}

static int tear_down(void **state)
{
	gh_voyage_finish(&voyage);
	return 0;
}

static void make(struct gh_paxlst *paxlst, const struct list *list, const char *persons)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	list_begin(&text, list);
	list_person(&text, persons);
	list_end(&text, list);
	list_parse(&text, paxlst);
	gh_bytes_finish(&text);
}

/* Apply a message; later ones are sent later, so that their order is not in question. */
static enum gh_status apply(const char *bgm, const char *persons)
{
	static unsigned minute;
	char sent[16];
	char reference[16];
	struct list list = { .bgm = bgm, .sent = sent, .reference = reference };
	struct gh_paxlst paxlst;
	enum gh_status status;

	minute++;
	snprintf(sent, sizeof(sent), "261124:09%02u", minute % 60);
	snprintf(reference, sizeof(reference), "R%u", minute);
	if (minute % 60 == 0)
		minute++;
	make(&paxlst, &list, persons);
	memset(&changes, 0, sizeof(changes));
	voyage.passenger_message.sent_ms = 0;
	status = gh_voyage_update(&voyage, &paxlst, 0, &changes, NULL);
	gh_paxlst_finish(&paxlst);
	return status;
}

static void expect_changes(
	size_t added, size_t replaced, size_t removed, size_t boarding, size_t unmatched)
{
	assert_int_equal(changes.added, added);
	assert_int_equal(changes.replaced, replaced);
	assert_int_equal(changes.removed, removed);
	assert_int_equal(changes.boarding, boarding);
	assert_int_equal(changes.unmatched, unmatched);
}

static void first_list_makes_the_voyage(void **state)
{
	assert_int_equal(voyage.version, 1);
	assert_false(gh_id_is_none(&voyage.id));
	assert_string_equal(voyage.carrier, "ZZ");
	assert_string_equal(voyage.number, "123");
	assert_string_equal(voyage.from, "UTA");
	assert_string_equal(voyage.to, "UTB");
	assert_int_equal(voyage.departure_ms, LIST_TODAY_MS);
	assert_int_equal(voyage.person_count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(voyage.persons[i].row, i + 1);
		assert_int_equal(voyage.persons[i].boarding, GH_BOARDING_LISTED);
		assert_false(gh_id_is_none(&voyage.persons[i].id));
		for (size_t k = 0; k < i; k++)
			assert_false(gh_id_equal(&voyage.persons[i].id, &voyage.persons[k].id));
	}
}

static void local_times_become_utc(void **state)
{
	static const struct list list = { .departure = "2611241430" };
	struct gh_paxlst paxlst;
	struct gh_voyage fresh = { .persons = NULL };

	make(&paxlst, &list, "");
	assert_int_equal(gh_voyage_apply(&fresh, &paxlst, 150, NULL), GH_OK);
	assert_int_equal(fresh.departure_ms, LIST_TODAY_MS);
	gh_voyage_finish(&fresh);
	assert_int_equal(gh_voyage_apply(&fresh, &paxlst, -330, NULL), GH_OK);
	assert_int_equal(fresh.departure_ms, LIST_TODAY_MS + 8 * 3600000);
	gh_voyage_finish(&fresh);
	gh_paxlst_finish(&paxlst);
}

/* The same list again adds nobody; ids, portraits and boarding stay. */
static void list_again_changes_nobody(void **state)
{
	struct gh_voyage before;
	struct gh_bytes text = GH_BYTES_EMPTY;

	voyage.persons[3].boarding = GH_BOARDING_ON_BOARD;
	assert_int_equal(gh_voyage_copy(&voyage, &before, NULL), GH_OK);
	for (unsigned n = 6; n-- > 0;)
		list_specimen(&text, n);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	assert_int_equal(apply(NULL, (const char *)text.data), GH_OK);
	expect_changes(0, 6, 0, 0, 0);
	assert_int_equal(voyage.version, 2);
	assert_true(gh_id_equal(&voyage.id, &before.id));
	assert_int_equal(voyage.person_count, 6);
	assert_memory_equal(voyage.persons, before.persons, 6 * sizeof(voyage.persons[0]));
	gh_bytes_finish(&text);
	gh_voyage_finish(&before);
}

/* A person of the third specimen, known by less and less. */
static void person_is_known_again(void **state)
{
	static const char *const persons[] = {
		/* unique reference alone, all else new */
		"NAD+FL+++NEWNAME:EVA'RFF+ABO:U2'DOC+P+X1'LOC+91+UTO'",
		/* locator, name, birth, document */
		"NAD+FL+++SPECIMEN2:ANNA'DTM+329:19520303'RFF+AVF:L0'DOC+P+N0000002'LOC+91+UTO'",
		/* a new document */
		"NAD+FL+++SPECIMEN2:ANNA'DTM+329:19520303'RFF+AVF:L0'DOC+P+X2'LOC+91+UTO'",
		/* a corrected birth date */
		"NAD+FL+++SPECIMEN2:ANNA'DTM+329:19520304'RFF+AVF:L0'DOC+P+N0000002'LOC+91+UTO'",
		/* a corrected name, and another locator */
		"NAD+FL+++SPECYMEN:ANNE'DTM+329:19520303'RFF+AVF:L9'DOC+P+N0000002'LOC+91+UTO'",
		/* name and locator, nothing else */
		"NAD+FL+++SPECIMEN2:ANNA'RFF+AVF:L0'",
	};

	for (size_t i = 0; i < sizeof(persons) / sizeof(persons[0]); i++) {
		struct gh_id id = voyage.persons[2].id;

		assert_int_equal(apply("745+CP", persons[i]), GH_OK);
		expect_changes(0, 1, 0, 0, 0);
		assert_int_equal(voyage.person_count, 6);
		assert_true(gh_id_equal(&voyage.persons[2].id, &id));
		assert_int_equal(voyage.persons[2].portrait_count, 2);
		assert_string_not_equal(voyage.persons[2].birth, "");
		tear_down(state);
		set_up(state);
	}
}

static void somebody_else_is_added(void **state)
{
	static const char *const persons[] = {
		/* a namesake on the same booking */
		"NAD+FL+++SPECIMEN2:ANNA'DTM+329:19801111'RFF+AVF:L0'DOC+P+X2'LOC+91+UTO'",
		/* the same name elsewhere */
		"NAD+FL+++SPECIMEN2:ANNA'RFF+AVF:L77'",
		/* the same number of another state */
		"NAD+FL+++OTHER:EVA'DTM+329:19520303'DOC+P+N0000002'LOC+91+XXA'",
		/* nobody in particular: never the only one of a booking */
		"NAD+FL'RFF+AVF:L0'",
	};

	for (size_t i = 0; i < sizeof(persons) / sizeof(persons[0]); i++) {
		assert_int_equal(apply(NULL, persons[i]), GH_OK);
		expect_changes(1, 0, 0, 0, 0);
		assert_int_equal(voyage.person_count, 7);
		assert_int_equal(voyage.persons[6].row, 7);
		assert_int_equal(voyage.persons[6].portrait_count, 0);
		assert_string_equal(voyage.persons[2].document.number.text, "N0000002");
		tear_down(state);
		set_up(state);
	}
}

static void person_named_twice_is_one(void **state)
{
	assert_int_equal(apply(NULL,
				 "NAD+FL+++NEW:EVA'DTM+329:900101'RFF+AVF:L9'DOC+P+E1'LOC+91+UTO'"
				 "NAD+FL+++NEW:EVA'DTM+329:900101'RFF+AVF:L9'DOC+P+E1'LOC+91+UTO'"
				 "NAD+FL+++MORE:EVA'RFF+ABO:U99'"
				 "NAD+FL+++MORE:EVE'ATT+2++F'RFF+ABO:U99'"),
		GH_OK);
	expect_changes(2, 2, 0, 0, 0);
	assert_int_equal(voyage.person_count, 8);
	assert_string_equal(voyage.persons[7].given_names.text, "EVE");
	assert_int_equal(voyage.persons[7].sex, 'F');
}

static void persons_are_removed_and_come_back(void **state)
{
	struct gh_id id = voyage.persons[4].id;

	assert_int_equal(apply("745+XR",
				 "NAD+FL+++SPECIMEN4:ANNA'RFF+ABO:U4'"
				 "NAD+FL+++NOBODY:HERE'RFF+ABO:U44'"),
		GH_OK);
	expect_changes(0, 0, 1, 0, 1);
	assert_int_equal(voyage.persons[4].boarding, GH_BOARDING_REMOVED);
	assert_int_equal(voyage.person_count, 6);
	assert_int_equal(apply("745+RP", "NAD+FL'RFF+ABO:U4'"), GH_OK);
	expect_changes(0, 0, 0, 0, 0);
	assert_int_equal(apply(NULL, "NAD+FL+++SPECIMEN4:ANNA'RFF+ABO:U4'"), GH_OK);
	expect_changes(0, 1, 0, 0, 0);
	assert_int_equal(voyage.persons[4].boarding, GH_BOARDING_LISTED);
	assert_true(gh_id_equal(&voyage.persons[4].id, &id));
	assert_string_equal(voyage.persons[4].document.number.text, "N0000004");
}

static void replacing_list_removes_who_is_missing(void **state)
{
	voyage.persons[5].kind = GH_PERSON_CREW;
	assert_int_equal(apply("745++5",
				 "NAD+FL+++SPECIMEN1:ANNA'RFF+ABO:U1'"
				 "NAD+FL+++NEW:EVA'RFF+ABO:U77'"),
		GH_OK);
	expect_changes(1, 1, 4, 0, 0);
	assert_int_equal(voyage.persons[0].boarding, GH_BOARDING_REMOVED);
	assert_int_equal(voyage.persons[1].boarding, GH_BOARDING_LISTED);
	assert_int_equal(voyage.persons[5].boarding, GH_BOARDING_LISTED);
	assert_int_equal(voyage.persons[6].boarding, GH_BOARDING_LISTED);
	for (size_t i = 0; i < voyage.person_count; i++)
		assert_int_equal(voyage.persons[i].row, i + 1);
}

static void boarding_is_set_but_never_identity(void **state)
{
	struct gh_person before = voyage.persons[1];

	assert_int_equal(apply("266+CLOB",
				 "NAD+ZZZ'RFF+ABO:U1'"
				 "NAD+ZZZ+++OTHER:NAME'RFF+ABO:U2'"),
		GH_OK);
	expect_changes(0, 0, 0, 2, 0);
	before.boarding = GH_BOARDING_ON_BOARD;
	assert_memory_equal(&voyage.persons[1], &before, sizeof(before));
	assert_string_equal(voyage.persons[2].surname.text, "SPECIMEN2");
	assert_int_equal(apply("266+CLNB", "NAD+ZZZ'RFF+ABO:U2'NAD+ZZZ'RFF+AVF:L0'"), GH_OK);
	/* Three travel under L0: the locator alone names none of them. */
	expect_changes(0, 0, 0, 1, 1);
	assert_int_equal(voyage.persons[2].boarding, GH_BOARDING_NOT_ON_BOARD);
	assert_int_equal(apply("266+CL", "NAD+ZZZ'RFF+ABO:U3'"), GH_OK);
	expect_changes(0, 0, 0, 0, 0);
	assert_int_equal(voyage.persons[3].boarding, GH_BOARDING_LISTED);
}

static void locator_of_one_names_one(void **state)
{
	strcpy(voyage.persons[2].locator.text, "ALONE");
	assert_int_equal(apply("266+CLOB", "NAD+ZZZ'RFF+AVF:ALONE'"), GH_OK);
	expect_changes(0, 0, 0, 1, 0);
	assert_int_equal(voyage.persons[2].boarding, GH_BOARDING_ON_BOARD);
}

static void cancelled_voyage_has_nobody(void **state)
{
	assert_int_equal(apply("266+XF", ""), GH_OK);
	expect_changes(0, 0, 6, 0, 0);
	assert_int_equal(voyage.version, 2);
	for (size_t i = 0; i < voyage.person_count; i++)
		assert_int_equal(voyage.persons[i].boarding, GH_BOARDING_REMOVED);
}

/* --- order and identity of messages --- */

static enum gh_status apply_list(const struct list *list)
{
	struct gh_paxlst paxlst;
	enum gh_status status;

	make(&paxlst, list, "NAD+FL+++LATE:EVA'RFF+ABO:U50'");
	status = gh_voyage_apply(&voyage, &paxlst, 0, NULL);
	gh_paxlst_finish(&paxlst);
	return status;
}

static void repeats_and_older_messages_are_dropped(void **state)
{
	struct list list = { .reference = "REF1" };

	assert_int_equal(apply_list(&list), GH_EXISTS);
	list.reference = "REF2";
	list.sent = "261124:0829";
	assert_int_equal(apply_list(&list), GH_EXISTS);
	assert_int_equal(voyage.version, 1);
	assert_int_equal(voyage.person_count, 6);
	list.sent = "261124:0830";
	assert_int_equal(apply_list(&list), GH_OK);
	assert_int_equal(voyage.version, 2);
}

static void revision_goes_before_the_time(void **state)
{
	struct list list = { .reference = "REF2", .sent = "261124:0900", .revision = "9" };

	assert_int_equal(apply_list(&list), GH_OK);
	list.reference = "REF3";
	list.revision = "10";
	list.sent = "261124:0700";
	assert_int_equal(apply_list(&list), GH_OK);
	list.reference = "REF4";
	list.revision = "009";
	list.sent = "261124:1000";
	assert_int_equal(apply_list(&list), GH_EXISTS);
}

/* The crew's list is another stream than the passengers'. */
static void crew_is_ordered_by_itself(void **state)
{
	struct list list = { .bgm = "250+C", .reference = "REFC", .sent = "261124:0600" };

	assert_int_equal(apply_list(&list), GH_OK);
	assert_int_equal(apply_list(&list), GH_EXISTS);
}

static void another_voyage_is_a_conflict(void **state)
{
	static const struct list lists[] = {
		{ .flight = "ZZ124", .reference = "R", .sent = "261124:0900" },
		{ .flight = "YY123", .reference = "R", .sent = "261124:0900" },
		{ .departure = "2611251200", .reference = "R", .sent = "261124:0900" },
		{ .departure = "2611231200", .reference = "R", .sent = "261124:0900" },
	};
	struct list late = { .departure = "2611241700", .reference = "R", .sent = "261124:0900" };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_int_equal(apply_list(&lists[i]), GH_CONFLICT);
	assert_int_equal(voyage.version, 1);
	assert_int_equal(apply_list(&late), GH_OK);
	assert_int_equal(voyage.departure_ms, LIST_TODAY_MS + 5 * 3600000);
}

static void change_needs_a_list(void **state)
{
	static const char *const bgms[] = { "745+CP", "745+XR", "266+CLOB", "266+XF", "266+CF" };

	for (size_t i = 0; i < sizeof(bgms) / sizeof(bgms[0]); i++) {
		struct list list = { .bgm = bgms[i] };

		gh_voyage_finish(&voyage);
		assert_int_equal(apply_list(&list), GH_CONFLICT);
		assert_true(gh_id_is_none(&voyage.id));
		assert_null(voyage.persons);
	}
}

static void full_voyage_takes_no_more(void **state)
{
	gh_voyage_finish(&voyage);
	list_voyage(&voyage, GH_VOYAGE_PERSONS_MAX, 0);
	assert_int_equal(apply(NULL, "NAD+FL+++ONEMORE:EVA'RFF+ABO:X'"), GH_TOO_LARGE);
	assert_int_equal(voyage.version, 1);
	assert_int_equal(voyage.person_count, GH_VOYAGE_PERSONS_MAX);
	assert_int_equal(apply(NULL, "NAD+FL+++SPECIMEN7:ANNA'RFF+ABO:U7'"), GH_OK);
}

/* --- work --- */

static void list_of(struct gh_bytes *text, unsigned count, const char *alike)
{
	static const struct list list = { .reference = "WORK", .sent = "261124:0900" };

	list_begin(text, &list);
	for (unsigned n = 0; n < count; n++) {
		if (alike)
			list_person(text, alike);
		else
			list_specimen(text, n);
	}
	list_end(text, &list);
}

/* Comparisons of strings for applying count persons to a voyage of as many. */
static unsigned long work_of(unsigned count, const char *alike)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_paxlst paxlst;

	gh_voyage_finish(&voyage);
	list_of(&text, count, alike);
	list_parse(&text, &paxlst);
	gh_bytes_finish(&text);
	assert_int_equal(gh_voyage_apply(&voyage, &paxlst, 0, NULL), GH_OK);
	paxlst.sent_ms++;
	compared = 0;
	assert_int_equal(gh_voyage_apply(&voyage, &paxlst, 0, NULL), GH_OK);
	gh_paxlst_finish(&paxlst);
	return compared;
}

/* Ten times the persons may take little more than ten times the work, whoever they are. */
static void work_is_never_quadratic(void **state)
{
	static const char *const sorts[] = {
		NULL,
		"NAD+FL+++SAME:ANNA'DTM+329:740812'RFF+AVF:L'DOC+P+N1'LOC+91+UTO'",
		"NAD+FL+++SAME:ANNA'RFF+AVF:L'",
		"NAD+FL'RFF+AVF:L'",
		"NAD+FL'DOC+P+N1'LOC+91+UTO'",
		"NAD+FL'",
	};

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		unsigned long small = work_of(1000, sorts[i]);
		unsigned long large = work_of(10000, sorts[i]);

		print_message(
			"sort %zu: %lu comparisons for 1000, %lu for 10000\n", i, small, large);
		assert_true(large < 20 * small + 1000);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(first_list_makes_the_voyage),
		CASE(local_times_become_utc),
		CASE(list_again_changes_nobody),
		CASE(person_is_known_again),
		CASE(somebody_else_is_added),
		CASE(person_named_twice_is_one),
		CASE(persons_are_removed_and_come_back),
		CASE(replacing_list_removes_who_is_missing),
		CASE(boarding_is_set_but_never_identity),
		CASE(locator_of_one_names_one),
		CASE(cancelled_voyage_has_nobody),
		CASE(repeats_and_older_messages_are_dropped),
		CASE(revision_goes_before_the_time),
		CASE(crew_is_ordered_by_itself),
		CASE(another_voyage_is_a_conflict),
		CASE(change_needs_a_list),
		CASE(full_voyage_takes_no_more),
		CASE(work_is_never_quadratic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
