/* SPDX-License-Identifier: Apache-2.0 */
/* Association of the faces of a frame with the people of the frames before it. */
#include "track.h"

#include <math.h>
#include <string.h>

/* A detector may miss somebody for so long before he counts as gone. */
#define HOLD_US 1500000u

/*
 * How far, in face heights, a face may lie from where it is expected: boxes jitter by some
 * hundredths, and somebody unseen may set off in any direction at a walk (six heights a second).
 */
#define REACH 0.6f
#define REACH_PER_S 6.0f
#define REACH_MAX 2.0f

/* Faces whose heights differ by more than this factor are not the same one frame later. */
#define SIZE_FACTOR 1.45f

/* What a difference in size costs against one in place. */
#define SIZE_WEIGHT 1.5f

/* Motion over less time than this is the jitter of the boxes. */
#define SPAN_MIN_US 90000u
#define SPAN_MAX_US 400000u

/*
 * A face is about 0.2 m high and somebody who walks does 1 to 1.7 m/s: five heights a second and
 * more across, or a face that grows by half a second and more at the distance of a kiosk. Who sways
 * or leans stays below a third of that. Between the two limits he does what he did. Who comes from
 * three metres grows by a third a second, and the jitter of boxes takes off up to a tenth.
 */
#define STAND_ACROSS 0.8f
#define WALK_ACROSS 1.6f
#define STAND_TOWARDS 0.2f
#define WALK_TOWARDS 0.5f

/* Slopes of a least-squares line through the places: one jittering box says little. */
struct slopes {
	float x, y, size; /* of the centre in px/s, of the logarithm of the height in 1/s */
	float height;     /* mean */
	bool known;
};

static float seconds_between(uint64_t from_us, uint64_t to_us)
{
	return (float)(to_us - from_us) * 1e-6f;
}

static struct slopes slopes_of(const struct gh_track *track)
{
	const struct gh_place *first = &track->trail[0];
	uint32_t count = track->trail_count;
	struct slopes slopes = { .known = false };
	float middle = 0.0f, spread = 0.0f;

	if (count < 2 || track->trail[count - 1].time_us - first->time_us < SPAN_MIN_US)
		return slopes;
	for (uint32_t i = 0; i < count; i++) {
		middle += seconds_between(first->time_us, track->trail[i].time_us) / (float)count;
		slopes.height += track->trail[i].height / (float)count;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct gh_place *place = &track->trail[i];
		float at = seconds_between(first->time_us, place->time_us) - middle;

		spread += at * at;
		slopes.x += at * (place->centre.x - first->centre.x);
		slopes.y += at * (place->centre.y - first->centre.y);
		slopes.size += at * logf(place->height / first->height);
	}
	slopes.x /= spread;
	slopes.y /= spread;
	slopes.size /= spread;
	slopes.known = true;
	return slopes;
}

struct gh_motion gh_track_motion(const struct gh_track *track)
{
	struct slopes slopes = slopes_of(track);

	if (!slopes.known || !(slopes.height > 0.0f))
		return (struct gh_motion){ false, 0.0f, 0.0f };
	return (struct gh_motion){ true, hypotf(slopes.x, slopes.y) / slopes.height, slopes.size };
}

/* Where the face should be by now, if it goes on as it went. */
static struct gh_point expected(const struct gh_track *track, uint64_t time_us)
{
	struct gh_point centre = gh_box_centre(&track->box);
	struct slopes slopes = slopes_of(track);
	float ahead_s = seconds_between(track->present_us, time_us);

	centre.x += ahead_s * slopes.x;
	centre.y += ahead_s * slopes.y;
	return centre;
}

/* How badly a face fits a track; INFINITY where it cannot be the same person. */
static float misfit(const struct gh_track *track, const struct gh_face *face, uint64_t time_us)
{
	float height = gh_box_height(&track->box), other = gh_box_height(&face->box);
	float unseen_s = (float)(time_us - track->present_us) * 1e-6f;
	float reach = fminf(REACH + REACH_PER_S * unseen_s, REACH_MAX);
	struct gh_point centre = gh_box_centre(&face->box), wanted = expected(track, time_us);
	float size, distance;

	if (!(height > 0.0f) || !(other > 0.0f))
		return INFINITY;
	size = fabsf(logf(other / height));
	distance = hypotf(centre.x - wanted.x, centre.y - wanted.y) / fmaxf(height, other);
	if (!(distance <= reach) || !(size <= logf(SIZE_FACTOR)))
		return INFINITY;
	return distance + SIZE_WEIGHT * size;
}

static struct gh_track *free_place(struct gh_tracks *tracks)
{
	for (uint32_t i = 0; i < TRACKS_MAX; i++)
		if (tracks->list[i].id == 0)
			return &tracks->list[i];
	return NULL;
}

static uint32_t next_id(struct gh_tracks *tracks)
{
	if (++tracks->last_id == 0)
		tracks->last_id = 1;
	return tracks->last_id;
}

/* Somebody new has no past, whoever had the place before. */
static void begin(struct gh_tracks *tracks, struct gh_track *track)
{
	int face = track->face;
	struct gh_box box = track->box;

	memset(track, 0, sizeof(*track));
	track->id = next_id(tracks);
	track->face = face;
	track->box = box;
	track->first_us = tracks->time_us;
	track->stance = tracks->settle_ms == 0 ? GH_STANCE_STANDING : GH_STANCE_ARRIVING;
}

static void remember(struct gh_track *track, uint64_t time_us)
{
	struct gh_place place = { time_us, gh_box_centre(&track->box), gh_box_height(&track->box) };
	uint32_t old = 0;

	/* The newest place is always that of now; those before are a step apart. */
	if (track->trail_count >= 2 &&
		time_us - track->trail[track->trail_count - 2].time_us < TRAIL_STEP_US)
		track->trail_count--;
	while (old < track->trail_count && time_us - track->trail[old].time_us > SPAN_MAX_US)
		old++;
	if (old == 0 && track->trail_count == TRAIL_MAX)
		old = 1;
	track->trail_count -= old;
	memmove(track->trail, track->trail + old, track->trail_count * sizeof(place));
	track->trail[track->trail_count++] = place;
}

static void judge(const struct gh_tracks *tracks, struct gh_track *track)
{
	struct gh_motion motion = gh_track_motion(track);
	bool walks = motion.across > WALK_ACROSS || fabsf(motion.towards) > WALK_TOWARDS;
	bool stands = motion.known && motion.across < STAND_ACROSS &&
		fabsf(motion.towards) < STAND_TOWARDS;
	bool watched = tracks->time_us - track->first_us >= (uint64_t)tracks->settle_ms * 1000;

	if (walks)
		track->stance = GH_STANCE_WALKING;
	else if (stands && watched)
		track->stance = GH_STANCE_STANDING;
}

static void see(struct gh_tracks *tracks, struct gh_track *track, const struct gh_face *face)
{
	track->box = face->box;
	track->seen_us = tracks->time_us;
	track->present_us = tracks->time_us;
	remember(track, tracks->time_us);
	judge(tracks, track);
}

/* A pair of a face and a track that fit each other best. */
struct pair {
	float misfit;
	struct gh_track *track;
	int face;
};

static struct pair best_pair(
	struct gh_tracks *tracks, const struct gh_faces *faces, const bool *taken)
{
	struct pair best = { INFINITY, NULL, -1 };

	for (uint32_t t = 0; t < TRACKS_MAX; t++) {
		struct gh_track *track = &tracks->list[t];

		for (uint32_t f = 0; track->id != 0 && track->face < 0 && f < faces->count; f++) {
			float found;

			if (taken[f])
				continue;
			found = misfit(track, &faces->list[f], tracks->time_us);
			if (found < best.misfit)
				best = (struct pair){ found, track, (int)f };
		}
	}
	return best;
}

static void drop_old(struct gh_tracks *tracks, uint64_t time_us)
{
	bool jumped = time_us < tracks->time_us;

	for (uint32_t t = 0; t < TRACKS_MAX; t++) {
		struct gh_track *track = &tracks->list[t];

		track->face = -1;
		if (jumped || time_us - track->present_us > HOLD_US)
			memset(track, 0, sizeof(*track));
	}
}

void gh_tracks_update(struct gh_tracks *tracks, const struct gh_faces *faces, uint64_t time_us)
{
	bool taken[FACES_MAX] = { false };
	struct pair pair;

	drop_old(tracks, time_us);
	tracks->time_us = time_us;
	for (pair = best_pair(tracks, faces, taken); pair.track;
		pair = best_pair(tracks, faces, taken)) {
		pair.track->face = pair.face;
		taken[pair.face] = true;
		see(tracks, pair.track, &faces->list[pair.face]);
	}
	for (uint32_t f = 0; f < faces->count; f++) {
		struct gh_track *track = taken[f] ? NULL : free_place(tracks);

		if (!track)
			continue;
		track->face = (int)f;
		begin(tracks, track);
		see(tracks, track, &faces->list[f]);
	}
}

void gh_track_move(struct gh_tracks *tracks, struct gh_track *track, const struct gh_box *box)
{
	track->box = *box;
	track->present_us = tracks->time_us;
}

void gh_track_replace(struct gh_tracks *tracks, struct gh_track *track)
{
	begin(tracks, track);
	track->seen_us = tracks->time_us;
	track->present_us = tracks->time_us;
	remember(track, tracks->time_us);
}

struct gh_track *gh_tracks_find(struct gh_tracks *tracks, uint32_t id)
{
	for (uint32_t t = 0; id != 0 && t < TRACKS_MAX; t++)
		if (tracks->list[t].id == id)
			return &tracks->list[t];
	return NULL;
}
