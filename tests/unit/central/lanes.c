/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats of lanes and alarms about them, on either kind of store. */
#include "store.h"

#include <stdio.h>
#include <string.h>

#include "../../support/central/either.h"

static struct store_put heartbeat_put(uint8_t boot, int64_t number, int64_t received_ms)
{
	struct store_put put = { .kind = STORE_HEARTBEAT };

	put.heartbeat = (struct store_heartbeat){ .lane = "lane-1",
		.boot = { { boot } },
		.number = number,
		.sent_ms = received_ms - 5,
		.received_ms = received_ms,
		.interval_ms = 60000,
		.disk_free_permille = 800,
		.json = either_some };
	return put;
}

static enum stored put_counts(
	struct store *store, struct store_put put, int64_t captured, int64_t not_captured)
{
	put.heartbeat.captured = captured;
	put.heartbeat.not_captured = not_captured;
	return either_put(store, put);
}

struct lanes {
	struct store_lane list[4];
	size_t count;
};

static void take_lane(void *ctx, const struct store_lane *lane)
{
	struct lanes *lanes = ctx;

	assert_true(lanes->count < 4);
	lanes->list[lanes->count++] = *lane;
}

static struct lanes lanes_of(struct store *store, int64_t since_ms)
{
	struct lanes lanes = { .count = 0 };

	assert_int_equal(store_list_lanes(store, since_ms, take_lane, &lanes, NULL), GH_OK);
	return lanes;
}

static void a_heartbeat_is_kept_once_and_counts_differences(void **state)
{
	struct store *store = either_store(state);
	struct gh_bytes json = GH_BYTES_EMPTY;
	int64_t now_ms = 100 * STORE_STEP_MS;
	struct lanes lanes;

	/* What was before the first is unknown. */
	assert_int_equal(put_counts(store, heartbeat_put(1, 5, now_ms), 100, 10), STORED_NEW);
	assert_int_equal(put_counts(store, heartbeat_put(1, 5, now_ms + 1), 100, 10), STORED_SAME);
	assert_int_equal(put_counts(store, heartbeat_put(1, 4, now_ms + 1), 90, 10), STORED_SAME);
	assert_int_equal(put_counts(store, heartbeat_put(1, 6, now_ms + 2), 103, 11), STORED_NEW);
	assert_int_equal(put_counts(store, heartbeat_put(1, 7, now_ms + 3), 103, 11), STORED_NEW);
	/* After a restart all of it is new; counters that go back count for nothing. */
	assert_int_equal(put_counts(store, heartbeat_put(2, 1, now_ms + 4), 2, 1), STORED_NEW);
	assert_int_equal(put_counts(store, heartbeat_put(2, 2, now_ms + 5), 1, 1), STORED_NEW);
	lanes = lanes_of(store, 0);
	assert_int_equal(lanes.count, 1);
	assert_string_equal(lanes.list[0].last.lane, "lane-1");
	assert_int_equal(lanes.list[0].last.boot.bytes[0], 2);
	assert_int_equal(lanes.list[0].last.number, 2);
	assert_int_equal(lanes.list[0].last.received_ms, now_ms + 5);
	assert_int_equal(lanes.list[0].last.sent_ms, now_ms);
	assert_int_equal(lanes.list[0].last.disk_free_permille, 800);
	assert_int_equal(lanes.list[0].captured, 3 + 2);
	assert_int_equal(lanes.list[0].not_captured, 1 + 1);
	assert_int_equal(store_read_heartbeat(store, "lane-1", &json, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&json), either_some));
	assert_int_equal(store_read_heartbeat(store, "lane-2", &json, NULL), GH_NOT_FOUND);
	gh_bytes_finish(&json);
}

static void a_window_leaves_out_what_is_older(void **state)
{
	struct store *store = either_store(state);
	int64_t now_ms = 100 * STORE_STEP_MS;
	struct lanes lanes;

	put_counts(store, heartbeat_put(1, 1, now_ms), 0, 0);
	put_counts(store, heartbeat_put(1, 2, now_ms + 7), 4, 1);
	put_counts(store, heartbeat_put(1, 3, now_ms + 3 * STORE_STEP_MS), 9, 1);
	lanes = lanes_of(store, now_ms + STORE_STEP_MS);
	assert_int_equal(lanes.list[0].captured, 5);
	assert_int_equal(lanes.list[0].not_captured, 0);
	lanes = lanes_of(store, now_ms + 4 * STORE_STEP_MS);
	assert_int_equal(lanes.list[0].captured, 0);
	assert_int_equal(lanes.list[0].not_captured, 0);
}

static void lanes_that_are_over_are_not_listed(void **state)
{
	struct store *store = either_store(state);
	struct store_device device = { .name = "lane-1", .port = "UTZ" };
	const struct store_limits limits = { 0, 0 };
	struct store_put other = heartbeat_put(3, 1, 5 + STORE_LANE_KEPT_MS);

	put_counts(store, heartbeat_put(1, 1, 5), 0, 0);
	strcpy(other.heartbeat.lane, "lane-0");
	either_put(store, other);
	assert_int_equal(lanes_of(store, 0).count, 2);
	assert_string_equal(lanes_of(store, 0).list[0].last.lane, "lane-0");
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	assert_int_equal(lanes_of(store, 0).count, 2);
	assert_int_equal(store_revoke_device(store, "lane-1", 7, NULL), GH_OK);
	assert_int_equal(lanes_of(store, 0).count, 1);
	assert_int_equal(store_put_device(store, &device, NULL), GH_OK);
	assert_int_equal(store_keep_days(store, 6 + STORE_LANE_KEPT_MS, &limits, NULL), GH_OK);
	assert_int_equal(lanes_of(store, 0).count, 1);
	assert_string_equal(lanes_of(store, 0).list[0].last.lane, "lane-0");
}

static void take_alarm(void *ctx, const struct store_alarm *alarm)
{
	char text[100];

	snprintf(text, sizeof(text), "%s/%s/%d/%d/%d/%d/%d ", alarm->lane, alarm->kind,
		(int)alarm->state, (int)alarm->since_ms, (int)alarm->changed_ms, (int)alarm->value,
		(int)alarm->limit);
	strcat(ctx, text);
}

static void an_alarm_changes_only_from_the_state_it_is_in(void **state)
{
	struct store *store = either_store(state);
	struct store_alarm_change changes[] = {
		{ 0, { "lane-1", "silent", 1, 10, 10, 7, 5 }, false },
		{ 0, { "lane-1", "clock_offset", 1, 11, 11, -8, 6 }, false },
		{ 0, { "lane-1", "silent", 1, 99, 99, 9, 9 }, true },
		{ 2, { "lane-1", "clock_offset", 1, 99, 99, 9, 9 }, true },
		{ 1, { "lane-1", "clock_offset", 2, 11, 12, -8, 6 }, false },
		{ 1, { "lane-0", "silent", 0, 0, 0, 0, 0 }, true },
	};
	char text[400] = "";

	assert_int_equal(store_change_alarms(store, changes, 6, NULL), GH_OK);
	assert_true(changes[0].changed && changes[1].changed && changes[4].changed);
	assert_false(changes[2].changed || changes[3].changed || changes[5].changed);
	assert_int_equal(store_list_alarms(store, take_alarm, text, NULL), GH_OK);
	assert_string_equal(text, "lane-1/clock_offset/2/11/12/-8/6 lane-1/silent/1/10/10/7/5 ");
	changes[0] = (struct store_alarm_change){ 2, { "lane-1", "clock_offset", 0, 0, 0, 0, 0 },
		false };
	assert_int_equal(store_change_alarms(store, changes, 1, NULL), GH_OK);
	assert_true(changes[0].changed);
	text[0] = '\0';
	assert_int_equal(store_list_alarms(store, take_alarm, text, NULL), GH_OK);
	assert_string_equal(text, "lane-1/silent/1/10/10/7/5 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EITHER_TEST(a_heartbeat_is_kept_once_and_counts_differences),
		EITHER_TEST(a_window_leaves_out_what_is_older),
		EITHER_TEST(lanes_that_are_over_are_not_listed),
		EITHER_TEST(an_alarm_changes_only_from_the_state_it_is_in),
	};

	return either_run(tests, sizeof(tests) / sizeof(tests[0]));
}
