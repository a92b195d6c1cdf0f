/* SPDX-License-Identifier: Apache-2.0 */
/* Records that were made by a clock in doubt, until it is known how far it was off. */
#ifndef GATEHOUSE_OUTBOX_DOUBTFUL_H
#define GATEHOUSE_OUTBOX_DOUBTFUL_H

#include "gatehouse/outbox/outbox.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An encounter that was made while the real clock was in doubt. */
struct gh_doubtful {
	struct gh_id encounter;
	int64_t base_ms; /**< clock_base_ms of its put */
};

/** So many of them are remembered, the newest. */
#define GH_OUTBOX_DOUBTFUL_MAX 100000

/**
 * Encounters of this boot that were put with their clock in doubt and have no
 * clock addendum yet, delivered ones too, oldest first and at most max of them
 * into list; *count says how many. Those of an earlier boot are forgotten at open:
 * the monotonic clock began anew, and nothing can tell any more how far off it was.
 *
 * GH_OK, or GH_IO and *count is 0. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_outbox_doubtful(struct gh_outbox *outbox, struct gh_doubtful *list,
	size_t max, size_t *count, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
