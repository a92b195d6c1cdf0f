/* SPDX-License-Identifier: Apache-2.0 */
/* The subject from frame to frame: seen, followed, or replaced by somebody else. */
#include "watch.h"

#include <string.h>

#include "gatehouse/base/bytes.h"

/* Another face that covers so much of the place of an unseen subject has taken it. */
#define TAKEN_SHARE 0.2f

enum gh_status gh_watch_init(struct gh_watch *watch, uint32_t settle_ms, struct gh_error *error)
{
	memset(watch, 0, sizeof(*watch));
	watch->tracks.settle_ms = settle_ms;
	return gh_follower_init(&watch->follower, error);
}

void gh_watch_finish(struct gh_watch *watch)
{
	gh_follower_finish(&watch->follower);
	gh_wipe(watch, sizeof(*watch));
}

void gh_watch_wipe(struct gh_watch *watch)
{
	gh_follower_wipe(&watch->follower);
}

static enum gh_approach approach_of(const struct gh_subject *subject)
{
	if (subject->track)
		return GH_APPROACH_STANDING;
	if (subject->arriving > 0)
		return GH_APPROACH_ARRIVING;
	return subject->walking > 0 ? GH_APPROACH_PASSING : GH_APPROACH_NOBODY;
}

struct gh_subject gh_watch_update(struct gh_watch *watch, const struct gh_faces *faces,
	const struct gh_box *zone, struct gh_presence *presence)
{
	struct gh_subject subject = gh_subject_choose(&watch->tracks, faces, zone, watch->subject);

	if (subject.track)
		watch->subject = subject.track->id;
	presence->occupied = subject.track != NULL;
	presence->track = subject.track ? subject.track->id : 0;
	presence->approach = approach_of(&subject);
	presence->faces_in_zone = subject.in_zone;
	presence->faces_in_frame = faces->count;
	return subject;
}

static bool taken(const struct gh_faces *faces, const struct gh_box *box)
{
	for (uint32_t i = 0; i < faces->count; i++)
		if (gh_box_overlap(&faces->list[i].box, box) > TAKEN_SHARE)
			return true;
	return false;
}

void gh_watch_follow(struct gh_watch *watch, const struct gh_sight *sight,
	const struct gh_faces *faces, const struct gh_subject *subject,
	struct gh_presence *presence)
{
	struct gh_track *track = gh_tracks_find(&watch->tracks, watch->subject);
	struct gh_box box;

	if (subject->track) {
		if (subject->in_zone == 1)
			gh_follower_learn(&watch->follower, sight, subject->track);
		return;
	}
	if (!track || track->face >= 0 || !track->inside ||
		!gh_follower_find(&watch->follower, sight, track, &box) || taken(faces, &box))
		return;
	gh_track_move(&watch->tracks, track, &box);
	presence->occupied = true;
	presence->track = track->id;
	presence->approach = GH_APPROACH_UNSEEN;
}

void gh_watch_replace(struct gh_watch *watch, struct gh_presence *presence)
{
	struct gh_track *track = gh_tracks_find(&watch->tracks, watch->subject);

	if (!track)
		return;
	gh_track_replace(&watch->tracks, track);
	gh_follower_wipe(&watch->follower);
	watch->subject = track->id;
	presence->track = track->id;
}
