/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the subject. */
#include "subject.h"

#include <math.h>
#include <stddef.h>

/* Who has come in leaves by so much of the zone's size: nobody flickers at its edge. */
#define LEAVE_SHARE 0.05f

/*
 * Two faces at one distance cannot share so much of their boxes: the smaller one is behind. Cheek
 * to cheek, as a child in its mother's arm, they share less.
 */
#define HIDDEN_SHARE 0.25f

static bool holds(const struct gh_box *box, struct gh_point p, float margin)
{
	float across = margin * gh_box_width(box), down = margin * gh_box_height(box);

	return p.x >= box->left - across && p.x < box->right + across && p.y >= box->top - down &&
		p.y < box->bottom + down;
}

static void note_inside(struct gh_tracks *tracks, const struct gh_box *zone)
{
	for (uint32_t i = 0; i < TRACKS_MAX; i++) {
		struct gh_track *track = &tracks->list[i];

		if (track->id != 0)
			track->inside = holds(zone, gh_box_centre(&track->box),
				track->inside ? LEAVE_SHARE : 0.0f);
	}
}

static bool stands(const struct gh_track *track)
{
	return track->id != 0 && track->face >= 0 && track->inside &&
		track->stance == GH_STANCE_STANDING;
}

static const struct gh_face *face_of(const struct gh_faces *faces, const struct gh_track *track)
{
	return &faces->list[track->face];
}

static float eye_distance(const struct gh_face *face)
{
	return hypotf(face->points[1].x - face->points[0].x, face->points[1].y - face->points[0].y);
}

/* A turned head has its eyes close together and a bowed one a low box: the larger share counts. */
static float nearness(const struct gh_face *face, const struct gh_face *nearest)
{
	float share = gh_box_height(&face->box) / gh_box_height(&nearest->box);

	if (face->has_points && nearest->has_points && eye_distance(nearest) > 1.0f)
		share = fmaxf(share, eye_distance(face) / eye_distance(nearest));
	return share;
}

/* How much of a box lies behind another one. */
static float hidden_share(const struct gh_box *box, const struct gh_box *front)
{
	float across = fminf(box->right, front->right) - fmaxf(box->left, front->left);
	float down = fminf(box->bottom, front->bottom) - fmaxf(box->top, front->top);

	if (across <= 0.0f || down <= 0.0f)
		return 0.0f;
	return across * down / (gh_box_width(box) * gh_box_height(box));
}

static bool behind(const struct gh_face *face, const struct gh_face *nearest)
{
	float share = nearness(face, nearest);

	if (share < SUBJECT_COMPARABLE)
		return true;
	if (share >= SUBJECT_ABREAST)
		return false;
	/* The chin above the other's eyes, which lie in the middle of the box or above. */
	return face->box.bottom < gh_box_centre(&nearest->box).y ||
		hidden_share(&face->box, &nearest->box) > HIDDEN_SHARE;
}

static const struct gh_face *nearest_of(
	const struct gh_tracks *tracks, const struct gh_faces *faces)
{
	const struct gh_face *nearest = NULL;

	for (uint32_t i = 0; i < TRACKS_MAX; i++) {
		const struct gh_track *track = &tracks->list[i];

		if (stands(track) &&
			(!nearest ||
				gh_box_height(&face_of(faces, track)->box) >
					gh_box_height(&nearest->box)))
			nearest = face_of(faces, track);
	}
	return nearest;
}

static void count_moving(const struct gh_tracks *tracks, struct gh_subject *subject)
{
	for (uint32_t i = 0; i < TRACKS_MAX; i++) {
		const struct gh_track *track = &tracks->list[i];

		if (track->id == 0 || track->face < 0 || !track->inside)
			continue;
		subject->arriving += track->stance == GH_STANCE_ARRIVING;
		subject->walking += track->stance == GH_STANCE_WALKING;
	}
}

struct gh_subject gh_subject_choose(struct gh_tracks *tracks, const struct gh_faces *faces,
	const struct gh_box *zone, uint32_t last)
{
	struct gh_point middle = gh_box_centre(zone);
	struct gh_subject subject = { NULL, NULL, 0, 0, 0 };
	const struct gh_face *nearest;
	float least = INFINITY;

	note_inside(tracks, zone);
	nearest = nearest_of(tracks, faces);
	count_moving(tracks, &subject);
	for (uint32_t i = 0; nearest && i < TRACKS_MAX; i++) {
		struct gh_track *track = &tracks->list[i];
		struct gh_point centre = gh_box_centre(&track->box);
		float distance = hypotf(centre.x - middle.x, centre.y - middle.y);

		if (!stands(track) || behind(face_of(faces, track), nearest))
			continue;
		subject.in_zone++;
		if (track->id == last)
			distance = -1.0f;
		if (distance < least) {
			least = distance;
			subject.track = track;
			subject.face = face_of(faces, track);
		}
	}
	return subject;
}
