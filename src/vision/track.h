/* SPDX-License-Identifier: Apache-2.0 */
/* The same person from frame to frame: an id, where he is, and whether he walks or stands. */
#ifndef GATEHOUSE_SRC_VISION_TRACK_H
#define GATEHOUSE_SRC_VISION_TRACK_H

#include "face.h"

/** People followed at once; further faces of a frame are nobody's until one of these is gone. */
#define TRACKS_MAX 24

/** Places remembered of each, and their least distance in time. */
#define TRAIL_MAX 8
#define TRAIL_STEP_US 50000u

/** What somebody does. */
enum gh_stance {
	GH_STANCE_ARRIVING, /**< not watched for long enough to tell */
	GH_STANCE_WALKING,  /**< across, or towards or away from the camera */
	GH_STANCE_STANDING,
};

/** Where a face was. */
struct gh_place {
	uint64_t time_us;
	struct gh_point centre;
	float height;
};

/** One person. Boxes and times only: nothing that tells who it is. */
struct gh_track {
	uint32_t id; /**< from 1 on, never given twice by a session; 0: this place is free */
	enum gh_stance stance;
	struct gh_box box;
	uint64_t first_us;
	uint64_t seen_us;    /**< last detected */
	uint64_t present_us; /**< last detected, or followed without */
	int face;            /**< index among the faces of the frame at hand, or -1 */
	bool inside;         /**< the zone; its owner keeps it, see subject.h */
	bool confirmed;      /**< to be a face; this and what follows is kept by confirm.h */
	uint32_t asked;      /**< how often that was asked */
	uint64_t asked_us;   /**< when last, and what box it had */
	struct gh_box asked_box;
	uint32_t trail_count;
	struct gh_place trail[TRAIL_MAX]; /**< oldest first */
};

/** Everybody in view. */
struct gh_tracks {
	uint32_t settle_ms; /**< 0: somebody new counts as standing at once */
	uint32_t last_id;
	uint64_t time_us; /**< of the frame at hand */
	struct gh_track list[TRACKS_MAX];
};

/**
 * Give each face of a frame its track: the nearest by where its person would be
 * by now and by size, or a new one. Tracks without a face stay for 1.5 s, in
 * which a face that turns up where they were is theirs. A frame from before the
 * last one, or from more than that later, begins with nobody.
 */
void gh_tracks_update(struct gh_tracks *tracks, const struct gh_faces *faces, uint64_t time_us);

/** A track that has no face in this frame is known to be here all the same. */
void gh_track_move(struct gh_tracks *tracks, struct gh_track *track, const struct gh_box *box);

/** It turned out to be somebody else: a new id, as if just arrived. */
void gh_track_replace(struct gh_tracks *tracks, struct gh_track *track);

/** The track of an id, or NULL. */
struct gh_track *gh_tracks_find(struct gh_tracks *tracks, uint32_t id);

/** Speed across in face heights a second, and growth of the face in 1/s. */
struct gh_motion {
	bool known; /**< watched for at least 0.09 s */
	float across;
	float towards;
};

struct gh_motion gh_track_motion(const struct gh_track *track);

#endif
