/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the subject among those in view. */
#include "subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct gh_box zone = { 100, 0, 300, 200 };
static struct gh_tracks tracks;

/* Everybody stands from the first frame on. */
static int forget(void **state)
{
	tracks = (struct gh_tracks){ .settle_ms = 0 };
	return 0;
}

static struct gh_subject choose(const struct gh_faces *faces)
{
	gh_tracks_update(&tracks, faces, tracks.time_us + 33000);
	return gh_subject_choose(&tracks, faces, &zone, 0);
}

static void add(struct gh_faces *faces, float x, float y, float side)
{
	struct gh_face face = { .box = { x - side / 2, y - side / 2, x + side / 2, y + side / 2 },
		.score = 0.9f };

	gh_faces_add(faces, &face);
}

static void nobody_is_no_subject(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject = choose(&faces);

	assert_null(subject.face);
	assert_int_equal(subject.in_zone, 0);
}

static void a_face_outside_the_zone_is_nobody(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 99, 100, 80);
	add(&faces, 300, 100, 80);
	subject = choose(&faces);
	assert_null(subject.face);
	assert_int_equal(subject.in_zone, 0);
}

static void the_zone_begins_at_its_left_edge(void **state)
{
	struct gh_faces faces = { 0 };

	add(&faces, 100, 0, 80);
	assert_ptr_equal(choose(&faces).face, &faces.list[0]);
}

static void two_of_a_size_are_several_and_the_nearest_is_the_subject(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 130, 100, 100);
	add(&faces, 210, 100, 61);
	subject = choose(&faces);
	assert_int_equal(subject.in_zone, 2);
	assert_ptr_equal(subject.face, &faces.list[1]);
}

static void a_small_face_is_a_bystander_even_in_the_middle(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 200, 100, 59);
	add(&faces, 150, 100, 100);
	subject = choose(&faces);
	assert_int_equal(subject.in_zone, 1);
	assert_ptr_equal(subject.face, &faces.list[1]);
}

static void a_tall_face_outside_does_not_make_those_inside_small(void **state)
{
	struct gh_faces faces = { 0 };
	struct gh_subject subject;

	add(&faces, 20, 100, 180);
	add(&faces, 200, 100, 60);
	subject = choose(&faces);
	assert_int_equal(subject.in_zone, 1);
	assert_ptr_equal(subject.face, &faces.list[1]);
}

/* One face in front, 100 px high in the middle of the zone, and another one. */
struct pair {
	const char *what;
	float x, y, side;
	uint32_t in_zone;
};

static const struct pair pairs[] = {
	{ "as tall, beside", 290, 100, 100, 2 },
	{ "three quarters as tall, whatever else", 200, 20, 75, 2 },
	{ "a child at the hand: small, lower", 280, 150, 65, 2 },
	{ "a child on the arm: small, cheek to cheek", 275, 100, 65, 2 },
	{ "someone behind who looks over the head", 230, 15, 65, 1 },
	{ "someone behind, half hidden by the head", 245, 100, 65, 1 },
	{ "less than 60 % as tall", 290, 100, 59, 1 },
	{ "as tall, but not in the zone", 310, 100, 100, 1 },
};

static void beside_is_told_from_behind(void **state)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct pair *pair = &pairs[i];
		struct gh_faces faces = { 0 };
		struct gh_subject subject;

		forget(state);
		add(&faces, pair->x, pair->y, pair->side);
		add(&faces, 200, 100, 100);
		subject = choose(&faces);
		if (subject.in_zone != pair->in_zone)
			fail_msg("%s: %u in the zone", pair->what, subject.in_zone);
		if (pair->in_zone == 1)
			assert_ptr_equal(subject.face, &faces.list[1]);
	}
}

/* Both heads turned: what is left of the nearer one's eye distance is less than its box tells. */
static void eyes_tell_nearness_too(void **state)
{
	struct gh_faces faces = { 0 };

	add(&faces, 200, 100, 100);
	add(&faces, 270, 100, 58);
	assert_int_equal(choose(&faces).in_zone, 1);
	for (uint32_t i = 0; i < 2; i++) {
		struct gh_face *face = &faces.list[i];
		float distance = i == 0 ? 40 : 32;

		face->has_points = true;
		face->points[0] = gh_box_centre(&face->box);
		face->points[1] = face->points[0];
		face->points[1].x += distance;
	}
	forget(state);
	assert_int_equal(choose(&faces).in_zone, 2);
}

static void the_subject_stays_the_subject(void **state)
{
	struct gh_faces faces = { 0 };
	uint32_t id;

	add(&faces, 160, 100, 100);
	id = choose(&faces).track->id;
	add(&faces, 215, 100, 95);
	/* The newcomer is nearer to the middle. */
	gh_tracks_update(&tracks, &faces, tracks.time_us + 33000);
	assert_int_equal(gh_subject_choose(&tracks, &faces, &zone, id).track->id, id);
	assert_int_not_equal(gh_subject_choose(&tracks, &faces, &zone, 0).track->id, id);
}

static void at_the_edge_nobody_flickers(void **state)
{
	static const float places[] = { 98, 102, 99, 97, 92, 88, 92, 99, 101 };
	static const bool inside[] = { false, true, true, true, true, false, false, false, true };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct gh_faces faces = { 0 };

		add(&faces, places[i], 100, 80);
		assert_int_equal(choose(&faces).face != NULL, inside[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_is_no_subject, forget),
		cmocka_unit_test_setup(a_face_outside_the_zone_is_nobody, forget),
		cmocka_unit_test_setup(the_zone_begins_at_its_left_edge, forget),
		cmocka_unit_test_setup(
			two_of_a_size_are_several_and_the_nearest_is_the_subject, forget),
		cmocka_unit_test_setup(a_small_face_is_a_bystander_even_in_the_middle, forget),
		cmocka_unit_test_setup(
			a_tall_face_outside_does_not_make_those_inside_small, forget),
		cmocka_unit_test_setup(beside_is_told_from_behind, forget),
		cmocka_unit_test_setup(eyes_tell_nearness_too, forget),
		cmocka_unit_test_setup(the_subject_stays_the_subject, forget),
		cmocka_unit_test_setup(at_the_edge_nobody_flickers, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
