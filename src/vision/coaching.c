/* SPDX-License-Identifier: Apache-2.0 */
/* Brings a frame's numbers into the form that coaching reads. */
#include "coaching.h"

void gh_coaching_init(struct gh_coaching *coaching, const struct gh_vision_options *options)
{
	const struct gh_coach_options coach = { options->limits, options->coach_show_ms,
		options->coach_stand_ms, options->coach_release_ms };

	gh_coach_init(&coaching->coach, &coach);
	coaching->control = GH_LIGHTING_EXHAUSTED;
}

void gh_coaching_forget(struct gh_coaching *coaching)
{
	const struct gh_coach_options options = coaching->coach.options;

	gh_coach_init(&coaching->coach, &options);
}

/* An empty box has no width to measure by: as much room as it likes. */
#define ROOM_WITHOUT_END 1e6f

static struct gh_coach_room room_of(const struct gh_image *image, const struct gh_box *box)
{
	float width = gh_box_width(box);
	float scale;

	if (!(width > 0.0f))
		return (struct gh_coach_room){ ROOM_WITHOUT_END, ROOM_WITHOUT_END, ROOM_WITHOUT_END,
			ROOM_WITHOUT_END };
	scale = 1000.0f / width;
	return (struct gh_coach_room){ scale * box->left,
		scale * ((float)image->width_px - box->right), scale * box->top,
		scale * ((float)image->height_px - box->bottom) };
}

enum gh_instruction gh_coaching_step(struct gh_coaching *coaching, const struct gh_image *image,
	const struct gh_box *box, const struct gh_observation *observation)
{
	struct gh_coach_sight sight = {
		.capture_us = observation->presence.capture_us,
		.reason = observation->reason,
		.faces_in_zone = observation->presence.faces_in_zone,
		.lighting = observation->presence.lighting,
		.control = coaching->control,
	};

	if (box && sight.faces_in_zone == 1) {
		sight.quality = &observation->quality;
		sight.room = room_of(image, box);
	}
	return gh_coach_step(&coaching->coach, &sight);
}
