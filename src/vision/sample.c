/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of samples: fixed memory, released from any thread, wiped on the way back. */
#include "sample.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "gatehouse/base/bytes.h"

struct slot {
	struct gh_sample sample; /* first: a sample's address is its slot's */
	struct gh_sample_pool *pool;
	atomic_bool taken;
};

struct gh_sample_pool {
	atomic_uint holders; /* the session, and every sample that is out */
	struct slot slots[SAMPLES];
};

enum gh_status gh_sample_pool_create(struct gh_sample_pool **pool, struct gh_error *error)
{
	struct gh_sample_pool *made = calloc(1, sizeof(*made));

	*pool = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "%d samples", SAMPLES);
	atomic_init(&made->holders, 1);
	for (int i = 0; i < SAMPLES; i++) {
		made->slots[i].pool = made;
		atomic_init(&made->slots[i].taken, false);
	}
	*pool = made;
	return GH_OK;
}

static void drop(struct gh_sample_pool *pool)
{
	if (atomic_fetch_sub(&pool->holders, 1) == 1)
		free(pool);
}

void gh_sample_pool_destroy(struct gh_sample_pool *pool)
{
	if (pool)
		drop(pool);
}

struct gh_sample *gh_sample_take(struct gh_sample_pool *pool)
{
	for (int i = 0; i < SAMPLES; i++) {
		bool is_free = false;

		if (!atomic_compare_exchange_strong(&pool->slots[i].taken, &is_free, true))
			continue;
		atomic_fetch_add(&pool->holders, 1);
		return &pool->slots[i].sample;
	}
	return NULL;
}

void gh_sample_release(struct gh_sample *sample)
{
	struct slot *slot = (struct slot *)sample;
	struct gh_sample_pool *pool;

	if (!sample)
		return;
	pool = slot->pool;
	assert(atomic_load(&slot->taken));
	gh_wipe(sample, sizeof(*sample));
	atomic_store(&slot->taken, false);
	drop(pool);
}
