/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in view over time, and who of them is the subject. */
#ifndef GATEHOUSE_SRC_VISION_WATCH_H
#define GATEHOUSE_SRC_VISION_WATCH_H

#include "gatehouse/vision/vision.h"

#include "follow.h"
#include "subject.h"

/** What is kept from frame to frame. Boxes outlive a passage, looks do not. */
struct gh_watch {
	struct gh_tracks tracks;
	struct gh_follower follower;
	uint32_t subject; /**< the track that was the subject last; 0: nobody yet */
};

/** GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_watch_init(
	struct gh_watch *watch, uint32_t settle_ms, struct gh_error *error);

/** Wipe and free. Fine on zeroed memory. */
void gh_watch_finish(struct gh_watch *watch);

/**
 * Forget looks. Who stands there keeps the number: that a traveller is still
 * there after the passage must not look like another one's coming.
 */
void gh_watch_wipe(struct gh_watch *watch);

/**
 * Of the faces of a frame that watch->tracks were told: the subject, and
 * approach, track and counts of the presence.
 */
struct gh_subject gh_watch_update(struct gh_watch *watch, const struct gh_faces *faces,
	const struct gh_box *zone, struct gh_presence *presence);

/**
 * In a capture: learn the subject's looks where there is a face, or follow the
 * subject of the frame before where there is none; then presence is occupied,
 * approach is unseen and the subject stays without a face.
 */
void gh_watch_follow(struct gh_watch *watch, const struct gh_sight *sight,
	const struct gh_faces *faces, const struct gh_subject *subject,
	struct gh_presence *presence);

/** The subject turned out to be another person than before: another number from now on. */
void gh_watch_replace(struct gh_watch *watch, struct gh_presence *presence);

#endif
