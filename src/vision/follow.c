/* SPDX-License-Identifier: Apache-2.0 */
/* When the correlation filter learns and when it is asked, and the small picture it sees. */
#include "follow.h"

#include <string.h>

#include "gatehouse/base/bytes.h"

/* How often looks are taken anew. */
#define LEARN_EVERY_US 1000000u

/* No face is higher in a frame. */
#define HEIGHT_MAX_PX 16384.0f

/* Longer than this nobody is believed to be there who shows no face. */
#define UNSEEN_MAX_US 3000000u

/* The grey picture shows so many heights of the face. */
#define SHOWN_HEIGHTS 3.0f

/*
 * Measured on the scenes of tests/unit/vision/follow.c: a face that turns away, is half covered or
 * blurred stays above 11.4, a place that was left stays below 6.8.
 */
#define PEAK_MIN 9.0f

enum gh_status gh_follower_init(struct gh_follower *follower, struct gh_error *error)
{
	memset(follower, 0, sizeof(*follower));
	return gh_correlation_create(&follower->correlation, error);
}

void gh_follower_wipe(struct gh_follower *follower)
{
	if (follower->correlation)
		gh_correlation_forget(follower->correlation);
	follower->track = 0;
	follower->learnt_us = 0;
	follower->is_filter = false;
	gh_wipe(follower->planes, sizeof(follower->planes));
	gh_wipe(follower->looks, sizeof(follower->looks));
	gh_wipe(follower->grey, sizeof(follower->grey));
}

void gh_follower_finish(struct gh_follower *follower)
{
	gh_follower_wipe(follower);
	gh_correlation_destroy(follower->correlation);
	memset(follower, 0, sizeof(*follower));
}

/* Fill a grey picture with what lies around a box; where that begins in the frame. */
static struct gh_point cut(struct gh_follower *follower, const struct gh_sight *sight,
	const struct gh_box *box, uint8_t *grey)
{
	struct gh_point centre = gh_box_centre(box);
	float side = (float)CORRELATION_SIDE_PX / follower->scale;
	struct gh_crop crop = { .width_px = CORRELATION_SIDE_PX,
		.height_px = CORRELATION_SIDE_PX,
		.channels = 1,
		.scaling = { 0.0f, 1.0f } };

	crop.box = (struct gh_box){ centre.x - 0.5f * side, centre.y - 0.5f * side,
		centre.x + 0.5f * side, centre.y + 0.5f * side };
	gh_image_crop(sight->image, sight->resizer, &crop, follower->planes);
	for (size_t i = 0; i < sizeof(follower->grey); i++)
		grey[i] = (uint8_t)(follower->planes[i] + 0.5f);
	return (struct gh_point){ crop.box.left, crop.box.top };
}

static struct gh_box into_grey(const struct gh_box *box, struct gh_point corner, float scale)
{
	return (struct gh_box){ (box->left - corner.x) * scale, (box->top - corner.y) * scale,
		(box->right - corner.x) * scale, (box->bottom - corner.y) * scale };
}

void gh_follower_learn(
	struct gh_follower *follower, const struct gh_sight *sight, const struct gh_track *track)
{
	struct gh_point corner;

	if (follower->track == track->id && sight->time_us - follower->learnt_us < LEARN_EVERY_US)
		return;
	if (!(gh_box_height(&track->box) < HEIGHT_MAX_PX)) {
		gh_follower_wipe(follower);
		return;
	}
	follower->scale = (float)CORRELATION_SIDE_PX / (SHOWN_HEIGHTS * gh_box_height(&track->box));
	corner = cut(follower, sight, &track->box, follower->looks);
	follower->box = into_grey(&track->box, corner, follower->scale);
	gh_correlation_forget(follower->correlation);
	follower->is_filter = false;
	follower->track = track->id;
	follower->learnt_us = sight->time_us;
}

/* Most captures have a face in every frame: the filter, which costs as much as a network, waits. */
static enum gh_status make_filter(struct gh_follower *follower)
{
	enum gh_status status;

	if (follower->is_filter)
		return GH_OK;
	status = gh_correlation_learn(follower->correlation, follower->looks, &follower->box, NULL);
	follower->is_filter = status == GH_OK;
	return status;
}

bool gh_follower_find(struct gh_follower *follower, const struct gh_sight *sight,
	const struct gh_track *track, struct gh_box *box)
{
	struct gh_point corner;
	struct gh_box found;
	float peak, back;

	if (follower->track == 0 || follower->track != track->id ||
		sight->time_us - track->seen_us > UNSEEN_MAX_US)
		return false;
	corner = cut(follower, sight, &track->box, follower->grey);
	found = into_grey(&track->box, corner, follower->scale);
	if (make_filter(follower) != GH_OK ||
		gh_correlation_look(follower->correlation, follower->grey, &found, &peak, NULL) !=
			GH_OK ||
		peak < PEAK_MIN) {
		gh_follower_wipe(follower);
		return false;
	}
	back = 1.0f / follower->scale;
	*box = (struct gh_box){ corner.x + found.left * back, corner.y + found.top * back,
		corner.x + found.right * back, corner.y + found.bottom * back };
	return true;
}
