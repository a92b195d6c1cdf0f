/* SPDX-License-Identifier: Apache-2.0 */
/* The table of coaching, and the patience with which it is followed. */
#include "gatehouse/vision/coach.h"

#include <math.h>

/* Without a frame for longer than this nothing is known to have stood. */
#define GAP_US 1000000u

/* Every measure is brought to one scale: met above 0, no longer met below -1. */
#define UNMET (-2.0f)
#define BARELY 0.01f

/* How far within its limit a measure has to come back, as a share of the limit. */
#define SIZE_SLACK 0.08f
#define POSE_SLACK 0.12f
#define DARK_SLACK 0.3f
#define BRIGHT_SLACK 0.1f
#define SHARP_SLACK 0.2f
#define EYES_SLACK 0.2f

/* And where it is an amount of its own. */
#define ROOM_SLACK_PERMILLE 50.0f
#define DETECTION_SLACK 0.05f

/* Backlit: the surroundings are so many times as bright as the face. */
#define BACKLIT_RATIO 4.0f
#define BACKLIT_SLACK 1.5f

/* A face lower than this share of the largest allowed has room to come closer. */
#define CLOSER_SHARE 0.5f

/* Shares of the zone around the eyes; glare from more than what makes it suspected. */
#define DARK_LENS_SHARE 0.6f
#define DARK_LENS_SLACK 0.15f
#define GLARE_SHARE 0.1f
#define GLARE_SLACK 0.04f

/* Beyond stand_ms; a blink lasts up to 400 ms. */
#define BLINK_MS 400u

struct gh_coach_options gh_coach_options_default(void)
{
	return (struct gh_coach_options){ gh_quality_limits_default(), 1500, 300, 500 };
}

/* The gate's own word meets a rule, whatever slack and rounding say. */
static float said(const struct gh_coach_sight *sight, enum gh_reason reason, float measure)
{
	return sight->reason == reason ? fmaxf(measure, BARELY) : measure;
}

static float above(float value, float limit, float slack)
{
	return (value - limit) / fmaxf(slack, 1e-6f);
}

static float below(float value, float limit, float slack)
{
	return (limit - value) / fmaxf(slack, 1e-6f);
}

/* Two measures that must both be beyond their limits; a number that is none is not. */
static float both(float first, float second)
{
	return isnan(first) || isnan(second) ? UNMET : fminf(first, second);
}

typedef float (*measure_fn)(
	const struct gh_quality_limits *limits, const struct gh_coach_sight *sight);

static float several(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	(void)limits;
	return said(sight, GH_REASON_SEVERAL_FACES, sight->faces_in_zone > 1 ? 1.0f : UNMET);
}

static float nobody(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	(void)limits;
	return said(sight, GH_REASON_NO_FACE, UNMET);
}

static float too_near(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float most = limits->face_height_max_permille;
	float height = UNMET;

	if (sight->quality)
		height = above(sight->quality->face_height_permille, most, SIZE_SLACK * most);
	return said(sight, GH_REASON_TOO_NEAR, height);
}

/* The side at which there is least room has the gate's word. */
static float cut_at(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight,
	float room_permille)
{
	const struct gh_coach_room *room = &sight->room;
	float least = fminf(fminf(room->left_permille, room->right_permille),
		fminf(room->top_permille, room->bottom_permille));
	float measure;

	if (!sight->quality)
		return UNMET;
	measure = below(room_permille, limits->edge_margin_min_permille, ROOM_SLACK_PERMILLE);
	return room_permille <= least ? said(sight, GH_REASON_OUT_OF_FRAME, measure) : measure;
}

static float cut_above_or_below(
	const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	return cut_at(limits, sight, fminf(sight->room.top_permille, sight->room.bottom_permille));
}

/* The image's left is where the traveller's right hand is. */
static float cut_at_image_left(
	const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	return cut_at(limits, sight, sight->room.left_permille);
}

static float cut_at_image_right(
	const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	return cut_at(limits, sight, sight->room.right_permille);
}

static float turned(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	const struct gh_quality *q = sight->quality;
	float worst = UNMET;

	if (q) {
		worst = above(fabsf(q->yaw_degrees), limits->yaw_max_degrees,
			POSE_SLACK * limits->yaw_max_degrees);
		worst = fmaxf(worst,
			above(fabsf(q->pitch_degrees), limits->pitch_max_degrees,
				POSE_SLACK * limits->pitch_max_degrees));
		worst = fmaxf(worst,
			above(fabsf(q->roll_degrees), limits->roll_max_degrees,
				POSE_SLACK * limits->roll_max_degrees));
	}
	return said(sight, GH_REASON_LOOKING_AWAY, worst);
}

/* A face that is turned looks narrower than it is, and is not told to come closer. */
static float too_far(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float least = limits->eye_distance_min_px;
	float distance = UNMET;

	if (sight->quality && turned(limits, sight) <= 0.0f)
		distance = below(sight->quality->eye_distance_px, least, SIZE_SLACK * least);
	return said(sight, GH_REASON_TOO_FAR, distance);
}

static float dark(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float least = limits->luminance_min_permille;
	float light = UNMET;

	if (sight->quality)
		light = below(sight->quality->luminance_permille, least, DARK_SLACK * least);
	return said(sight, GH_REASON_TOO_DARK, light);
}

static float bright(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float most = limits->luminance_max_permille;
	float light = UNMET;

	if (sight->quality)
		light = above(sight->quality->luminance_permille, most, BRIGHT_SLACK * most);
	return said(sight, GH_REASON_TOO_BRIGHT, light);
}

static float lit_badly(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	return fmaxf(dark(limits, sight), bright(limits, sight));
}

static float being_mended(
	const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	return sight->control == GH_LIGHTING_ADJUSTING ? lit_badly(limits, sight) : UNMET;
}

static float backlit(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float around = sight->lighting.around_luminance_permille;
	float face = fmaxf(sight->lighting.face_luminance_permille, 1.0f);

	if (sight->control == GH_LIGHTING_ADJUSTING || !sight->lighting.face || around < 0.0f)
		return UNMET;
	return both(dark(limits, sight), above(around / face, BACKLIT_RATIO, BACKLIT_SLACK));
}

static float glaring(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	return sight->control == GH_LIGHTING_ADJUSTING ? UNMET : bright(limits, sight);
}

/* A lamp's light falls off with the square of the distance. */
static float out_of_reach(
	const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float most = CLOSER_SHARE * limits->face_height_max_permille;

	if (sight->control == GH_LIGHTING_ADJUSTING || !sight->quality)
		return UNMET;
	return both(dark(limits, sight),
		below(sight->quality->face_height_permille, most, SIZE_SLACK * most));
}

static float share_above(
	const struct gh_coach_sight *sight, enum gh_measure_name name, float limit, float slack)
{
	const struct gh_measure *measure = &sight->quality->measures.list[name];

	return measure->assessed ? above(measure->native, limit, slack) : UNMET;
}

static float glasses(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	(void)limits;
	if (!sight->quality)
		return UNMET;
	return fmaxf(share_above(sight, GH_MEASURE_DARK_LENS, DARK_LENS_SHARE, DARK_LENS_SLACK),
		share_above(sight, GH_MEASURE_EYE_GLARE, GLARE_SHARE, GLARE_SLACK));
}

static float blurred(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float least = limits->sharpness_min_permille;
	float sharp = UNMET;

	if (sight->quality)
		sharp = below(sight->quality->sharpness_permille, least, SHARP_SLACK * least);
	return said(sight, GH_REASON_BLURRED, sharp);
}

static float eyes_closed(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float least = limits->eyes_open_min_permille;
	float open = UNMET;

	if (sight->quality && sight->quality->eyes_open_permille >= 0.0f)
		open = below(sight->quality->eyes_open_permille, least, EYES_SLACK * least);
	return said(sight, GH_REASON_EYES_CLOSED, open);
}

/* Where anything else is wrong the detector has other grounds for its doubt. */
static float covered(const struct gh_quality_limits *limits, const struct gh_coach_sight *sight)
{
	float sure = UNMET;

	if (sight->quality)
		sure = below(sight->quality->detection, limits->detection_min, DETECTION_SLACK);
	return said(sight, GH_REASON_COVERED, sure);
}

#define RULE(name, met, until, place) \
	{ \
		GH_INSTRUCTION_##name, met, until, place, 0 \
	}

/* In step with measures[] below. */
static const struct gh_coach_rule rules[] = {
	RULE(ONE_AT_A_TIME, "two or more faces of a size in the zone", "there is one",
		"nothing is measured of anybody as long as it is open who is meant"),
	RULE(STEP_IN, "no face in the zone, and light enough to see one", "there is one",
		"nothing is measured yet"),
	RULE(STEP_BACK, "the face is higher than the limit", "8 % lower than it",
		"a step back also brings a cut face into the picture"),
	RULE(STEP_BACK, "the face is cut above or below", "5 % of its width within",
		"points outside of the picture are guesses, and all that follows rests on them"),
	RULE(MOVE_LEFT, "cut at the image's left", "5 % of its width within",
		"as cut above or below"),
	RULE(MOVE_RIGHT, "cut at the image's right", "5 % of its width within",
		"as cut above or below"),
	RULE(COME_CLOSER, "the eyes are nearer to each other than the limit, the face not turned",
		"8 % beyond it", "too few pixels for sharpness, eyes and lenses to be judged"),
	RULE(LOOK_AT_CAMERA, "yaw, pitch or roll beyond its limit", "12 % within all",
		"light, lenses and eyes are measured wrongly on a turned face"),
	RULE(WAIT_FOR_LIGHT, "the face too dark or too bright, and the lane is adjusting",
		"30 % brighter, 10 % darker",
		"it passes by itself: nothing else is asked meanwhile"),
	RULE(LIGHT_BEHIND, "the face too dark, what is beside it 4 times as bright",
		"30 % brighter, or 2.5 times", "only the traveller can change where the light is"),
	RULE(LIGHT_IN_FACE, "the face too bright", "10 % darker", "likewise"),
	RULE(COME_CLOSER, "the face too dark, and half as high as it may be at most",
		"30 % brighter, or 8 % higher", "nearer to the lamp it is lighter"),
	RULE(WAIT_FOR_LIGHT, "the face too dark or too bright, and nothing above helps",
		"30 % brighter, 10 % darker", "in the dark the rest cannot be judged"),
	RULE(TAKE_OFF_GLASSES, "60 % of the eyes' zone dark, or 10 % glaring",
		"15 or 4 points less", "eyes behind dark lenses would count as closed"),
	RULE(HOLD_STILL, "sharpness below its limit", "20 % above it", "blurred lids look closed"),
	{ GH_INSTRUCTION_OPEN_EYES, "the eyes less open than the limit", "20 % wider",
		"closed eyes cost the detector little of its certainty", BLINK_MS },
	{ GH_INSTRUCTION_UNCOVER_FACE, "the detector doubts that it is a face",
		"5 points more certain",
		"every fault above lowers this certainty too, so that it is asked last", BLINK_MS },
};

static const measure_fn measures[] = {
	several,
	nobody,
	too_near,
	cut_above_or_below,
	cut_at_image_left,
	cut_at_image_right,
	too_far,
	turned,
	being_mended,
	backlit,
	glaring,
	out_of_reach,
	lit_badly,
	glasses,
	blurred,
	eyes_closed,
	covered,
};

#define RULES (sizeof(rules) / sizeof(*rules))

_Static_assert(RULES == sizeof(measures) / sizeof(*measures), "a rule without its measure");
_Static_assert(RULES <= GH_COACH_RULES_MAX, "more rules than a coach remembers");

const struct gh_coach_rule *gh_coach_rules(size_t *count)
{
	*count = RULES;
	return rules;
}

void gh_coach_init(struct gh_coach *coach, const struct gh_coach_options *options)
{
	*coach = (struct gh_coach){ .options = *options };
}

/* What was met before a gap, or on another clock, has not stood until now. */
static void mind_gap(struct gh_coach *coach, uint64_t now_us)
{
	if (coach->any_frame && now_us >= coach->last_us && now_us - coach->last_us <= GAP_US)
		return;
	for (size_t i = 0; i < RULES; i++)
		coach->met_us[i] = now_us;
	coach->clear_us = now_us;
	if (now_us < coach->changed_us)
		coach->changed_us = now_us;
}

/* Between its two limits a rule stays what it was. */
static void update(struct gh_coach *coach, const struct gh_coach_sight *sight)
{
	bool clear = true;

	for (size_t i = 0; i < RULES; i++) {
		float measure = measures[i](&coach->options.limits, sight);
		bool met = coach->met[i] ? measure >= -1.0f : measure > 0.0f;

		if (met && !coach->met[i])
			coach->met_us[i] = sight->capture_us;
		coach->met[i] = met;
		clear &= !met || rules[i].instruction != coach->shown;
	}
	if (clear && !coach->clear)
		coach->clear_us = sight->capture_us;
	coach->clear = clear;
}

static bool stood(const struct gh_coach *coach, size_t i, uint64_t now_us)
{
	uint64_t needed_us = ((uint64_t)coach->options.stand_ms + rules[i].longer_ms) * 1000;

	/* What is shown already has stood, whichever of its rules is met. */
	return coach->met[i] &&
		(rules[i].instruction == coach->shown || now_us - coach->met_us[i] >= needed_us);
}

/* The first rule that has stood; what is shown until there is another or its own is long over. */
static enum gh_instruction wanted(const struct gh_coach *coach, uint64_t now_us)
{
	uint64_t release_us = (uint64_t)coach->options.release_ms * 1000;

	for (size_t i = 0; i < RULES; i++)
		if (stood(coach, i, now_us))
			return rules[i].instruction;
	if (coach->clear && now_us - coach->clear_us >= release_us)
		return GH_INSTRUCTION_NONE;
	return coach->shown;
}

enum gh_instruction gh_coach_step(struct gh_coach *coach, const struct gh_coach_sight *sight)
{
	uint64_t now_us = sight->capture_us;
	uint64_t show_us = (uint64_t)coach->options.show_ms * 1000;
	enum gh_instruction next;

	mind_gap(coach, now_us);
	update(coach, sight);
	coach->last_us = now_us;
	coach->any_frame = true;
	next = wanted(coach, now_us);
	if (next == coach->shown || (coach->any_shown && now_us - coach->changed_us < show_us))
		return coach->shown;
	coach->shown = next;
	coach->any_shown = true;
	coach->changed_us = now_us;
	coach->clear = false;
	return next;
}
