/* SPDX-License-Identifier: Apache-2.0 */
/* The bell: it ends a sleep, and no sleep outlasts its deadline. */
#include "gatehouse/device/bell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

struct shared {
	struct gh_bell bell;
	bool order;
	struct gh_clock_manual manual;
};

/* Far away for every test: what must not be waited for. */
#define LONG_MS 60000

static void *give_order(void *ctx)
{
	struct shared *shared = ctx;
	gh_bell_lock(&shared->bell);
	shared->order = true;
	gh_bell_ring(&shared->bell);
	gh_bell_unlock(&shared->bell);
	return NULL;
}

static void ringing_wakes_the_sleeper(void **state)
{
	struct shared shared = { .order = false };
	pthread_t thread;
	assert_int_equal(gh_bell_init(&shared.bell, NULL), GH_OK);
	uint64_t deadline_us = gh_bell_deadline_us(LONG_MS);
	gh_bell_lock(&shared.bell);
	assert_int_equal(pthread_create(&thread, NULL, give_order, &shared), 0);
	enum gh_status status = GH_OK;
	while (!shared.order && status == GH_OK)
		status = gh_bell_wait(&shared.bell, gh_clock_system(), GH_BELL_NEVER, deadline_us);
	gh_bell_unlock(&shared.bell);
	assert_true(shared.order);
	pthread_join(thread, NULL);
	gh_bell_finish(&shared.bell);
}

static void deadline_ends_the_sleep(void **state)
{
	struct gh_bell bell;
	assert_int_equal(gh_bell_init(&bell, NULL), GH_OK);
	gh_bell_lock(&bell);
	uint64_t deadline_us = gh_bell_deadline_us(5);
	while (gh_bell_wait(&bell, gh_clock_system(), GH_BELL_NEVER, deadline_us) == GH_OK)
		;
	assert_true(gh_bell_deadline_us(0) >= deadline_us);
	/* A deadline that has passed does not sleep at all. */
	assert_int_equal(gh_bell_wait(&bell, gh_clock_system(), 0, deadline_us), GH_TIMEOUT);
	gh_bell_unlock(&bell);
	gh_bell_finish(&bell);
}

static void time_of_the_device_ends_the_sleep(void **state)
{
	struct gh_bell bell;
	const struct gh_clock *clock = gh_clock_system();
	assert_int_equal(gh_bell_init(&bell, NULL), GH_OK);
	gh_bell_lock(&bell);
	uint64_t until_us = clock->monotonic_us(clock) + 3000;
	uint64_t deadline_us = gh_bell_deadline_us(LONG_MS);
	while (clock->monotonic_us(clock) < until_us)
		assert_int_equal(gh_bell_wait(&bell, clock, until_us, deadline_us), GH_OK);
	gh_bell_unlock(&bell);
	gh_bell_finish(&bell);
}

static void clock_that_stands_still_does_not_hold_the_sleeper(void **state)
{
	struct gh_bell bell;
	struct gh_clock_manual manual;
	gh_clock_manual_init(&manual, 1000, 0);
	assert_int_equal(gh_bell_init(&bell, NULL), GH_OK);
	gh_bell_lock(&bell);
	uint64_t deadline_us = gh_bell_deadline_us(10);
	unsigned looks = 0;
	while (gh_bell_wait(&bell, &manual.clock, 2000000, deadline_us) == GH_OK)
		looks++;
	assert_true(looks >= 1);
	/* It is looked at often enough to be moved without a bell. */
	deadline_us = gh_bell_deadline_us(LONG_MS);
	gh_clock_manual_advance(&manual, 2000000);
	assert_int_equal(gh_bell_wait(&bell, &manual.clock, 2000000, deadline_us), GH_OK);
	gh_bell_unlock(&bell);
	gh_bell_finish(&bell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ringing_wakes_the_sleeper),
		cmocka_unit_test(deadline_ends_the_sleep),
		cmocka_unit_test(time_of_the_device_ends_the_sleep),
		cmocka_unit_test(clock_that_stands_still_does_not_hold_the_sleeper),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
