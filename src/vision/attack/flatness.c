/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Under weak perspective a plane's points move by an affine map whatever the plane does; a head's
 * do so only as far as its depth lies in a plane (Tomasi and Kanade 1992: rank of the motion).
 */
#include "flatness.h"

#include <math.h>

#include "image.h"

/* The jaw's points slide along the cheek when a head turns: only brows to mouth are points. */
#define FIRST 17
#define COUNT (ALL_POINTS - FIRST)

struct affine {
	float xx, xy, yx, yy;
};

static struct gh_point mean_of(const struct gh_point *points)
{
	struct gh_point mean = { 0, 0 };

	for (int i = 0; i < COUNT; i++) {
		mean.x += points[i].x / COUNT;
		mean.y += points[i].y / COUNT;
	}
	return mean;
}

/* Least squares for points about their means; a set without extent gives the zero map. */
static struct affine affine_fit(const struct gh_point *from, const struct gh_point *to,
	struct gh_point middle, struct gh_point target)
{
	float a = 0, b = 0, d = 0, e[4] = { 0 }, whole;

	for (int i = 0; i < COUNT; i++) {
		float x = from[i].x - middle.x, y = from[i].y - middle.y;
		float u = to[i].x - target.x, v = to[i].y - target.y;

		a += x * x;
		b += x * y;
		d += y * y;
		e[0] += u * x;
		e[1] += u * y;
		e[2] += v * x;
		e[3] += v * y;
	}
	whole = a * d - b * b;
	if (!(whole > 0.0f))
		return (struct affine){ 0, 0, 0, 0 };
	return (struct affine){ (e[0] * d - e[1] * b) / whole, (e[1] * a - e[0] * b) / whole,
		(e[2] * d - e[3] * b) / whole, (e[3] * a - e[2] * b) / whole };
}

struct gh_parallax gh_flatness_parallax(
	const struct gh_landmarks *from, const struct gh_landmarks *to)
{
	const struct gh_point *p = from->all + FIRST, *q = to->all + FIRST;
	struct gh_similarity like = gh_similarity_fit(p, q, COUNT);
	struct gh_point middle = mean_of(p), target = mean_of(q);
	struct affine flat = affine_fit(p, q, middle, target);
	float eyes = hypotf(to->five[1].x - to->five[0].x, to->five[1].y - to->five[0].y);
	float shape = 0.0f, solid = 0.0f;

	for (int i = 0; i < COUNT; i++) {
		struct gh_point at = gh_similarity_apply(&like, p[i]);
		float x = p[i].x - middle.x, y = p[i].y - middle.y;
		float u = target.x + flat.xx * x + flat.xy * y - q[i].x;
		float v = target.y + flat.yx * x + flat.yy * y - q[i].y;

		at.x -= q[i].x;
		at.y -= q[i].y;
		shape += at.x * at.x + at.y * at.y;
		solid += u * u + v * v;
	}
	eyes = fmaxf(eyes, 1.0f) / 1000.0f;
	return (struct gh_parallax){ sqrtf(shape / COUNT) / eyes, sqrtf(solid / COUNT) / eyes };
}
