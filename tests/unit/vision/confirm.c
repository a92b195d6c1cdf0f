/* SPDX-License-Identifier: Apache-2.0 */
/* When a face is asked about, what its answer changes, and what a refused face no longer is. */
#include "confirm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/vision/shipped.h"
#include "support/vision/told.h"

enum {
	WIDTH = 640,
	HEIGHT = 480,
	CELLS = 64 * 80,
	FRAME_US = 40000
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_chain chain;
static struct gh_network network;
static struct gh_tracks tracks;
static struct gh_faces faces;

static int setup(void **state)
{
	memset(&chain, 0, sizeof(chain));
	memset(&tracks, 0, sizeof(tracks));
	memset(&faces, 0, sizeof(faces));
	network = told_open(shipped("centerface"));
	chain.networks[GH_ROLE_CONFIRMER] = &network;
	return gh_resizer_init(&chain.resizer, WIDTH, CROP_SIDE_MAX_PX, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&chain.resizer);
	gh_network_drop_tensors(&network);
	return 0;
}

/* One warm cell; where it lies and how high its box is, in cells and pixels of the input. */
static uint32_t warm_row, warm_column;
static float warm_heat, warm_height_px;

static void one_cell(struct gh_network *told)
{
	uint32_t cell = warm_row * 80 + warm_column;

	memset(told->outputs[0], 0, CELLS * sizeof(float));
	told->outputs[0][cell] = warm_heat;
	told->outputs[1][cell] = logf(warm_height_px / 4);
	told->outputs[1][CELLS + cell] = logf(0.8f * warm_height_px / 4);
}

/* The face asked about is shown in the middle, 256 / 2.5 pixels high. */
static void answer(float heat)
{
	told_answer = one_cell;
	warm_row = 32;
	warm_column = 40;
	warm_height_px = 256 / 2.5f;
	warm_heat = heat;
}

static void add_face(float x, float y, float height)
{
	struct gh_face face = { .box = { x - 0.4f * height, y - 0.5f * height, x + 0.4f * height,
					y + 0.5f * height },
		.score = 0.9f };

	gh_faces_add(&faces, &face);
}

/* A frame with the faces that were added; then they are judged. */
static void frame(uint64_t time_us)
{
	gh_tracks_update(&tracks, &faces, time_us);
	assert_int_equal(gh_confirm_faces(&chain, &image, &tracks, &faces, NULL), GH_OK);
}

static void one_face_frame(uint64_t time_us, float x, float height)
{
	faces = (struct gh_faces){ 0 };
	add_face(x, 200, height);
	frame(time_us);
}

static void heat_counts_where_the_face_is(void **state)
{
	const struct gh_box box = { 200, 150, 280, 250 };
	float heat;

	answer(0.6f);
	assert_int_equal(gh_confirm_face(&chain, &image, &box, &heat, NULL), GH_OK);
	assert_float_equal(heat, 0.6f, 1e-6f);
	/* Beside it, and in its middle but of another size, is somebody else. */
	warm_column = 10;
	assert_int_equal(gh_confirm_face(&chain, &image, &box, &heat, NULL), GH_OK);
	assert_float_equal(heat, 0, 0);
	warm_column = 40;
	warm_height_px = 40;
	assert_int_equal(gh_confirm_face(&chain, &image, &box, &heat, NULL), GH_OK);
	assert_float_equal(heat, 0, 0);
}

static void without_a_second_detector_all_is_believed(void **state)
{
	const struct gh_box box = { 200, 150, 280, 250 };
	float heat;

	chain.networks[GH_ROLE_CONFIRMER] = NULL;
	assert_int_equal(gh_confirm_face(&chain, &image, &box, &heat, NULL), GH_OK);
	assert_float_equal(heat, 1, 0);
	one_face_frame(FRAME_US, 200, 100);
	assert_int_equal(faces.count, 1);
	assert_int_equal(told_runs, 0);
}

static void who_was_confirmed_is_not_asked_about_again(void **state)
{
	answer(CONFIRM_HEAT_MIN);
	for (uint32_t i = 1; i <= 100; i++) {
		one_face_frame(i * FRAME_US, 200 + (float)i, 100);
		assert_int_equal(faces.count, 1);
		assert_int_equal(tracks.list[0].face, 0);
	}
	assert_int_equal(told_runs, 1);
}

static void a_doubted_face_does_not_count(void **state)
{
	answer(CONFIRM_HEAT_MIN - 0.01f);
	one_face_frame(FRAME_US, 200, 100);
	assert_int_equal(faces.count, 0);
	assert_int_equal(faces.doubted, 1);
	assert_float_equal(faces.list[0].box.left, 160, 0.01f);
	assert_int_equal(tracks.list[0].face, -1);
	assert_int_not_equal(tracks.list[0].id, 0);
}

static void no_number_is_doubt(void **state)
{
	struct gh_track track = { .id = 1 };

	gh_confirm_note(&track, NAN, 1);
	assert_false(track.confirmed);
}

/* After 0.15 s, 0.3, 0.6, 1.2 and then every 2 s. */
static void a_still_one_is_asked_about_ever_more_seldom(void **state)
{
	uint64_t time_us = 0;

	answer(0.1f);
	for (; time_us < 2400 * 1000u; time_us += 10000)
		one_face_frame(time_us + 1, 200, 100);
	assert_int_equal(told_runs, 5);
	for (; time_us < 22400 * 1000u; time_us += 10000)
		one_face_frame(time_us + 1, 200, 100);
	assert_int_equal(told_runs, 15);
}

static void one_that_comes_nearer_is_asked_about_soon(void **state)
{
	answer(0.1f);
	for (uint32_t i = 0; i < 200; i++)
		one_face_frame(1 + i * 10000, 200, 100);
	told_runs = 0;
	one_face_frame(1 + 2000000, 200, 112);
	assert_int_equal(told_runs, 1);
	one_face_frame(1 + 2010000, 230, 112);
	assert_int_equal(told_runs, 1);
	answer(0.8f);
	one_face_frame(1 + 2150000, 230, 112);
	assert_int_equal(told_runs, 2);
	assert_int_equal(faces.count, 1);
	assert_int_equal(faces.doubted, 0);
}

static void the_largest_are_asked_about_first_and_the_rest_counts(void **state)
{
	answer(0.0f);
	add_face(100, 100, 60);
	add_face(300, 100, 120);
	add_face(500, 100, 90);
	frame(FRAME_US);
	assert_int_equal(told_runs, CONFIRM_PER_FRAME);
	assert_int_equal(faces.count, 1);
	assert_int_equal(faces.doubted, 2);
	assert_float_equal(gh_box_height(&faces.list[0].box), 60, 0.01f);
	for (uint32_t i = 0; i < TRACKS_MAX; i++)
		if (tracks.list[i].id != 0 && tracks.list[i].face >= 0)
			assert_float_equal(
				gh_box_height(&faces.list[tracks.list[i].face].box), 60, 0.01f);
}

static void what_the_engine_says_is_handed_on(void **state)
{
	answer(0.8f);
	told_status = GH_INTERNAL;
	add_face(100, 100, 60);
	gh_tracks_update(&tracks, &faces, FRAME_US);
	assert_int_equal(gh_confirm_faces(&chain, &image, &tracks, &faces, NULL), GH_INTERNAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(heat_counts_where_the_face_is),
		TEST(without_a_second_detector_all_is_believed),
		TEST(who_was_confirmed_is_not_asked_about_again),
		TEST(a_doubted_face_does_not_count),
		TEST(no_number_is_doubt),
		TEST(a_still_one_is_asked_about_ever_more_seldom),
		TEST(one_that_comes_nearer_is_asked_about_soon),
		TEST(the_largest_are_asked_about_first_and_the_rest_counts),
		TEST(what_the_engine_says_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
