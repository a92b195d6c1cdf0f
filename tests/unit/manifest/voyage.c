/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of voyages: documents found, ages, copies. */
#include "gatehouse/manifest/voyage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"
#include "support/manifest/list.h"

static int64_t ms_of(const char *text)
{
	int64_t real_ms;

	assert_int_equal(gh_time_parse(text, &real_ms, NULL), GH_OK);
	return real_ms;
}

static int age(const char *birth, const char *at)
{
	struct gh_person person = { .row = 1 };

	strcpy(person.birth, birth);
	return gh_person_age(&person, ms_of(at));
}

static void age_counts_full_years(void **state)
{
	assert_int_equal(age("19740812", "2026-08-11T23:59:59Z"), 51);
	assert_int_equal(age("19740812", "2026-08-12T00:00:00Z"), 52);
	assert_int_equal(age("20000229", "2026-02-28T12:00:00Z"), 25);
	assert_int_equal(age("20000229", "2026-03-01T00:00:00Z"), 26);
	assert_int_equal(age("20121125", "2026-11-24T12:00:00Z"), 13);
	assert_int_equal(age("20261124", "2026-11-24T12:00:00Z"), 0);
}

static void age_is_unknown_without_a_day(void **state)
{
	assert_int_equal(age("", "2026-11-24T12:00:00Z"), -1);
	assert_int_equal(age("19740231", "2026-11-24T12:00:00Z"), -1);
	assert_int_equal(age("1974", "2026-11-24T12:00:00Z"), -1);
	assert_int_equal(age("1974081X", "2026-11-24T12:00:00Z"), -1);
	assert_int_equal(age("20261125", "2026-11-24T12:00:00Z"), -1);
}

static void document_is_found_however_it_is_typed(void **state)
{
	struct gh_voyage voyage;
	const struct gh_person *person;

	list_voyage(&voyage, 5, 0);
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", "UTO", &person), 1);
	assert_int_equal(person->row, 4);
	assert_int_equal(gh_voyage_find_document(&voyage, " n0 000003<<<", "", &person), 1);
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", NULL, &person), 1);
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", "uto", &person), 1);
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", "<<<", &person), 1);
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", "USA", &person), 0);
	assert_null(person);
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", "UTOP", &person), 0);
	strcpy(voyage.persons[3].document.issuer, "D");
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000003", "D<<", &person), 1);
	assert_int_equal(gh_voyage_find_document(&voyage, "N000000", "UTO", &person), 0);
	gh_voyage_finish(&voyage);
}

static void document_of_nobody_is_not_found(void **state)
{
	struct gh_voyage voyage;
	const struct gh_person *person;

	list_voyage(&voyage, 3, 0);
	memset(&voyage.persons[1].document, 0, sizeof(voyage.persons[1].document));
	assert_int_equal(gh_voyage_find_document(&voyage, "", "", &person), 0);
	assert_int_equal(gh_voyage_find_document(&voyage, " <<", "", &person), 0);
	voyage.persons[0].boarding = GH_BOARDING_REMOVED;
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000000", "UTO", &person), 0);
	gh_voyage_finish(&voyage);
}

static void doubled_document_is_counted(void **state)
{
	struct gh_voyage voyage;
	const struct gh_person *person;

	list_voyage(&voyage, 4, 0);
	voyage.persons[3].document = voyage.persons[1].document;
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000001", "UTO", &person), 2);
	assert_int_equal(person->row, 2);
	/* An issuer that the manifest does not know speaks for any. */
	voyage.persons[1].document.issuer[0] = '\0';
	assert_int_equal(gh_voyage_find_document(&voyage, "N0000001", "UTO", &person), 2);
	gh_voyage_finish(&voyage);
}

static void copy_stands_alone(void **state)
{
	struct gh_voyage voyage;
	struct gh_voyage copy;

	list_voyage(&voyage, 3, 1);
	assert_int_equal(gh_voyage_copy(&voyage, &copy, NULL), GH_OK);
	assert_ptr_not_equal(copy.persons, voyage.persons);
	assert_memory_equal(copy.persons, voyage.persons, 3 * sizeof(copy.persons[0]));
	gh_voyage_finish(&voyage);
	assert_string_equal(copy.persons[2].surname.text, "SPECIMEN2");
	gh_voyage_finish(&copy);
	assert_int_equal(copy.person_count, 0);
	assert_int_equal(gh_voyage_copy(&voyage, &copy, NULL), GH_OK);
	assert_null(copy.persons);
	gh_voyage_finish(NULL);
}

static void words_have_names(void **state)
{
	assert_string_equal(gh_boarding_name(GH_BOARDING_LISTED), "listed");
	assert_string_equal(gh_boarding_name(GH_BOARDING_REMOVED), "removed");
	assert_string_equal(gh_boarding_name((enum gh_boarding)99), "unknown");
	assert_string_equal(gh_person_kind_name(GH_PERSON_TRANSIT), "transit");
	assert_string_equal(gh_person_kind_name((enum gh_person_kind)99), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(age_counts_full_years),
		cmocka_unit_test(age_is_unknown_without_a_day),
		cmocka_unit_test(document_is_found_however_it_is_typed),
		cmocka_unit_test(document_of_nobody_is_not_found),
		cmocka_unit_test(doubled_document_is_counted),
		cmocka_unit_test(copy_stands_alone),
		cmocka_unit_test(words_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
