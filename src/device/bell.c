/* SPDX-License-Identifier: Apache-2.0 */
/* A lock with a bell: how a virtual device sleeps until a time or an order. */
#include "gatehouse/device/bell.h"

#include <time.h>

/* A test's clock is moved without a bell, so it is looked at this often. */
#define STRANGE_CLOCK_SLICE_US 2000u

enum gh_status gh_bell_init(struct gh_bell *bell, struct gh_error *error)
{
	pthread_condattr_t monotonic;
	if (pthread_condattr_init(&monotonic) != 0)
		goto failed;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	int failure = pthread_cond_init(&bell->rung, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (failure != 0)
		goto failed;
	if (pthread_mutex_init(&bell->lock, NULL) != 0)
		goto finish_condition;
	return GH_OK;

finish_condition:
	pthread_cond_destroy(&bell->rung);
failed:
	return gh_error_set(error, GH_NO_MEMORY, "no room for a lock");
}

void gh_bell_finish(struct gh_bell *bell)
{
	pthread_mutex_destroy(&bell->lock);
	pthread_cond_destroy(&bell->rung);
}

void gh_bell_lock(struct gh_bell *bell)
{
	pthread_mutex_lock(&bell->lock);
}

void gh_bell_unlock(struct gh_bell *bell)
{
	pthread_mutex_unlock(&bell->lock);
}

void gh_bell_ring(struct gh_bell *bell)
{
	pthread_cond_broadcast(&bell->rung);
}

static uint64_t system_us(void)
{
	const struct gh_clock *clock = gh_clock_system();
	return clock->monotonic_us(clock);
}

uint64_t gh_bell_deadline_us(uint32_t timeout_ms)
{
	return system_us() + (uint64_t)timeout_ms * 1000;
}

/* When to look again, in the system's time. */
static uint64_t wake_us(
	const struct gh_clock *clock, uint64_t now_us, uint64_t until_us, uint64_t deadline_us)
{
	uint64_t wake = deadline_us;
	if (until_us != GH_BELL_NEVER) {
		uint64_t device_us = clock->monotonic_us(clock);
		uint64_t left_us = until_us > device_us ? until_us - device_us : 0;
		if (clock != gh_clock_system() && left_us > STRANGE_CLOCK_SLICE_US)
			left_us = STRANGE_CLOCK_SLICE_US;
		if (now_us + left_us < wake)
			wake = now_us + left_us;
	}
	return wake;
}

enum gh_status gh_bell_wait(
	struct gh_bell *bell, const struct gh_clock *clock, uint64_t until_us, uint64_t deadline_us)
{
	uint64_t now_us = system_us();
	if (now_us >= deadline_us)
		return GH_TIMEOUT;
	uint64_t wake = wake_us(clock, now_us, until_us, deadline_us);
	struct timespec at = { .tv_sec = (time_t)(wake / 1000000),
		.tv_nsec = (long)(wake % 1000000) * 1000 };
	pthread_cond_timedwait(&bell->rung, &bell->lock, &at);
	return GH_OK;
}
