/* SPDX-License-Identifier: Apache-2.0 */
/* Coaching of a session of vision: from an observation to its instruction. */
#ifndef GATEHOUSE_SRC_VISION_COACHING_H
#define GATEHOUSE_SRC_VISION_COACHING_H

#include "gatehouse/vision/coach.h"
#include "gatehouse/vision/vision.h"

#include "image.h"

struct gh_coaching {
	struct gh_coach coach;
	enum gh_lighting_control control;
};

/** Begin, or begin again with the next traveller. */
void gh_coaching_init(struct gh_coaching *coaching, const struct gh_vision_options *options);

/** Nothing was said yet to whoever comes next. */
void gh_coaching_forget(struct gh_coaching *coaching);

/**
 * The instruction for an observation whose presence, reason and quality are
 * set. box is the subject's in the image that is seen; NULL without one.
 */
enum gh_instruction gh_coaching_step(struct gh_coaching *coaching, const struct gh_image *image,
	const struct gh_box *box, const struct gh_observation *observation);

#endif
