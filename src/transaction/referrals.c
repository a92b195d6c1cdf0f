/* SPDX-License-Identifier: Apache-2.0 */
/* The referrals of this run that an officer may still dispose of. */
#include <string.h>

#include "inside.h"

void gh_lane_open_referral(struct gh_lane *lane)
{
	struct open_referral *open = &lane->open[lane->open_next];

	lane->open_next = (lane->open_next + 1) % OPEN_REFERRALS_MAX;
	*open = (struct open_referral){
		.record = lane->passage.encounter.id,
		.verdict = lane->passage.verdict,
		.age_years = lane->passage.age_years,
		.taken = true,
	};
}

static struct open_referral *find(struct gh_lane *lane, const struct gh_id *record)
{
	for (size_t i = 0; i < OPEN_REFERRALS_MAX; i++)
		if (lane->open[i].taken && gh_id_equal(&lane->open[i].record, record))
			return &lane->open[i];
	return NULL;
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
