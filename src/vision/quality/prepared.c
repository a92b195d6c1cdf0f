/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of a face, and the areas of its aligned picture. */
#include "prepared.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define HULL_STEP 4

/* Landmarks beyond this are no face's: their squares would lose all digits. */
#define FAR_PX 1e6f

/* Least distance of the eyes, and of eyes and chin: below it nothing has a size. */
#define NEAR_PX 1.0

#define PIXELS_MIN 16

/* iBUG 68: corners of the eyes, inner lips, chin. */
enum {
	LEFT_EYE_OUTER = 36,
	LEFT_EYE_INNER = 39,
	RIGHT_EYE_INNER = 42,
	RIGHT_EYE_OUTER = 45,
	UPPER_LIP = 62,
	LOWER_LIP = 66,
	CHIN = 8
};

const struct gh_point gh_canonical_points[FIVE_POINTS] = { { 251, 272 }, { 364, 272 }, { 308, 336 },
	{ 262, 402 }, { 355, 402 } };

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;
static float red_light[256], green_light[256], blue_light[256];

double gh_linear(double value)
{
	double c = value / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static void make_tables(void)
{
	for (int i = 0; i < 256; i++) {
		double linear = 255.0 * gh_linear(i);

		red_light[i] = (float)(0.2126 * linear);
		green_light[i] = (float)(0.7152 * linear);
		blue_light[i] = (float)(0.0722 * linear);
	}
}

float gh_luminance_exact(const uint8_t rgb[3])
{
	pthread_once(&tables_once, make_tables);
	return red_light[rgb[0]] + green_light[rgb[1]] + blue_light[rgb[2]];
}

uint8_t gh_luminance(const uint8_t rgb[3])
{
	return (uint8_t)fminf(255.0f, gh_luminance_exact(rgb) + 0.5f);
}

double gh_point_distance(struct gh_point a, struct gh_point b)
{
	return hypot((double)a.x - (double)b.x, (double)a.y - (double)b.y);
}

static bool sound(struct gh_point p)
{
	return fabsf(p.x) <= FAR_PX && fabsf(p.y) <= FAR_PX;
}

static bool all_sound(const struct gh_point *points, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!sound(points[i]))
			return false;
	return true;
}

static struct gh_point between(struct gh_point a, struct gh_point b)
{
	return (struct gh_point){ 0.5f * (a.x + b.x), 0.5f * (a.y + b.y) };
}

static struct gh_point whole(struct gh_point p)
{
	return (struct gh_point){ roundf(p.x), roundf(p.y) };
}

static struct gh_point in_frame(const struct gh_stage *stage, struct gh_point p)
{
	return (struct gh_point){ p.x + (float)stage->left_px, p.y + (float)stage->top_px };
}

/* Where only five points are known an eye's centre is the detector's. */
static void place_eyes(struct gh_prepared *prepared)
{
	const struct gh_landmarks *marks = prepared->measured->landmarks;
	const struct gh_stage *stage = prepared->stage;
	struct gh_point left = marks->five[0], right = marks->five[1];

	if (marks->has_all) {
		left = between(marks->all[LEFT_EYE_OUTER], marks->all[LEFT_EYE_INNER]);
		right = between(marks->all[RIGHT_EYE_INNER], marks->all[RIGHT_EYE_OUTER]);
	}
	if (!sound(left) || !sound(right))
		return;
	prepared->eyes[0] = whole(in_frame(stage, left));
	prepared->eyes[1] = whole(in_frame(stage, right));
	prepared->midpoint = between(prepared->eyes[0], prepared->eyes[1]);
	prepared->eye_distance_px = gh_point_distance(prepared->eyes[0], prepared->eyes[1]);
	prepared->has_eyes = prepared->eye_distance_px >= NEAR_PX;
}

static void place_chin(struct gh_prepared *prepared)
{
	const struct gh_landmarks *marks = prepared->measured->landmarks;

	if (!prepared->has_eyes || !marks->has_all || !all_sound(marks->all, ALL_POINTS))
		return;
	prepared->eyes_to_chin_px =
		gh_point_distance(in_frame(prepared->stage, marks->all[CHIN]), prepared->midpoint);
	prepared->has_all = prepared->eyes_to_chin_px >= NEAR_PX;
}

static bool usable(const struct gh_similarity *map)
{
	float scale = hypotf(map->a, map->b);

	return scale > 1e-5f && scale < 1e4f && isfinite(map->c) && isfinite(map->d);
}

static void align(struct gh_prepared *prepared)
{
	const struct gh_landmarks *marks = prepared->measured->landmarks;
	struct gh_point *at = prepared->at;
	struct gh_similarity map;

	if (!prepared->has_all || !all_sound(marks->five, FIVE_POINTS))
		return;
	map = gh_similarity_fit(marks->five, gh_canonical_points, FIVE_POINTS);
	if (!usable(&map))
		return;
	for (uint32_t i = 0; i < ALL_POINTS; i++)
		at[i] = gh_similarity_apply(&map, marks->all[i]);
	if (!all_sound(at, ALL_POINTS))
		return;
	prepared->at_eyes[0] = whole(between(at[LEFT_EYE_OUTER], at[LEFT_EYE_INNER]));
	prepared->at_eyes[1] = whole(between(at[RIGHT_EYE_INNER], at[RIGHT_EYE_OUTER]));
	prepared->at_eyes_to_chin =
		gh_point_distance(at[CHIN], between(prepared->at_eyes[0], prepared->at_eyes[1]));
	prepared->has_aligned = prepared->at_eyes_to_chin >= NEAR_PX &&
		gh_point_distance(prepared->at_eyes[0], prepared->at_eyes[1]) >= NEAR_PX;
	prepared->to_picture = gh_similarity_inverse(&map);
	prepared->has_picture =
		prepared->has_aligned && prepared->measured->image && usable(&prepared->to_picture);
}

bool gh_prepared_sample(const struct gh_prepared *prepared, float x, float y, uint8_t rgb[3])
{
	const struct gh_image *image = prepared->measured->image;
	struct gh_point p = gh_similarity_apply(&prepared->to_picture, (struct gh_point){ x, y });
	uint32_t column, row, across, down;
	const uint8_t *above, *below;
	size_t next, line;

	if (!(p.x >= 0.0f && p.y >= 0.0f && p.x <= (float)(image->width_px - 1) &&
		    p.y <= (float)(image->height_px - 1)))
		return false;
	column = (uint32_t)p.x;
	row = (uint32_t)p.y;
	across = (uint32_t)((p.x - (float)column) * 256.0f);
	down = (uint32_t)((p.y - (float)row) * 256.0f);
	next = column + 1 < image->width_px ? 3 : 0;
	line = row + 1 < image->height_px ? image->stride_bytes : 0;
	above = image->rgb + row * image->stride_bytes + 3 * (size_t)column;
	below = above + line;
	for (uint32_t c = 0; c < 3; c++) {
		uint32_t upper = above[c] * (256 - across) + above[next + c] * across;
		uint32_t lower = below[c] * (256 - across) + below[next + c] * across;

		rgb[c] = (uint8_t)((upper * (256 - down) + lower * down + 32768) >> 16);
	}
	return true;
}

static void count(struct gh_region *region, const uint8_t rgb[3])
{
	region->pixels++;
	region->light[gh_luminance(rgb)]++;
	region->red += rgb[0];
	region->green += rgb[1];
	region->blue += rgb[2];
	region->grey = region->grey && rgb[0] == rgb[1] && rgb[1] == rgb[2];
}

static int bound(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

void gh_region_add(const struct gh_prepared *prepared, const struct gh_rectangle *rectangle,
	const struct gh_spans *within, int step, struct gh_region *region)
{
	int top = bound(rectangle->top, 0, CANONICAL_SIDE_PX);
	int bottom = bound(rectangle->bottom, 0, CANONICAL_SIDE_PX);
	uint8_t rgb[3];

	if (region->asked == 0)
		region->grey = true;
	for (int y = top; y < bottom; y += step) {
		int left = bound(rectangle->left, 0, CANONICAL_SIDE_PX);
		int right = bound(rectangle->right, 0, CANONICAL_SIDE_PX);

		if (within) {
			/* Onto the rectangle's own grid. */
			while (left < within->left[y])
				left += step;
			right = bound(within->right[y] + 1, 0, right);
		}
		for (int x = left; x < right; x += step) {
			region->asked++;
			if (gh_prepared_sample(prepared, (float)x, (float)y, rgb))
				count(region, rgb);
		}
	}
}

void gh_region_finish(struct gh_region *region)
{
	double pixels = region->pixels > 0 ? region->pixels : 1;

	region->red /= pixels;
	region->green /= pixels;
	region->blue /= pixels;
}

bool gh_region_enough(const struct gh_region *region)
{
	return region->pixels >= PIXELS_MIN && 2 * region->pixels >= region->asked;
}

double gh_region_light(const struct gh_region *region)
{
	double sum = 0.0;

	for (uint32_t i = 0; i < 256; i++)
		sum += (double)region->light[i] * i;
	return sum / region->pixels;
}

/* The cube root with the straight part near black (CIE 15). */
static double lab_curve(double t)
{
	return t > 216.0 / 24389.0 ? cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
}

struct gh_lab gh_region_lab(const struct gh_region *region)
{
	double r = gh_linear(region->red), g = gh_linear(region->green);
	double b = gh_linear(region->blue);
	double x = lab_curve((0.43605 * r + 0.38508 * g + 0.14309 * b) / 0.964221);
	double y = lab_curve(0.22249 * r + 0.71689 * g + 0.06062 * b);
	double z = lab_curve((0.01393 * r + 0.09710 * g + 0.71419 * b) / 0.825211);

	return (struct gh_lab){ 116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z) };
}

static float turn(struct gh_point a, struct gh_point b, struct gh_point c)
{
	return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static void sort_by_x(struct gh_point *points, uint32_t length)
{
	for (uint32_t i = 1; i < length; i++) {
		struct gh_point moved = points[i];
		uint32_t at = i;

		for (; at > 0 &&
			(points[at - 1].x > moved.x ||
				(points[at - 1].x >= moved.x && points[at - 1].y > moved.y));
			at--)
			points[at] = points[at - 1];
		points[at] = moved;
	}
}

/* Andrew's monotone chain: lower side, then upper side. Returns the number of corners. */
static uint32_t convex_hull(
	const struct gh_point points[ALL_POINTS], struct gh_point corners[2 * ALL_POINTS])
{
	struct gh_point sorted[ALL_POINTS];
	uint32_t length = 0, floor;

	memcpy(sorted, points, sizeof(sorted));
	sort_by_x(sorted, ALL_POINTS);
	for (uint32_t i = 0; i < ALL_POINTS; i++) {
		while (length >= 2 &&
			turn(corners[length - 2], corners[length - 1], sorted[i]) <= 0.0f)
			length--;
		corners[length++] = sorted[i];
	}
	floor = length + 1;
	for (uint32_t i = ALL_POINTS - 1; i-- > 0;) {
		while (length >= floor &&
			turn(corners[length - 2], corners[length - 1], sorted[i]) <= 0.0f)
			length--;
		corners[length++] = sorted[i];
	}
	return length - 1;
}

static void widen(struct gh_spans *spans, int y, float x)
{
	int16_t low = (int16_t)fminf(fmaxf(ceilf(x), 0.0f), CANONICAL_SIDE_PX);
	int16_t high = (int16_t)fminf(fmaxf(floorf(x), -1.0f), CANONICAL_SIDE_PX - 1);

	if (low < spans->left[y])
		spans->left[y] = low;
	if (high > spans->right[y])
		spans->right[y] = high;
}

static void draw_edge(struct gh_spans *spans, struct gh_point a, struct gh_point b)
{
	struct gh_point high = a.y <= b.y ? a : b, low = a.y <= b.y ? b : a;
	int first = (int)fminf(fmaxf(ceilf(high.y), 0.0f), CANONICAL_SIDE_PX);
	int last = (int)fminf(fmaxf(floorf(low.y), -1.0f), CANONICAL_SIDE_PX - 1);

	for (int y = first; y <= last; y++) {
		float share = low.y > high.y ? ((float)y - high.y) / (low.y - high.y) : 0.0f;

		widen(spans, y, high.x + share * (low.x - high.x));
		if (!(low.y > high.y))
			widen(spans, y, low.x);
	}
	if (first <= last) {
		spans->top = first < spans->top ? first : spans->top;
		spans->bottom = last + 1 > spans->bottom ? last + 1 : spans->bottom;
	}
}

static void fill_hull(const struct gh_point points[ALL_POINTS], struct gh_spans *spans)
{
	struct gh_point corners[2 * ALL_POINTS];
	uint32_t length = convex_hull(points, corners);

	spans->top = CANONICAL_SIDE_PX;
	spans->bottom = 0;
	for (int y = 0; y < CANONICAL_SIDE_PX; y++) {
		spans->left[y] = CANONICAL_SIDE_PX;
		spans->right[y] = -1;
	}
	for (uint32_t i = 0; i < length; i++)
		draw_edge(spans, corners[i], corners[(i + 1) % length]);
}

/* Squares beside the nose, three tenths of the eyes' distance wide. */
static void fill_cheeks(struct gh_prepared *prepared)
{
	const struct gh_point *at = prepared->at, *eyes = prepared->at_eyes;
	struct gh_point mouth = between(at[UPPER_LIP], at[LOWER_LIP]);
	int side = (int)(0.3 * gh_point_distance(eyes[0], eyes[1]));
	int down = (int)(gh_point_distance(between(eyes[0], eyes[1]), mouth) / 2.0);
	int left = (int)eyes[0].x, right = (int)eyes[1].x;
	int tops[2] = { (int)eyes[0].y + down, (int)eyes[1].y + down };
	struct gh_rectangle squares[2] = { { left, tops[0], left + side, tops[0] + side },
		{ right - side, tops[1], right, tops[1] + side } };

	for (int i = 0; i < 2; i++) {
		gh_region_add(prepared, &squares[i], NULL, 1, &prepared->cheeks[i]);
		gh_region_finish(&prepared->cheeks[i]);
		gh_region_add(prepared, &squares[i], &prepared->hull, 1, &prepared->cheeks_in_hull);
	}
	gh_region_finish(&prepared->cheeks_in_hull);
}

void gh_prepare(const struct gh_measured *measured, const struct gh_stage *stage,
	const struct gh_head_pose *pose, struct gh_prepared *prepared)
{
	struct gh_rectangle all = { 0, 0, CANONICAL_SIDE_PX, CANONICAL_SIDE_PX };

	memset(prepared, 0, sizeof(*prepared));
	prepared->measured = measured;
	prepared->stage = stage;
	prepared->pose = *pose;
	prepared->has_pose = isfinite(pose->yaw_degrees) && isfinite(pose->pitch_degrees) &&
		isfinite(pose->roll_degrees);
	place_eyes(prepared);
	place_chin(prepared);
	align(prepared);
	if (!prepared->has_picture)
		return;
	fill_hull(prepared->at, &prepared->hull);
	all.top = prepared->hull.top / HULL_STEP * HULL_STEP;
	all.bottom = prepared->hull.bottom;
	gh_region_add(prepared, &all, &prepared->hull, HULL_STEP, &prepared->face);
	gh_region_finish(&prepared->face);
	fill_cheeks(prepared);
}
