/* SPDX-License-Identifier: Apache-2.0 */
/* The referrals that an officer may still dispose of; the outbox keeps them over a restart. */
#include <string.h>

#include "inside.h"

static struct open_referral *find(struct gh_lane *lane, const struct gh_id *record)
{
	for (size_t i = 0; i < OPEN_REFERRALS_MAX; i++)
		if (lane->open[i].taken && gh_id_equal(&lane->open[i].record, record))
			return &lane->open[i];
	return NULL;
}

void gh_lane_abandon(struct gh_lane *lane, const struct gh_id *record, const char *reason_code)
{
	struct gh_addendum addendum = {
		.kind = GH_ADDENDUM_DISPOSITION,
		.encounter = *record,
		.disposition = GH_DISPOSITION_ABANDONED,
		.role = "lane",
	};
	struct open_referral *open = find(lane, record);
	struct gh_error error = GH_ERROR_NONE;

	gh_text_copy(addendum.reason_code, sizeof(addendum.reason_code), reason_code);
	if (gh_lane_put_addendum(lane, &addendum, &error) != GH_OK) {
		gh_log(GH_LOG_ERROR, "transaction", "abandon", gh_log_error(&error));
		return;
	}
	gh_lane_note_disposition(lane, &addendum.encounter, addendum.disposition);
	if (open)
		open->taken = false;
}

/* One that could not be written is tried again at the next look. */
void gh_lane_abandon_overdue(struct gh_lane *lane)
{
	uint64_t now_us = gh_lane_now_us(lane);

	for (size_t i = 0; i < OPEN_REFERRALS_MAX; i++)
		if (lane->open[i].taken && now_us >= lane->open[i].until_us)
			gh_lane_abandon(lane, &lane->open[i].record, GH_ABANDONED_WAITING);
}

/* A free place, or that of the oldest, whom nobody is going to take up any more. */
static struct open_referral *place_for_one(struct gh_lane *lane)
{
	struct open_referral *open = &lane->open[lane->open_next];

	for (size_t i = 0; i < OPEN_REFERRALS_MAX && open->taken; i++)
		open = &lane->open[(lane->open_next + i) % OPEN_REFERRALS_MAX];
	if (open->taken) {
		open = &lane->open[lane->open_next];
		gh_lane_abandon(lane, &open->record, GH_ABANDONED_WAITING);
	}
	lane->open_next = ((size_t)(open - lane->open) + 1) % OPEN_REFERRALS_MAX;
	return open;
}

static uint32_t bits_of(const struct gh_verdict_of_lane *verdict)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < verdict->referral_count; i++)
		bits |= UINT32_C(1) << verdict->referrals[i];
	return bits;
}

struct gh_awaited_word gh_lane_awaited_word(const struct gh_lane *lane)
{
	int64_t now_ms = lane->options.clock->real_ms(lane->options.clock);

	return (struct gh_awaited_word){
		.may_proceed = gh_may_proceed(&lane->passage.verdict, lane->passage.age_years),
		.since_ms = now_ms,
		.until_ms = now_ms + lane->options.officer_timeout_ms,
		.referrals = bits_of(&lane->passage.verdict),
	};
}

static void open_one(struct gh_lane *lane, const struct gh_id *record,
	const struct gh_awaited_word *awaits, int64_t age_ms, int64_t wait_ms)
{
	int64_t now_us = (int64_t)gh_lane_now_us(lane);

	*place_for_one(lane) = (struct open_referral){
		.record = *record,
		.may_proceed = awaits->may_proceed,
		.referrals = awaits->referrals,
		.since_us = now_us - age_ms * 1000,
		.until_us = (uint64_t)(now_us + wait_ms * 1000),
		.taken = true,
	};
}

void gh_lane_open_referral(struct gh_lane *lane)
{
	struct gh_awaited_word word = gh_lane_awaited_word(lane);

	open_one(lane, &lane->passage.encounter.id, &word, 0, lane->options.officer_timeout_ms);
}

/*
 * A clock that was set back meanwhile does not make anybody wait longer than the setting says, and
 * one that was set on nobody older than he can be.
 */
void gh_lane_reopen_referral(
	struct gh_lane *lane, const struct gh_id *record, const struct gh_awaited_word *awaits)
{
	int64_t left_ms = awaits->until_ms - lane->options.clock->real_ms(lane->options.clock);
	int64_t whole_ms = awaits->since_ms ? awaits->until_ms - awaits->since_ms
					    : lane->options.officer_timeout_ms;

	if (left_ms <= 0) {
		gh_lane_abandon(lane, record, GH_ABANDONED_WAITING);
		return;
	}
	if (left_ms > (int64_t)lane->options.officer_timeout_ms)
		left_ms = lane->options.officer_timeout_ms;
	open_one(lane, record, awaits, whole_ms > left_ms ? whole_ms - left_ms : 0, left_ms);
}

/* Under the lane's lock. Ages are counted by the one who looks. */
void gh_lane_publish_referrals(struct gh_lane *lane)
{
	struct gh_lane_view *view = &lane->view;

	view->open_referrals = 0;
	for (size_t i = 0; i < OPEN_REFERRALS_MAX; i++) {
		const struct open_referral *open = &lane->open[i];
		uint32_t at = view->open_referrals;

		if (!open->taken)
			continue;
		for (; at > 0 && lane->view_since_us[at - 1] > open->since_us; at--) {
			view->open[at] = view->open[at - 1];
			lane->view_since_us[at] = lane->view_since_us[at - 1];
		}
		view->open[at] = (struct gh_open_referral){ .record = open->record,
			.referrals = open->referrals,
			.may_proceed = open->may_proceed };
		lane->view_since_us[at] = open->since_us;
		view->open_referrals++;
	}
}

static enum gh_status write_disposition(
	struct gh_lane *lane, const struct gh_lane_event *event, const struct open_referral *open)
{
	struct gh_addendum addendum = {
		.kind = GH_ADDENDUM_DISPOSITION,
		.encounter = open->record,
		.disposition = event->disposition,
	};
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	memcpy(addendum.role, event->role, sizeof(addendum.role));
	memcpy(addendum.reason_code, event->reason_code, sizeof(addendum.reason_code));
	status = gh_lane_put_addendum(lane, &addendum, &error);
	if (status != GH_OK)
		gh_log(GH_LOG_ERROR, "transaction", "disposition", gh_log_error(&error));
	return status;
}

/*
 * The rule of 14 years is kept here and not only on a page, so that no way
 * around a page can break it.
 */
enum gh_status gh_lane_dispose(
	struct gh_lane *lane, const struct gh_id *record, const struct gh_lane_event *event)
{
	struct open_referral *open = find(lane, record);
	enum gh_status status;

	if (!open)
		return GH_NOT_FOUND;
	if (event->disposition == GH_DISPOSITION_NONE || event->role[0] == '\0')
		return GH_MALFORMED;
	if (event->disposition == GH_DISPOSITION_PROCEED && !open->may_proceed)
		return GH_DENIED;
	status = write_disposition(lane, event, open);
	if (status != GH_OK)
		return status;
	gh_lane_note_disposition(lane, &open->record, event->disposition);
	open->taken = false;
	return GH_OK;
}
