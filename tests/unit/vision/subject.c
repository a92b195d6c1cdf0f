/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the subject among those in view. */
#include "subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct gh_box zone = { 100, 0, 300, 200 };

static void add(struct gh_faces *faces, float x, float y, float side)
{
	struct gh_face face = { .box = { x - side / 2, y - side / 2, x + side / 2, y + side / 2 },
		.score = 0.9f };

	gh_faces_add(faces, &face);
}

static void nobody_is_no_subject(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject = gh_subject_choose(&faces, &zone);

	assert_null(subject.face);
	assert_int_equal(subject.in_zone, 0);
}

static void a_face_outside_the_zone_is_nobody(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 99, 100, 80);
	add(&faces, 300, 100, 80);
	subject = gh_subject_choose(&faces, &zone);
	assert_null(subject.face);
	assert_int_equal(subject.in_zone, 0);
}

static void the_zone_begins_at_its_left_edge(void **state)
{
	struct gh_faces faces = { 0 };

	add(&faces, 100, 0, 80);
	assert_ptr_equal(gh_subject_choose(&faces, &zone).face, &faces.list[0]);
}

static void two_of_a_size_are_several_and_the_nearest_is_the_subject(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 130, 100, 100);
	add(&faces, 210, 100, 61);
	subject = gh_subject_choose(&faces, &zone);
	assert_int_equal(subject.in_zone, 2);
	assert_ptr_equal(subject.face, &faces.list[1]);
}

static void a_small_face_is_a_bystander_even_in_the_middle(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 200, 100, 59);
	add(&faces, 150, 100, 100);
	subject = gh_subject_choose(&faces, &zone);
	assert_int_equal(subject.in_zone, 1);
	assert_ptr_equal(subject.face, &faces.list[1]);
}

static void a_tall_face_outside_does_not_make_those_inside_small(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 20, 100, 180);
	add(&faces, 200, 100, 60);
	subject = gh_subject_choose(&faces, &zone);
	assert_int_equal(subject.in_zone, 1);
	assert_ptr_equal(subject.face, &faces.list[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_no_subject),
		cmocka_unit_test(a_face_outside_the_zone_is_nobody),
		cmocka_unit_test(the_zone_begins_at_its_left_edge),
		cmocka_unit_test(two_of_a_size_are_several_and_the_nearest_is_the_subject),
		cmocka_unit_test(a_small_face_is_a_bystander_even_in_the_middle),
		cmocka_unit_test(a_tall_face_outside_does_not_make_those_inside_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
