/* SPDX-License-Identifier: Apache-2.0 */
/* A lock with a bell: how a virtual device sleeps until a time or an order. */
#ifndef GATEHOUSE_DEVICE_BELL_H
#define GATEHOUSE_DEVICE_BELL_H

#include <pthread.h>
#include <stdint.h>

#include "gatehouse/base/clock.h"

#ifdef __cplusplus
extern "C" {
#endif

/** No time: wait for the bell or the deadline only. */
#define GH_BELL_NEVER UINT64_MAX

/** Guards what the orders of another thread change; rung when they did. */
struct gh_bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
};

/** GH_OK, or GH_NO_MEMORY; then there is nothing to finish. */
GH_MUST_USE enum gh_status gh_bell_init(struct gh_bell *bell, struct gh_error *error);

/** Nobody may be inside or wait. */
void gh_bell_finish(struct gh_bell *bell);

/** Enter. Short: nothing that blocks is done inside. Any thread. */
void gh_bell_lock(struct gh_bell *bell);

/** Leave. The thread that entered. */
void gh_bell_unlock(struct gh_bell *bell);

/** Wake those who wait. Locked. Any thread. */
void gh_bell_ring(struct gh_bell *bell);

/** The deadline of a wait of timeout_ms from now, for gh_bell_wait(). */
uint64_t gh_bell_deadline_us(uint32_t timeout_ms);

/**
 * Leave the lock, wait for the bell, enter again. Locked.
 *
 * GH_OK       it rang, or the device's clock reached until_us, or neither: the
 *             caller looks again, as with any condition.
 * GH_TIMEOUT  deadline_us has passed, in the system's time whatever the
 *             device's clock is: a wait is bounded under a test's clock too.
 */
GH_MUST_USE enum gh_status gh_bell_wait(struct gh_bell *bell, const struct gh_clock *clock,
	uint64_t until_us, uint64_t deadline_us);

#ifdef __cplusplus
}
#endif

#endif
