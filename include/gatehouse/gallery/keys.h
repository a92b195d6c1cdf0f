/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the voyages: wrapped anew when masters change, and told of when they end. */
#ifndef GATEHOUSE_GALLERY_KEYS_H
#define GATEHOUSE_GALLERY_KEYS_H

#include <stdbool.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_gallery;

/**
 * A voyage's key was deleted: its names, portraits and templates open never
 * again when the master it was under is destroyed. The gallery calls this back
 * (struct gh_gallery_options) after the deletion, and again at the next start
 * when a crash came between.
 */
struct gh_gallery_erased {
	struct gh_id voyage;
	int64_t loaded_ms; /**< when its first version came; 0: not known any more */
	int64_t limit_ms;  /**< when it had to be gone; 0: not known any more */
	int64_t deleted_ms;
	enum gh_clock_quality quality; /**< of the clock that says so */
	bool withdrawn;                /**< before its time, by the centre */
};

/**
 * Wrap the key of every voyage anew. Searches and loads go on meanwhile. A key
 * that is damaged stays as it is, logged: it opens never.
 *
 * GH_OK    no voyage's key is under an older master any more.
 * GH_BUSY  a voyage is being stored or the folder cleared: call again.
 * GH_IO, GH_FULL, GH_NO_MEMORY or what the provider said: call again.
 * Any thread. Blocks for two small files for each voyage.
 */
GH_MUST_USE enum gh_status gh_gallery_rewrap(struct gh_gallery *gallery, struct gh_error *error);

/** One voyage held, for the report of what is held and until when. */
struct gh_gallery_held {
	struct gh_id voyage;
	uint64_t persons;
	uint64_t templates;
	int64_t loaded_ms;
	int64_t limit_ms;      /**< the earliest of the two below */
	int64_t end_limit_ms;  /**< after departure or last passage; 0: no schedule */
	int64_t kept_limit_ms; /**< after loading */
};

/**
 * Sum up what is held, at most max voyages; returns how many. Any thread; does
 * not block.
 */
size_t gh_gallery_held(struct gh_gallery *gallery, struct gh_gallery_held *held, size_t max);

#ifdef __cplusplus
}
#endif

#endif
