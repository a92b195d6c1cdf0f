/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what the detector found is a face: a second detector is shown it alone, once for each
 * track and not in each frame.
 */
#ifndef GATEHOUSE_SRC_VISION_CONFIRM_H
#define GATEHOUSE_SRC_VISION_CONFIRM_H

#include "chain.h"
#include "track.h"

/** From this heat of the second detector on something is a face; docs/vision.md has the figures. */
#define CONFIRM_HEAT_MIN 0.15f

/** Faces asked about in one frame at most: each costs a run of the second detector. */
#define CONFIRM_PER_FRAME 2

/**
 * How sure the second detector is of one face, 0 to 1: its largest heat among
 * the cells whose boxes lie where the face does. 1 where the set has none.
 * GH_OK or GH_INTERNAL. Does not allocate. Blocks for one run.
 */
GH_MUST_USE enum gh_status gh_confirm_face(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_box *box, float *heat, struct gh_error *error);

/**
 * Whether a track is to be asked about: it is new; or it was doubted, and has
 * moved or grown since, or some time has passed, the longer the oftener it was
 * asked. What was once confirmed stays so until the track ends.
 */
bool gh_confirm_due(const struct gh_track *track, uint64_t time_us);

/** What was heard of a track. */
void gh_confirm_note(struct gh_track *track, float heat, uint64_t time_us);

/**
 * Ask about the largest faces that are due, and set doubted ones apart: behind
 * faces->count there are faces->doubted, and their tracks have no face in this
 * frame. A face whose turn has not come counts. Statuses as gh_confirm_face().
 */
GH_MUST_USE enum gh_status gh_confirm_faces(struct gh_chain *chain, const struct gh_image *image,
	struct gh_tracks *tracks, struct gh_faces *faces, struct gh_error *error);

#endif
