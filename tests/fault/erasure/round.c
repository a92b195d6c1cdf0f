/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A round that fails, or is killed, at each of its steps in turn. Whatever happened: no live key is
 * lost, the log says nothing that is not true, its chain is whole, and in the end each erasure
 * stands in it once and none of the erased keys opens.
 */
#include "gatehouse/erasure/round.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "inject.h"
#include "support/erasure/station.h"
#include "support/outbox/fault_sqlite.h"

#define RECORDS 6u
#define DELIVERED 3u /* with their photographs: they are erased */
#define STEPS_MAX 5000ul

/* Records 1 to DELIVERED are with the centre, the others wait. */
static void fill(struct station *lane)
{
	station_make(lane);
	station_open(lane);
	for (uint32_t n = 1; n <= RECORDS; n++)
		assert_int_equal(station_put(lane, n, 12), GH_OK);
	/* A photograph follows its record. */
	for (uint32_t i = 0; i < 2 * DELIVERED; i++)
		assert_int_equal(station_deliver(lane), GH_OK);
	assert_int_equal(station_state(lane).pending, 2 * DELIVERED);
}

static const struct {
	enum gh_erased_what what;
	enum gh_item_kind kind;
} parts[] = {
	{ GH_ERASED_RECORD, GH_ITEM_ENCOUNTER },
	{ GH_ERASED_PHOTO, GH_ITEM_PHOTO },
};

/* What the log says is so: nobody who kept a copy of the key can open it with this provider. */
static void expect_true_claims(struct station *lane, struct gh_provider *provider)
{
	for (uint32_t n = 1; n <= RECORDS; n++)
		for (size_t i = 0; i < 2; i++)
			if (station_logged(lane, n, parts[i].what) > 0)
				assert_int_equal(
					station_unwrap_old(lane, provider, n, parts[i].kind),
					GH_GONE);
}

static void expect_each_once(struct station *lane)
{
	struct gh_erasure_summary summary;
	uint8_t key[GH_PUBLIC_KEY_BYTES];

	station_key(lane, key);
	assert_int_equal(
		gh_erasure_log_check(station_place(lane, GH_ERASURE_LOG_FILE), key, &summary, NULL),
		GH_OK);
	assert_int_equal(summary.entries, 2 * DELIVERED);
	for (uint32_t n = 1; n <= RECORDS; n++)
		for (size_t i = 0; i < 2; i++) {
			unsigned wanted = n <= DELIVERED ? 1 : 0;

			assert_int_equal(station_logged(lane, n, parts[i].what), wanted);
			if (wanted)
				assert_int_equal(
					station_unwrap_old(lane, lane->provider, n, parts[i].kind),
					GH_GONE);
		}
}

static void expect_nothing_lost(struct station *lane)
{
	struct gh_outbox_state state;
	unsigned delivered = 0;
	enum gh_status status;

	while ((status = station_deliver(lane)) == GH_OK)
		delivered++;
	assert_int_equal(status, GH_NOT_FOUND);
	assert_int_equal(delivered, 2 * (RECORDS - DELIVERED));
	assert_int_equal(gh_outbox_state(lane->outbox, &state, NULL), GH_OK);
	assert_int_equal(state.quarantined, 0);
}

/* Rounds go on without faults, and all is as if nothing had been. */
static void come_through(struct station *lane)
{
	struct gh_error error = GH_ERROR_NONE;

	for (int i = 0; i < 3; i++)
		if (gh_erasure_round(lane->erasure, &error) != GH_OK)
			fail_msg("%s", error.text);
	assert_int_equal(station_state(lane).pending, 0);
	assert_false(gh_provider_changing(lane->provider));
	expect_each_once(lane);
	expect_nothing_lost(lane);
}

static void open_and_come_through(struct station *lane)
{
	struct gh_provider *provider;

	/* Before anything is mended: what stands in the log now is true now. */
	assert_int_equal(
		gh_provider_open("file", station_place(lane, "keys"), &provider, NULL), GH_OK);
	expect_true_claims(lane, provider);
	gh_provider_close(provider);
	station_open(lane);
	assert_false(station_state(lane).log_set_aside);
	come_through(lane);
	station_remove(lane);
}

/* Fails once, in a program that goes on; then the same, opened anew. */
static void fails_at(enum inject_point point)
{
	for (int reopened = 0; reopened < 2; reopened++)
		INJECT_EACH(point, n)
		{
			static struct station lane;
			enum gh_status status;

			inject_pause();
			fill(&lane);
			inject_arm(point, n);
			status = gh_erasure_round(lane.erasure, NULL);
			inject_pause();
			if (!inject_hit())
				assert_int_equal(status, GH_OK);
			expect_true_claims(&lane, lane.provider);
			if (reopened) {
				station_close(&lane);
				open_and_come_through(&lane);
				continue;
			}
			come_through(&lane);
			station_remove(&lane);
		}
}

static void every_allocation_fails(void **state)
{
	(void)state;
	fails_at(INJECT_ALLOC);
}

static void every_file_call_fails(void **state)
{
	(void)state;
	fails_at(INJECT_OPEN);
	fails_at(INJECT_READ);
	fails_at(INJECT_WRITE);
	fails_at(INJECT_SHORT);
	fails_at(INJECT_SYNC);
	fails_at(INJECT_RENAME);
}

static bool database_fails_at(enum fault fault, unsigned long n)
{
	static struct station lane;
	enum gh_status status;
	bool fell;

	fill(&lane);
	fault_arm(fault, n, 1);
	status = gh_erasure_round(lane.erasure, NULL);
	fell = fault_disarm();
	if (status == GH_OK)
		assert_int_equal(station_state(&lane).pending, 0);
	else
		assert_true(fell);
	expect_true_claims(&lane, lane.provider);
	if (n % 2 == 0) {
		station_close(&lane);
		open_and_come_through(&lane);
		return fell;
	}
	come_through(&lane);
	station_remove(&lane);
	return fell;
}

static void every_step_of_the_database_fails(void **state)
{
	static const enum fault faults[] = { FAULT_IO, FAULT_FULL, FAULT_READ };

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		unsigned long n = 1;

		while (n < STEPS_MAX && database_fails_at(faults[i], n))
			n++;
		assert_true(n < STEPS_MAX);
	}
}

static void every_nth_allocation_of_the_database_fails(void **state)
{
	unsigned long n = 1;

	(void)state;
	while (n < STEPS_MAX && database_fails_at(FAULT_MEMORY, n))
		n += 7;
	assert_true(n < STEPS_MAX);
}

/* A child that opens all, runs a round, and is killed on the way: true when it was. */
static bool killed(struct station *lane, int point, enum fault fault, unsigned long n)
{
	pid_t child;
	int end;

	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (fault != FAULT_NONE)
			fault_arm(fault, n, (uint32_t)n);
		else
			inject_arm((enum inject_point)point, n);
		if (fault == FAULT_NONE)
			inject_kill();
		if (station_try_open(lane, NULL) == GH_OK &&
			gh_erasure_round(lane->erasure, NULL) == GH_OK)
			_exit(0);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &end, 0), child);
	if (WIFEXITED(end))
		assert_int_equal(WEXITSTATUS(end), 0);
	return WIFSIGNALED(end);
}

/* Killed at step n, and then, on the way back, at another: only then in peace. */
static void killed_at_each(int point, enum fault fault, unsigned long again)
{
	unsigned long n = 0;
	bool was_killed = true;

	while (was_killed) {
		static struct station lane;

		n++;
		assert_true(n < STEPS_MAX);
		fill(&lane);
		station_close(&lane);
		was_killed = killed(&lane, point, fault, n);
		if (was_killed && again > 0)
			killed(&lane, point, fault, 1 + n * again % 41);
		open_and_come_through(&lane);
	}
	printf("killed at %lu steps\n", n - 1);
	assert_true(n > 1);
}

static void the_process_is_killed_at_every_file_call(void **state)
{
	static const enum inject_point points[] = { INJECT_OPEN, INJECT_WRITE, INJECT_SHORT,
		INJECT_SYNC, INJECT_RENAME };

	(void)state;
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		killed_at_each((int)points[i], FAULT_NONE, 0);
		killed_at_each((int)points[i], FAULT_NONE, 7);
	}
}

static void the_process_is_killed_at_every_step_of_the_database(void **state)
{
	(void)state;
	killed_at_each(0, FAULT_KILL, 0);
	killed_at_each(0, FAULT_KILL, 5);
}

static void the_power_fails_at_every_step_of_the_database(void **state)
{
	(void)state;
	killed_at_each(0, FAULT_POWER, 0);
	killed_at_each(0, FAULT_POWER, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(every_file_call_fails),
		cmocka_unit_test(every_step_of_the_database_fails),
		cmocka_unit_test(every_nth_allocation_of_the_database_fails),
		cmocka_unit_test(the_process_is_killed_at_every_file_call),
		cmocka_unit_test(the_process_is_killed_at_every_step_of_the_database),
		cmocka_unit_test(the_power_fails_at_every_step_of_the_database),
	};

	fault_register();
	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
