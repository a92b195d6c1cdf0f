/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of presentations: how frames belong together, and what is refused. */
#include "gatehouse/evaluation/presentations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/vision/examine.h"

static struct gh_presentations made;

static enum gh_status parse(const char *text, struct gh_error *error)
{
	return gh_presentations_parse("list.tsv", "/there", gh_view_of_text(text), &made, error);
}

static void frames_of_one_word_belong_together(void **state)
{
	(void)state;
	assert_int_equal(parse("species\tfile\tpresentation\tidentity\tnote\n"
			       "\ta1.jpg\ta\tanna\tx\n"
			       "mask\tb1.jpg\tb\tbert\t\n"
			       "\t/else/a2.jpg\ta\tanna\t\n"
			       "print\tc1.jpg\tc\tanna\t\n"
			       "mask\tb2.jpg\tb\tbert\t\n",
				 NULL),
		GH_OK);
	assert_int_equal(made.count, 3);
	assert_int_equal(made.frame_count, 5);
	assert_int_equal(made.identity_count, 2);
	assert_int_equal(made.species_count, 3);
	assert_string_equal(made.species[0], "");
	assert_string_equal(made.species[made.list[1].species], "mask");
	assert_string_equal(made.species[made.list[2].species], "print");
	assert_int_equal(made.list[0].species, 0);
	assert_int_equal(made.list[0].identity, made.list[2].identity);
	assert_int_not_equal(made.list[0].identity, made.list[1].identity);
	assert_string_equal(made.frames[0].file, "/there/a1.jpg");
	assert_string_equal(made.frames[1].file, "/else/a2.jpg");
	assert_int_equal(made.frames[1].line, 4);
	assert_string_equal(made.frames[3].file, "/there/b2.jpg");
	assert_int_equal(made.frames[3].presentation, 1);
	gh_presentations_finish(&made);
}

static void without_the_columns_each_file_is_one(void **state)
{
	(void)state;
	assert_int_equal(parse("file\tspecies\nx.png\t\ny.png\tscreen\nz.png\t\n", NULL), GH_OK);
	assert_int_equal(made.count, 3);
	assert_int_equal(made.identity_count, 3);
	assert_int_equal(made.list[1].species, 1);
	gh_presentations_finish(&made);
	gh_presentations_finish(NULL);
}

static void what_a_list_may_not_say(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	assert_int_equal(parse("file\nx.png\n", NULL), GH_MALFORMED);
	assert_int_equal(parse("species\nmask\n", NULL), GH_MALFORMED);
	assert_int_equal(parse("file\tspecies\n", NULL), GH_MALFORMED);
	assert_int_equal(parse("file\tspecies\n\tmask\n", NULL), GH_MALFORMED);
	assert_int_equal(parse("file\tspecies\tpresentation\nx\tmask\t1\ny\tprint\t1\n", &error),
		GH_MALFORMED);
	assert_non_null(strstr(error.text, "list.tsv:3"));
	assert_int_equal(
		parse("file\tspecies\tpresentation\tidentity\nx\t\t1\tsecret\ny\t\t1\to\n", &error),
		GH_MALFORMED);
	assert_null(strstr(error.text, "secret"));
	assert_int_equal(made.count, 0);
	assert_null(made.texts);
}

static void there_are_only_so_many_species(void **state)
{
	static char text[4096];
	size_t length = (size_t)snprintf(text, sizeof(text), "file\tspecies\n");

	(void)state;
	for (int i = 1; i < GH_ATTACK_SPECIES_MAX; i++)
		length +=
			(size_t)snprintf(text + length, sizeof(text) - length, "f%d\ts%d\n", i, i);
	assert_int_equal(parse(text, NULL), GH_OK);
	assert_int_equal(made.species_count, GH_ATTACK_SPECIES_MAX);
	gh_presentations_finish(&made);
	snprintf(text + length, sizeof(text) - length, "f\tone_too_many\n");
	assert_int_equal(parse(text, NULL), GH_TOO_LARGE);
}

/* The examiner of the vision room, with an answer that depends on the file alone. */
static uint32_t looked, taken, begun;
static enum gh_status next_status;

void gh_examiner_begin(struct gh_examiner *examiner)
{
	(void)examiner;
	begun++;
	taken = 0;
}

enum gh_status gh_examiner_look(
	struct gh_examiner *examiner, struct gh_view picture, struct gh_error *error)
{
	(void)examiner;
	(void)picture;
	looked++;
	taken += next_status == GH_OK;
	return next_status == GH_OK ? GH_OK : gh_error_set(error, next_status, "a secret name");
}

void gh_examiner_conclude(const struct gh_examiner *examiner, struct gh_attack *attack)
{
	(void)examiner;
	memset(attack, 0, sizeof(*attack));
	attack->frames = taken;
	attack->cues[GH_ATTACK_CUE_GRAIN] = (struct gh_attack_measure){ true, (float)taken };
}

/* Any file that is there will do: its bytes are not looked at. */
#define LIST \
	"file\tspecies\tpresentation\n/proc/self/status\t\ta\n/proc/self/status\t\ta\n" \
	"/proc/self/status\tmask\tb\n"

static void presentations_become_cases(void **state)
{
	struct gh_attack_case cases[4];

	(void)state;
	assert_int_equal(parse(LIST, NULL), GH_OK);
	looked = begun = 0;
	next_status = GH_OK;
	assert_int_equal(gh_presentations_examine(&made, NULL, NULL, NULL, cases, NULL), GH_OK);
	assert_int_equal(looked, 3);
	assert_true(cases[0].acquired && cases[1].acquired);
	assert_float_equal(cases[0].cues[GH_ATTACK_CUE_GRAIN].native, 2.0f, 0);
	assert_float_equal(cases[1].cues[GH_ATTACK_CUE_GRAIN].native, 1.0f, 0);
	/* After one frame alone. */
	assert_float_equal(cases[2].cues[GH_ATTACK_CUE_GRAIN].native, 1.0f, 0);
	assert_int_equal(cases[1].species, 1);
	assert_int_equal(cases[3].species, 1);
	assert_int_equal(cases[1].number, 1);
	/* Before, between and behind: nothing of one is left for the next. */
	assert_int_equal(begun, 4);
	next_status = GH_NO_FACE;
	assert_int_equal(gh_presentations_examine(&made, NULL, NULL, NULL, cases, NULL), GH_OK);
	assert_false(cases[0].acquired || cases[1].acquired);
	gh_presentations_finish(&made);
}

static bool stop(void *ctx, size_t done)
{
	*(size_t *)ctx = done;
	return false;
}

static void it_stops_when_told_and_when_a_file_is_bad(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_attack_case cases[4];
	size_t done = 0;

	(void)state;
	assert_int_equal(parse(LIST, NULL), GH_OK);
	next_status = GH_OK;
	assert_int_equal(
		gh_presentations_examine(&made, NULL, stop, &done, cases, &error), GH_CANCELLED);
	assert_int_equal(done, 1);
	next_status = GH_MALFORMED;
	assert_int_equal(
		gh_presentations_examine(&made, NULL, NULL, NULL, cases, &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, "line 2"));
	assert_null(strstr(error.text, "secret"));
	gh_presentations_finish(&made);
	assert_int_equal(parse("file\tspecies\n/nowhere/at/all\t\n", NULL), GH_OK);
	assert_int_equal(
		gh_presentations_examine(&made, NULL, NULL, NULL, cases, &error), GH_NOT_FOUND);
	assert_null(strstr(error.text, "nowhere"));
	gh_presentations_finish(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_one_word_belong_together),
		cmocka_unit_test(without_the_columns_each_file_is_one),
		cmocka_unit_test(what_a_list_may_not_say),
		cmocka_unit_test(there_are_only_so_many_species),
		cmocka_unit_test(presentations_become_cases),
		cmocka_unit_test(it_stops_when_told_and_when_a_file_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
