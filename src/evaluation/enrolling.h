/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to templates, by as many threads as there are enrollers. */
#ifndef GATEHOUSE_SRC_EVALUATION_ENROLLING_H
#define GATEHOUSE_SRC_EVALUATION_ENROLLING_H

#include "gatehouse/evaluation/index.h"
#include "gatehouse/vision/enrol.h"

#include "cache.h"

/* What is enrolled, and where it is put: outcomes has one for each picture of the index. */
struct gh_enrolling {
	const char *name; /* of the index, for errors */
	const struct gh_index *index;
	struct gh_enroller *const *enrollers;
	size_t enroller_count;
	struct gh_cache *cache;                                     /* may be NULL */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total); /* on the calling thread */
	void *ctx;
	struct gh_enrolled *outcomes;
	uint32_t known; /* filled in: pictures that the cache had */
};

/*
 * GH_OK; GH_CANCELLED: progress said so; what the cache or a picture's file fails with
 * ("name:line: reason"); GH_NO_MEMORY. Whatever the number of threads, the outcomes are the same.
 * Blocks for all of it.
 */
GH_MUST_USE enum gh_status gh_enrolling_run(struct gh_enrolling *enrolling, struct gh_error *error);

#endif
