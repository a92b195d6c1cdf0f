/* SPDX-License-Identifier: Apache-2.0 */
/* People followed by their boxes through scripted scenes: ids, walking, standing, coming, going. */
#include "watch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The scene is 1000 x 700 pixels at 30 frames a second; the zone is its middle half. */
static const struct gh_box zone = { 250, 0, 750, 700 };

#define FRAME_US 33333u
#define FACE_PX 200.0f

/* One leg of somebody's way: where he is at the start and at the end of it. */
struct leg {
	float until_s;
	float x, y, side; /* at its end; before the first leg as at its end */
	bool hidden;      /* the detector does not see him meanwhile */
};

#define LEGS_MAX 8

struct actor {
	struct leg legs[LEGS_MAX];
};

static struct gh_watch watch;
static uint64_t now_us;
static uint32_t seed;

static int start(void **state)
{
	const char *given = getenv("GATEHOUSE_SEED");

	seed = given ? (uint32_t)strtoul(given, NULL, 10) : 1;
	now_us = 1000000;
	return gh_watch_init(&watch, 200, NULL) != GH_OK;
}

static int end(void **state)
{
	gh_watch_finish(&watch);
	return 0;
}

/* -1..1, the same for a seed everywhere. */
static float jitter(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (float)(seed >> 8) / (float)(1u << 23) - 1.0f;
}

/* A detector's boxes shake by some hundredths of their size. */
static void appear(struct gh_faces *faces, float x, float y, float side)
{
	float half = 0.5f * side * (1.0f + 0.02f * jitter());
	struct gh_face face = { .score = 0.95f };

	x += 0.02f * side * jitter();
	y += 0.02f * side * jitter();
	face.box = (struct gh_box){ x - half, y - half, x + half, y + half };
	gh_faces_add(faces, &face);
}

static void act(const struct actor *actor, float at_s, struct gh_faces *faces)
{
	const struct leg *from = &actor->legs[0];
	float begin_s = 0.0f;

	for (int i = 0; i < LEGS_MAX && actor->legs[i].until_s > 0.0f; i++) {
		const struct leg *to = &actor->legs[i];
		float part;

		if (at_s < to->until_s) {
			part = (at_s - begin_s) / (to->until_s - begin_s);
			if (!to->hidden)
				appear(faces, from->x + part * (to->x - from->x),
					from->y + part * (to->y - from->y),
					from->side + part * (to->side - from->side));
			return;
		}
		begin_s = to->until_s;
		from = to;
	}
}

/* What a scene came to. */
struct played {
	uint32_t occupied; /* frames */
	uint32_t passing;
	uint32_t several;
	uint32_t ids; /* different subjects one after the other */
	uint32_t last;
	float first_s; /* first and last time with a subject */
	float last_s;
};

static struct played play(const struct actor *actors, size_t count, float length_s)
{
	struct played played = { .first_s = -1.0f };
	uint32_t frames = (uint32_t)(length_s * 1e6f / (float)FRAME_US);

	for (uint32_t i = 0; i < frames; i++, now_us += FRAME_US) {
		float at_s = (float)i * (float)FRAME_US * 1e-6f;
		struct gh_faces faces = { 0 };
		struct gh_presence presence = { 0 };

		for (size_t a = 0; a < count; a++)
			act(&actors[a], at_s, &faces);
		gh_tracks_update(&watch.tracks, &faces, now_us);
		gh_watch_update(&watch, &faces, &zone, &presence);
		played.passing += presence.approach == GH_APPROACH_PASSING;
		played.several += presence.faces_in_zone > 1;
		if (!presence.occupied)
			continue;
		played.occupied++;
		played.ids += presence.track != played.last;
		played.last = presence.track;
		played.last_s = at_s;
		if (played.first_s < 0.0f)
			played.first_s = at_s;
	}
	return played;
}

static void who_walks_through_is_nobody(void **state)
{
	/* Along the frame at a walk, a stroll, and in front of the camera, both ways. */
	static const struct actor walkers[] = {
		{ { { 0.01f, -100, 300, 200, false }, { 0.90f, 1100, 300, 200, false } } },
		{ { { 0.01f, 1100, 330, 200, false }, { 0.95f, -100, 300, 200, false } } },
		{ { { 0.01f, -100, 300, 120, false }, { 2.00f, 1100, 300, 120, false } } },
		{ { { 0.01f, -100, 300, 300, false }, { 0.60f, 1100, 300, 300, false } } },
	};

	for (size_t i = 0; i < sizeof(walkers) / sizeof(walkers[0]); i++) {
		struct played played;

		end(state);
		start(state);
		played = play(&walkers[i], 1, 2.5f);
		if (played.occupied != 0 || played.passing == 0)
			fail_msg("walker %zu: %u frames occupied, %u passing", i, played.occupied,
				played.passing);
	}
}

/* The jitter of the boxes may now and then look like standing still: at most once in twenty. */
static void who_comes_nearer_is_nobody_until_standing(void **state)
{
	/* 1 m/s towards the camera from 3 m to 1 m: the face grows threefold, in the middle. */
	static const struct actor actor = { { { 0.01f, 500, 300, 70, false },
		{ 1.0f, 500, 300, 105, false }, { 2.0f, 500, 300, 210, false },
		{ 5.0f, 500, 300, 210, false } } };
	int early = 0;

	for (int i = 0; i < 20; i++) {
		struct played played;

		end(state);
		start(state);
		played = play(&actor, 1, 5.0f);
		if (!(played.first_s < 2.6f) || played.ids != 1)
			fail_msg("stood at 2 s, taken to stand at %.2f s as %u",
				(double)played.first_s, played.ids);
		early += played.first_s <= 1.9f;
	}
	assert_true(early <= 1);
}

static void approach_stand_and_leave(void **state)
{
	static const struct actor actor = { { { 0.01f, -100, 300, 200, false },
		{ 0.5f, 480, 300, 200, false }, { 4.0f, 500, 300, 200, false },
		{ 4.5f, 1100, 300, 200, false } } };
	struct played played = play(&actor, 1, 6.0f);

	/* Stood at 0.5 s: known within half a second, and one person all the time. */
	assert_true(played.first_s > 0.5f && played.first_s < 1.0f);
	assert_true(played.last_s > 3.9f && played.last_s < 4.4f);
	assert_int_equal(played.ids, 1);
	assert_true(played.occupied > 85);
}

static void swaying_and_leaning_is_standing(void **state)
{
	static const struct actor actor = { { { 1.0f, 500, 300, 200, false },
		{ 1.5f, 540, 310, 205, false }, { 2.2f, 460, 300, 195, false },
		{ 3.0f, 500, 300, 215, false }, { 4.0f, 505, 320, 200, false } } };
	struct played played = play(&actor, 1, 4.0f);

	assert_int_equal(played.ids, 1);
	/* From 0.2 s on, without a break. */
	assert_in_range(played.occupied, 111, 114);
}

static void a_passer_by_does_not_disturb_the_traveller(void **state)
{
	/* As near as the traveller; passes behind his head, unseen there for a while. */
	static const struct actor actors[] = {
		{ { { 6.0f, 500, 300, 200, false } } },
		{ { { 2.0f, -100, 300, 170, false }, { 2.4f, 360, 300, 170, false },
			{ 2.6f, 640, 300, 170, true }, { 3.0f, 1100, 300, 170, false } } },
	};
	struct played played = play(actors, 2, 6.0f);

	assert_int_equal(played.ids, 1);
	assert_int_equal(played.several, 0);
	assert_true(played.occupied > 172);
}

/* He hides the traveller for some frames, and is not taken for him. */
static void who_passes_in_front_is_not_the_traveller(void **state)
{
	static const struct actor actors[] = {
		{ { { 2.30f, 500, 300, 180, false }, { 2.50f, 500, 300, 180, true },
			{ 6.0f, 500, 300, 180, false } } },
		{ { { 2.0f, -100, 300, 230, false }, { 2.8f, 1100, 300, 230, false } } },
	};
	struct played played = play(actors, 2, 6.0f);

	assert_int_equal(played.ids, 1);
	assert_int_equal(played.several, 0);
	assert_true(played.occupied > 165);
}

static void two_who_stop_are_several(void **state)
{
	static const struct actor actors[] = {
		{ { { 6.0f, 400, 300, 200, false } } },
		{ { { 2.0f, 1100, 300, 190, false }, { 2.4f, 640, 300, 190, false },
			{ 6.0f, 640, 300, 190, false } } },
	};
	struct played played = play(actors, 2, 6.0f);

	assert_int_equal(played.ids, 1);
	assert_in_range(played.several, 80, 108);
}

static void who_stops_behind_stays_a_bystander(void **state)
{
	static const struct actor actors[] = {
		{ { { 6.0f, 470, 350, 200, false } } },
		{ { { 1.0f, 1100, 200, 110, false }, { 2.4f, 600, 200, 110, false },
			{ 6.0f, 600, 200, 110, false } } },
	};
	struct played played = play(actors, 2, 6.0f);

	assert_int_equal(played.ids, 1);
	assert_int_equal(played.several, 0);
}

static void missed_frames_do_not_make_another_person(void **state)
{
	static const struct actor actor = { { { 1.0f, 500, 300, 200, false },
		{ 1.3f, 500, 300, 200, true }, { 2.0f, 510, 300, 200, false },
		{ 3.2f, 510, 300, 200, true }, { 4.0f, 490, 310, 195, false } } };
	struct played played = play(&actor, 1, 4.0f);

	assert_int_equal(played.ids, 1);
}

static void who_comes_after_a_while_is_another_person(void **state)
{
	static const struct actor actor = { { { 1.0f, 500, 300, 200, false },
		{ 2.7f, 500, 300, 200, true }, { 4.0f, 500, 300, 200, false } } };
	struct played played = play(&actor, 1, 4.0f);

	assert_int_equal(played.ids, 2);
}

static void who_takes_the_place_is_another_person(void **state)
{
	/* A step aside and the next one is there, from one frame to the next. */
	static const struct actor actors[] = {
		{ { { 2.0f, 400, 300, 200, false } } },
		{ { { 2.0f, 650, 200, 130, true }, { 4.0f, 650, 200, 130, false } } },
	};
	struct played played = play(actors, 2, 4.0f);

	assert_int_equal(played.ids, 2);
}

/* Two who change places without a stop keep their numbers. */
static void crossing_people_keep_their_numbers(void **state)
{
	static const struct actor actors[] = {
		{ { { 1.0f, 300, 300, 200, false }, { 2.0f, 700, 300, 200, false },
			{ 3.0f, 700, 300, 200, false } } },
		{ { { 1.0f, 700, 420, 200, false }, { 2.0f, 300, 420, 200, false },
			{ 3.0f, 300, 420, 200, false } } },
	};
	uint32_t left_id = 0, right_id = 0;

	for (uint32_t i = 0; i < 90; i++, now_us += FRAME_US) {
		float at_s = (float)i / 30.0f;
		struct gh_faces faces = { 0 };
		struct gh_presence presence = { 0 };

		act(&actors[i % 2], at_s, &faces); /* the detector's order means nothing */
		act(&actors[1 - i % 2], at_s, &faces);
		gh_tracks_update(&watch.tracks, &faces, now_us);
		gh_watch_update(&watch, &faces, &zone, &presence);
		for (uint32_t t = 0; t < TRACKS_MAX; t++) {
			const struct gh_track *track = &watch.tracks.list[t];

			if (track->id == 0 || (i != 20 && i != 85))
				continue;
			if (i == 20 && track->box.top < 260)
				left_id = track->id;
			if (i == 20 && track->box.top >= 260)
				right_id = track->id;
			if (i == 85)
				assert_int_equal(
					track->id, track->box.top < 260 ? left_id : right_id);
		}
	}
	assert_int_not_equal(left_id, 0);
	assert_int_not_equal(left_id, right_id);
}

static void time_that_runs_back_begins_anew(void **state)
{
	static const struct actor actor = { { { 2.0f, 500, 300, 200, false } } };
	uint32_t before = play(&actor, 1, 1.0f).last;

	now_us = 500000;
	assert_int_not_equal(play(&actor, 1, 1.0f).last, before);
}

static void a_crowd_is_no_more_than_there_is_room_for(void **state)
{
	for (int frame = 0; frame < 40; frame++, now_us += FRAME_US) {
		struct gh_faces faces = { 0 };
		struct gh_presence presence = { 0 };
		uint32_t used = 0;

		for (int i = 0; i < 60; i++)
			appear(&faces, 60.0f + 90.0f * (float)(i % 10),
				60.0f + 90.0f * (float)(i / 10), 60);
		gh_tracks_update(&watch.tracks, &faces, now_us);
		gh_watch_update(&watch, &faces, &zone, &presence);
		for (uint32_t t = 0; t < TRACKS_MAX; t++)
			used += watch.tracks.list[t].id != 0;
		assert_int_equal(used, TRACKS_MAX);
	}
}

static void boxes_that_are_none_are_nobody(void **state)
{
	static const struct gh_box wrong[] = { { NAN, 0, 10, 10 }, { 10, 10, 10, 10 },
		{ 50, 50, 20, 20 }, { -INFINITY, 0, INFINITY, 10 }, { 0, 0, 1e30f, 1e30f } };

	for (int frame = 0; frame < 20; frame++, now_us += FRAME_US)
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			struct gh_faces faces = { .count = 1,
				.list = { { .box = wrong[i], .score = 0.9f } } };
			struct gh_presence presence = { 0 };

			gh_tracks_update(&watch.tracks, &faces, now_us);
			gh_watch_update(&watch, &faces, &zone, &presence);
			assert_false(presence.occupied);
		}
}

/* Other templates in the same place: the number changes, and nothing of the past stays. */
static void replacing_gives_another_number(void **state)
{
	static const struct actor actor = { { { 2.0f, 500, 300, 200, false } } };
	struct gh_presence presence = { 0 };
	uint32_t before = play(&actor, 1, 1.0f).last;

	gh_watch_replace(&watch, &presence);
	assert_int_not_equal(presence.track, before);
	assert_int_equal(watch.subject, presence.track);
	assert_null(gh_tracks_find(&watch.tracks, before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_walks_through_is_nobody, start, end),
		cmocka_unit_test_setup_teardown(
			who_comes_nearer_is_nobody_until_standing, start, end),
		cmocka_unit_test_setup_teardown(approach_stand_and_leave, start, end),
		cmocka_unit_test_setup_teardown(swaying_and_leaning_is_standing, start, end),
		cmocka_unit_test_setup_teardown(
			a_passer_by_does_not_disturb_the_traveller, start, end),
		cmocka_unit_test_setup_teardown(
			who_passes_in_front_is_not_the_traveller, start, end),
		cmocka_unit_test_setup_teardown(two_who_stop_are_several, start, end),
		cmocka_unit_test_setup_teardown(who_stops_behind_stays_a_bystander, start, end),
		cmocka_unit_test_setup_teardown(
			missed_frames_do_not_make_another_person, start, end),
		cmocka_unit_test_setup_teardown(
			who_comes_after_a_while_is_another_person, start, end),
		cmocka_unit_test_setup_teardown(who_takes_the_place_is_another_person, start, end),
		cmocka_unit_test_setup_teardown(crossing_people_keep_their_numbers, start, end),
		cmocka_unit_test_setup_teardown(time_that_runs_back_begins_anew, start, end),
		cmocka_unit_test_setup_teardown(
			a_crowd_is_no_more_than_there_is_room_for, start, end),
		cmocka_unit_test_setup_teardown(boxes_that_are_none_are_nobody, start, end),
		cmocka_unit_test_setup_teardown(replacing_gives_another_number, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
