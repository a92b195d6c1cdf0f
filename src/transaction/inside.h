/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a lane, shared by the files of this room. */
#ifndef GATEHOUSE_SRC_TRANSACTION_INSIDE_H
#define GATEHOUSE_SRC_TRANSACTION_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "gatehouse/base/queue.h"
#include "gatehouse/transaction/decision.h"
#include "gatehouse/transaction/lane.h"

/* Triggers that steps raise themselves; no step raises more than two. */
#define RAISED_MAX 4

/* Referrals of this run that an officer may still dispose of. */
#define OPEN_REFERRALS_MAX GH_OPEN_REFERRALS_MAX

/* A queue's item: the event, and the question it answers (0: none). */
struct telling {
	struct gh_lane_event event;
	uint64_t question;
};

/* A referral that waits for the officer's word. */
struct open_referral {
	struct gh_id record;
	bool may_proceed;
	uint32_t referrals; /* bit per enum gh_referral */
	int64_t since_us;   /* before the machine's start: negative */
	uint64_t until_us;  /* then nobody has taken it up */
	bool taken;
};

/*
 * Somebody who waits for the answer to a question, on his own stack: however late he wakes, and
 * whatever others asked meanwhile, his answer is still there.
 */
struct asker {
	struct asker *next;
	uint64_t question;
	bool answered;
	enum gh_status status;
};

/* One traveller's passage: everything here is wiped at its end. */
struct passage {
	uint64_t arrived_us;
	uint64_t stand_here_us; /* 0: not yet */
	bool notice_shown;
	bool concluding;
	bool left;
	uint32_t track; /* whose passage it is; 0: not known */
	bool capture_over;
	bool recorded;
	enum gh_reason reason; /* why there is no sample */
	bool claimed;
	struct gh_personal claim;
	char claim_issuer[4];
	struct gh_sample *sample;
	struct gh_search search;
	enum gh_status search_status;
	uint64_t compare_us; /* how long these two took */
	uint64_t put_us;
	int64_t clock_base_ms; /* real less monotonic clock when the record was made */
	struct gh_evidence evidence;
	struct gh_verdict_of_lane verdict;
	int age_years;
	struct gh_encounter encounter;
};

struct gh_lane {
	struct gh_lane_options options;
	struct gh_lane_hands hands;
	struct gh_queue *queue;
	atomic_bool stopping;
	atomic_uint_fast64_t questions;

	enum gh_state state;
	uint64_t state_since_us;
	enum gh_vision_task vision;
	uint32_t passage_number;
	struct passage passage;
	const struct gh_lane_event *event; /* in hand while a step runs */

	enum gh_trigger raised[RAISED_MAX];
	size_t raised_count;
	enum gh_status answer; /* of the event in hand, for gh_lane_ask() */

	uint64_t end_at_us; /* 0: no timer */
	bool warned;

	bool closed_by_hand;
	bool outbox_full;
	uint32_t lost_devices;
	bool zone_occupied;
	bool next_may_be_here;
	uint32_t standing; /* the track in the zone; 0: nobody, or not known */
	uint32_t other;    /* a track that may have taken its place; 0: none */
	uint64_t other_since_us;
	bool newcomer;            /* it did, while the passage of the one before was not over */
	uint64_t stepped_in_us;   /* who stands there did so then; 0: nobody, or not known */
	uint64_t zone_changed_us; /* since when sightings disagree; 0: they agree */
	enum gh_instruction coaching;
	enum gh_page page;
	enum gh_instruction page_coaching;
	uint32_t lamp_permille; /* as it was told last */

	struct open_referral open[OPEN_REFERRALS_MAX];
	size_t open_next;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t answered;
	struct asker *askers;
	bool asks_claim; /* the passage's claim, for the vision thread */
	struct gh_personal asked_claim;
	char asked_issuer[4];
	struct gh_lane_view view;
	int64_t view_since_us[OPEN_REFERRALS_MAX]; /* of the view's open ones */
};

/* lane.c */
uint64_t gh_lane_now_us(const struct gh_lane *lane);
void gh_lane_raise(struct gh_lane *lane, enum gh_trigger trigger);
void gh_lane_set_timer(struct gh_lane *lane, uint32_t after_ms);
bool gh_lane_ready(struct gh_lane *lane);
void gh_lane_set_vision(struct gh_lane *lane, enum gh_vision_task task);
void gh_lane_release(struct gh_lane *lane, struct gh_sample *sample);
void gh_lane_show(struct gh_lane *lane, enum gh_page page);
void gh_lane_light(struct gh_lane *lane, uint32_t level_permille);
void gh_lane_wipe_passage(struct gh_lane *lane);

/* prospect.c: limits, and the claim that the vision thread asks with. */
struct gh_limits gh_lane_limits(const struct gh_lane *lane, const struct gh_search *search,
	enum gh_comparison kind, uint32_t frames_averaged);
int gh_lane_age(const struct gh_lane *lane, const struct gh_search *search);
void gh_lane_share_claim(struct gh_lane *lane);

/* record.c: from a passage to the record, its addenda and its answer. */
void gh_lane_fill_record(struct gh_lane *lane);
enum gh_status gh_lane_put_record(struct gh_lane *lane, struct gh_error *error);
enum gh_status gh_lane_put_addendum(
	struct gh_lane *lane, struct gh_addendum *addendum, struct gh_error *error);
void gh_lane_note_answer(struct gh_lane *lane);
void gh_lane_note_passage(struct gh_lane *lane, enum gh_addendum_kind kind);
void gh_lane_note_disposition(
	struct gh_lane *lane, const struct gh_id *record, enum gh_disposition disposition);

/* referrals.c: what the officer may still dispose of. */
#define GH_ABANDONED_WAITING "not_taken_up"
void gh_lane_open_referral(struct gh_lane *lane);
void gh_lane_reopen_referral(
	struct gh_lane *lane, const struct gh_id *record, const struct gh_awaited_word *awaits);
struct gh_awaited_word gh_lane_awaited_word(const struct gh_lane *lane);
void gh_lane_abandon(struct gh_lane *lane, const struct gh_id *record, const char *reason_code);
void gh_lane_abandon_overdue(struct gh_lane *lane);
void gh_lane_publish_referrals(struct gh_lane *lane);
enum gh_status gh_lane_dispose(
	struct gh_lane *lane, const struct gh_id *record, const struct gh_lane_event *event);

#endif
