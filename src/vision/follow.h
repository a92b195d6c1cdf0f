/* SPDX-License-Identifier: Apache-2.0 */
/* Following the subject through frames in which the detector does not see the face. */
#ifndef GATEHOUSE_SRC_VISION_FOLLOW_H
#define GATEHOUSE_SRC_VISION_FOLLOW_H

#include "correlation.h"
#include "image.h"
#include "track.h"

/**
 * What is known of the subject's looks while a capture runs: a small grey
 * picture of the face, taken now and then from frames with a face. The
 * correlation filter is made of it in the first frame without one.
 */
struct gh_follower {
	struct gh_correlation *correlation;
	uint32_t track; /**< whose looks; 0: nobody's */
	uint64_t learnt_us;
	float scale;       /**< pixels of the grey picture for one of the frame */
	bool is_filter;    /**< the filter has been made of looks */
	struct gh_box box; /**< of the face, in looks */
	float planes[CORRELATION_SIDE_PX * CORRELATION_SIDE_PX];
	uint8_t looks[CORRELATION_SIDE_PX * CORRELATION_SIDE_PX];
	uint8_t grey[CORRELATION_SIDE_PX * CORRELATION_SIDE_PX];
};

/** The picture people are followed in and the memory for cutting from it. */
struct gh_sight {
	const struct gh_image *image;
	struct gh_resizer *resizer;
	uint64_t time_us;
};

/** Fine on zeroed memory. GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_follower_init(struct gh_follower *follower, struct gh_error *error);

/** Wipe and free. Fine on zeroed memory. */
void gh_follower_finish(struct gh_follower *follower);

/** Forget the looks of whoever was followed. */
void gh_follower_wipe(struct gh_follower *follower);

/**
 * Keep a track's looks at its box, if they are not known yet or were taken
 * 1 s ago. What is too large is forgotten: it is only not followed then.
 */
void gh_follower_learn(
	struct gh_follower *follower, const struct gh_sight *sight, const struct gh_track *track);

/**
 * Find a track without a face in this frame. false: its looks are not known,
 * cannot be learnt, are not found again, or it has gone unseen for 3 s. dlib
 * takes memory for it.
 */
bool gh_follower_find(struct gh_follower *follower, const struct gh_sight *sight,
	const struct gh_track *track, struct gh_box *box);

#endif
