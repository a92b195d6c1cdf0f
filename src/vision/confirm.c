/* SPDX-License-Identifier: Apache-2.0 */
/* A second look at new faces, and what becomes of those it does not confirm. */
#include "confirm.h"

#include <math.h>

/* The second detector sees so many heights of the face: then it is large for it, and not cut. */
#define SHOWN_HEIGHTS 2.5f

/* A cell speaks of this face where its box overlaps so far. */
#define SAME_OVERLAP 0.3f

/* A doubted face is asked about again after this, doubled each time up to the longest. */
#define AGAIN_US 150000u
#define AGAIN_MAX_US 2000000u

/* Or when it has moved by so much of its height, or grown by such a factor. */
#define MOVED_SHARE 0.15f
#define GROWN_FACTOR 1.1f

enum gh_status gh_confirm_face(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_box *box, float *heat, struct gh_error *error)
{
	struct gh_network *network = chain->networks[GH_ROLE_CONFIRMER];
	struct gh_point centre = gh_box_centre(box);
	float height = SHOWN_HEIGHTS * gh_box_height(box), width;
	struct gh_box shown;

	*heat = 1.0f;
	if (!network)
		return GH_OK;
	width = height * gh_network_shape(network);
	shown = (struct gh_box){ centre.x - 0.5f * width, centre.y - 0.5f * height,
		centre.x + 0.5f * width, centre.y + 0.5f * height };
	return gh_centerface_heat(network, &chain->resizer,
		&(struct gh_excerpt){ image, shown, *box, SAME_OVERLAP }, heat, error);
}

static bool changed(const struct gh_box *now, const struct gh_box *then)
{
	struct gh_point a = gh_box_centre(now), b = gh_box_centre(then);
	float height = gh_box_height(then);
	float growth = fabsf(logf(gh_box_height(now) / height));

	return hypotf(a.x - b.x, a.y - b.y) > MOVED_SHARE * height || growth > logf(GROWN_FACTOR);
}

bool gh_confirm_due(const struct gh_track *track, uint64_t time_us)
{
	uint64_t since_us = time_us - track->asked_us, wait_us = AGAIN_US;

	if (track->confirmed)
		return false;
	if (track->asked == 0)
		return true;
	for (uint32_t i = 1; i < track->asked && wait_us < AGAIN_MAX_US; i++)
		wait_us *= 2;
	if (wait_us > AGAIN_MAX_US)
		wait_us = AGAIN_MAX_US;
	return since_us >= wait_us ||
		(since_us >= AGAIN_US && changed(&track->box, &track->asked_box));
}

void gh_confirm_note(struct gh_track *track, float heat, uint64_t time_us)
{
	track->asked++;
	track->asked_us = time_us;
	track->asked_box = track->box;
	/* Written so that no number doubts as well. */
	track->confirmed = heat >= CONFIRM_HEAT_MIN;
}

static struct gh_track *largest_due(struct gh_tracks *tracks)
{
	struct gh_track *largest = NULL;

	for (uint32_t i = 0; i < TRACKS_MAX; i++) {
		struct gh_track *track = &tracks->list[i];

		if (track->id != 0 && track->face >= 0 && gh_confirm_due(track, tracks->time_us) &&
			(!largest || gh_box_height(&track->box) > gh_box_height(&largest->box)))
			largest = track;
	}
	return largest;
}

/* Exchange a face with the last that counts, and count it no longer. */
static void set_apart(struct gh_tracks *tracks, struct gh_faces *faces, struct gh_track *doubted)
{
	int last = (int)--faces->count;
	struct gh_face face = faces->list[doubted->face];

	faces->doubted++;
	faces->list[doubted->face] = faces->list[last];
	faces->list[last] = face;
	for (uint32_t i = 0; i < TRACKS_MAX; i++)
		if (tracks->list[i].id != 0 && tracks->list[i].face == last)
			tracks->list[i].face = doubted->face;
	doubted->face = -1;
}

enum gh_status gh_confirm_faces(struct gh_chain *chain, const struct gh_image *image,
	struct gh_tracks *tracks, struct gh_faces *faces, struct gh_error *error)
{
	for (int i = 0; i < CONFIRM_PER_FRAME; i++) {
		struct gh_track *track = largest_due(tracks);
		enum gh_status status;
		float heat;

		if (!track)
			break;
		status = gh_confirm_face(chain, image, &track->box, &heat, error);
		if (status != GH_OK)
			return status;
		gh_confirm_note(track, heat, tracks->time_us);
	}
	for (uint32_t i = 0; i < TRACKS_MAX; i++) {
		struct gh_track *track = &tracks->list[i];

		if (track->id != 0 && track->face >= 0 && !track->confirmed && track->asked > 0)
			set_apart(tracks, faces, track);
	}
	return GH_OK;
}
