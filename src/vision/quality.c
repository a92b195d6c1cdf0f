/* SPDX-License-Identifier: Apache-2.0 */
/* The first gate: limits in the order in which they are told to the traveller. */
#include "gatehouse/vision/quality.h"

#include <math.h>

struct gh_quality_limits gh_quality_limits_default(void)
{
	return (struct gh_quality_limits){
		.detection_min = 0.9f,
		.eye_distance_min_px = 40.0f,
		.face_height_max_permille = 800.0f,
		.yaw_max_degrees = 25.0f,
		.pitch_max_degrees = 30.0f,
		.roll_max_degrees = 20.0f,
		.sharpness_min_permille = 120.0f,
		.luminance_min_permille = 15.0f,
		.luminance_max_permille = 800.0f,
		.eyes_open_min_permille = 350.0f,
		.edge_margin_min_permille = 30.0f,
		.enough_permille = 600.0f,
	};
}

/* More of the face than this at either end of the range says nothing whatever its mean. */
#define CLIPPED_MAX_PERMILLE 500.0f

/*
 * Beyond these more than half of the genuine comparisons were lost (docs/quality.md, "What is
 * refused"): such a frame is none. Luminance has a lower end only because of its noise.
 */
#define COMPARABLE_SHARPNESS_PERMILLE 60.0f
#define COMPARABLE_LUMINANCE_LOW_PERMILLE 3.0f
#define COMPARABLE_LUMINANCE_HIGH_PERMILLE 960.0f
#define COMPARABLE_CLIPPED_PERMILLE 800.0f

static bool turned(const struct gh_quality *quality, const struct gh_quality_limits *limits)
{
	return !(fabsf(quality->yaw_degrees) <= limits->yaw_max_degrees &&
		fabsf(quality->pitch_degrees) <= limits->pitch_max_degrees &&
		fabsf(quality->roll_degrees) <= limits->roll_max_degrees);
}

static enum gh_reason light(const struct gh_quality *quality,
	const struct gh_quality_limits *limits, float clipped_max_permille)
{
	if (!(quality->luminance_permille >= limits->luminance_min_permille))
		return GH_REASON_TOO_DARK;
	if (quality->luminance_permille > limits->luminance_max_permille)
		return GH_REASON_TOO_BRIGHT;
	if (quality->clipped_permille > clipped_max_permille)
		return quality->luminance_permille > 500.0f ? GH_REASON_TOO_BRIGHT
							    : GH_REASON_TOO_DARK;
	return GH_REASON_NONE;
}

static bool closed(const struct gh_quality *quality, const struct gh_quality_limits *limits)
{
	/* Below zero it was not assessed. */
	return quality->eyes_open_permille >= 0.0f &&
		quality->eyes_open_permille < limits->eyes_open_min_permille;
}

/* A value that is no number has to fail its limit: comparisons are written so. */
static enum gh_reason judge(const struct gh_quality *quality,
	const struct gh_quality_limits *limits, float clipped_max_permille)
{
	enum gh_reason reason;

	if (quality->faces_in_zone == 0)
		return GH_REASON_NO_FACE;
	if (quality->faces_in_zone > 1)
		return GH_REASON_SEVERAL_FACES;
	/* Stepping back also brings a face that is cut into the frame. */
	if (!(quality->face_height_permille <= limits->face_height_max_permille))
		return GH_REASON_TOO_NEAR;
	if (!(quality->edge_margin_permille >= limits->edge_margin_min_permille))
		return GH_REASON_OUT_OF_FRAME;
	if (!(quality->eye_distance_px >= limits->eye_distance_min_px) && !turned(quality, limits))
		return GH_REASON_TOO_FAR;
	if (turned(quality, limits))
		return GH_REASON_LOOKING_AWAY;
	reason = light(quality, limits, clipped_max_permille);
	if (reason != GH_REASON_NONE)
		return reason;
	if (!(quality->sharpness_permille >= limits->sharpness_min_permille))
		return GH_REASON_BLURRED;
	if (closed(quality, limits))
		return GH_REASON_EYES_CLOSED;
	return quality->detection >= limits->detection_min ? GH_REASON_NONE : GH_REASON_COVERED;
}

enum gh_reason gh_quality_reason(
	const struct gh_quality *quality, const struct gh_quality_limits *limits)
{
	return judge(quality, limits, CLIPPED_MAX_PERMILLE);
}

bool gh_quality_comparable(const struct gh_quality *quality, const struct gh_quality_limits *limits)
{
	struct gh_quality_limits least = *limits;

	least.sharpness_min_permille =
		fminf(limits->sharpness_min_permille, COMPARABLE_SHARPNESS_PERMILLE);
	least.luminance_min_permille =
		fminf(limits->luminance_min_permille, COMPARABLE_LUMINANCE_LOW_PERMILLE);
	least.luminance_max_permille =
		fmaxf(limits->luminance_max_permille, COMPARABLE_LUMINANCE_HIGH_PERMILLE);
	return judge(quality, &least, COMPARABLE_CLIPPED_PERMILLE) == GH_REASON_NONE;
}

/* 0 at or below none, 1 at or above full. */
static float between(float value, float none, float full)
{
	if (!(full > none))
		return value >= full ? 1.0f : 0.0f;
	return fminf(1.0f, fmaxf(0.0f, (value - none) / (full - none)));
}

/* 1 when straight, 0 at half beyond the limit. */
static float straight(float degrees, float limit)
{
	return 1.0f - between(fabsf(degrees), 0.2f * limit, 1.5f * limit);
}

uint32_t gh_quality_utility_permille(
	const struct gh_quality *quality, const struct gh_quality_limits *limits)
{
	float utility = between(quality->detection, 0.5f, 0.95f);

	utility *= between(quality->eye_distance_px, 0.25f * limits->eye_distance_min_px,
		1.25f * limits->eye_distance_min_px);
	utility *= straight(quality->yaw_degrees, limits->yaw_max_degrees);
	utility *= straight(quality->pitch_degrees, limits->pitch_max_degrees);
	utility *= straight(quality->roll_degrees, limits->roll_max_degrees);
	utility *=
		between(quality->sharpness_permille, 0.0f, 2.0f * limits->sharpness_min_permille);
	utility *=
		between(quality->luminance_permille, 0.0f, 3.0f * limits->luminance_min_permille);
	utility *= 1.0f - 0.5f * between(quality->clipped_permille, 20.0f, 500.0f);
	if (quality->eyes_open_permille >= 0.0f)
		utility *= between(
			quality->eyes_open_permille, 0.0f, 2.0f * limits->eyes_open_min_permille);
	return (uint32_t)(1000.0f * utility + 0.5f);
}
