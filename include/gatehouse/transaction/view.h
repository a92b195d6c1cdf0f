/* SPDX-License-Identifier: Apache-2.0 */
/* What of a lane may be seen from outside: numbers and words, nothing personal. */
#ifndef GATEHOUSE_TRANSACTION_VIEW_H
#define GATEHOUSE_TRANSACTION_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/id.h"
#include "gatehouse/base/words.h"
#include "gatehouse/transaction/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Answers kept in the view. */
#define GH_ANSWERS_KEPT 32

/** Referrals that may be open at once; the oldest is abandoned for one more. */
#define GH_OPEN_REFERRALS_MAX 64

/** A referral that waits for the officer's disposition. */
struct gh_open_referral {
	struct gh_id record; /**< what "lane dispose" is told */
	uint32_t referrals;  /**< why: bit per enum gh_referral; 0 at a booth that says go */
	uint64_t age_s;
	bool may_proceed; /**< the disposition may be "proceed" */
};

/**
 * One answer of the lane to one traveller: what its record says, without
 * anybody's name, document, photograph or template. Scores are cosines;
 * GH_NOT_ASSESSED where nothing was compared. disposition and passage come
 * later, as addenda, and are filled in as long as the answer is kept.
 */
struct gh_lane_answer {
	uint64_t number; /**< from 1 since start */
	struct gh_id record;
	int64_t event_ms;
	enum gh_capture capture;
	enum gh_reason reason;
	enum gh_comparison comparison;
	enum gh_outcome outcome;
	enum gh_decision decision;
	enum gh_referral referrals[8];
	uint32_t referral_count;
	double score;
	double threshold;
	double fpir_predicted;
	uint64_t gallery_persons;
	bool threshold_extrapolated;
	bool passages_checked;
	uint32_t faces_in_frame;
	uint32_t answer_ms;              /**< stand-here to answer */
	uint32_t waiting_ms;             /**< from stepping in */
	uint32_t capture_ms;             /**< of answer_ms: until vision had its sample */
	uint32_t compare_us;             /**< of answer_ms: asking the gallery */
	uint32_t put_us;                 /**< after answer_ms: until the record was on the disk */
	enum gh_disposition disposition; /**< NONE until there is one */
	enum gh_addendum_kind passage;   /**< valid when has_passage */
	bool has_passage;
};

/**
 * Counts since the start of the program. What lasts longer stands in the
 * records at the centre. Each answer is counted once, when it is given; a
 * person with several referral reasons counts under each of them.
 */
struct gh_lane_counts {
	uint64_t captured;
	uint64_t not_captured[GH_REASON_COUNT]; /**< by reason; camera faults included */
	uint64_t opted_out;
	uint64_t go;
	uint64_t referrals[GH_REFERRAL_COUNT];
	uint64_t passed;
	uint64_t refused_triggers; /**< pairs not in the table */
	uint64_t record_failures;  /**< puts that failed */
};

/**
 * The capture rate of architecture's definition in permille: captured /
 * (captured + not captured), camera faults included, opt-outs apart. -1 when
 * nobody was tried. The one function that screens, metrics and reports use.
 */
int gh_capture_rate_permille(const struct gh_lane_counts *counts);

/**
 * A snapshot, taken under the lane's lock in one piece: state, counts and
 * answers belong together. Copies are cheap and hold nothing to be wiped.
 *
 * closed_by_hand, outbox_full and lost_devices say why a lane is MANUAL; any
 * number of them can be true at once, and the lane goes back to IDLE by itself
 * when none is.
 */
struct gh_lane_view {
	enum gh_state state;
	uint64_t state_since_us;
	enum gh_mode mode;
	enum gh_purpose purpose;
	bool closed_by_hand;
	bool outbox_full;
	bool zone_occupied;           /**< somebody stands there, or has only just left */
	uint32_t lost_devices;        /**< bit per enum gh_device_class */
	enum gh_instruction coaching; /**< what the traveller is told now */
	uint32_t lamp_permille;       /**< what the lamp was told last */
	struct gh_id record_in_hand;  /**< none outside ACT and OFFICER */
	uint32_t open_referrals;
	struct gh_open_referral open[GH_OPEN_REFERRALS_MAX]; /**< oldest first */
	struct gh_lane_counts counts;
	uint64_t answers;                            /**< in all */
	struct gh_lane_answer last[GH_ANSWERS_KEPT]; /**< newest first */
};

#ifdef __cplusplus
}
#endif

#endif
