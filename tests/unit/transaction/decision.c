/* SPDX-License-Identifier: Apache-2.0 */
/* Go needs everything; each thing that is missing refers, with its reason. */
#include "gatehouse/transaction/decision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/gallery/synthetic.h"

static struct gh_evidence clear_match(void)
{
	return (struct gh_evidence){
		.capture = GH_CAPTURE_CAPTURED,
		.kind = GH_COMPARISON_ONE_TO_MANY,
		.answer = GH_OK,
		.has_candidate = true,
		.score = 0.8f,
		.match_from = 0.5f,
		.no_match_below = 0.4f,
		.has_second = true,
		.second_score = 0.1f,
		.look_alike_from = 0.5f,
		.templates = 420,
		.gallery_complete = true,
	};
}

static void assert_refers(const struct gh_evidence *evidence, enum gh_outcome outcome,
	enum gh_referral first, size_t count)
{
	struct gh_verdict_of_lane verdict = gh_decide(evidence);

	assert_int_equal(verdict.decision, GH_DECISION_REFERRAL);
	assert_int_equal(verdict.outcome, outcome);
	assert_int_equal(verdict.referral_count, count);
	assert_int_equal(verdict.referrals[0], first);
}

static void a_clear_match_goes(void **unused)
{
	struct gh_evidence evidence = clear_match();
	struct gh_verdict_of_lane verdict = gh_decide(&evidence);

	(void)unused;
	assert_int_equal(verdict.decision, GH_DECISION_GO);
	assert_int_equal(verdict.outcome, GH_OUTCOME_MATCH);
	assert_int_equal(verdict.referral_count, 0);
}

static void the_limits_belong_to_the_match_and_to_doubt(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.score = evidence.match_from;
	assert_int_equal(gh_decide(&evidence).outcome, GH_OUTCOME_MATCH);
	evidence.score = evidence.no_match_below;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_CANNOT_TELL, 1);
	evidence.score = 0.39f;
	assert_refers(&evidence, GH_OUTCOME_NO_MATCH, GH_REFERRAL_NOT_FOUND, 1);
}

static void a_match_with_a_double_is_referred(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.look_alike = true;
	assert_refers(&evidence, GH_OUTCOME_MATCH, GH_REFERRAL_LOOK_ALIKE, 1);
	evidence.look_alike = false;
	evidence.second_score = 0.6f;
	assert_refers(&evidence, GH_OUTCOME_MATCH, GH_REFERRAL_LOOK_ALIKE, 1);
}

static void a_second_passage_is_referred(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.already_passed = true;
	assert_refers(&evidence, GH_OUTCOME_MATCH, GH_REFERRAL_ALREADY_PASSED, 1);
}

static void an_empty_or_unready_gallery_never_decides(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.answer = GH_NOT_FOUND;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_GALLERY_NOT_READY, 1);
	evidence = clear_match();
	evidence.has_candidate = false;
	evidence.templates = 0;
	assert_int_equal(gh_decide(&evidence).outcome, GH_OUTCOME_CANNOT_TELL);
	assert_int_equal(gh_decide(&evidence).decision, GH_DECISION_REFERRAL);
	evidence = clear_match();
	evidence.score = 0.1f;
	evidence.gallery_complete = false;
	assert_refers(&evidence, GH_OUTCOME_NO_MATCH, GH_REFERRAL_NOT_FOUND, 2);
}

static void a_claim_has_its_own_reasons(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.kind = GH_COMPARISON_ONE_TO_ONE;
	assert_int_equal(gh_decide(&evidence).decision, GH_DECISION_GO);
	evidence.score = 0.1f;
	assert_refers(&evidence, GH_OUTCOME_NO_MATCH, GH_REFERRAL_TRUE_MISMATCH, 1);
	evidence.score = 0.45f;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_CANNOT_TELL, 1);
	evidence.templates = 0;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_NO_PORTRAIT, 1);
	evidence.answer = GH_NOT_FOUND;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_CLAIM_UNKNOWN, 1);
	evidence.answer = GH_CONFLICT;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_CLAIM_UNKNOWN, 1);
	evidence.answer = GH_INTERNAL;
	assert_refers(&evidence, GH_OUTCOME_CANNOT_TELL, GH_REFERRAL_GALLERY_NOT_READY, 1);
}

static void without_a_photograph_there_is_no_outcome(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.capture = GH_CAPTURE_NOT_CAPTURED;
	assert_refers(&evidence, GH_OUTCOME_NONE, GH_REFERRAL_NOT_CAPTURED, 1);
	evidence.capture = GH_CAPTURE_OPTED_OUT;
	assert_refers(&evidence, GH_OUTCOME_NONE, GH_REFERRAL_OPTED_OUT, 1);
	evidence.capture = GH_CAPTURE_NONE;
	assert_refers(&evidence, GH_OUTCOME_NONE, GH_REFERRAL_NOT_CAPTURED, 1);
}

static void suspicion_and_the_officer_refer_a_match(void **unused)
{
	struct gh_evidence evidence = clear_match();

	(void)unused;
	evidence.attack_suspected = true;
	assert_refers(&evidence, GH_OUTCOME_MATCH, GH_REFERRAL_ATTACK_SUSPECTED, 1);
	evidence.officer_asked = true;
	assert_refers(&evidence, GH_OUTCOME_MATCH, GH_REFERRAL_ATTACK_SUSPECTED, 2);
}

/* Suspicion alone decides nothing: it takes no outcome, no other reason and no way out away. */
static void suspicion_only_adds_its_reason(void **unused)
{
	(void)unused;
	for (unsigned bits = 0; bits < 1u << 7; bits++) {
		struct gh_evidence evidence = clear_match();
		struct gh_verdict_of_lane calm, suspicious;
		size_t found = 0;

		evidence.kind = bits & 1 ? GH_COMPARISON_ONE_TO_ONE : GH_COMPARISON_ONE_TO_MANY;
		evidence.answer = bits >> 1 & 1 ? GH_NOT_FOUND : GH_OK;
		evidence.score = bits >> 2 & 1 ? 0.1f : bits >> 3 & 1 ? 0.45f : 0.8f;
		evidence.look_alike = bits >> 4 & 1;
		evidence.already_passed = bits >> 5 & 1;
		evidence.officer_asked = bits >> 6 & 1;
		calm = gh_decide(&evidence);
		evidence.attack_suspected = true;
		suspicious = gh_decide(&evidence);
		assert_int_equal(suspicious.decision, GH_DECISION_REFERRAL);
		assert_int_equal(suspicious.outcome, calm.outcome);
		assert_int_equal(suspicious.referral_count, calm.referral_count + 1);
		for (size_t i = 0; i < suspicious.referral_count; i++)
			if (suspicious.referrals[i] != GH_REFERRAL_ATTACK_SUSPECTED)
				assert_int_equal(suspicious.referrals[i], calm.referrals[found++]);
		assert_int_equal(found, calm.referral_count);
		for (int age = -1; age < 60; age += 5)
			assert_int_equal(
				gh_may_proceed(&suspicious, age), gh_may_proceed(&calm, age));
	}
}

/* Whatever the evidence: go only with all of it, and a referral has a reason. */
static void nothing_else_goes(void **unused)
{
	static const float scores[] = { 0.0f, 0.45f, 0.9f };

	(void)unused;
	for (unsigned bits = 0; bits < 1u << 12; bits++) {
		struct gh_evidence evidence = clear_match();
		struct gh_verdict_of_lane verdict;
		bool clear;

		evidence.capture = (enum gh_capture)(bits & 3);
		evidence.kind =
			bits >> 2 & 1 ? GH_COMPARISON_ONE_TO_ONE : GH_COMPARISON_ONE_TO_MANY;
		evidence.answer = bits >> 3 & 1 ? GH_NOT_FOUND : GH_OK;
		evidence.score = scores[(bits >> 4 & 3) % 3];
		evidence.look_alike = bits >> 6 & 1;
		evidence.second_score = bits >> 7 & 1 ? 0.9f : 0.0f;
		evidence.already_passed = bits >> 8 & 1;
		evidence.attack_suspected = bits >> 9 & 1;
		evidence.officer_asked = bits >> 10 & 1;
		evidence.templates = bits >> 11 & 1 ? 0 : 420;
		verdict = gh_decide(&evidence);
		clear = evidence.capture == GH_CAPTURE_CAPTURED && evidence.answer == GH_OK &&
			evidence.score >= 0.5f && evidence.templates > 0 &&
			!evidence.already_passed && !evidence.attack_suspected &&
			!evidence.officer_asked &&
			(evidence.kind == GH_COMPARISON_ONE_TO_ONE ||
				(!evidence.look_alike && evidence.second_score < 0.5f));
		assert_int_equal(verdict.decision, clear ? GH_DECISION_GO : GH_DECISION_REFERRAL);
		assert_true(clear == (verdict.referral_count == 0));
	}
}

static void only_a_true_mismatch_of_fourteen_or_over_stops_at_primary(void **unused)
{
	struct gh_evidence evidence = clear_match();
	struct gh_verdict_of_lane verdict;

	(void)unused;
	evidence.kind = GH_COMPARISON_ONE_TO_ONE;
	evidence.score = 0.1f;
	verdict = gh_decide(&evidence);
	assert_false(gh_may_proceed(&verdict, 14));
	assert_false(gh_may_proceed(&verdict, 50));
	assert_false(gh_may_proceed(&verdict, -1));
	assert_true(gh_may_proceed(&verdict, 13));
	evidence.kind = GH_COMPARISON_ONE_TO_MANY;
	verdict = gh_decide(&evidence);
	assert_true(gh_may_proceed(&verdict, 50));
}

static struct gh_limits_of usual_search(void)
{
	return (struct gh_limits_of){ .kind = GH_COMPARISON_ONE_TO_MANY,
		.templates = 420,
		.frames_averaged = 1,
		.target = 0.003,
		.age_years = 40,
		.reference_age_years = 3 };
}

static void the_limits_are_those_of_the_rates(void **unused)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_limits_of of = usual_search();
	struct gh_limits limits = gh_limits_make(calibration, &of);

	(void)unused;
	assert_true(limits.match.score == gh_threshold_for_search(calibration, 420, 0.003).score);
	assert_true(limits.match.fpir_predicted <= 0.003);
	assert_true(limits.no_match_below ==
		gh_no_match_below(calibration, 420, GH_COMPARISON_ONE_TO_MANY));
	assert_true(limits.look_alike_from == limits.match.score);
	assert_true(limits.no_match_below < limits.match.score);
	assert_false(limits.wide);
	of.kind = GH_COMPARISON_ONE_TO_ONE;
	of.templates = 1;
	of.target = 1e-4;
	limits = gh_limits_make(calibration, &of);
	assert_true(limits.match.score == gh_threshold_for_claim(calibration, 1, 1e-4).score);
	gh_calibration_close(calibration);
}

static void averages_are_held_to_their_own_curve(void **unused)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_limits_of of = usual_search();
	float before = gh_limits_make(calibration, &of).match.score;

	(void)unused;
	for (of.frames_averaged = 2; of.frames_averaged <= 3; of.frames_averaged++) {
		struct gh_limits limits = gh_limits_make(calibration, &of);

		assert_true(limits.match.score > before + 0.005f);
		before = limits.match.score;
	}
	/* More than were measured count as the most that were. */
	of.frames_averaged = 8;
	assert_true(gh_limits_make(calibration, &of).match.score == before);
	gh_calibration_close(calibration);
}

static void children_and_old_portraits_get_wider_doubt(void **unused)
{
	static const struct {
		int age, reference;
		bool wide;
	} cases[] = { { 0, 1, true }, { 13, 1, true }, { 14, 1, false }, { -1, -1, false },
		{ 40, 9, false }, { 40, 10, true }, { 90, 30, true } };
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_limits_of of = usual_search();
	struct gh_limits usual = gh_limits_make(calibration, &of);

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gh_limits limits;

		of.age_years = cases[i].age;
		of.reference_age_years = cases[i].reference;
		limits = gh_limits_make(calibration, &of);
		assert_int_equal(limits.wide, cases[i].wide);
		assert_int_equal(limits.match.score > usual.match.score, cases[i].wide);
		assert_int_equal(limits.no_match_below < usual.no_match_below, cases[i].wide);
		/* A double is a double at the usual limit all the same. */
		assert_true(limits.look_alike_from == usual.match.score);
		if (cases[i].wide)
			assert_true(limits.match.fpir_predicted <= 0.0003);
	}
	gh_calibration_close(calibration);
}

/* A lax target would turn the limits round: then there is no doubt between them. */
static void the_limits_never_cross(void **unused)
{
	struct gh_calibration *calibration = synthetic_calibration();
	struct gh_limits_of of = usual_search();

	(void)unused;
	for (of.target = 1e-6; of.target < 1.0; of.target *= 2.0) {
		struct gh_limits limits = gh_limits_make(calibration, &of);

		assert_true(limits.no_match_below <= limits.match.score);
	}
	gh_calibration_close(calibration);
}

static struct gh_prospect prospect_at(float score, uint32_t frames)
{
	struct gh_limits limits = { .match.score = 0.50f, .no_match_below = 0.42f };

	return (struct gh_prospect){ .score = score,
		.now = limits,
		.last = limits,
		.frames = frames,
		.frames_max = 3,
		.frame_spread = 0.08 };
}

static double change_at(float score, uint32_t frames)
{
	struct gh_prospect prospect = prospect_at(score, frames);

	return gh_change_probability(&prospect);
}

static void a_clear_score_will_not_change(void **unused)
{
	(void)unused;
	assert_true(change_at(0.75f, 1) < 0.001);
	assert_true(change_at(0.10f, 1) < 0.001);
	/* On a limit it is a coin's toss, and between the limits worse. */
	assert_true(fabs(change_at(0.50f, 1) - 0.5) < 1e-6);
	assert_true(change_at(0.46f, 1) > 0.5);
	/* The more frames, the surer. */
	assert_true(change_at(0.58f, 2) < change_at(0.58f, 1));
	assert_true(change_at(0.46f, 2) < change_at(0.46f, 1));
}

static void without_frames_or_spread_the_answer_is_certain(void **unused)
{
	struct gh_prospect prospect = prospect_at(0.5f, 3);

	(void)unused;
	assert_true(gh_change_probability(&prospect) == 0.0);
	prospect.frames = 9;
	assert_true(gh_change_probability(&prospect) == 0.0);
	prospect.frames = 1;
	prospect.frame_spread = 0.0;
	assert_true(gh_change_probability(&prospect) == 1.0);
	prospect.frame_spread = NAN;
	assert_true(gh_change_probability(&prospect) == 1.0);
	prospect.frame_spread = 0.08;
	prospect.frames = 0;
	assert_true(gh_change_probability(&prospect) == 1.0);
}

/* The limit of the longer average counts for what is to come. */
static void a_rising_limit_is_looked_ahead_to(void **unused)
{
	struct gh_prospect prospect = prospect_at(0.58f, 2);
	double before = gh_change_probability(&prospect);

	(void)unused;
	prospect.last.match.score = 0.53f;
	assert_true(gh_change_probability(&prospect) > before);
}

static enum gh_outcome outcome_of(float score)
{
	struct gh_evidence evidence = clear_match();

	evidence.score = score;
	evidence.match_from = 0.50f;
	evidence.no_match_below = 0.42f;
	return gh_decide(&evidence).outcome;
}

/* What is predicted happens as often: scores of frames drawn about the average so far. */
static void the_probability_is_that_of_drawn_frames(void **unused)
{
	static const float scores[] = { 0.36f, 0.40f, 0.44f, 0.48f, 0.52f, 0.56f };
	uint64_t seed = synthetic_seed(97);
	const int draws = 40000;

	(void)unused;
	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++)
		for (uint32_t frames = 1; frames <= 2; frames++) {
			double deviation = 0.08 * sqrt(1.0 / frames - 1.0 / 3.0);
			double predicted = change_at(scores[i], frames);
			int changed = 0;

			for (int k = 0; k < draws; k++) {
				float last = scores[i] + (float)deviation * synthetic_normal(&seed);

				changed += outcome_of(last) != outcome_of(scores[i]);
			}
			printf("%.2f after %u: %.3f predicted, %.3f drawn\n", (double)scores[i],
				frames, predicted, (double)changed / draws);
			assert_true(fabs((double)changed / draws - predicted) < 0.015);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clear_match_goes),
		cmocka_unit_test(the_limits_belong_to_the_match_and_to_doubt),
		cmocka_unit_test(a_match_with_a_double_is_referred),
		cmocka_unit_test(a_second_passage_is_referred),
		cmocka_unit_test(an_empty_or_unready_gallery_never_decides),
		cmocka_unit_test(a_claim_has_its_own_reasons),
		cmocka_unit_test(without_a_photograph_there_is_no_outcome),
		cmocka_unit_test(suspicion_and_the_officer_refer_a_match),
		cmocka_unit_test(suspicion_only_adds_its_reason),
		cmocka_unit_test(nothing_else_goes),
		cmocka_unit_test(only_a_true_mismatch_of_fourteen_or_over_stops_at_primary),
		cmocka_unit_test(the_limits_are_those_of_the_rates),
		cmocka_unit_test(averages_are_held_to_their_own_curve),
		cmocka_unit_test(children_and_old_portraits_get_wider_doubt),
		cmocka_unit_test(the_limits_never_cross),
		cmocka_unit_test(a_clear_score_will_not_change),
		cmocka_unit_test(without_frames_or_spread_the_answer_is_certain),
		cmocka_unit_test(a_rising_limit_is_looked_ahead_to),
		cmocka_unit_test(the_probability_is_that_of_drawn_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
