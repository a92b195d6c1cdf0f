/* SPDX-License-Identifier: Apache-2.0 */
/* What a record says of the morph indicator, and that the indicator says nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"

/* A fitted indicator that speaks at every score: for the record alone. */
static const struct gh_morph_parameters speaking = {
	.even = 0.5f, .slope = -20.0f, .lowest = -5.0f, .highest = 5.0f
};

/* One passage at a score, with and without the indicator; returns the record of it. */
static struct gh_encounter passage_at(
	float score, const char *claim, const struct gh_morph_parameters *morph)
{
	struct fake_hands *fake = fake_start_with_morph(GH_MODE_EGATE, morph);
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLAIM };
	struct gh_encounter record;

	fake_zone(fake, true);
	if (claim) {
		gh_personal_set(&event.document, gh_view_of_text(claim));
		assert_int_equal(gh_lane_tell(fake->lane, &event), GH_OK);
		fake_settle(fake);
	}
	fake_candidate(fake, score);
	fake_give_sample(fake);
	record = fake->last;
	gh_lane_destroy(fake->lane);
	assert_int_equal(fake->samples_out, 0);
	free(fake);
	return record;
}

static void the_morph_indicator_is_of_a_candidate(void **unused)
{
	struct gh_encounter record = passage_at(0.6f, NULL, &speaking);

	(void)unused;
	assert_int_equal(record.comparison.outcome, GH_OUTCOME_MATCH);
	assert_float_equal(record.morph_score, -2.0, 1e-4);
	/* Of a claim it is asked at every score. */
	record = passage_at(0.4f, "L898902C3", &speaking);
	assert_int_equal(record.comparison.kind, GH_COMPARISON_ONE_TO_ONE);
	assert_float_equal(record.morph_score, 2.0, 1e-4);
	/* In a search the best of strangers is nobody's portrait. */
	record = passage_at(0.1f, NULL, &speaking);
	assert_int_equal(record.comparison.outcome, GH_OUTCOME_NO_MATCH);
	assert_true(record.morph_score <= GH_NOT_ASSESSED);
	record = passage_at(0.6f, NULL, NULL);
	assert_true(record.morph_score <= GH_NOT_ASSESSED);
}

/* However loud it is, outcome, decision and referrals are those without it. */
static void the_morph_indicator_decides_nothing(void **unused)
{
	static const char *const claims[] = { NULL, "L898902C3" };
	struct gh_morph_parameters loud = speaking;

	(void)unused;
	loud.even = 2.0f;
	for (size_t c = 0; c < 2; c++)
		for (float score = -0.2f; score < 1.0f; score += 0.06f) {
			struct gh_encounter with = passage_at(score, claims[c], &loud);
			struct gh_encounter without = passage_at(score, claims[c], NULL);

			if (with.morph_score > GH_NOT_ASSESSED)
				assert_float_equal(with.morph_score, 5.0, 0);
			assert_int_equal(with.comparison.outcome, without.comparison.outcome);
			assert_int_equal(with.decision, without.decision);
			assert_int_equal(with.referral_count, without.referral_count);
			assert_memory_equal(
				with.referrals, without.referrals, sizeof(with.referrals));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_morph_indicator_is_of_a_candidate),
		cmocka_unit_test(the_morph_indicator_decides_nothing),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
