/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from each network, with an engine that gives what the test wants it to. */
#include "networks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/vision/shipped.h"

enum {
	WIDTH = 400,
	HEIGHT = 240
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct gh_canvas canvas = { &image, 0.0f };
static struct gh_resizer resizer;

/* The engine: counts its runs and lets the test write the outputs of each. */
static int runs;
static void (*answer)(struct gh_network *network);
static enum gh_status run_status;

static enum gh_status run(struct gh_network *network, struct gh_error *error)
{
	runs++;
	if (run_status != GH_OK)
		return gh_error_set(error, run_status, "the engine gave up");
	answer(network);
	return GH_OK;
}

static const struct gh_engine_kind engine = { .name = "told", .run = run };

static struct gh_network open_network(const struct gh_network_contract *contract)
{
	struct gh_network network = { .contract = contract, .kind = &engine };

	assert_int_equal(gh_network_take_tensors(&network, NULL), GH_OK);
	runs = 0;
	run_status = GH_OK;
	return network;
}

static int setup(void **state)
{
	memset(rgb, 100, sizeof(rgb));
	return gh_resizer_init(&resizer, WIDTH, CROP_SIDE_MAX_PX, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&resizer);
	return 0;
}

static void put_candidate(struct gh_network *network, int at, float score, const float box[4])
{
	network->outputs[0][2 * at + 1] = score;
	memcpy(network->outputs[1] + 4 * at, box, 4 * sizeof(float));
}

static void some_candidates(struct gh_network *network)
{
	put_candidate(network, 0, 0.70f, (const float[4]){ 0.5f, 0.2f, 0.7f, 0.6f });
	put_candidate(network, 9, 0.95f, (const float[4]){ 0.1f, 0.2f, 0.3f, 0.6f });
	put_candidate(network, 10, 0.90f, (const float[4]){ 0.11f, 0.2f, 0.31f, 0.6f });
	put_candidate(network, 4419, 0.65f, (const float[4]){ 0.8f, 0.8f, 0.9f, 0.9f });
	put_candidate(network, 50, 0.99f, (const float[4]){ 0.5f, 0.5f, 0.4f, 0.6f });
}

/* 400 x 240 is padded below to 4:3, so the boxes are shares of 400 x 300. */
static void boxes_of_the_detector_are_shares_of_the_padded_picture(void **state)
{
	struct gh_network network = open_network(shipped("fr_detect"));
	struct gh_faces faces;

	answer = some_candidates;
	assert_int_equal(gh_detect(&network, &resizer, &canvas, &faces, NULL), GH_OK);
	assert_int_equal(faces.count, 2);
	assert_float_equal(faces.list[0].score, 0.95f, 0);
	assert_float_equal(faces.list[0].box.left, 40, 0.01f);
	assert_float_equal(faces.list[0].box.top, 60, 0.01f);
	assert_float_equal(faces.list[0].box.right, 120, 0.01f);
	assert_float_equal(faces.list[0].box.bottom, 180, 0.01f);
	assert_float_equal(faces.list[1].score, 0.70f, 0);
	assert_false(faces.list[0].has_points);
	/* What it was given: grey 100 above, black in the padding. */
	assert_float_equal(network.input[320 * 100 + 100], (100.0f - 127.0f) / 128.0f, 1e-4f);
	assert_float_equal(network.input[320 * 230 + 100], -127.0f / 128.0f, 1e-4f);
	gh_network_drop_tensors(&network);
}

static void a_margin_moves_the_boxes_back(void **state)
{
	const struct gh_canvas wide = { &image, 0.25f };
	struct gh_network network = open_network(shipped("fr_detect"));
	struct gh_faces faces;

	answer = some_candidates;
	assert_int_equal(gh_detect(&network, &resizer, &wide, &faces, NULL), GH_OK);
	/* 100 pixels all round: 600 x 450 from (-100, -100). */
	assert_float_equal(faces.list[0].box.left, -40, 0.01f);
	assert_float_equal(faces.list[0].box.top, -10, 0.01f);
	assert_float_equal(faces.list[0].box.bottom, 170, 0.01f);
	gh_network_drop_tensors(&network);
}

/* One cell at row 20, column 30 of 64 x 80; the picture is 400 wide: 1.25 of its pixels for one. */
static void one_cell(struct gh_network *network)
{
	const int cells = 64 * 80, at = 20 * 80 + 30;

	network->outputs[0][at] = 0.8f;
	network->outputs[1][at] = logf(10.0f);
	network->outputs[1][cells + at] = logf(8.0f);
	network->outputs[2][at] = 0.25f;
	network->outputs[2][cells + at] = 0.5f;
	for (int j = 0; j < 5; j++) {
		network->outputs[3][2 * j * cells + at] = 0.1f * (float)j;
		network->outputs[3][(2 * j + 1) * cells + at] = 0.2f * (float)j;
	}
}

static void cells_of_the_second_detector_are_decoded(void **state)
{
	struct gh_network network = open_network(shipped("centerface"));
	struct gh_faces faces;
	float left = 4 * 31.0f - 16, top = 4 * 20.75f - 20;

	answer = one_cell;
	assert_int_equal(gh_centerface(&network, &resizer, &canvas, &faces, NULL), GH_OK);
	assert_int_equal(faces.count, 1);
	assert_true(faces.list[0].has_points);
	assert_float_equal(faces.list[0].box.left, 1.25f * left, 0.01f);
	assert_float_equal(faces.list[0].box.top, 1.25f * top, 0.01f);
	assert_float_equal(faces.list[0].box.right, 1.25f * (left + 32), 0.01f);
	assert_float_equal(faces.list[0].box.bottom, 1.25f * (top + 40), 0.01f);
	assert_float_equal(faces.list[0].points[2].x, 1.25f * (left + 0.4f * 32), 0.01f);
	assert_float_equal(faces.list[0].points[2].y, 1.25f * (top + 0.2f * 40), 0.01f);
	assert_float_equal(network.input[320 * 100 + 100], 100.0f, 0.01f);
	gh_network_drop_tensors(&network);
}

/* Points on a grid in the crop, well within it; the same in both passes. */
static void grid(struct gh_network *network)
{
	for (int i = 0; i < ALL_POINTS; i++) {
		network->outputs[0][2 * i] = 0.2f + 0.005f * (float)i;
		network->outputs[0][2 * i + 1] = 0.3f + 0.004f * (float)i;
	}
}

static void landmarks_take_two_passes_and_the_second_crop_is_theirs(void **state)
{
	struct gh_network network = open_network(shipped("fr_landmark"));
	const struct gh_box box = { 100, 60, 160, 140 };
	struct gh_landmarks landmarks;
	/* First crop: centre (130, 100), side 80. Points 0..67 span 26.8 by 21.44 pixels of it. */
	float left = 90 + 0.2f * 80, top = 60 + 0.3f * 80, wide = 0.335f * 80, high = 0.268f * 80;
	float side = 1.15f * wide;
	float x = left + wide / 2 - side / 2, y = top + high / 2 - side / 2;
	float middle = (37 + 38 + 40 + 41) / 4.0f;

	answer = grid;
	assert_int_equal(gh_landmark(&network, &resizer, &image, &box, &landmarks, NULL), GH_OK);
	assert_int_equal(runs, 2);
	assert_true(landmarks.has_all);
	assert_float_equal(landmarks.all[0].x, x + 0.2f * side, 0.01f);
	assert_float_equal(landmarks.all[67].y, y + (0.3f + 0.268f) * side, 0.01f);
	assert_float_equal(landmarks.five[0].x, x + (0.2f + 0.005f * middle) * side, 0.01f);
	assert_float_equal(landmarks.five[1].x, x + (0.2f + 0.005f * 45) * side, 0.01f);
	assert_float_equal(landmarks.five[2].y, y + (0.3f + 0.004f * 30) * side, 0.01f);
	assert_float_equal(landmarks.five[3].x, x + (0.2f + 0.005f * 54) * side, 0.01f);
	assert_float_equal(landmarks.five[4].y, y + (0.3f + 0.004f * 59) * side, 0.01f);
	assert_float_equal(network.input[0], 100.0f / 256.0f, 0.01f);
	gh_network_drop_tensors(&network);
}

/* Says where in the first row of blue the brightest pixel is, as the template's first values. */
static void brightest(struct gh_network *network)
{
	int at = 0;

	for (int x = 1; x < ALIGNED_SIDE_PX; x++)
		if (network->input[x] > network->input[at])
			at = x;
	memset(network->outputs[0], 0, GH_TEMPLATE_VALUES * sizeof(float));
	network->outputs[0][0] = (float)at;
	network->outputs[0][runs] = 3.0f;
}

static void a_flipped_template_is_of_both_sides(void **state)
{
	static uint8_t aligned[3 * ALIGNED_PIXELS];
	struct gh_network network = open_network(shipped("fr_feature"));
	struct gh_template made;
	float length;

	answer = brightest;
	aligned[3 * 4 + 2] = 255;
	assert_int_equal(gh_feature(&network, aligned, false, &made, NULL), GH_OK);
	assert_int_equal(runs, 1);
	assert_float_equal(made.values[0], 4.0f / 5.0f, 1e-5f);
	assert_float_equal(made.values[1], 3.0f / 5.0f, 1e-5f);
	runs = 0;
	assert_int_equal(gh_feature(&network, aligned, true, &made, NULL), GH_OK);
	assert_int_equal(runs, 2);
	length = sqrtf(111.0f * 111.0f + 9.0f + 9.0f);
	/* 4 from the left, and 107 in the mirror. */
	assert_float_equal(made.values[0], 111.0f / length, 1e-5f);
	assert_float_equal(made.values[2], 3.0f / length, 1e-5f);
	gh_network_drop_tensors(&network);
}

static void nothing(struct gh_network *network)
{
	memset(network->outputs[0], 0,
		gh_tensor_length(&network->contract->outputs[0]) * sizeof(float));
}

static void infinite(struct gh_network *network)
{
	network->outputs[0][3] = INFINITY;
}

static void a_network_that_fails_is_told(void **state)
{
	static uint8_t aligned[3 * ALIGNED_PIXELS];
	struct gh_network network = open_network(shipped("fr_feature"));
	struct gh_error error = GH_ERROR_NONE;
	struct gh_template made;

	answer = nothing;
	assert_int_equal(gh_feature(&network, aligned, true, &made, &error), GH_INTERNAL);
	answer = infinite;
	assert_int_equal(gh_feature(&network, aligned, true, &made, &error), GH_INTERNAL);
	assert_non_null(strstr(error.text, "not finite"));
	run_status = GH_INTERNAL;
	assert_int_equal(gh_feature(&network, aligned, true, &made, &error), GH_INTERNAL);
	assert_non_null(strstr(error.text, "fr_feature"));
	gh_network_drop_tensors(&network);
}

static void every_failing_pass_of_the_landmarks_is_told(void **state)
{
	struct gh_network network = open_network(shipped("fr_landmark"));
	const struct gh_box box = { 100, 60, 160, 140 };
	struct gh_landmarks landmarks;

	answer = grid;
	run_status = GH_INTERNAL;
	assert_int_equal(
		gh_landmark(&network, &resizer, &image, &box, &landmarks, NULL), GH_INTERNAL);
	assert_int_equal(runs, 1);
	gh_network_drop_tensors(&network);
}

static void a_wiped_network_holds_nothing(void **state)
{
	struct gh_network network = open_network(shipped("fr_landmark"));

	for (int i = 0; i < 64 * 64; i++)
		network.input[i] = 1.0f;
	network.outputs[0][135] = 1.0f;
	gh_network_wipe(&network);
	for (int i = 0; i < 64 * 64; i++)
		assert_float_equal(network.input[i], 0, 0);
	assert_float_equal(network.outputs[0][135], 0, 0);
	assert_int_equal((uintptr_t)network.input % 64, 0);
	assert_int_equal((uintptr_t)network.outputs[0] % 64, 0);
	gh_network_drop_tensors(&network);
	assert_null(network.input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_of_the_detector_are_shares_of_the_padded_picture),
		cmocka_unit_test(a_margin_moves_the_boxes_back),
		cmocka_unit_test(cells_of_the_second_detector_are_decoded),
		cmocka_unit_test(landmarks_take_two_passes_and_the_second_crop_is_theirs),
		cmocka_unit_test(a_flipped_template_is_of_both_sides),
		cmocka_unit_test(a_network_that_fails_is_told),
		cmocka_unit_test(every_failing_pass_of_the_landmarks_is_told),
		cmocka_unit_test(a_wiped_network_holds_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
