/* SPDX-License-Identifier: Apache-2.0 */
/* The referrals of this run that an officer may still dispose of. */
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

void gh_lane_open_referral(struct gh_lane *lane)
{
	uint64_t wait_us = (uint64_t)lane->options.officer_timeout_ms * 1000;

	*place_for_one(lane) = (struct open_referral){
		.record = lane->passage.encounter.id,
		.verdict = lane->passage.verdict,
		.age_years = lane->passage.age_years,
		.until_us = gh_lane_now_us(lane) + wait_us,
		.taken = true,
	};
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
	if (event->disposition == GH_DISPOSITION_PROCEED &&
		!gh_may_proceed(&open->verdict, open->age_years))
		return GH_DENIED;
	status = write_disposition(lane, event, open);
	if (status != GH_OK)
		return status;
	gh_lane_note_disposition(lane, &open->record, event->disposition);
	open->taken = false;
	return GH_OK;
}
