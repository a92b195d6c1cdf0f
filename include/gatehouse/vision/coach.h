/* SPDX-License-Identifier: Apache-2.0 */
/* Coaching: from what a frame shows to the one instruction the traveller is given. */
#ifndef GATEHOUSE_VISION_COACH_H
#define GATEHOUSE_VISION_COACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/words.h"
#include "gatehouse/vision/lighting.h"
#include "gatehouse/vision/quality.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A table of rules, first to last; docs/coaching.md shows it and says why it is
 * in this order. A rule is met when its measure is beyond its limit, and stays
 * met until the measure is clearly within again, so that noise at a limit does
 * not switch it. The first rule that has been met for long enough is the
 * instruction, unless the one shown has not stood for its time yet.
 *
 * All times are of capture, so that neither the frame rate nor lost frames
 * change what a traveller meets. Whatever refuses a frame at the first gate
 * (gh_quality_reason()) has a rule: no traveller is refused in silence. What is
 * suspected of an attack has none: coaching says what helps, and never why.
 */

/** Rules in the table at most. */
#define GH_COACH_RULES_MAX 24

/** How coaching is set up. */
struct gh_coach_options {
	struct gh_quality_limits limits; /**< those of the first gate */
	uint32_t show_ms;    /**< an instruction stands at least so long; so does none */
	uint32_t stand_ms;   /**< so long it has to be met before it is given */
	uint32_t release_ms; /**< so long it is no longer met before it is taken away */
};

/** Defaults, with the default limits. */
struct gh_coach_options gh_coach_options_default(void);

/**
 * Room between the face's box and each edge of what is seen, in thousandths of
 * the box's width; below 0 where it is cut. Left and right as in the image,
 * which is not the mirror.
 */
struct gh_coach_room {
	float left_permille;
	float right_permille;
	float top_permille;
	float bottom_permille;
};

/** One frame, as coaching sees it. */
struct gh_coach_sight {
	uint64_t capture_us;
	enum gh_reason reason; /**< what stands in the way of this frame */
	uint32_t faces_in_zone;
	struct gh_coach_room room;        /**< of the subject; unused without quality */
	const struct gh_quality *quality; /**< of the only face in the zone; or NULL */
	struct gh_lighting lighting;
	enum gh_lighting_control control; /**< whether the lane itself is mending the light */
};

/** One rule, for whoever shows the table. */
struct gh_coach_rule {
	enum gh_instruction instruction;
	const char *met;    /**< when it is met */
	const char *until;  /**< when it is no longer */
	const char *place;  /**< why it stands before the next */
	uint32_t longer_ms; /**< to stand, beyond stand_ms */
};

/** The state: a value, its fields its own. */
struct gh_coach {
	struct gh_coach_options options;
	enum gh_instruction shown;
	bool any_shown;      /**< something was shown since the beginning */
	uint64_t changed_us; /**< when what is shown began */
	uint64_t last_us;    /**< of the last frame */
	bool any_frame;
	bool clear;        /**< no rule of what is shown is met */
	uint64_t clear_us; /**< since when */
	bool met[GH_COACH_RULES_MAX];
	uint64_t met_us[GH_COACH_RULES_MAX]; /**< since when */
};

/** Begin, or begin again with the next traveller: nothing is shown. */
void gh_coach_init(struct gh_coach *coach, const struct gh_coach_options *options);

/**
 * One frame more; the instruction to show now. Two changes are never nearer to
 * each other than show_ms, but for the first one after gh_coach_init(). After a
 * gap of more than a second, or when time goes back, what was met before counts
 * as new. Pure: no clock, no allocation. One thread at a time.
 */
enum gh_instruction gh_coach_step(struct gh_coach *coach, const struct gh_coach_sight *sight);

/** The rules, in their order. Static. Any thread. */
const struct gh_coach_rule *gh_coach_rules(size_t *count);

#ifdef __cplusplus
}
#endif

#endif
