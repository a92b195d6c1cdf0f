/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's own natives, and the standard's measures beside them. */
#include "measure.h"

#include <math.h>

#include "gatehouse/base/bytes.h"

#include "pose.h"
#include "quality/kind.h"
#include "quality/sharpness_gradient.h"

#define SIDE ALIGNED_SIDE_PX
#define DEGREES 57.29577951f
#define HULL_MAX 27

/* Height over width of an open eye. */
#define OPEN_EYE_ASPECT 0.28f

/* Of the lids against the network that looks at the eyes. */
#define LIDS_SHARE 0.6f

#define DARK_END 4
#define BRIGHT_END 251

/* Mean grey of a picture in which the detectors no longer find a face that is there. */
#define UNSEEN_DARK 14
#define UNSEEN_BRIGHT 240

static float luma(const uint8_t *rgb)
{
	return 0.299f * (float)rgb[0] + 0.587f * (float)rgb[1] + 0.114f * (float)rgb[2];
}

float gh_measure_sharpness(const uint8_t *aligned)
{
	return 1000.0f * fminf(1.0f, gh_sharpness(aligned));
}

/* Where the row's line crosses the polygon, in order. */
static uint32_t crossings(
	const struct gh_point *hull, uint32_t corners, float y, float at[HULL_MAX])
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < corners; i++) {
		struct gh_point a = hull[i], b = hull[(i + 1) % corners];
		uint32_t place;
		float x;

		if ((a.y <= y) == (b.y <= y))
			continue;
		x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
		for (place = count++; place > 0 && at[place - 1] > x; place--)
			at[place] = at[place - 1];
		at[place] = x;
	}
	return count;
}

struct tally {
	float light;
	uint32_t pixels;
	uint32_t clipped;
};

static void add_span(const uint8_t *row, float from, float to, struct tally *tally)
{
	int first = (int)fmaxf(0.0f, ceilf(from)), last = (int)fminf(SIDE - 1, floorf(to));

	for (int x = first; x <= last; x++) {
		const uint8_t *rgb = row + 3 * x;
		float grey = luma(rgb);

		tally->light += gh_luminance_exact(rgb) / 255.0f;
		tally->clipped += grey <= DARK_END || grey >= BRIGHT_END;
		tally->pixels++;
	}
}

struct gh_light gh_measure_light(
	const uint8_t *aligned, const struct gh_point *hull, uint32_t corners)
{
	struct tally tally = { 0 };
	float at[HULL_MAX];

	for (int y = 0; y < SIDE; y++) {
		uint32_t count = crossings(hull, corners, (float)y, at);

		for (uint32_t i = 0; i + 1 < count; i += 2)
			add_span(aligned + 3 * y * SIDE, at[i], at[i + 1], &tally);
	}
	if (tally.pixels == 0)
		return (struct gh_light){ 0.0f, 1000.0f };
	return (struct gh_light){ 1000.0f * tally.light / (float)tally.pixels,
		1000.0f * (float)tally.clipped / (float)tally.pixels };
}

/* Jaw and brows; an ellipse where only five points are known. */
static uint32_t make_hull(const struct gh_measured *measured, struct gh_point hull[HULL_MAX])
{
	if (!measured->landmarks->has_all) {
		for (uint32_t i = 0; i < HULL_MAX; i++) {
			float angle = 6.2831853f * (float)i / HULL_MAX;

			hull[i].x = 56.0f + 36.0f * cosf(angle);
			hull[i].y = 72.0f + 38.0f * sinf(angle);
		}
		return HULL_MAX;
	}
	for (uint32_t i = 0; i < HULL_MAX; i++) {
		uint32_t point = i < 17 ? i : 26 - (i - 17);

		hull[i] = gh_similarity_apply(measured->map, measured->landmarks->all[point]);
	}
	return HULL_MAX;
}

static float distance(struct gh_point a, struct gh_point b)
{
	return hypotf(a.x - b.x, a.y - b.y);
}

float gh_measure_eyes_open(const struct gh_landmarks *landmarks)
{
	const struct gh_point *p = landmarks->all;
	float left, right;

	if (!landmarks->has_all)
		return GH_QUALITY_NOT_ASSESSED;
	left = distance(p[36], p[39]);
	right = distance(p[42], p[45]);
	if (!(left > 0.0f) || !(right > 0.0f))
		return 0.0f;
	left = (distance(p[37], p[41]) + distance(p[38], p[40])) / (2.0f * left);
	right = (distance(p[43], p[47]) + distance(p[44], p[46])) / (2.0f * right);
	return fminf(1000.0f, 1000.0f * 0.5f * (left + right) / OPEN_EYE_ASPECT);
}

/*
 * Landmarks of narrow eyes look like closed ones, and the network calls two in five closed eyes
 * open: weighed so, either alone stays above the limit and both together fall below it.
 */
static float weigh_eyes(float lids_permille, const float *open)
{
	if (!open || lids_permille < 0.0f || !isfinite(open[0] + open[1]))
		return lids_permille;
	return LIDS_SHARE * lids_permille +
		(1.0f - LIDS_SHARE) * 500.0f * (fminf(1.0f, open[0]) + fminf(1.0f, open[1]));
}

static float edge_margin(const struct gh_box *box, const struct gh_stage *stage)
{
	float margin = fminf(fminf(box->left, (float)stage->seen_width_px - box->right),
		fminf(box->top, (float)stage->seen_height_px - box->bottom));

	return 1000.0f * margin / gh_box_width(box);
}

float gh_measure_roll(const struct gh_landmarks *landmarks)
{
	struct gh_point left = landmarks->five[0], right = landmarks->five[1];

	return DEGREES * atan2f(right.y - left.y, right.x - left.x);
}

/* The network says little of tilt; the line of the eyes is what it is. */
static struct gh_head_pose pose_of(const struct gh_measured *measured)
{
	struct gh_pose fitted;
	struct gh_head_pose pose;

	if (measured->pose) {
		pose = *measured->pose;
		pose.roll_degrees = gh_measure_roll(measured->landmarks);
		return pose;
	}
	fitted = gh_pose_of(measured->landmarks);
	return (struct gh_head_pose){ fitted.yaw, fitted.pitch, fitted.roll };
}

struct gh_stage gh_stage_whole(const struct gh_image *image)
{
	return (struct gh_stage){
		.seen_width_px = image->width_px,
		.seen_height_px = image->height_px,
		.frame_width_px = image->width_px,
		.frame_height_px = image->height_px,
	};
}

void gh_measure(const struct gh_measured *measured, const struct gh_stage *stage,
	struct gh_quality *quality)
{
	const struct gh_landmarks *landmarks = measured->landmarks;
	struct gh_point hull[HULL_MAX];
	uint32_t corners = make_hull(measured, hull);
	struct gh_light light = gh_measure_light(measured->aligned, hull, corners);
	struct gh_head_pose pose = pose_of(measured);
	struct gh_prepared prepared;

	gh_prepare(measured, stage, &pose, &prepared);
	gh_assess(&prepared, &quality->measures);
	quality->detection = measured->face->score;
	quality->eye_distance_px = distance(landmarks->five[0], landmarks->five[1]);
	quality->face_height_permille =
		1000.0f * gh_box_height(&measured->face->box) / (float)stage->frame_height_px;
	quality->yaw_degrees = pose.yaw_degrees;
	quality->pitch_degrees = pose.pitch_degrees;
	quality->roll_degrees = pose.roll_degrees;
	quality->sharpness_permille = gh_measure_sharpness(measured->aligned);
	quality->luminance_permille = light.luminance_permille;
	quality->clipped_permille = light.clipped_permille;
	quality->eyes_open_permille =
		weigh_eyes(gh_measure_eyes_open(landmarks), measured->eyes_open);
	quality->edge_margin_permille = edge_margin(&measured->face->box, stage);
	gh_wipe(&prepared, sizeof(prepared));
}

enum gh_reason gh_measure_absence(const struct gh_image *image)
{
	const uint32_t step = 8;
	uint64_t sum = 0, count = 0;

	for (uint32_t y = 0; y < image->height_px; y += step)
		for (uint32_t x = 0; x < image->width_px; x += step, count++)
			sum += (uint64_t)luma(image->rgb + y * image->stride_bytes + 3 * (size_t)x);
	if (sum < UNSEEN_DARK * count)
		return GH_REASON_TOO_DARK;
	return sum > UNSEEN_BRIGHT * count ? GH_REASON_TOO_BRIGHT : GH_REASON_NO_FACE;
}
