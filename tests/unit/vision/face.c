/* SPDX-License-Identifier: Apache-2.0 */
/* Overlap, suppression and the bounded list. */
#include "face.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct gh_face face_at(float x, float y, float side, float score)
{
	return (struct gh_face){ .box = { x, y, x + side, y + side }, .score = score };
}

static void overlap_is_intersection_over_union(void **state)
{
	struct gh_box a = { 0, 0, 10, 10 }, half = { 5, 0, 15, 10 }, apart = { 10, 0, 20, 10 };
	struct gh_box flat = { 3, 3, 3, 3 };

	assert_float_equal(gh_box_overlap(&a, &a), 1.0f, 1e-6f);
	assert_float_equal(gh_box_overlap(&a, &half), 1.0f / 3.0f, 1e-6f);
	assert_float_equal(gh_box_overlap(&a, &apart), 0.0f, 0.0f);
	assert_float_equal(gh_box_overlap(&a, &flat), 0.0f, 0.0f);
	assert_float_equal(gh_box_overlap(&flat, &flat), 0.0f, 0.0f);
}

static void the_best_of_overlapping_faces_stays(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_face weak = face_at(1, 1, 10, 0.7f), strong = face_at(0, 0, 10, 0.9f);
	struct gh_face apart = face_at(40, 0, 10, 0.8f);

	gh_faces_add(&faces, &weak);
	gh_faces_add(&faces, &strong);
	gh_faces_add(&faces, &apart);
	gh_faces_suppress(&faces, 0.4f);
	assert_int_equal(faces.count, 2);
	assert_float_equal(faces.list[0].score, 0.9f, 0.0f);
	assert_float_equal(faces.list[1].score, 0.8f, 0.0f);
}

static void faces_below_the_limit_of_overlap_stay_both(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_face a = face_at(0, 0, 10, 0.7f), b = face_at(5, 0, 10, 0.9f);

	gh_faces_add(&faces, &a);
	gh_faces_add(&faces, &b);
	gh_faces_suppress(&faces, 0.34f);
	assert_int_equal(faces.count, 2);
	gh_faces_suppress(&faces, 0.33f);
	assert_int_equal(faces.count, 1);
}

static void a_full_list_gives_up_its_worst(void **state)
{
	static struct gh_faces faces;
	struct gh_face better, worse;

	for (int i = 0; i < FACES_MAX; i++) {
		struct gh_face face = face_at((float)i * 20, 0, 10, 0.5f + 0.001f * (float)i);

		gh_faces_add(&faces, &face);
	}
	worse = face_at(-100, 0, 10, 0.4f);
	gh_faces_add(&faces, &worse);
	assert_int_equal(faces.count, FACES_MAX);
	better = face_at(-200, 0, 10, 0.99f);
	gh_faces_add(&faces, &better);
	gh_faces_suppress(&faces, 0.4f);
	assert_int_equal(faces.count, FACES_MAX);
	assert_float_equal(faces.list[0].score, 0.99f, 0.0f);
	assert_float_equal(faces.list[FACES_MAX - 1].score, 0.501f, 1e-6f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlap_is_intersection_over_union),
		cmocka_unit_test(the_best_of_overlapping_faces_stays),
		cmocka_unit_test(faces_below_the_limit_of_overlap_stay_both),
		cmocka_unit_test(a_full_list_gives_up_its_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
