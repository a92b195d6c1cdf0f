/* SPDX-License-Identifier: Apache-2.0 */
/* Angles read off a mean head that was turned by known ones. */
#include "pose.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define RADIANS 0.017453293f

/* Roll first, then pitch, then yaw; z away from the camera, y down. */
static struct gh_point project(
	const struct gh_head_point *p, const struct gh_pose *pose, float distance_mm)
{
	float y = pose->yaw * RADIANS, x = pose->pitch * RADIANS, z = pose->roll * RADIANS;
	float rx = cosf(z) * p->x - sinf(z) * p->y, ry = sinf(z) * p->x + cosf(z) * p->y;
	float px = rx, py = cosf(x) * ry + sinf(x) * p->z, pz = -sinf(x) * ry + cosf(x) * p->z;
	float qx = cosf(y) * px + sinf(y) * pz, qz = -sinf(y) * px + cosf(y) * pz;
	float scale = distance_mm > 0 ? 1.7f * distance_mm / (distance_mm + qz) : 1.7f;

	return (struct gh_point){ 400 + scale * qx, 300 + scale * py };
}

static void fill(struct gh_landmarks *landmarks, const struct gh_pose *pose, float distance_mm)
{
	landmarks->has_all = true;
	for (uint32_t i = 0; i < ALL_POINTS; i++)
		landmarks->all[i] = project(gh_pose_head(i), pose, distance_mm);
}

static void angles_of_a_distant_head_are_exact(void **state)
{
	for (float yaw = -45; yaw <= 45; yaw += 15)
		for (float pitch = -30; pitch <= 30; pitch += 15)
			for (float roll = -30; roll <= 30; roll += 15) {
				struct gh_pose turned = { yaw, pitch, roll }, found;
				struct gh_landmarks landmarks;

				fill(&landmarks, &turned, 0);
				found = gh_pose_of(&landmarks);
				assert_float_equal(found.yaw, yaw, 0.1f);
				assert_float_equal(found.pitch, pitch, 0.1f);
				assert_float_equal(found.roll, roll, 0.1f);
			}
}

/* Perspective at 60 cm, where people stand nearest: the bias that the header states. */
static void perspective_biases_little(void **state)
{
	for (float yaw = -30; yaw <= 30; yaw += 10)
		for (float pitch = -20; pitch <= 20; pitch += 10) {
			struct gh_pose turned = { yaw, pitch, 0 }, found;
			struct gh_landmarks landmarks;

			fill(&landmarks, &turned, 600);
			found = gh_pose_of(&landmarks);
			assert_float_equal(found.yaw, yaw, 4.0f);
			assert_float_equal(found.pitch, pitch, 4.0f);
			assert_float_equal(found.roll, 0, 3.0f);
		}
}

static void signs_are_those_of_the_header(void **state)
{
	struct gh_pose straight = { 0, 0, 0 };
	struct gh_landmarks landmarks;

	/* The nose moves to image-left: turned to image-left. */
	fill(&landmarks, &straight, 0);
	for (int i = 28; i <= 35; i++)
		landmarks.all[i].x -= 15;
	assert_true(gh_pose_of(&landmarks).yaw > 5);
	/* The nose moves up: looking up. */
	fill(&landmarks, &straight, 0);
	for (int i = 28; i <= 35; i++)
		landmarks.all[i].y -= 15;
	assert_true(gh_pose_of(&landmarks).pitch > 5);
	/* The image-right eye lower than the other: clockwise. */
	fill(&landmarks, &straight, 0);
	for (uint32_t i = 0; i < ALL_POINTS; i++)
		landmarks.all[i].y += 0.2f * (landmarks.all[i].x - 400);
	assert_true(gh_pose_of(&landmarks).roll > 5);
}

static void five_points_give_angles_too(void **state)
{
	struct gh_landmarks landmarks = { .has_all = false,
		.five = { { 338, 300 }, { 462, 300 }, { 400, 372 }, { 348, 444 }, { 452, 444 } } };
	struct gh_pose pose = gh_pose_of(&landmarks);

	assert_float_equal(pose.yaw, 0, 0.5f);
	assert_float_equal(pose.pitch, 0, 3.0f);
	assert_float_equal(pose.roll, 0, 0.5f);
	landmarks.five[2].x -= 20;
	assert_true(gh_pose_of(&landmarks).yaw > 8);
}

static void points_without_extent_are_no_frontal_face(void **state)
{
	struct gh_landmarks landmarks = { .has_all = true };
	struct gh_pose pose = gh_pose_of(&landmarks);

	assert_true(fabsf(pose.yaw) >= 90);
	/* All on one line. */
	for (uint32_t i = 0; i < ALL_POINTS; i++)
		landmarks.all[i] = (struct gh_point){ (float)i, (float)i };
	pose = gh_pose_of(&landmarks);
	assert_true(isfinite(pose.yaw) && isfinite(pose.pitch) && isfinite(pose.roll));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(angles_of_a_distant_head_are_exact),
		cmocka_unit_test(perspective_biases_little),
		cmocka_unit_test(signs_are_those_of_the_header),
		cmocka_unit_test(five_points_give_angles_too),
		cmocka_unit_test(points_without_extent_are_no_frontal_face),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
