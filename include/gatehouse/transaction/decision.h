/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: from what was captured and compared to go or referral. A pure function. */
#ifndef GATEHOUSE_TRANSACTION_DECISION_H
#define GATEHOUSE_TRANSACTION_DECISION_H

#include <stdbool.h>

#include "gatehouse/base/words.h"
#include "gatehouse/encounter/encounter.h"
#include "gatehouse/gallery/calibration.h"

#ifdef __cplusplus
extern "C" {
#endif

/** All that a decision may rest on. Scores are cosines, limits likewise. */
struct gh_evidence {
	enum gh_capture capture;
	bool attack_suspected;
	enum gh_comparison kind;
	enum gh_status answer; /**< of the gallery: OK, NOT_FOUND, CONFLICT, other */
	bool has_candidate;
	float score;          /**< of the best candidate */
	float match_from;     /**< a match from here up */
	float no_match_below; /**< no match below; between: cannot tell */
	bool has_second;
	float second_score;
	bool look_alike;    /**< the best candidate has a double */
	uint64_t templates; /**< compared with */
	bool gallery_complete;
	bool already_passed;
	bool officer_asked; /**< the officer wants to see the person */
};

/** What follows. */
struct gh_verdict_of_lane {
	enum gh_outcome outcome;
	enum gh_decision decision;
	enum gh_referral referrals[GH_REFERRALS_MAX];
	size_t referral_count;
};

/**
 * Decide. GO needs a captured face, a match, no double near it, and no earlier
 * passage; everything else is a REFERRAL with every reason that applies. It
 * never decides against a person. Any thread; does not block.
 */
struct gh_verdict_of_lane gh_decide(const struct gh_evidence *evidence);

/**
 * The lower limit for a search over, or a claim against, so many templates:
 * below it a score is no match, from it up to the threshold nothing can be told.
 * It is the score that one search of strangers in thirty (one comparison with a
 * claimed person in a thousand) would reach. Any thread; does not block.
 */
float gh_no_match_below(
	const struct gh_calibration *calibration, uint64_t templates, enum gh_comparison kind);

/**
 * Whether the officer at primary may let the person proceed: not after a true
 * mismatch of somebody of 14 or over; an unknown age (-1) counts as 14
 * (OIG-22-48's control). All other dispositions are always open.
 */
bool gh_may_proceed(const struct gh_verdict_of_lane *verdict, int age_years);

#ifdef __cplusplus
}
#endif

#endif
