/* SPDX-License-Identifier: Apache-2.0 */
/* When the clock is right again: how far off it was when records were made. */
#include "daemon.h"
#include "gatehouse/outbox/doubtful.h"

/* Addenda in one go; the retention thread comes again soon. */
enum {
	AT_ONCE = 64
};

/*
 * The monotonic clock ran on evenly, so real less monotonic time differs by as much as the real
 * clock was off, whether it was set at once or brought there slowly.
 */
static enum gh_status correct(
	struct daemon *daemon, const struct gh_doubtful *doubtful, struct gh_error *error)
{
	const struct gh_clock *clock = daemon->clock;
	struct gh_addendum addendum = { .kind = GH_ADDENDUM_CLOCK,
		.encounter = doubtful->encounter };
	int64_t now_us = (int64_t)clock->monotonic_us(clock);
	enum gh_status status = gh_addendum_begin(&addendum, &daemon->identity, clock, error);

	if (status != GH_OK)
		return status;
	addendum.clock_offset_ms = addendum.event_ms - now_us / 1000 - doubtful->base_ms;
	return addendum_put(daemon, &addendum, GH_SETTLES_CLOCK, error);
}

void clock_run(struct daemon *daemon)
{
	struct gh_doubtful list[AT_ONCE];
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;
	size_t count = 0, told = 0;

	if (daemon->clock->quality(daemon->clock) != GH_CLOCK_SYNCED)
		return;
	status = gh_outbox_doubtful(daemon->stores.outbox, list, AT_ONCE, &count, &error);
	while (status == GH_OK && told < count) {
		status = correct(daemon, &list[told], &error);
		told += status == GH_OK;
	}
	if (status != GH_OK)
		gh_log(GH_LOG_ERROR, "daemon", "clock_addenda", gh_log_error(&error));
	if (told > 0)
		gh_log(GH_LOG_NOTICE, "daemon", "clock_addenda",
			gh_log_integer("records", (int64_t)told));
}
