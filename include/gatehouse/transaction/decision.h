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
	float look_alike_from; /**< a second candidate from here up is a double */
	bool look_alike;       /**< the best candidate has a double */
	uint64_t templates;    /**< compared with */
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

/** Under this age, and with a reference portrait of this age, more is in doubt. */
#define GH_CHILD_BELOW_YEARS 14
#define GH_REFERENCE_OLD_YEARS 10

/** What the limits of a decision depend on. */
struct gh_limits_of {
	enum gh_comparison kind;
	uint64_t templates;       /**< compared with */
	uint32_t frames_averaged; /**< into the probe */
	double target;            /**< FPIR of a search, FMR of a claim */
	int age_years;            /**< by document, at the event; -1 unknown */
	int reference_age_years;  /**< of the best portrait; -1 unknown */
};

/** The two limits, and what they rest on. */
struct gh_limits {
	struct gh_threshold match; /**< a match from match.score up */
	float no_match_below;      /**< no match below; between: cannot tell */
	float look_alike_from;     /**< where a match would begin were nothing in doubt */
	bool wide;                 /**< a child, or an old portrait */
};

/**
 * The limits by the calibration's curve for that many frames. For children (by
 * document, under GH_CHILD_BELOW_YEARS) and reference portraits of
 * GH_REFERENCE_OLD_YEARS or more both limits move apart: a match is held to a
 * tenth of the target rate, and no match to ten times the usual odds of chance,
 * because faces that grow or age score lower with themselves and children's
 * higher with each other. Any thread; does not block.
 */
struct gh_limits gh_limits_make(
	const struct gh_calibration *calibration, const struct gh_limits_of *of);

/** Where a capture stands after some of its frames. */
struct gh_prospect {
	float score;           /**< of the running average with the best candidate */
	struct gh_limits now;  /**< for the frames averaged so far */
	struct gh_limits last; /**< for as many as can be */
	uint32_t frames;       /**< averaged so far, from 1 */
	uint32_t frames_max;   /**< averaged at most */
	double frame_spread;   /**< facts of the calibration; 0: not measured */
};

/**
 * The probability that the outcome after all frames is another than now. The
 * score of an average over n frames has the variance spread^2 / n about the
 * person's own, so that after `frames` of `frames_max` what is still to come
 * moves it by a normal number of variance spread^2 (1 / frames - 1 / frames_max).
 * 0 when no frame is left; 1 when the spread is not known. Any thread.
 */
double gh_change_probability(const struct gh_prospect *prospect);

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
