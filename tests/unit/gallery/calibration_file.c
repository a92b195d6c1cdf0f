/* SPDX-License-Identifier: Apache-2.0 */
/* The calibration as a file: there and back, damaged, cut, and refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/signature.h"
#include "support/folder.h"
#include "support/gallery/synthetic.h"

static char path[] = "/tmp/gatehouse-calibration-XXXXXX";

static int make_path(void **state)
{
	int descriptor = mkstemp(path);

	return descriptor < 0 ? -1 : close(descriptor);
}

static int drop_path(void **state)
{
	return unlink(path);
}

/* The text of the synthetic calibration. */
static void written(struct gh_bytes *text)
{
	struct gh_calibration_content content = synthetic_content();

	assert_int_equal(gh_calibration_write(path, &content, NULL, NULL), GH_OK);
	assert_int_equal(gh_file_read(path, GH_CALIBRATION_BYTES_MAX, text, NULL), GH_OK);
}

static void expect_same_curve(
	const struct gh_calibration_curve *back, const struct gh_calibration_curve *curve)
{
	assert_int_equal(back->genuine_pairs, curve->genuine_pairs);
	assert_int_equal(back->impostor_pairs, curve->impostor_pairs);
	assert_int_equal(back->tail_count, curve->tail_count);
	assert_true(fabs(back->tail_misfit - curve->tail_misfit) < 1e-5);
	assert_int_equal(back->point_count, curve->point_count);
	for (size_t i = 0; i < back->point_count; i++) {
		assert_true(back->points[i].score == curve->points[i].score);
		assert_true(fabs(back->points[i].llr - curve->points[i].llr) < 1e-4);
	}
}

static void test_what_is_written_reads_back(void **state)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_calibration *calibration;
	const struct gh_calibration_facts *facts;
	const struct gh_calibration_content *back;
	float worst = 0.0f;

	assert_int_equal(gh_calibration_write(path, &content, NULL, NULL), GH_OK);
	assert_int_equal(gh_calibration_open(path, &calibration, NULL), GH_OK);
	facts = gh_calibration_facts(calibration);
	assert_string_equal(facts->data_set, "synthetic");
	assert_true(facts->research_only);
	assert_int_equal(facts->genuine_pairs, content.curves[0].genuine_pairs);
	assert_int_equal(facts->impostor_pairs, content.curves[0].impostor_pairs);
	assert_true(fabs(facts->frame_spread - SYNTHETIC_FRAME_SPREAD) < 1e-6);
	assert_true(facts->tail_fits);
	assert_int_equal(facts->identities, content.facts.identities);
	assert_int_equal(facts->pictures, content.facts.pictures);
	assert_int_equal(facts->failures_to_acquire, 2);
	assert_int_equal(facts->frames_averaged, 1);
	assert_memory_equal(&facts->chain, &content.facts.chain, sizeof(facts->chain));
	assert_true(fabs(facts->fmr_measured_min / content.curves[0].tail_fmr - 1.0) < 1e-9);
	back = gh_calibration_content(calibration);
	assert_int_equal(back->curve_count, content.curve_count);
	for (size_t i = 0; i < back->curve_count; i++)
		expect_same_curve(&back->curves[i], &content.curves[i]);
	assert_int_equal(back->spread.direction_count, content.spread.direction_count);
	for (size_t i = 0; i < GH_TEMPLATE_VALUES * content.spread.direction_count; i++)
		worst = fmaxf(
			worst, fabsf(back->spread.directions[i] - content.spread.directions[i]));
	assert_true(worst < 0.002f);
	gh_calibration_close(calibration);
}

/* Replace the first `from` by `to` and expect a status and a text in the error. */
static void damage(const char *from, const char *to, enum gh_status expected, const char *reason)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_bytes changed = GH_BYTES_EMPTY;
	struct gh_calibration *calibration;
	struct gh_error error = GH_ERROR_NONE;
	const char *start;
	const char *place;

	written(&text);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	start = (const char *)text.data;
	place = strstr(start, from);
	assert_non_null(place);
	assert_int_equal(gh_bytes_append(&changed, start, (size_t)(place - start), NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&changed, to, strlen(to), NULL), GH_OK);
	place += strlen(from);
	assert_int_equal(gh_bytes_append(&changed, place, strlen(place), NULL), GH_OK);
	assert_int_equal(
		gh_calibration_parse("a.txt", gh_bytes_view(&changed), &calibration, &error),
		expected);
	assert_null(calibration);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
	gh_bytes_finish(&text);
	gh_bytes_finish(&changed);
}

static void test_damaged_files_are_refused_by_line(void **state)
{
	damage("calibration 2", "calibration 1", GH_UNSUPPORTED,
		"a.txt:1: another version of the format: measure again with `gatehouse evaluate");
	damage("data_set synthetic", "data_sets x", GH_MALFORMED,
		"a.txt:2: \"data_set\" is missing");
	damage("data_set synthetic",
		"data_set 0123456789012345678901234567890123456789012345678901234567890123",
		GH_MALFORMED, "a.txt:2: the name");
	damage("research_only yes", "research_only maybe", GH_MALFORMED, "a.txt:3: neither");
	damage("chain c4", "chain g4", GH_MALFORMED, "a.txt:4: not 64");
	damage("chain c4", "chain c4c4", GH_MALFORMED, "a.txt:4: not 64");
	damage("pictures 2930", "pictures -1", GH_MALFORMED, "a.txt:5: the count");
	damage("pictures 2930", "pictures 99999999999", GH_MALFORMED, "a.txt:5: the count");
	damage("identities 1500", "identities 1", GH_MALFORMED, "a.txt: the counts");
	damage("frame_spread 0.08", "frame_spread 8", GH_MALFORMED, "a.txt: the frame spread");
	damage("curves 3", "curves 4", GH_MALFORMED, "a.txt:10: the count");
	damage("curves 3", "curves 0", GH_MALFORMED, "\"values\" is missing");
	damage("curves 3", "curves 2", GH_MALFORMED, "\"values\" is missing");
	damage("values 512", "curves 512", GH_MALFORMED, "\"values\" is missing");
}

static void test_damaged_curves_are_refused(void **state)
{
	damage("averaged 1\n", "averaged 2\n", GH_MALFORMED, "a.txt:11: curves follow");
	damage("genuine_pairs 3000", "genuine_pairs 0", GH_MALFORMED,
		"a.txt: frames_averaged 1: the counts");
	damage("impostor_pairs 4000000", "impostor_pairs 40000", GH_MALFORMED,
		"40000 impostor pairs do not bear out");
	damage("tail 0.", "tail nan ", GH_MALFORMED, "a.txt:14: a number");
	damage("tail 0.3", "tail 0.5", GH_MALFORMED, "the tail");
	damage("tail_fit 400", "tail_fit 29", GH_MALFORMED, "the tail rests on too few");
	damage("tail_fit 400", "tail_fit 4000001", GH_MALFORMED, "the tail rests on too few");
	damage("tail_fit 400", "tail_fit -400", GH_MALFORMED, "a.txt:15: the count");
	damage("tail_fit 400 0.9", "tail_fit 400 -1", GH_MALFORMED, "the tail is out of range");
	damage("points 201", "points 5000", GH_MALFORMED, "a.txt:16: the count");
	damage("points 201", "points 202", GH_MALFORMED, "a.txt:218: ");
	damage("points 201", "points 0", GH_MALFORMED, "a.txt:17: ");
	damage("\n-1 1 ", "\n-1 1 0 ", GH_MALFORMED, "a.txt:17: more on the line");
	damage("\n-1 1 ", "\n-0.9 1 ", GH_MALFORMED, "point 2 is not monotonic");
	damage("\n-1 1 ", "\n-1 0.5 ", GH_MALFORMED, "point 2 is not monotonic");
	damage("\n-1 1 ", "\n-1 1e999 ", GH_MALFORMED, "a.txt:17: a number");
	damage("\n-1 1 ", "\n-1 0 ", GH_MALFORMED, "point 1 is out of range");
	damage(" -7\n", " 7\n", GH_MALFORMED, "point 2 is not monotonic");
	damage(" -7\n", " -9\n", GH_MALFORMED, "the counts do not bear out");
	damage(" 11\n", " 16\n", GH_MALFORMED, "the counts do not bear out");
}

static void test_damaged_spreads_and_ends_are_refused(void **state)
{
	damage("values 512", "values 128", GH_UNSUPPORTED, "templates of another length");
	damage("directions 96", "directions 97", GH_MALFORMED, "the scale of a direction");
	damage("directions 96", "directions 95", GH_MALFORMED, "\"end\" is missing");
	damage("end\n", "end", GH_TRUNCATED, "before its line \"end\"");
	damage("end\n", "end\nx\n", GH_MALFORMED, "\"signed_by\" is missing");
	damage("end\n", "end\nsigned_by 00\n", GH_MALFORMED, "hexadecimal");
}

static void test_every_truncation_is_refused(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_calibration *calibration;

	written(&text);
	for (size_t length = 0; length < text.length_bytes; length += length < 9000 ? 1 : 997) {
		assert_int_not_equal(
			gh_calibration_parse(
				"cut", (struct gh_view){ text.data, length }, &calibration, NULL),
			GH_OK);
		assert_null(calibration);
	}
	gh_bytes_finish(&text);
}

static void test_comments_and_empty_lines_are_skipped(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_bytes more = GH_BYTES_EMPTY;
	struct gh_calibration *calibration;

	written(&text);
	assert_int_equal(gh_bytes_print(&more, NULL, "# made by hand\n\n"), GH_OK);
	assert_int_equal(gh_bytes_append(&more, text.data, text.length_bytes, NULL), GH_OK);
	assert_int_equal(
		gh_calibration_parse("b.txt", gh_bytes_view(&more), &calibration, NULL), GH_OK);
	gh_calibration_close(calibration);
	gh_bytes_finish(&text);
	gh_bytes_finish(&more);
}

static void test_what_cannot_be_read_is_not_written(void **state)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_error error = GH_ERROR_NONE;

	content.curves[0].points[40].fmr = 2.0;
	unlink(path);
	assert_int_equal(gh_calibration_write(path, &content, NULL, &error), GH_MALFORMED);
	assert_int_not_equal(access(path, F_OK), 0);
	content = synthetic_content();
	content.facts.data_set[3] = '\n';
	assert_int_equal(gh_calibration_write(path, &content, NULL, &error), GH_MALFORMED);
	assert_int_not_equal(access(path, F_OK), 0);
	content = synthetic_content();
	assert_int_equal(gh_calibration_write(path, &content, NULL, &error), GH_OK);
}

static void write_signed(const char *key)
{
	struct gh_calibration_content content = synthetic_content();

	assert_int_equal(
		gh_calibration_write(folder_place("c"), &content, folder_place(key), NULL), GH_OK);
}

static enum gh_status verified(const char *public_key, struct gh_error *error)
{
	struct gh_calibration *calibration;
	enum gh_status status;

	assert_int_equal(gh_calibration_open(folder_place("c"), &calibration, NULL), GH_OK);
	status = gh_calibration_verify(calibration, folder_place(public_key), error);
	gh_calibration_close(calibration);
	return status;
}

static void test_a_signature_names_its_key_and_covers_the_file(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(
		gh_signature_make_key(folder_place("a.key"), folder_place("a.pub"), NULL), GH_OK);
	assert_int_equal(
		gh_signature_make_key(folder_place("b.key"), folder_place("b.pub"), NULL), GH_OK);
	write_signed("a.key");
	assert_int_equal(verified("a.pub", NULL), GH_OK);
	assert_int_equal(verified("b.pub", &error), GH_DENIED);
	assert_non_null(strstr(error.text, "another key"));
	assert_int_equal(verified("no.pub", &error), GH_NOT_FOUND);
}

/* Text replaced in the signed file: what still parses is a broken signature. */
static enum gh_status verified_with(const char *from, const char *to)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;
	char *place;

	assert_int_equal(strlen(from), strlen(to));
	assert_int_equal(
		gh_file_read(folder_place("c"), GH_CALIBRATION_BYTES_MAX, &text, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	place = strstr((char *)text.data, from);
	assert_non_null(place);
	memcpy(place, to, strlen(to));
	text.length_bytes--;
	assert_int_equal(
		gh_file_replace(folder_place("c"), gh_bytes_view(&text), 0644, NULL), GH_OK);
	gh_bytes_finish(&text);
	status = verified("a.pub", &error);
	assert_non_null(strstr(error.text, "the calibration's signature"));
	return status;
}

static void test_a_changed_file_does_not_verify(void **state)
{
	static const char *const changes[][2] = { { "research_only yes", "research_only no\n" },
		{ "synthetic", "synthesis" }, { "chain c4", "chain c5" },
		{ "genuine_pairs 3000", "genuine_pairs 3001" },
		{ "frame_spread 0.08", "frame_spread 0.07" } };

	assert_int_equal(
		gh_signature_make_key(folder_place("a.key"), folder_place("a.pub"), NULL), GH_OK);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		write_signed("a.key");
		assert_int_equal(verified("a.pub", NULL), GH_OK);
		assert_int_equal(verified_with(changes[i][0], changes[i][1]), GH_INTEGRITY);
	}
}

static void test_an_unsigned_file_does_not_verify(void **state)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(
		gh_signature_make_key(folder_place("a.key"), folder_place("a.pub"), NULL), GH_OK);
	assert_int_equal(gh_calibration_write(folder_place("c"), &content, NULL, NULL), GH_OK);
	assert_int_equal(verified("a.pub", &error), GH_INTEGRITY);
	assert_non_null(strstr(error.text, "not signed"));
	/* Without its key nothing is written. */
	assert_int_equal(
		gh_calibration_write(folder_place("d"), &content, folder_place("no.key"), &error),
		GH_NOT_FOUND);
	assert_int_equal(folder_count(""), 3);
}

static void test_a_missing_file_is_named(void **state)
{
	struct gh_calibration *calibration;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_calibration_open("/tmp/no/such/calibration", &calibration, &error),
		GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "/tmp/no/such/calibration"));
	assert_null(calibration);
	gh_calibration_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_reads_back),
		cmocka_unit_test(test_damaged_files_are_refused_by_line),
		cmocka_unit_test(test_damaged_curves_are_refused),
		cmocka_unit_test(test_damaged_spreads_and_ends_are_refused),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_comments_and_empty_lines_are_skipped),
		cmocka_unit_test(test_what_cannot_be_read_is_not_written),
		cmocka_unit_test(test_a_missing_file_is_named),
		cmocka_unit_test_setup_teardown(test_a_signature_names_its_key_and_covers_the_file,
			folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_changed_file_does_not_verify, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			test_an_unsigned_file_does_not_verify, folder_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
