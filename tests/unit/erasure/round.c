/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds: what is deleted is destroyed in time and logged once, what lives goes on living. */
#include "gatehouse/erasure/round.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "support/erasure/station.h"

static struct station lane;

static int set_up(void **state)
{
	(void)state;
	station_make(&lane);
	station_open(&lane);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	station_remove(&lane);
	return 0;
}

static void tick(void)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_erasure_tick(lane.erasure, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void deliver_all(void)
{
	while (station_deliver(&lane) == GH_OK)
		;
}

static void nothing_to_erase_makes_no_round(void **state)
{
	uint64_t generation = gh_provider_generation(lane.provider);

	(void)state;
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	tick();
	station_wait(&lane, 2 * STATION_HOUR_MS);
	tick();
	assert_int_equal(gh_provider_generation(lane.provider), generation);
	assert_int_equal(station_state(&lane).batches, 0);
}

static void an_hour_after_the_first_deletion_its_master_goes(void **state)
{
	uint64_t generation = gh_provider_generation(lane.provider);

	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	assert_int_equal(station_put(&lane, 2, 12), GH_OK);
	assert_int_equal(station_deliver(&lane), GH_OK);
	tick();
	assert_int_equal(station_state(&lane).pending, 1);
	station_wait(&lane, STATION_HOUR_MS - 1000);
	tick();
	assert_int_equal(station_state(&lane).pending, 1);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 0);
	station_wait(&lane, 1000);
	tick();
	assert_int_equal(station_state(&lane).pending, 0);
	assert_int_equal(gh_provider_generation(lane.provider), generation + 1);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 1);
	assert_int_equal(station_logged(&lane, 2, GH_ERASED_RECORD), 0);
	/* What was not deleted goes out under the new master. */
	deliver_all();
	station_wait(&lane, STATION_HOUR_MS);
	tick();
	station_wait(&lane, STATION_HOUR_MS);
	tick();
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 1);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 1);
	assert_int_equal(station_logged(&lane, 2, GH_ERASED_RECORD), 1);
	assert_int_equal(station_logged(&lane, 2, GH_ERASED_PHOTO), 1);
}

/* The centre is away: the photograph is destroyed before its limit, the record stays. */
static void a_limit_is_kept_with_its_master(void **state)
{
	struct gh_erasure_verdict verdict;
	struct gh_bytes json = GH_BYTES_EMPTY;
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	struct gh_id id = station_id(1);

	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	for (int64_t ms = 0; ms < 12 * STATION_HOUR_MS; ms += 60000) {
		station_wait(&lane, 60000);
		tick();
	}
	assert_int_equal(lane.told, 1);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 1);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 0);
	station_key(&lane, key);
	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_OK);
	assert_int_equal(gh_erasure_verify(gh_bytes_view(&json), key, NULL, &verdict, NULL), GH_OK);
	assert_int_equal(verdict.late_ms, 0);
	assert_int_equal(verdict.entries[0].why, GH_ERASED_LIMIT);
	assert_true(verdict.destroyed_ms[0] <= verdict.entries[0].limit_ms);
	gh_bytes_finish(&json);
}

/* Off for a day: at the start what is over goes before anything else, and is called late. */
static void a_device_that_was_off_erases_at_its_start_and_says_how_late(void **state)
{
	struct gh_erasure_verdict verdict;
	struct gh_bytes json = GH_BYTES_EMPTY;
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	struct gh_id id = station_id(1);

	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	station_close(&lane);
	lane.clock.real_ms += 24 * STATION_HOUR_MS;
	lane.clock.monotonic_us = 5000000;
	lane.boot = 2;
	station_open(&lane);
	station_key(&lane, key);
	tick();
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 1);
	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_OK);
	assert_int_equal(gh_erasure_verify(gh_bytes_view(&json), key, NULL, &verdict, NULL), GH_OK);
	assert_int_equal(verdict.late_ms, 12 * STATION_HOUR_MS);
	gh_bytes_finish(&json);
}

static void verdict_on(uint32_t n, struct gh_erasure_verdict *verdict)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	struct gh_id id = station_id(n);

	station_key(&lane, key);
	assert_int_equal(gh_erasure_prove(lane.folder, &id, &json, NULL), GH_OK);
	assert_int_equal(gh_erasure_verify(gh_bytes_view(&json), key, NULL, verdict, NULL), GH_OK);
	gh_bytes_finish(&json);
}

/* Set back by a week, the real clock would keep the photograph: the monotonic one does not. */
static void a_clock_set_back_lengthens_no_limit(void **state)
{
	struct gh_erasure_verdict verdict;

	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	station_wait(&lane, STATION_HOUR_MS);
	lane.clock.real_ms -= 7 * 24 * STATION_HOUR_MS;
	lane.clock.quality = GH_CLOCK_UNSYNCED;
	station_wait(&lane, 11 * STATION_HOUR_MS - 60000);
	tick();
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 1);
	verdict_on(1, &verdict);
	assert_int_equal(verdict.entries[0].clock_step_ms, -7 * 24 * STATION_HOUR_MS);
	assert_int_equal(verdict.entries[0].quality, GH_CLOCK_UNSYNCED);
}

static void a_clock_set_forward_erases_at_once_and_says_so(void **state)
{
	struct gh_erasure_verdict verdict;

	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	lane.clock.real_ms += 48 * STATION_HOUR_MS;
	tick();
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 1);
	verdict_on(1, &verdict);
	assert_int_equal(verdict.entries[0].clock_step_ms, 48 * STATION_HOUR_MS);
}

/* A lane without a clock of its own starts in the past; what it held is held no longer for that. */
static void a_start_with_a_clock_of_the_past_lengthens_no_limit(void **state)
{
	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	station_close(&lane);
	lane.clock.real_ms -= 5000 * 24 * STATION_HOUR_MS;
	lane.clock.monotonic_us = 1000000;
	lane.boot = 2;
	station_open(&lane);
	tick();
	station_wait(&lane, 11 * STATION_HOUR_MS);
	tick();
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 0);
	station_wait(&lane, STATION_HOUR_MS);
	tick();
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_PHOTO), 1);
}

static void what_is_pending_at_a_stop_is_destroyed_at_the_start(void **state)
{
	(void)state;
	tick();
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	deliver_all();
	assert_int_equal(station_state(&lane).pending, 2);
	station_close(&lane);
	station_open(&lane);
	tick();
	assert_int_equal(station_state(&lane).pending, 0);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 1);
}

/* Deleted while the masters change: its key may be under the new one, so it is not claimed yet. */
static void what_is_deleted_during_a_change_waits_for_the_next(void **state)
{
	(void)state;
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	assert_int_equal(station_put(&lane, 2, 12), GH_OK);
	gh_outbox_expect_generation(lane.outbox, gh_provider_generation(lane.provider) + 1);
	assert_int_equal(gh_provider_begin_change(lane.provider, NULL), GH_OK);
	assert_int_equal(gh_outbox_rewrap(lane.outbox, NULL), GH_OK);
	assert_int_equal(station_deliver(&lane), GH_OK);
	tick();
	assert_false(gh_provider_changing(lane.provider));
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 0);
	assert_int_equal(station_state(&lane).pending, 1);
	assert_int_equal(gh_erasure_round(lane.erasure, NULL), GH_OK);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 1);
}

static void a_damaged_log_is_set_aside_and_erasure_goes_on(void **state)
{
	(void)state;
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	deliver_all();
	tick();
	assert_int_equal(station_state(&lane).batches, 1);
	station_close(&lane);
	assert_int_equal(truncate(station_place(&lane, GH_ERASURE_LOG_FILE), 100), 0);
	station_open(&lane);
	assert_true(station_state(&lane).log_set_aside);
	assert_int_equal(station_put(&lane, 2, 12), GH_OK);
	deliver_all();
	tick();
	assert_int_equal(station_state(&lane).batches, 1);
	assert_int_equal(station_logged(&lane, 2, GH_ERASED_RECORD), 1);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 0);
	station_close(&lane);
	station_open(&lane);
	assert_false(station_state(&lane).log_set_aside);
}

/* A new database beside an old log: its serials go on where the log's end. */
static void a_lost_outbox_does_not_break_the_chain(void **state)
{
	(void)state;
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	deliver_all();
	tick();
	station_close(&lane);
	unlink(station_place(&lane, "outbox.db"));
	unlink(station_place(&lane, "outbox.db-wal"));
	station_open(&lane);
	assert_int_equal(station_put(&lane, 2, 12), GH_OK);
	deliver_all();
	tick();
	assert_int_equal(station_state(&lane).batches, 2);
	assert_int_equal(station_logged(&lane, 1, GH_ERASED_RECORD), 1);
	assert_int_equal(station_logged(&lane, 2, GH_ERASED_RECORD), 1);
}

static void keys_kept_elsewhere_are_logged_with_the_others(void **state)
{
	struct gh_erasing voyage = { .id = station_id(9),
		.what = GH_ERASED_GALLERY,
		.why = GH_ERASED_VOYAGE,
		.quality = GH_CLOCK_SYNCED,
		.captured_ms = lane.clock.real_ms - STATION_HOUR_MS,
		.limit_ms = lane.clock.real_ms + STATION_HOUR_MS,
		.deleted_ms = lane.clock.real_ms };

	(void)state;
	assert_int_equal(gh_outbox_erasing_add(lane.outbox, &voyage, NULL), GH_OK);
	tick();
	assert_int_equal(station_logged(&lane, 9, GH_ERASED_GALLERY), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_erase_makes_no_round),
		TEST(an_hour_after_the_first_deletion_its_master_goes),
		TEST(a_limit_is_kept_with_its_master),
		TEST(a_device_that_was_off_erases_at_its_start_and_says_how_late),
		TEST(a_clock_set_back_lengthens_no_limit),
		TEST(a_clock_set_forward_erases_at_once_and_says_so),
		TEST(a_start_with_a_clock_of_the_past_lengthens_no_limit),
		TEST(what_is_pending_at_a_stop_is_destroyed_at_the_start),
		TEST(what_is_deleted_during_a_change_waits_for_the_next),
		TEST(a_damaged_log_is_set_aside_and_erasure_goes_on),
		TEST(a_lost_outbox_does_not_break_the_chain),
		TEST(keys_kept_elsewhere_are_logged_with_the_others),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
