/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the table from the comparison to the end of the passage. */
#include <string.h>

#include "inside.h"
#include "steps.h"

static enum gh_status ask_gallery(struct gh_lane *lane, struct gh_error *error)
{
	struct passage *p = &lane->passage;

	if (p->claimed)
		return lane->hands.verify(lane->hands.ctx, p->claim.text, p->claim_issuer,
			&p->sample->probe, &p->search, error);
	return lane->hands.search(lane->hands.ctx, &p->sample->probe, &p->search, error);
}

void gh_step_compare(struct gh_lane *lane)
{
	struct passage *p = &lane->passage;
	struct gh_error error = GH_ERROR_NONE;
	uint64_t begin_us;

	p->sample = lane->event->sample;
	p->encounter.capture = GH_CAPTURE_CAPTURED;
	gh_lane_set_vision(lane, GH_VISION_OFF);
	gh_lane_show(lane, GH_PAGE_CHECKING);
	begin_us = gh_lane_now_us(lane);
	p->search_status = ask_gallery(lane, &error);
	p->compare_us = gh_lane_now_us(lane) - begin_us;
	if (p->search_status != GH_OK)
		gh_log(GH_LOG_NOTICE, "transaction", "compare", gh_log_error(&error));
	gh_lane_raise(lane, GH_TRIGGER_COMPARED);
}

static bool passed_before(struct gh_lane *lane, const struct gh_candidate *candidate)
{
	struct gh_passage passage = { candidate->voyage, candidate->person.id };
	struct gh_error error = GH_ERROR_NONE;
	bool passed = false;

	if (lane->hands.passed(lane->hands.ctx, &passage, &passed, &error) == GH_OK)
		return passed;
	gh_log(GH_LOG_WARNING, "transaction", "passed", gh_log_error(&error));
	return false;
}

static void weigh_candidates(struct gh_lane *lane, struct gh_evidence *evidence)
{
	struct gh_search *search = &lane->passage.search;
	struct gh_limits limits =
		gh_lane_limits(lane, search, evidence->kind, lane->passage.sample->frames_averaged);

	/* The record tells the limit that counted. */
	search->threshold = limits.match;
	evidence->templates = search->templates;
	evidence->gallery_complete = search->complete;
	evidence->match_from = limits.match.score;
	evidence->no_match_below = limits.no_match_below;
	evidence->look_alike_from = limits.look_alike_from;
	if (search->count == 0)
		return;
	evidence->has_candidate = true;
	evidence->score = search->candidates[0].score;
	evidence->look_alike = search->candidates[0].look_alike;
	if (evidence->score >= evidence->match_from)
		evidence->already_passed = passed_before(lane, &search->candidates[0]);
	if (search->count == 1)
		return;
	evidence->has_second = true;
	evidence->second_score = search->candidates[1].score;
}

void gh_step_decide(struct gh_lane *lane)
{
	struct passage *p = &lane->passage;

	p->evidence = (struct gh_evidence){
		.capture = GH_CAPTURE_CAPTURED,
		.kind = p->claimed ? GH_COMPARISON_ONE_TO_ONE : GH_COMPARISON_ONE_TO_MANY,
		.answer = p->search_status,
		.attack_suspected = gh_attack_suspected(&p->sample->attack),
	};
	if (p->search_status == GH_OK)
		weigh_candidates(lane, &p->evidence);
	p->verdict = gh_decide(&p->evidence);
	p->age_years = gh_lane_age(lane, &p->search);
	gh_lane_raise(
		lane, p->verdict.decision == GH_DECISION_GO ? GH_TRIGGER_GO : GH_TRIGGER_REFER);
}

/* What remains when there is no sample: the reason, and a record of it. */
static void decide_without_sample(struct gh_lane *lane, enum gh_capture capture)
{
	struct passage *p = &lane->passage;

	p->encounter.capture = capture;
	p->evidence = (struct gh_evidence){ .capture = capture };
	p->verdict = gh_decide(&p->evidence);
	gh_step_record(lane);
}

void gh_step_not_captured(struct gh_lane *lane)
{
	struct passage *p = &lane->passage;

	if (p->reason == GH_REASON_NONE)
		p->reason = lane->event ? lane->event->reason : GH_REASON_NONE;
	if (p->reason == GH_REASON_NONE)
		p->reason = GH_REASON_TIMEOUT;
	gh_lane_set_vision(lane, GH_VISION_WIPE);
	decide_without_sample(lane, GH_CAPTURE_NOT_CAPTURED);
}

/* Everything seen of the person so far goes before the record is made. */
void gh_step_opt_out(struct gh_lane *lane)
{
	struct passage *p = &lane->passage;

	gh_lane_set_vision(lane, GH_VISION_WIPE);
	gh_lane_release(lane, p->sample);
	p->sample = NULL;
	p->claimed = false;
	gh_wipe(&p->claim, sizeof(p->claim));
	gh_lane_share_claim(lane);
	gh_wipe(&p->search, sizeof(p->search));
	decide_without_sample(lane, GH_CAPTURE_OPTED_OUT);
}

void gh_step_record(struct gh_lane *lane)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;
	uint64_t begin_us;

	gh_lane_fill_record(lane);
	begin_us = gh_lane_now_us(lane);
	status = gh_lane_put_record(lane, &error);
	lane->passage.put_us = gh_lane_now_us(lane) - begin_us;
	if (status != GH_OK) {
		gh_log(GH_LOG_ERROR, "transaction", "not_recorded", gh_log_error(&error));
		pthread_mutex_lock(&lane->lock);
		lane->view.counts.record_failures++;
		pthread_mutex_unlock(&lane->lock);
		gh_lane_raise(lane, GH_TRIGGER_NOT_RECORDED);
		return;
	}
	lane->passage.recorded = true;
	gh_lane_raise(lane,
		lane->passage.verdict.decision == GH_DECISION_GO ? GH_TRIGGER_RECORDED_GO
								 : GH_TRIGGER_RECORDED_REFER);
}

/* The person is helped by the officer; the lane takes nobody until it can record. */
void gh_step_record_failed(struct gh_lane *lane)
{
	gh_step_go_manual(lane);
	gh_lane_show(lane, GH_PAGE_OFFICER);
}

/* The sample has served: its photograph is in the outbox, sealed. */
static void release_sample(struct gh_lane *lane)
{
	gh_lane_release(lane, lane->passage.sample);
	lane->passage.sample = NULL;
	gh_lane_set_vision(lane, GH_VISION_WIPE);
	gh_lane_set_vision(lane, GH_VISION_PRESENCE);
}

static enum gh_status move_gate(struct gh_lane *lane, enum gh_action_kind kind)
{
	struct gh_action action = { .kind = kind };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = lane->hands.act(lane->hands.ctx, GH_DEVICE_GATE, &action, &error);

	if (status != GH_OK)
		gh_log(GH_LOG_ERROR, "transaction", "gate", gh_log_error(&error));
	return status;
}

void gh_step_open_gate(struct gh_lane *lane)
{
	gh_lane_show(lane, GH_PAGE_GO);
	gh_lane_set_timer(lane, lane->options.gate_timeout_ms);
	gh_lane_note_answer(lane);
	release_sample(lane);
	if (lane->options.gate && move_gate(lane, GH_ACTION_GATE_OPEN) != GH_OK)
		gh_lane_raise(lane, GH_TRIGGER_GATE_FAULT);
	gh_lane_light(lane, lane->options.lamp_rest_permille);
}

void gh_step_ask_officer(struct gh_lane *lane)
{
	gh_lane_show(lane, GH_PAGE_OFFICER);
	gh_lane_light(lane, lane->options.lamp_rest_permille);
	gh_lane_set_timer(lane, lane->options.officer_timeout_ms);
	gh_lane_note_answer(lane);
	release_sample(lane);
	if (lane->passage.left)
		gh_lane_raise(lane, GH_TRIGGER_TIMEOUT);
	else
		gh_lane_open_referral(lane);
}

void gh_step_abandon(struct gh_lane *lane)
{
	gh_lane_abandon(lane, &lane->passage.encounter.id,
		lane->passage.left ? "left" : GH_ABANDONED_WAITING);
	gh_step_rest(lane);
}

static void end_passage(struct gh_lane *lane, enum gh_addendum_kind kind)
{
	struct gh_addendum addendum = { .kind = kind };
	struct gh_error error = GH_ERROR_NONE;

	addendum.encounter = lane->passage.encounter.id;
	gh_lane_note_passage(lane, kind);
	if (gh_lane_put_addendum(lane, &addendum, &error) != GH_OK)
		gh_log(GH_LOG_ERROR, "transaction", "addendum", gh_log_error(&error));
	if (lane->options.gate)
		move_gate(lane, GH_ACTION_GATE_CLOSE);
}

/*
 * The zone may still look occupied by the person who has just passed, or by
 * the next one already: a moment later only the next one can be there.
 */
void gh_step_passed(struct gh_lane *lane)
{
	end_passage(lane, GH_ADDENDUM_PASSED);
	gh_step_rest(lane);
	lane->next_may_be_here = true;
	gh_lane_set_timer(lane, 2 * lane->options.leave_ms);
}

void gh_step_turned_back(struct gh_lane *lane)
{
	end_passage(lane, GH_ADDENDUM_NOT_PASSED);
	gh_step_rest(lane);
}

/* Without a gate, leaving the zone is passing. */
void gh_step_left_after_go(struct gh_lane *lane)
{
	if (!lane->options.gate)
		gh_lane_raise(lane, GH_TRIGGER_GATE_PASSED);
}

void gh_step_lose_in_act(struct gh_lane *lane)
{
	if (lane->options.gate && (lane->lost_devices & 1u << GH_DEVICE_GATE))
		gh_lane_raise(lane, GH_TRIGGER_GATE_FAULT);
}

/* The record was put as one that needs no officer. */
static void keep_awaited(struct gh_lane *lane)
{
	struct gh_awaited_word word = gh_lane_awaited_word(lane);
	struct gh_error error = GH_ERROR_NONE;

	if (lane->hands.await(lane->hands.ctx, &lane->passage.encounter.id, &word, &error) != GH_OK)
		gh_log(GH_LOG_ERROR, "transaction", "await", gh_log_error(&error));
}

void gh_step_gate_failed(struct gh_lane *lane)
{
	struct passage *p = &lane->passage;

	end_passage(lane, GH_ADDENDUM_NOT_PASSED);
	p->verdict.decision = GH_DECISION_REFERRAL;
	p->verdict.referrals[0] = GH_REFERRAL_GATE_FAULT;
	p->verdict.referral_count = 1;
	gh_lane_show(lane, GH_PAGE_OFFICER);
	gh_lane_set_timer(lane, lane->options.officer_timeout_ms);
	keep_awaited(lane);
	gh_lane_open_referral(lane);
}

void gh_step_disposed(struct gh_lane *lane)
{
	gh_step_rest(lane);
}
