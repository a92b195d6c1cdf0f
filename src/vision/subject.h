/* SPDX-License-Identifier: Apache-2.0 */
/* Who of those in view is the traveller, who stands beside, and who is merely passing. */
#ifndef GATEHOUSE_SRC_VISION_SUBJECT_H
#define GATEHOUSE_SRC_VISION_SUBJECT_H

#include "face.h"
#include "track.h"

/** Faces less tall than this share of the tallest, or of the subject, are bystanders. */
#define SUBJECT_COMPARABLE 0.6f

/** From this share on somebody is as near as the tallest: beside, whatever else is seen. */
#define SUBJECT_ABREAST 0.75f

/** The subject, and how many people stand in the zone as near as the subject does. */
struct gh_subject {
	struct gh_track *track;     /**< NULL: nobody stands in the zone */
	const struct gh_face *face; /**< of that track in this frame */
	uint32_t in_zone;
	uint32_t arriving; /**< in the zone, not watched for long enough to tell */
	uint32_t walking;  /**< in the zone, on their way through */
};

/**
 * Who stands in the zone with a face in this frame counts: a face's middle has
 * to come into the zone, and to leave it again by a twentieth of its size. Of
 * those the ones nearly as near as the nearest are beside each other; nearness
 * is the height of the face, or the distance of the eyes where both are known
 * and it says more. Those behind are bystanders:
 *
 *   share of the nearest   is
 *   below 0.6              behind
 *   0.6 to 0.75            behind if that head looks out over the nearest one's eyes or is partly
 *                          hidden by that face; otherwise beside, because a child may be as small
 *   0.75 and above         beside
 *
 * The subject is the one who was it before (last, a track id, or 0), or else the
 * one nearest to the zone's centre.
 */
struct gh_subject gh_subject_choose(struct gh_tracks *tracks, const struct gh_faces *faces,
	const struct gh_box *zone, uint32_t last);

#endif
