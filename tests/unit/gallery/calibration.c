/* SPDX-License-Identifier: Apache-2.0 */
/* The calibration file and what is read off it. */
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

	assert_int_equal(gh_calibration_write(path, &content, NULL), GH_OK);
	assert_int_equal(gh_file_read(path, GH_CALIBRATION_BYTES_MAX, text, NULL), GH_OK);
}

static void test_what_is_written_reads_back(void **state)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_calibration *calibration;
	const struct gh_calibration_facts *facts;
	const struct gh_calibration_content *back;
	float worst = 0.0f;

	assert_int_equal(gh_calibration_write(path, &content, NULL), GH_OK);
	assert_int_equal(gh_calibration_open(path, &calibration, NULL), GH_OK);
	facts = gh_calibration_facts(calibration);
	assert_string_equal(facts->data_set, "synthetic");
	assert_true(facts->research_only);
	assert_int_equal(facts->genuine_pairs, content.facts.genuine_pairs);
	assert_int_equal(facts->impostor_pairs, content.facts.impostor_pairs);
	assert_int_equal(facts->identities, content.facts.identities);
	assert_int_equal(facts->pictures, content.facts.pictures);
	assert_int_equal(facts->failures_to_acquire, 2);
	assert_int_equal(facts->frames_averaged, 1);
	assert_memory_equal(&facts->chain, &content.facts.chain, sizeof(facts->chain));
	assert_true(fabs(facts->fmr_measured_min / content.tail_fmr - 1.0) < 1e-9);
	back = gh_calibration_content(calibration);
	assert_int_equal(back->point_count, content.point_count);
	for (size_t i = 0; i < back->point_count; i++)
		assert_true(back->points[i].score == content.points[i].score);
	assert_int_equal(back->spread.direction_count, content.spread.direction_count);
	for (size_t i = 0; i < GH_TEMPLATE_VALUES * content.spread.direction_count; i++)
		worst = fmaxf(worst, fabsf(back->spread.directions[i] - content.spread.directions[i]));
	assert_true(worst < 0.002f);
	gh_calibration_close(calibration);
}

static void test_rates_are_monotonic_and_inverse(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	double last_fmr = 1.1;
	double last_fnmr = -0.1;
	bool extrapolated;

	for (float score = -1.2f; score < 1.5f; score += 0.0007f) {
		double fmr = gh_calibration_fmr(calibration, score, &extrapolated);
		double fnmr = gh_calibration_fnmr(calibration, score);

		assert_true(fmr <= last_fmr && fmr >= 0.0);
		assert_true(fnmr >= last_fnmr && fnmr <= 1.0);
		assert_int_equal(extrapolated,
			fmr < gh_calibration_facts(calibration)->fmr_measured_min);
		last_fmr = fmr;
		last_fnmr = fnmr;
	}
	for (double fmr = 0.9; fmr > 1e-12; fmr *= 0.97) {
		float score = gh_calibration_score(calibration, fmr, &extrapolated);

		assert_true(gh_calibration_fmr(calibration, score, NULL) <= fmr);
		/* A little lower is too low: this is the lowest such score. */
		assert_true(gh_calibration_fmr(calibration, score - 2e-6f, NULL) > fmr);
		assert_int_equal(extrapolated,
			fmr < gh_calibration_facts(calibration)->fmr_measured_min);
	}
	gh_calibration_close(calibration);
}

static double normal_above(double score)
{
	return 0.5 * erfc((score - SYNTHETIC_IMPOSTOR_MEAN) / SYNTHETIC_IMPOSTOR_SD / sqrt(2.0));
}

static void test_rates_are_those_of_the_data(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();

	for (float score = -0.2f; score < 0.34f; score += 0.0131f) {
		double fmr = gh_calibration_fmr(calibration, score, NULL);

		assert_true(fabs(fmr / normal_above((double)score) - 1.0) < 0.01);
	}
	/* The exponential tail lies above a normal one: more is referred, never less. */
	for (float score = 0.40f; score < 0.9f; score += 0.01f)
		assert_true(gh_calibration_fmr(calibration, score, NULL) >
			normal_above((double)score));
	assert_true(gh_calibration_fmr(calibration, -1.5f, NULL) == 1.0);
	assert_true(gh_calibration_fnmr(calibration, -1.5f) == 0.0);
	assert_true(gh_calibration_fnmr(calibration, 1.5f) == 1.0);
	gh_calibration_close(calibration);
}

static void test_no_number_asks_for_too_much(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	bool extrapolated = false;

	assert_true(gh_calibration_score(calibration, 0.0, &extrapolated) == GH_SCORE_UNREACHABLE);
	assert_true(extrapolated);
	assert_true(gh_calibration_score(calibration, -1.0, NULL) == GH_SCORE_UNREACHABLE);
	assert_true(gh_calibration_score(calibration, NAN, NULL) == GH_SCORE_UNREACHABLE);
	assert_true(gh_calibration_score(calibration, 1e-300, NULL) == GH_SCORE_UNREACHABLE);
	assert_true(gh_calibration_score(calibration, 1.0, &extrapolated) == -1.0f);
	assert_false(extrapolated);
	assert_true(gh_calibration_fmr(calibration, NAN, NULL) == 1.0);
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
		gh_calibration_parse("a.txt", gh_bytes_view(&changed), &calibration, &error), expected);
	assert_null(calibration);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
	gh_bytes_finish(&text);
	gh_bytes_finish(&changed);
}

static void test_damaged_files_are_refused_by_line(void **state)
{
	damage("calibration 1", "calibration 2", GH_UNSUPPORTED, "a.txt:1: another version");
	damage("data_set synthetic", "data_sets x", GH_MALFORMED, "a.txt:2: \"data_set\" is missing");
	damage("data_set synthetic",
		"data_set 0123456789012345678901234567890123456789012345678901234567890123",
		GH_MALFORMED, "a.txt:2: the name");
	damage("research_only yes", "research_only maybe", GH_MALFORMED, "a.txt:3: neither");
	damage("chain c4", "chain g4", GH_MALFORMED, "a.txt:4: not 64");
	damage("chain c4", "chain c4c4", GH_MALFORMED, "a.txt:4: not 64");
	damage("pictures 2930", "pictures -1", GH_MALFORMED, "a.txt:6: the count");
	damage("pictures 2930", "pictures 99999999999", GH_MALFORMED, "a.txt:6: the count");
	damage("genuine_pairs 3000", "genuine_pairs 0", GH_MALFORMED, "a.txt: the counts");
	damage("impostor_pairs 4000000", "impostor_pairs 40000", GH_MALFORMED,
		"a.txt: 40000 impostor pairs do not bear out");
	damage("tail 0.", "tail nan ", GH_MALFORMED, "a.txt:12: a number");
	damage("tail 0.3", "tail 0.5", GH_MALFORMED, "a.txt: the tail");
	damage("points 201", "points 5000", GH_MALFORMED, "a.txt:13: the count");
	damage("points 201", "points 202", GH_MALFORMED, "a.txt:215: ");
	damage("points 201", "points 0", GH_MALFORMED, "a.txt:14: ");
	damage("\n-1 1 ", "\n-1 1 0 ", GH_MALFORMED, "a.txt:14: more on the line");
	damage("\n-1 1 ", "\n-0.9 1 ", GH_MALFORMED, "a.txt: point 2 is not monotonic");
	damage("\n-1 1 ", "\n-1 0.5 ", GH_MALFORMED, "a.txt: point 2 is not monotonic");
	damage("\n-1 1 ", "\n-1 1e999 ", GH_MALFORMED, "a.txt:14: a number");
	damage("\n-1 1 ", "\n-1 0 ", GH_MALFORMED, "a.txt: point 1 is out of range");
	damage("values 512", "values 128", GH_UNSUPPORTED, "templates of another length");
	damage("directions 96", "directions 97", GH_MALFORMED, "the scale of a direction");
	damage("directions 96", "directions 95", GH_MALFORMED, "\"end\" is missing");
	damage("end\n", "end", GH_TRUNCATED, "before its line \"end\"");
	damage("end\n", "end\nx\n", GH_MALFORMED, "more after \"end\"");
}

static void test_every_truncation_is_refused(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_calibration *calibration;

	written(&text);
	for (size_t length = 0; length < text.length_bytes; length += length < 9000 ? 1 : 997) {
		assert_int_not_equal(
			gh_calibration_parse("cut", (struct gh_view){ text.data, length },
				&calibration, NULL),
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

	content.points[40].fmr = 2.0;
	unlink(path);
	assert_int_equal(gh_calibration_write(path, &content, &error), GH_MALFORMED);
	assert_int_not_equal(access(path, F_OK), 0);
	content = synthetic_content();
	content.facts.data_set[3] = '\n';
	assert_int_equal(gh_calibration_write(path, &content, &error), GH_MALFORMED);
	assert_int_not_equal(access(path, F_OK), 0);
	content = synthetic_content();
	assert_int_equal(gh_calibration_write(path, &content, &error), GH_OK);
}

static void test_a_missing_file_is_named(void **state)
{
	struct gh_calibration *calibration;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(
		gh_calibration_open("/tmp/no/such/calibration", &calibration, &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "/tmp/no/such/calibration"));
	assert_null(calibration);
	gh_calibration_close(NULL);
}

/* The two figures that the architecture names. */
static void test_threshold_follows_the_size_of_the_gallery(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_threshold limit = gh_threshold_for_search(calibration, 420, 0.003);

	assert_true(limit.fmr <= 7.154e-6 && limit.fmr > 7.15e-6);
	assert_true(limit.fpir_predicted <= 0.003 && limit.fpir_predicted > 0.00299);
	assert_int_equal(limit.comparisons, 420);
	limit = gh_threshold_for_search(calibration, 42000, 0.003);
	assert_true(limit.fmr <= 7.154e-8 && limit.fmr > 7.15e-8);
	assert_true(limit.extrapolated);
	limit = gh_threshold_for_search(calibration, 0, 0.003);
	assert_int_equal(limit.comparisons, 1);
	assert_true(limit.fpir_predicted <= 0.003 && !limit.extrapolated);
	gh_calibration_close(calibration);
}

static void test_threshold_rises_with_all_that_asks_for_it(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	float last = -2.0f;

	for (uint64_t count = 1; count < 100000000; count *= 3) {
		struct gh_threshold limit = gh_threshold_for_search(calibration, count, 0.003);

		assert_true(limit.score > last);
		assert_true(limit.fpir_predicted <= 0.003);
		assert_true(gh_threshold_for_search(calibration, count, 0.001).score > limit.score);
		last = limit.score;
	}
	assert_true(gh_threshold_for_claim(calibration, 3, 1e-4).score >
		gh_threshold_for_claim(calibration, 1, 1e-4).score);
	/* A target that cannot be had gives a threshold that nothing reaches; a lax one, none. */
	assert_true(gh_threshold_for_search(calibration, 10, 0.0).score > 1.0f);
	assert_true(gh_threshold_for_search(calibration, 10, NAN).score > 1.0f);
	assert_true(gh_threshold_for_search(calibration, 10, 1.0).score == -1.0f);
	gh_calibration_close(calibration);
}

/* Strangers drawn from the calibration score among themselves as its facts say. */
static void test_strangers_follow_the_measured_distribution(void **state)
{
	enum { STRANGERS = 700 };
	static struct gh_template strangers[STRANGERS];
	struct gh_calibration *calibration = synthetic_calibration();
	const struct gh_calibration_facts *facts = gh_calibration_facts(calibration);
	uint64_t seed = synthetic_seed(41);
	double sum = 0.0;
	double squares = 0.0;
	double pairs = 0.5 * STRANGERS * (STRANGERS - 1);
	double above = 0.0;
	float at = gh_calibration_score(calibration, 1e-2, NULL);
	double mean;
	double sd;

	for (size_t i = 0; i < STRANGERS; i++)
		gh_calibration_stranger(calibration, synthetic_random, &seed, &strangers[i]);
	for (size_t i = 0; i < STRANGERS; i++)
		for (size_t j = 0; j < i; j++) {
			double score = (double)gh_template_score(&strangers[i], &strangers[j]);

			sum += score;
			squares += score * score;
			above += score >= (double)at;
		}
	mean = sum / pairs;
	sd = sqrt(squares / pairs - mean * mean);
	printf("mean %.4f (claimed %.4f), deviation %.4f (%.4f), above the score of FMR 1e-2: %.4f\n",
		mean, facts->impostor_mean, sd, facts->impostor_sd, above / pairs);
	assert_true(fabs(mean - facts->impostor_mean) < 0.01);
	assert_true(above / pairs > 0.006 && above / pairs < 0.014);
	assert_true(fabs(sd / facts->impostor_sd - 1.0) < 0.05);
	gh_calibration_close(calibration);
}

static void test_strangers_repeat_with_their_seed(void **state)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_template first;
	struct gh_template second;
	uint64_t seed = 7;

	gh_calibration_stranger(calibration, synthetic_random, &seed, &first);
	gh_calibration_stranger(calibration, synthetic_random, &seed, &second);
	assert_memory_not_equal(&first, &second, sizeof(first));
	assert_true(fabsf(gh_template_score(&first, &first) - 1.0f) < 1e-5f);
	seed = 7;
	gh_calibration_stranger(calibration, synthetic_random, &seed, &second);
	assert_memory_equal(&first, &second, sizeof(first));
	gh_calibration_close(calibration);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_reads_back),
		cmocka_unit_test(test_rates_are_monotonic_and_inverse),
		cmocka_unit_test(test_rates_are_those_of_the_data),
		cmocka_unit_test(test_no_number_asks_for_too_much),
		cmocka_unit_test(test_damaged_files_are_refused_by_line),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_comments_and_empty_lines_are_skipped),
		cmocka_unit_test(test_what_cannot_be_read_is_not_written),
		cmocka_unit_test(test_a_missing_file_is_named),
		cmocka_unit_test(test_threshold_follows_the_size_of_the_gallery),
		cmocka_unit_test(test_threshold_rises_with_all_that_asks_for_it),
		cmocka_unit_test(test_strangers_follow_the_measured_distribution),
		cmocka_unit_test(test_strangers_repeat_with_their_seed),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
