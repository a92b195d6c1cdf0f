/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the words: what is written can be read back, and nothing else is read. */
#include "gatehouse/base/words.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Every word of one list, there and back; values outside it; words that are near but wrong. */
#define ROUND_TRIP(type, PREFIX) \
	static void type##_round_trip(void **state) \
	{ \
		for (int i = 0; i < GH_##PREFIX##_COUNT; i++) { \
			const char *word = gh_##type##_name((enum gh_##type)i); \
			enum gh_##type value = (enum gh_##type)(GH_##PREFIX##_COUNT - 1 - i); \
			assert_int_equal( \
				strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word)); \
			assert_string_equal(gh_##type##_word((enum gh_##type)i).literal, word); \
			assert_int_equal(gh_##type##_parse(word, &value), GH_OK); \
			assert_int_equal(value, i); \
		} \
		enum gh_##type kept = (enum gh_##type)0; \
		assert_int_equal(gh_##type##_parse("unknown_word", &kept), GH_NOT_FOUND); \
		assert_int_equal(gh_##type##_parse("", &kept), GH_NOT_FOUND); \
		assert_int_equal(kept, 0); \
		assert_string_equal( \
			gh_##type##_name((enum gh_##type)GH_##PREFIX##_COUNT), "unknown"); \
		assert_string_equal(gh_##type##_name((enum gh_##type) - 1), "unknown"); \
	}

ROUND_TRIP(capture, CAPTURE)
ROUND_TRIP(reason, REASON)
ROUND_TRIP(comparison, COMPARISON)
ROUND_TRIP(outcome, OUTCOME)
ROUND_TRIP(decision, DECISION)
ROUND_TRIP(referral, REFERRAL)
ROUND_TRIP(disposition, DISPOSITION)
ROUND_TRIP(addendum_kind, ADDENDUM)
ROUND_TRIP(retention, RETENTION)
ROUND_TRIP(purpose, PURPOSE)
ROUND_TRIP(mode, MODE)
ROUND_TRIP(direction, DIRECTION)
ROUND_TRIP(traffic, TRAFFIC)

/* Records carry these words: they may never change. */
static void words_that_stand_in_records(void **state)
{
	assert_string_equal(gh_capture_name(GH_CAPTURE_NOT_CAPTURED), "not_captured");
	assert_string_equal(gh_reason_name(GH_REASON_ATTACK_SUSPECTED), "attack_suspected");
	assert_string_equal(gh_comparison_name(GH_COMPARISON_ONE_TO_MANY), "one_to_many");
	assert_string_equal(gh_outcome_name(GH_OUTCOME_CANNOT_TELL), "cannot_tell");
	assert_string_equal(gh_referral_name(GH_REFERRAL_ALREADY_PASSED), "already_passed");
	assert_string_equal(gh_addendum_kind_name(GH_ADDENDUM_PHOTO_ERASED), "photo_erased");
	assert_string_equal(gh_retention_name(GH_RETENTION_US_CITIZEN), "us_citizen");
	assert_string_equal(gh_purpose_name(GH_PURPOSE_DEMO), "demo");
}

static void case_and_blanks_count(void **state)
{
	enum gh_mode mode = GH_MODE_BOOTH;

	assert_int_equal(gh_mode_parse("EGATE", &mode), GH_NOT_FOUND);
	assert_int_equal(gh_mode_parse("egate ", &mode), GH_NOT_FOUND);
	assert_int_equal(gh_mode_parse("egat", &mode), GH_NOT_FOUND);
	assert_int_equal(mode, GH_MODE_BOOTH);
}

static void *ask(void *unused)
{
	for (int i = 0; i < GH_REASON_COUNT; i++)
		if (strcmp(gh_reason_name((enum gh_reason)i), "unknown") == 0)
			return unused;
	return NULL;
}

/* The tables are lowered at the first question, whoever asks it. */
static void many_threads_ask_first(void **state)
{
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, threads), 0);
	for (size_t i = 0; i < 4; i++) {
		void *answer;

		assert_int_equal(pthread_join(threads[i], &answer), 0);
		assert_null(answer);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_ask_first),
		cmocka_unit_test(capture_round_trip),
		cmocka_unit_test(reason_round_trip),
		cmocka_unit_test(comparison_round_trip),
		cmocka_unit_test(outcome_round_trip),
		cmocka_unit_test(decision_round_trip),
		cmocka_unit_test(referral_round_trip),
		cmocka_unit_test(disposition_round_trip),
		cmocka_unit_test(addendum_kind_round_trip),
		cmocka_unit_test(retention_round_trip),
		cmocka_unit_test(purpose_round_trip),
		cmocka_unit_test(mode_round_trip),
		cmocka_unit_test(direction_round_trip),
		cmocka_unit_test(traffic_round_trip),
		cmocka_unit_test(words_that_stand_in_records),
		cmocka_unit_test(case_and_blanks_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
