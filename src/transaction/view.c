/* SPDX-License-Identifier: Apache-2.0 */
/* Counts and answers of the lane, kept for those who look from outside. */
#include "gatehouse/transaction/view.h"

#include <string.h>

#include "inside.h"

int gh_capture_rate_permille(const struct gh_lane_counts *counts)
{
	uint64_t tried = counts->captured;

	for (size_t i = 0; i < GH_REASON_COUNT; i++)
		tried += counts->not_captured[i];
	return tried == 0 ? -1 : (int)(counts->captured * 1000 / tried);
}

/* How much of the answer's time went into taking the photograph. */
static uint32_t capture_ms(const struct passage *p)
{
	uint64_t begin_us = p->stand_here_us;

	if (!p->sample || begin_us == 0 || p->sample->done_us < begin_us)
		return 0;
	return (uint32_t)((p->sample->done_us - begin_us) / 1000);
}

static struct gh_lane_answer answer_of(const struct gh_lane *lane)
{
	const struct gh_encounter *record = &lane->passage.encounter;
	struct gh_lane_answer answer = {
		.record = record->id,
		.event_ms = record->event_ms,
		.capture = record->capture,
		.reason = record->reason,
		.comparison = record->comparison.kind,
		.outcome = record->comparison.outcome,
		.decision = record->decision,
		.referral_count = (uint32_t)record->referral_count,
		.score = record->comparison.score,
		.threshold = record->comparison.threshold,
		.fpir_predicted = record->comparison.fpir_predicted,
		.gallery_persons = record->comparison.gallery_persons,
		.threshold_extrapolated = record->comparison.threshold_extrapolated,
		.passages_checked = record->passages_checked,
		.answer_ms = record->answer_ms,
		.waiting_ms = record->waiting_ms,
		.capture_ms = capture_ms(&lane->passage),
		.compare_us = (uint32_t)lane->passage.compare_us,
		.put_us = (uint32_t)lane->passage.put_us,
	};

	if (lane->passage.sample)
		answer.faces_in_frame = lane->passage.sample->quality.faces_in_frame;
	memcpy(answer.referrals, record->referrals, sizeof(answer.referrals));
	return answer;
}

static void count_answer(struct gh_lane_counts *counts, const struct gh_lane_answer *answer)
{
	if (answer->capture == GH_CAPTURE_CAPTURED)
		counts->captured++;
	else if (answer->capture == GH_CAPTURE_OPTED_OUT)
		counts->opted_out++;
	else
		counts->not_captured[answer->reason]++;
	if (answer->decision == GH_DECISION_GO)
		counts->go++;
	for (uint32_t i = 0; i < answer->referral_count; i++)
		counts->referrals[answer->referrals[i]]++;
}

void gh_lane_note_answer(struct gh_lane *lane)
{
	struct gh_lane_answer answer = answer_of(lane);
	struct gh_lane_view *view = &lane->view;

	pthread_mutex_lock(&lane->lock);
	answer.number = ++view->answers;
	memmove(view->last + 1, view->last, (GH_ANSWERS_KEPT - 1) * sizeof(*view->last));
	view->last[0] = answer;
	count_answer(&view->counts, &answer);
	pthread_mutex_unlock(&lane->lock);
	gh_log(GH_LOG_INFO, "transaction", "answer", gh_log_id("record", &answer.record),
		gh_log_word("capture", gh_capture_word(answer.capture)),
		gh_log_word("reason", gh_reason_word(answer.reason)),
		gh_log_word("outcome", gh_outcome_word(answer.outcome)),
		gh_log_word("decision", gh_decision_word(answer.decision)),
		gh_log_integer("answer_ms", answer.answer_ms),
		gh_log_integer("waiting_ms", answer.waiting_ms));
}

static struct gh_lane_answer *find(struct gh_lane_view *view, const struct gh_id *record)
{
	for (size_t i = 0; i < GH_ANSWERS_KEPT; i++)
		if (gh_id_equal(&view->last[i].record, record))
			return &view->last[i];
	return NULL;
}

void gh_lane_note_passage(struct gh_lane *lane, enum gh_addendum_kind kind)
{
	struct gh_lane_answer *answer;

	pthread_mutex_lock(&lane->lock);
	if (kind == GH_ADDENDUM_PASSED)
		lane->view.counts.passed++;
	answer = find(&lane->view, &lane->passage.encounter.id);
	if (answer) {
		answer->passage = kind;
		answer->has_passage = true;
	}
	pthread_mutex_unlock(&lane->lock);
}

void gh_lane_note_disposition(
	struct gh_lane *lane, const struct gh_id *record, enum gh_disposition disposition)
{
	struct gh_lane_answer *answer;

	pthread_mutex_lock(&lane->lock);
	answer = find(&lane->view, record);
	if (answer)
		answer->disposition = disposition;
	pthread_mutex_unlock(&lane->lock);
}
