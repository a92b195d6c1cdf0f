/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from fr_pose: bins to degrees, the bias taken off, and what it was shown. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "networks.h"
#include "support/vision/shipped.h"
#include "support/vision/told.h"

enum {
	WIDTH = 400,
	HEIGHT = 240,
	SIDE = 224,
	BINS = 66
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct gh_box box = { 100, 60, 160, 140 };
static struct gh_resizer resizer;

static int setup(void **state)
{
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		memcpy(rgb + 3 * i, (const uint8_t[3]){ 200, 100, 50 }, 3);
	return gh_resizer_init(&resizer, WIDTH, CROP_SIDE_MAX_PX, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&resizer);
	return 0;
}

static void peak(float *logits, int bin)
{
	for (int i = 0; i < BINS; i++)
		logits[i] = i == bin ? 60.0f : -60.0f;
}

/* Bin 33 is the first above straight on: -99 + 3 * 33 = 0 degrees. */
static void one_bin_each(struct gh_network *network)
{
	peak(network->outputs[0], 43);
	peak(network->outputs[1], 30);
	peak(network->outputs[2], 33);
}

static void one_bin_is_its_angle_and_the_bias_of_yaw_is_taken_off(void **state)
{
	struct gh_network network = told_open(shipped("fr_pose"));
	struct gh_head_pose pose;

	told_answer = one_bin_each;
	assert_int_equal(gh_head_pose(&network, &resizer, &image, &box, &pose, NULL), GH_OK);
	assert_int_equal(told_runs, 1);
	assert_float_equal(pose.yaw_degrees, 30.0f + 1.4f, 1e-3f);
	assert_float_equal(pose.pitch_degrees, -9.0f, 1e-3f);
	assert_float_equal(pose.roll_degrees, 0.0f, 1e-3f);
	gh_network_drop_tensors(&network);
}

/* Logits whose plain exponentials would overflow; two bins of the same weight. */
static void large_and_shared(struct gh_network *network)
{
	for (int i = 0; i < 3; i++) {
		peak(network->outputs[i], 33);
		network->outputs[i][33] = network->outputs[i][36] = 3e37f;
		network->outputs[i][0] = -3e37f;
	}
}

static void the_mean_of_the_bins_is_taken_without_overflow(void **state)
{
	struct gh_network network = told_open(shipped("fr_pose"));
	struct gh_head_pose pose;

	told_answer = large_and_shared;
	assert_int_equal(gh_head_pose(&network, &resizer, &image, &box, &pose, NULL), GH_OK);
	assert_float_equal(pose.pitch_degrees, 4.5f, 1e-3f);
	assert_float_equal(pose.roll_degrees, 4.5f, 1e-3f);
	gh_network_drop_tensors(&network);
}

static void it_is_shown_red_green_and_blue_by_their_statistics(void **state)
{
	struct gh_network network = told_open(shipped("fr_pose"));
	const size_t middle = SIDE * (SIDE / 2) + SIDE / 2, plane = SIDE * SIDE;
	struct gh_head_pose pose;

	told_answer = one_bin_each;
	assert_int_equal(gh_head_pose(&network, &resizer, &image, &box, &pose, NULL), GH_OK);
	assert_float_equal(network.input[middle], (200.0f / 255 - 0.485f) / 0.229f, 1e-3f);
	assert_float_equal(network.input[plane + middle], (100.0f / 255 - 0.456f) / 0.224f, 1e-3f);
	assert_float_equal(
		network.input[2 * plane + middle], (50.0f / 255 - 0.406f) / 0.225f, 1e-3f);
	gh_network_drop_tensors(&network);
}

static void at_the_edge_it_is_shown_black(void **state)
{
	struct gh_network network = told_open(shipped("fr_pose"));
	/* 40 high and 20 wide: the square reaches ten pixels beyond the left edge. */
	const struct gh_box edge = { 0, 100, 20, 140 };
	struct gh_head_pose pose;

	told_answer = one_bin_each;
	assert_int_equal(gh_head_pose(&network, &resizer, &image, &edge, &pose, NULL), GH_OK);
	assert_float_equal(network.input[SIDE * 100 + 10], -0.485f / 0.229f, 1e-3f);
	assert_float_equal(
		network.input[SIDE * 100 + 100], (200.0f / 255 - 0.485f) / 0.229f, 1e-3f);
	gh_network_drop_tensors(&network);
}

static void not_a_number(struct gh_network *network)
{
	one_bin_each(network);
	network->outputs[2][65] = NAN;
}

static void what_is_not_finite_is_told(void **state)
{
	struct gh_network network = told_open(shipped("fr_pose"));
	struct gh_error error = GH_ERROR_NONE;
	struct gh_head_pose pose;

	told_answer = not_a_number;
	assert_int_equal(
		gh_head_pose(&network, &resizer, &image, &box, &pose, &error), GH_INTERNAL);
	assert_non_null(strstr(error.text, "fr_pose"));
	told_status = GH_INTERNAL;
	assert_int_equal(
		gh_head_pose(&network, &resizer, &image, &box, &pose, &error), GH_INTERNAL);
	gh_network_drop_tensors(&network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bin_is_its_angle_and_the_bias_of_yaw_is_taken_off),
		cmocka_unit_test(the_mean_of_the_bins_is_taken_without_overflow),
		cmocka_unit_test(it_is_shown_red_green_and_blue_by_their_statistics),
		cmocka_unit_test(at_the_edge_it_is_shown_black),
		cmocka_unit_test(what_is_not_finite_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
