/* SPDX-License-Identifier: Apache-2.0 */
/* Pose by fitting a mean head to the landmarks (scaled orthographic, closed form). */
#include "pose.h"

#include <math.h>
#include <stddef.h>

#define DEGREES 57.29577951f

/*
 * Places of the landmarks on a mean head, set by hand to usual adult proportions: 90 mm between the
 * outer corners of the eyes, 52 mm across the mouth, which lies 72 mm below the eyes, a nose that
 * stands out by 32 mm. The jaw is left out: the network puts it on the outline that is seen, not on
 * a place of the head.
 */
static const struct gh_head_point head[ALL_POINTS] = {
	[27] = { 0, -4, -15 },
	[28] = { 0, 10, -21 },
	[29] = { 0, 23, -29 },
	[30] = { 0, 36, -36 },
	[31] = { -15, 46, -16 },
	[32] = { -8, 48, -20 },
	[33] = { 0, 50, -23 },
	[34] = { 8, 48, -20 },
	[35] = { 15, 46, -16 },
	[36] = { -45, 1, 3 },
	[39] = { -17, 1, -4 },
	[42] = { 17, 1, -4 },
	[45] = { 45, 1, 3 },
	[48] = { -26, 72, -12 },
	[51] = { 0, 66, -23 },
	[54] = { 26, 72, -12 },
	[57] = { 0, 82, -21 },
};

/* The same for the five points. */
static const struct gh_head_point head_five[FIVE_POINTS] = {
	{ -31, 0, -3 },
	{ 31, 0, -3 },
	{ 0, 36, -36 },
	{ -26, 72, -12 },
	{ 26, 72, -12 },
};

/* Sums over the points: what the least-squares fit is made of. */
struct sums {
	float xx[3][3]; /* of head coordinates */
	float px[2][3]; /* of picture and head coordinates */
};

struct pairs {
	uint32_t count;
	struct gh_point image[ALL_POINTS];
	float head[ALL_POINTS][3];
};

const struct gh_head_point *gh_pose_head(uint32_t landmark)
{
	return landmark < ALL_POINTS ? &head[landmark] : NULL;
}

static void add(struct pairs *pairs, struct gh_point image, const struct gh_head_point *point)
{
	float *place = pairs->head[pairs->count];

	if (point->x == 0 && point->y == 0 && point->z == 0)
		return;
	place[0] = point->x;
	place[1] = point->y;
	place[2] = point->z;
	pairs->image[pairs->count++] = image;
}

static void collect(const struct gh_landmarks *landmarks, struct pairs *pairs)
{
	pairs->count = 0;
	if (landmarks->has_all)
		for (uint32_t i = 0; i < ALL_POINTS; i++)
			add(pairs, landmarks->all[i], &head[i]);
	else
		for (uint32_t i = 0; i < FIVE_POINTS; i++)
			add(pairs, landmarks->five[i], &head_five[i]);
}

static void sum_up(const struct pairs *pairs, struct sums *sums)
{
	float n = (float)pairs->count;
	float middle[5] = { 0 };

	*sums = (struct sums){ 0 };
	for (uint32_t i = 0; i < pairs->count; i++) {
		middle[0] += pairs->image[i].x / n;
		middle[1] += pairs->image[i].y / n;
		for (int k = 0; k < 3; k++)
			middle[2 + k] += pairs->head[i][k] / n;
	}
	for (uint32_t i = 0; i < pairs->count; i++) {
		float p[2] = { pairs->image[i].x - middle[0], pairs->image[i].y - middle[1] };
		float v[3];

		for (int k = 0; k < 3; k++)
			v[k] = pairs->head[i][k] - middle[2 + k];
		for (int k = 0; k < 3; k++) {
			sums->px[0][k] += p[0] * v[k];
			sums->px[1][k] += p[1] * v[k];
			for (int j = 0; j < 3; j++)
				sums->xx[j][k] += v[j] * v[k];
		}
	}
}

static void cross(const float a[3], const float b[3], float out[3])
{
	out[0] = a[1] * b[2] - a[2] * b[1];
	out[1] = a[2] * b[0] - a[0] * b[2];
	out[2] = a[0] * b[1] - a[1] * b[0];
}

static float dot(const float a[3], const float b[3])
{
	return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* rows = px * xx^-1 by cofactors; xx is symmetric. */
static int solve(const struct sums *sums, float rows[2][3])
{
	float cofactors[3][3];
	float determinant;

	cross(sums->xx[1], sums->xx[2], cofactors[0]);
	cross(sums->xx[2], sums->xx[0], cofactors[1]);
	cross(sums->xx[0], sums->xx[1], cofactors[2]);
	determinant = dot(sums->xx[0], cofactors[0]);
	if (!(fabsf(determinant) > 1e-6f))
		return 0;
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 3; k++)
			rows[i][k] = dot(sums->px[i], cofactors[k]) / determinant;
	return 1;
}

/*
 * The nearest two rows of a rotation: (A A')^-1/2 A. For a symmetric 2 x 2
 * matrix G with s = sqrt(det G), its root is (G + s I) / sqrt(trace G + 2 s).
 */
static int make_orthonormal(float rows[2][3])
{
	float a = dot(rows[0], rows[0]), b = dot(rows[0], rows[1]), d = dot(rows[1], rows[1]);
	float s = sqrtf(fmaxf(a * d - b * b, 0.0f));
	float t = sqrtf(a + d + 2.0f * s);
	float root[3] = { (a + s) / t, b / t, (d + s) / t };
	float determinant = root[0] * root[2] - root[1] * root[1];

	if (!(s > 1e-12f) || !(determinant > 1e-12f))
		return 0;
	for (int k = 0; k < 3; k++) {
		float first = rows[0][k], second = rows[1][k];

		rows[0][k] = (root[2] * first - root[1] * second) / determinant;
		rows[1][k] = (root[0] * second - root[1] * first) / determinant;
	}
	return 1;
}

struct gh_pose gh_pose_of(const struct gh_landmarks *landmarks)
{
	struct gh_pose pose = { 90.0f, 90.0f, 0.0f };
	struct pairs pairs;
	struct sums sums;
	float rows[2][3], third[3];

	collect(landmarks, &pairs);
	sum_up(&pairs, &sums);
	/* Points that no head can make are no frontal face: far beyond every limit. */
	if (!solve(&sums, rows) || !make_orthonormal(rows))
		return pose;
	cross(rows[0], rows[1], third);
	/* The nose points along -z of the head: (-r13, -r23, -r33) in the picture. */
	pose.yaw = DEGREES * atan2f(rows[0][2], third[2]);
	pose.pitch = DEGREES * asinf(fminf(1.0f, fmaxf(-1.0f, rows[1][2])));
	pose.roll = DEGREES * atan2f(rows[1][0], rows[1][1]);
	return pose;
}
