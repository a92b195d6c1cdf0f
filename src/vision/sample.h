/* SPDX-License-Identifier: Apache-2.0 */
/* The few samples of a session, made at its start and lent to the lane. */
#ifndef GATEHOUSE_SRC_VISION_SAMPLE_H
#define GATEHOUSE_SRC_VISION_SAMPLE_H

#include "gatehouse/vision/vision.h"

/** One at the lane, one just made, one for a lane that is late in giving back. */
#define SAMPLES 3

struct gh_sample_pool;

/** Take all memory. GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_sample_pool_create(
	struct gh_sample_pool **pool, struct gh_error *error);

/** Give up the pool; samples still out keep its memory. NULL safe. Any thread. */
void gh_sample_pool_destroy(struct gh_sample_pool *pool);

/** A zeroed sample, or NULL when all are out. Any thread. */
struct gh_sample *gh_sample_take(struct gh_sample_pool *pool);

#endif
