/* SPDX-License-Identifier: Apache-2.0 */
/* The subject followed by looks through frames without a detected face. */
#include "follow.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/drawn_face.h"

enum {
	WIDTH = 640,
	HEIGHT = 480
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_resizer resizer;
static struct gh_follower follower;
static struct gh_track track;
static struct gh_sight sight;

static int setup(void **state)
{
	return gh_resizer_init(&resizer, WIDTH, 320, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&resizer);
	return 0;
}

static int start(void **state)
{
	memset(&track, 0, sizeof(track));
	track.id = 7;
	sight = (struct gh_sight){ &image, &resizer, 1000000 };
	return gh_follower_init(&follower, NULL) != GH_OK;
}

static int end(void **state)
{
	gh_follower_finish(&follower);
	return 0;
}

/* A hall with something in it, so that there is more than the face to see. */
static void draw_hall(void)
{
	drawn_fill(&canvas, 140, 150, 160);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++)
			if ((x / 90 + y / 160) % 3 == 0)
				memset(rgb + 3 * ((size_t)y * WIDTH + x), (int)(90 + x / 8), 3);
}

static struct drawn_face face_at(float x, float y, float height)
{
	return drawn_face_usual(x, y, height);
}

static void draw(const struct drawn_face *face)
{
	draw_hall();
	drawn_face_paint(&canvas, face);
	drawn_noise(&canvas, 5, 3);
}

static void rest(float x, float y, float height)
{
	track.box = (struct gh_box){ x - 0.4f * height, y - 0.5f * height, x + 0.4f * height,
		y + 0.5f * height };
	track.seen_us = sight.time_us;
}

/* A frame later; whether it was found, and the track moved there. */
static bool find(void)
{
	struct gh_box box;

	sight.time_us += 33333;
	if (!gh_follower_find(&follower, &sight, &track, &box))
		return false;
	track.box = box;
	return true;
}

static float off(float x, float y)
{
	struct gh_point centre = gh_box_centre(&track.box);

	return hypotf(centre.x - x, centre.y - y);
}

static void learn(float x, float y, float height)
{
	struct drawn_face face = face_at(x, y, height);

	draw(&face);
	rest(x, y, height);
	gh_follower_learn(&follower, &sight, &track);
	assert_int_equal(follower.track, track.id);
}

static void a_head_that_turns_and_moves_is_followed(void **state)
{
	learn(320, 240, 140);
	for (int i = 1; i <= 30; i++) {
		struct drawn_face face = face_at(320 + 2 * (float)i, 240, 140);

		face.turn = fminf(1.0f, 0.08f * (float)i);
		draw(&face);
		if (!find())
			fail_msg("lost in frame %d", i);
	}
	assert_true(off(380, 240) < 35);
}

/* A hand before the mouth: the lower half is one colour. */
static void a_covered_mouth_is_followed(void **state)
{
	learn(320, 240, 140);
	for (int i = 1; i <= 20; i++) {
		struct drawn_face face = face_at(320, 240, 140);

		draw(&face);
		for (uint32_t y = 250; y < 330; y++)
			for (uint32_t x = 260; x < 380; x++)
				memcpy(rgb + 3 * ((size_t)y * WIDTH + x), "\xc8\xa0\x8c", 3);
		if (!find())
			fail_msg("lost in frame %d", i);
	}
	assert_true(off(320, 240) < 20);
}

static void a_blurred_face_is_followed(void **state)
{
	learn(320, 240, 140);
	for (int i = 1; i <= 10; i++) {
		struct drawn_face face = face_at(320 + 3 * (float)i, 240, 140);

		draw(&face);
		drawn_blur(&canvas, 6);
		if (!find())
			fail_msg("lost in frame %d", i);
	}
	assert_true(off(350, 240) < 25);
}

static void who_has_gone_is_not_followed(void **state)
{
	for (int what = 0; what < 3; what++) {
		int frames = 0;

		end(state);
		start(state);
		learn(320, 240, 140);
		if (what == 0)
			draw_hall();
		else
			drawn_fill(&canvas, 128, 128, 128);
		if (what == 2)
			drawn_noise(&canvas, 9, 120);
		while (frames < 10 && find())
			frames++;
		if (frames == 10)
			fail_msg("followed nobody in scene %d", what);
		/* And stays lost: looks not found again are forgotten at once. */
		assert_int_equal(follower.track, 0);
	}
}

static void nobody_is_believed_for_longer_than_three_seconds(void **state)
{
	int frames = 0;

	learn(320, 240, 140);
	while (frames < 200 && find())
		frames++;
	assert_in_range(frames, 88, 91);
}

static void only_the_one_who_was_learnt_is_found(void **state)
{
	struct gh_box box;

	learn(320, 240, 140);
	track.id = 8;
	assert_false(gh_follower_find(&follower, &sight, &track, &box));
	track.id = 7;
	assert_true(gh_follower_find(&follower, &sight, &track, &box));
	gh_follower_wipe(&follower);
	assert_false(gh_follower_find(&follower, &sight, &track, &box));
	for (size_t i = 0; i < sizeof(follower.grey); i++)
		assert_int_equal(follower.grey[i] | follower.looks[i], 0);
}

/* What was taken is what is looked for, whatever the filter was made of before. */
static void the_filter_is_made_when_it_is_needed(void **state)
{
	struct gh_box box;
	float peak;

	learn(320, 240, 140);
	assert_int_equal(gh_correlation_look(
				 follower.correlation, follower.looks, &follower.box, &peak, NULL),
		GH_NOT_FOUND);
	assert_true(find());
	sight.time_us += 1000000;
	learn(200, 300, 100);
	assert_true(find());
	assert_true(off(200, 300) < 10);
	gh_follower_wipe(&follower);
	assert_int_equal(gh_correlation_look(follower.correlation, follower.looks,
				 &(struct gh_box){ 20, 20, 60, 60 }, &peak, NULL),
		GH_NOT_FOUND);
	assert_false(gh_follower_find(&follower, &sight, &track, &box));
}

static void it_learns_now_and_then(void **state)
{
	uint64_t first;

	learn(320, 240, 140);
	first = follower.learnt_us;
	sight.time_us += 999999;
	gh_follower_learn(&follower, &sight, &track);
	assert_int_equal(follower.learnt_us, first);
	sight.time_us += 1;
	gh_follower_learn(&follower, &sight, &track);
	assert_int_equal(follower.learnt_us, sight.time_us);
}

static void wrong_boxes_are_refused_and_nothing_is_thrown(void **state)
{
	static const struct gh_box wrong[] = { { NAN, 0, 10, 10 }, { 10, 10, 11, 11 },
		{ 50, 50, 20, 20 }, { -INFINITY, 0, INFINITY, 10 }, { 0, 0, 1e30f, 1e30f } };
	static uint8_t grey[CORRELATION_SIDE_PX * CORRELATION_SIDE_PX];
	struct gh_correlation *correlation;
	struct gh_box box = { 20, 20, 60, 60 };
	float peak;

	assert_int_equal(gh_correlation_create(&correlation, NULL), GH_OK);
	assert_int_equal(gh_correlation_look(correlation, grey, &box, &peak, NULL), GH_NOT_FOUND);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
			gh_correlation_learn(correlation, grey, &wrong[i], NULL), GH_MALFORMED);
		track.box = wrong[i];
		track.id = 7;
		gh_follower_learn(&follower, &sight, &track);
		(void)find();
	}
	/* A picture without structure, and a box far outside. */
	assert_int_equal(gh_correlation_learn(correlation, grey, &box, NULL), GH_OK);
	(void)!gh_correlation_look(correlation, grey, &box, &peak, NULL);
	assert_true(isfinite(peak));
	box = (struct gh_box){ 5000, 5000, 5040, 5040 };
	(void)!gh_correlation_look(correlation, grey, &box, &peak, NULL);
	assert_true(isfinite(peak));
	gh_correlation_destroy(correlation);
	gh_correlation_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_head_that_turns_and_moves_is_followed, start, end),
		cmocka_unit_test_setup_teardown(a_covered_mouth_is_followed, start, end),
		cmocka_unit_test_setup_teardown(a_blurred_face_is_followed, start, end),
		cmocka_unit_test_setup_teardown(who_has_gone_is_not_followed, start, end),
		cmocka_unit_test_setup_teardown(
			nobody_is_believed_for_longer_than_three_seconds, start, end),
		cmocka_unit_test_setup_teardown(only_the_one_who_was_learnt_is_found, start, end),
		cmocka_unit_test_setup_teardown(the_filter_is_made_when_it_is_needed, start, end),
		cmocka_unit_test_setup_teardown(it_learns_now_and_then, start, end),
		cmocka_unit_test_setup_teardown(
			wrong_boxes_are_refused_and_nothing_is_thrown, start, end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
