/* SPDX-License-Identifier: Apache-2.0 */
/* The morph indicator and its file: what it says, within what, and what a file may say. */
#include "gatehouse/vision/morph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "hashed_lines.h"
#include "support/folder.h"

static struct gh_morph_parameters specimen(void)
{
	struct gh_morph_parameters made = { .data_set = "specimen pairs",
		.research_only = true,
		.people = 7,
		.bona_fide = 20,
		.morphs = 40,
		.even = 0.5f,
		.slope = -20.0f,
		.lowest = -4.0f,
		.highest = 3.0f,
		.measured_people = 8,
		.d_eer = 0.125f,
		.d_eer_low = 0.0625f,
		.d_eer_high = 0.25f,
		.point_count = 3 };

	for (size_t i = 0; i < sizeof(made.chain.bytes); i++)
		made.chain.bytes[i] = (uint8_t)(3 * i);
	made.points[0] = (struct gh_morph_point){ -4.0f, 1.0f, 0.0f };
	made.points[1] = (struct gh_morph_point){ 0.0f, 0.25f, 0.125f };
	made.points[2] = (struct gh_morph_point){ 3.0f, 0.0f, 0.5f };
	return made;
}

static void write_specimen(char path[4096], struct gh_bytes *text)
{
	struct gh_morph_parameters made = specimen();

	snprintf(path, 4096, "%s", folder_place("morph.txt"));
	assert_int_equal(gh_morph_write(path, &made, NULL), GH_OK);
	assert_int_equal(gh_file_read(path, GH_MORPH_FILE_BYTES_MAX, text, NULL), GH_OK);
}

static void it_falls_as_the_score_rises(void **state)
{
	struct gh_morph_parameters made = specimen();
	float last = INFINITY;

	(void)state;
	assert_float_equal(gh_morph_indicator(&made, 0.5f), 0.0f, 1e-6);
	assert_float_equal(gh_morph_indicator(&made, 0.4f), 2.0f, 1e-5);
	assert_float_equal(gh_morph_indicator(&made, 0.6f), -2.0f, 1e-5);
	for (int i = -100; i <= 100; i++) {
		float now = gh_morph_indicator(&made, (float)i / 100.0f);

		assert_true(now <= last);
		last = now;
	}
}

/* No pair weighs more than the counts bear out, and nothing is no number. */
static void it_stays_within_its_range(void **state)
{
	static const float scores[] = { -1.0f, 1.0f, 3.4e38f, -3.4e38f, INFINITY, -INFINITY, NAN };
	struct gh_morph_parameters made = specimen();

	(void)state;
	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
		float found = gh_morph_indicator(&made, scores[i]);

		assert_true(found >= -4.0f && found <= 3.0f);
	}
	assert_float_equal(gh_morph_indicator(&made, -1.0f), 3.0f, 0);
	assert_float_equal(gh_morph_indicator(&made, 1.0f), -4.0f, 0);
	assert_float_equal(gh_morph_indicator(&made, NAN), 0.0f, 0);
}

static void its_error_lies_between_the_points(void **state)
{
	struct gh_morph_parameters made = specimen();
	struct gh_morph_point at, last = { 0.0f, 1.0f, 0.0f };

	(void)state;
	at = gh_morph_error_at(&made, 0.0f);
	assert_float_equal(at.bpcer, 0.25f, 1e-6);
	assert_float_equal(at.apcer, 0.125f, 1e-6);
	at = gh_morph_error_at(&made, 1.5f);
	assert_float_equal(at.bpcer, 0.125f, 1e-6);
	assert_float_equal(at.apcer, 0.3125f, 1e-6);
	at = gh_morph_error_at(&made, 99.0f);
	assert_float_equal(at.bpcer, 0.0f, 0);
	assert_float_equal(at.apcer, 0.5f, 0);
	for (int i = -60; i <= 60; i++) {
		at = gh_morph_error_at(&made, (float)i / 10.0f);
		assert_true(at.bpcer <= last.bpcer && at.apcer >= last.apcer);
		last = at;
	}
}

static void a_file_reads_back_as_written(void **state)
{
	struct gh_morph_parameters made = specimen(), back;
	struct gh_bytes text = GH_BYTES_EMPTY;
	char path[4096];

	(void)state;
	write_specimen(path, &text);
	assert_int_equal(gh_morph_read(path, &back, NULL), GH_OK);
	assert_string_equal(back.data_set, made.data_set);
	assert_true(back.research_only);
	assert_memory_equal(&back.chain, &made.chain, sizeof(made.chain));
	assert_int_equal(back.people, 7);
	assert_int_equal(back.bona_fide, 20);
	assert_int_equal(back.morphs, 40);
	assert_int_equal(back.measured_people, 8);
	assert_float_equal(back.even, made.even, 0);
	assert_float_equal(back.slope, made.slope, 0);
	assert_float_equal(back.lowest, made.lowest, 0);
	assert_float_equal(back.highest, made.highest, 0);
	assert_float_equal(back.d_eer_high, made.d_eer_high, 0);
	assert_int_equal(back.point_count, 3);
	assert_memory_equal(back.points, made.points, sizeof(made.points));
	gh_bytes_finish(&text);
	unlink(path);
	assert_int_equal(gh_morph_read(path, &back, NULL), GH_NOT_FOUND);
}

/* Whatever single byte changes, the file is refused and nothing of it is kept. */
static void every_changed_byte_is_refused(void **state)
{
	static const struct gh_morph_parameters none;
	struct gh_morph_parameters back;
	struct gh_bytes text = GH_BYTES_EMPTY;
	char path[4096];

	(void)state;
	write_specimen(path, &text);
	for (size_t i = 0; i < text.length_bytes; i++) {
		text.data[i] ^= 1;
		assert_int_not_equal(gh_morph_parse(gh_bytes_view(&text), &back, NULL), GH_OK);
		assert_memory_equal(&back, &none, sizeof(none));
		text.data[i] ^= 1;
		assert_int_not_equal(
			gh_morph_parse((struct gh_view){ text.data, i }, &back, NULL), GH_OK);
	}
	assert_int_equal(gh_morph_parse(gh_bytes_view(&text), &back, NULL), GH_OK);
	gh_bytes_finish(&text);
	unlink(path);
}

/* Replace the first `old` by `new`, hash anew, and parse. */
static enum gh_status parse_changed(const char *old, const char *new, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY, changed = GH_BYTES_EMPTY;
	struct gh_morph_parameters back;
	enum gh_status status;
	char path[4096], *at, *end;

	write_specimen(path, &text);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	at = strstr((char *)text.data, old);
	end = strstr((char *)text.data, "sha256 ");
	assert_true(at && end && at < end);
	*end = '\0';
	assert_int_equal(gh_bytes_print(&changed, NULL, "%.*s%s%s", (int)(at - (char *)text.data),
				 (char *)text.data, new, at + strlen(old)),
		GH_OK);
	assert_int_equal(gh_hashed_lines_seal(&changed, NULL), GH_OK);
	status = gh_morph_parse(gh_bytes_view(&changed), &back, error);
	gh_bytes_finish(&text);
	gh_bytes_finish(&changed);
	unlink(path);
	return status;
}

static void what_a_file_may_not_say(void **state)
{
	static const char *const pairs[][3] = {
		{ "people 7", "people -7", "line 5:" },
		{ "research_only yes", "research_only perhaps", "line 3:" },
		{ "chain 0003", "chain 000", "line 4:" },
		{ "score 0.5 -20", "score 0.5 0", "line 8:" },
		{ "score 0.5 -20", "score 0.5 nan", "line 8:" },
		{ "score 0.5 -20", "score 0.5 -20 1", "line 8:" },
		{ "range -4 3", "range 1 3", "line 9:" },
		{ "range -4 3", "range -4 101", "line 9:" },
		{ "d_eer 0.125", "d_eer 1.125", "line 11:" },
		{ "points 3", "points 1", "line 12:" },
		{ "points 3", "points 33", "line 12:" },
		{ "points 3", "points 4", "line 16:" },
		{ "point 0 0.25", "point 0 1.25", "line 14:" },
		{ "point 3 0 0.5", "point 3 0.5 0.5", "line 15:" },
		{ "point 3 0 0.5", "point 3 0 0.0625", "line 15:" },
		{ "point 3 0 0.5", "point 0 0 0.5", "line 15:" },
	};

	(void)state;
	assert_int_equal(parse_changed("people 7", "people 9", NULL), GH_OK);
	assert_int_equal(
		parse_changed("gatehouse-morph 1", "gatehouse-morph 2", NULL), GH_UNSUPPORTED);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(parse_changed(pairs[i][0], pairs[i][1], &error), GH_MALFORMED);
		if (!strstr(error.text, pairs[i][2]))
			fail_msg("'%s' does not name %s", error.text, pairs[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_falls_as_the_score_rises),
		cmocka_unit_test(it_stays_within_its_range),
		cmocka_unit_test(its_error_lies_between_the_points),
		cmocka_unit_test(a_file_reads_back_as_written),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(what_a_file_may_not_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
