/* SPDX-License-Identifier: Apache-2.0 */
/* Go needs everything; each thing that is missing refers, with its reason. */
#include "gatehouse/transaction/decision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
		cmocka_unit_test(nothing_else_goes),
		cmocka_unit_test(only_a_true_mismatch_of_fourteen_or_over_stops_at_primary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
