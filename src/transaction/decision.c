/* SPDX-License-Identifier: Apache-2.0 */
/* Go or referral, from the evidence. */
#include "gatehouse/transaction/decision.h"

#include <math.h>

/* Children under this age are not held to a true mismatch at primary. */
#define MISMATCH_AGE_YEARS 14

/* Odds of chance at the lower limit; ISO/IEC 19795-1 has FPIR and FMR. */
#define CANNOT_TELL_FPIR 0.03
#define CANNOT_TELL_FMR 0.001

/* How much further apart the rates of both limits are where more is in doubt. */
#define WIDE_FACTOR 10.0

static struct gh_threshold threshold(const struct gh_calibration *calibration,
	enum gh_comparison kind, uint64_t templates, double target)
{
	if (kind == GH_COMPARISON_ONE_TO_ONE)
		return gh_threshold_for_claim(calibration, templates, target);
	return gh_threshold_for_search(calibration, templates, target);
}

static double cannot_tell_rate(enum gh_comparison kind)
{
	return kind == GH_COMPARISON_ONE_TO_ONE ? CANNOT_TELL_FMR : CANNOT_TELL_FPIR;
}

float gh_no_match_below(
	const struct gh_calibration *calibration, uint64_t templates, enum gh_comparison kind)
{
	return threshold(calibration, kind, templates, cannot_tell_rate(kind)).score;
}

static bool in_doubt(const struct gh_limits_of *of)
{
	bool child = of->age_years >= 0 && of->age_years < GH_CHILD_BELOW_YEARS;

	return child || of->reference_age_years >= GH_REFERENCE_OLD_YEARS;
}

struct gh_limits gh_limits_make(
	const struct gh_calibration *calibration, const struct gh_limits_of *of)
{
	const struct gh_calibration *curve =
		gh_calibration_averaged(calibration, of->frames_averaged);
	struct gh_limits limits = { .wide = in_doubt(of) };
	double factor = limits.wide ? WIDE_FACTOR : 1.0;

	limits.match = threshold(curve, of->kind, of->templates, of->target / factor);
	limits.look_alike_from = threshold(curve, of->kind, of->templates, of->target).score;
	limits.no_match_below =
		threshold(curve, of->kind, of->templates, cannot_tell_rate(of->kind) * factor)
			.score;
	/* A target laxer than the odds of chance at the lower limit leaves no doubt between. */
	limits.no_match_below = fminf(limits.no_match_below, limits.match.score);
	return limits;
}

static enum gh_outcome outcome_at(double score, const struct gh_limits *limits)
{
	if (score >= (double)limits->match.score)
		return GH_OUTCOME_MATCH;
	return score < (double)limits->no_match_below ? GH_OUTCOME_NO_MATCH
						      : GH_OUTCOME_CANNOT_TELL;
}

/* The probability that a normal number about mean reaches limit. */
static double reaches(double mean, double deviation, float limit)
{
	return 0.5 * erfc(((double)limit - mean) / (deviation * sqrt(2.0)));
}

double gh_change_probability(const struct gh_prospect *prospect)
{
	double score = (double)prospect->score;
	double match;
	double no_match;
	double deviation;

	if (prospect->frames >= prospect->frames_max)
		return 0.0;
	if (prospect->frames == 0 || !(prospect->frame_spread > 0.0))
		return 1.0;
	deviation =
		prospect->frame_spread * sqrt(1.0 / prospect->frames - 1.0 / prospect->frames_max);
	match = reaches(score, deviation, prospect->last.match.score);
	no_match = 1.0 - reaches(score, deviation, prospect->last.no_match_below);
	switch (outcome_at(score, &prospect->now)) {
	case GH_OUTCOME_MATCH:
		return 1.0 - match;
	case GH_OUTCOME_NO_MATCH:
		return 1.0 - no_match;
	default:
		return match + no_match;
	}
}

static void refer(struct gh_verdict_of_lane *verdict, enum gh_referral reason)
{
	verdict->decision = GH_DECISION_REFERRAL;
	if (verdict->referral_count < GH_REFERRALS_MAX)
		verdict->referrals[verdict->referral_count++] = reason;
}

static enum gh_outcome outcome_of(const struct gh_evidence *evidence)
{
	if (!evidence->has_candidate || evidence->templates == 0)
		return evidence->kind == GH_COMPARISON_ONE_TO_MANY && evidence->templates > 0
			? GH_OUTCOME_NO_MATCH
			: GH_OUTCOME_CANNOT_TELL;
	if (evidence->score >= evidence->match_from)
		return GH_OUTCOME_MATCH;
	return evidence->score < evidence->no_match_below ? GH_OUTCOME_NO_MATCH
							  : GH_OUTCOME_CANNOT_TELL;
}

/* The gallery could not be asked, or did not know the claim. */
static void refer_unanswered(struct gh_verdict_of_lane *verdict, const struct gh_evidence *evidence)
{
	bool claim = evidence->kind == GH_COMPARISON_ONE_TO_ONE;

	verdict->outcome = GH_OUTCOME_CANNOT_TELL;
	if (claim && (evidence->answer == GH_NOT_FOUND || evidence->answer == GH_CONFLICT))
		refer(verdict, GH_REFERRAL_CLAIM_UNKNOWN);
	else
		refer(verdict, GH_REFERRAL_GALLERY_NOT_READY);
}

static void refer_one_to_one(struct gh_verdict_of_lane *verdict, const struct gh_evidence *evidence)
{
	if (evidence->templates == 0)
		refer(verdict, GH_REFERRAL_NO_PORTRAIT);
	else if (verdict->outcome == GH_OUTCOME_NO_MATCH)
		refer(verdict, GH_REFERRAL_TRUE_MISMATCH);
	else if (verdict->outcome == GH_OUTCOME_CANNOT_TELL)
		refer(verdict, GH_REFERRAL_CANNOT_TELL);
}

static void refer_one_to_many(
	struct gh_verdict_of_lane *verdict, const struct gh_evidence *evidence)
{
	bool second = evidence->has_second && evidence->second_score >= evidence->look_alike_from;

	if (verdict->outcome == GH_OUTCOME_NO_MATCH)
		refer(verdict, GH_REFERRAL_NOT_FOUND);
	else if (verdict->outcome == GH_OUTCOME_CANNOT_TELL)
		refer(verdict, GH_REFERRAL_CANNOT_TELL);
	else if (second || evidence->look_alike)
		refer(verdict, GH_REFERRAL_LOOK_ALIKE);
	if (verdict->outcome != GH_OUTCOME_MATCH && !evidence->gallery_complete)
		refer(verdict, GH_REFERRAL_GALLERY_NOT_READY);
}

static void refer_compared(struct gh_verdict_of_lane *verdict, const struct gh_evidence *evidence)
{
	if (evidence->answer != GH_OK) {
		refer_unanswered(verdict, evidence);
		return;
	}
	verdict->outcome = outcome_of(evidence);
	if (evidence->kind == GH_COMPARISON_ONE_TO_ONE)
		refer_one_to_one(verdict, evidence);
	else
		refer_one_to_many(verdict, evidence);
	if (verdict->outcome == GH_OUTCOME_MATCH && evidence->already_passed)
		refer(verdict, GH_REFERRAL_ALREADY_PASSED);
}

struct gh_verdict_of_lane gh_decide(const struct gh_evidence *evidence)
{
	struct gh_verdict_of_lane verdict = { .decision = GH_DECISION_GO };

	if (evidence->capture == GH_CAPTURE_OPTED_OUT)
		refer(&verdict, GH_REFERRAL_OPTED_OUT);
	else if (evidence->capture != GH_CAPTURE_CAPTURED)
		refer(&verdict, GH_REFERRAL_NOT_CAPTURED);
	else
		refer_compared(&verdict, evidence);
	if (evidence->attack_suspected)
		refer(&verdict, GH_REFERRAL_ATTACK_SUSPECTED);
	if (evidence->officer_asked)
		refer(&verdict, GH_REFERRAL_OFFICER_ASKED);
	return verdict;
}

bool gh_may_proceed(const struct gh_verdict_of_lane *verdict, int age_years)
{
	bool of_age = age_years < 0 || age_years >= MISMATCH_AGE_YEARS;

	for (size_t i = 0; i < verdict->referral_count; i++)
		if (verdict->referrals[i] == GH_REFERRAL_TRUE_MISMATCH && of_age)
			return false;
	return true;
}
