/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from fr_liveness: odds of attack to live, and a crop that stays in the picture. */
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
	SIDE = 128
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct gh_box box = { 170, 80, 210, 120 };
static struct gh_resizer resizer;

/* Red tells the column, green the row, blue is flat. */
static int setup(void **state)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			uint8_t *at = rgb + 3 * (y * WIDTH + x);

			at[0] = (uint8_t)(x / 2);
			at[1] = (uint8_t)y;
			at[2] = 77;
		}
	return gh_resizer_init(&resizer, WIDTH, CROP_SIDE_MAX_PX, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&resizer);
	return 0;
}

static void certainly_live(struct gh_network *network)
{
	memcpy(network->outputs[0], (const float[3]){ 5.0f, 1.0f, 1.0f }, 3 * sizeof(float));
}

static void odds_are_of_all_that_is_not_live(void **state)
{
	struct gh_network network = told_open(shipped("fr_liveness"));
	float odds;

	told_answer = certainly_live;
	assert_int_equal(gh_liveness(&network, &resizer, &image, &box, &odds, NULL), GH_OK);
	assert_int_equal(told_runs, 1);
	/* log(2 e^1 / e^5) */
	assert_float_equal(odds, logf(2.0f) - 4.0f, 1e-4f);
	gh_network_drop_tensors(&network);
}

static void large_logits(struct gh_network *network)
{
	memcpy(network->outputs[0], (const float[3]){ -900.0f, 900.0f, -900.0f },
		3 * sizeof(float));
}

static void odds_do_not_overflow(void **state)
{
	struct gh_network network = told_open(shipped("fr_liveness"));
	float odds;

	told_answer = large_logits;
	assert_int_equal(gh_liveness(&network, &resizer, &image, &box, &odds, NULL), GH_OK);
	assert_float_equal(odds, 1800.0f, 1e-2f);
	gh_network_drop_tensors(&network);
}

/* Where the crop begins and ends, read off the colours: blue comes first. */
static void shown(const struct gh_box *face, float left, float top, float side)
{
	struct gh_network network = told_open(shipped("fr_liveness"));
	const size_t plane = SIDE * SIDE;
	const float *red = network.input + 2 * plane, *green = network.input + plane;
	float step = side / SIDE, odds;

	told_answer = certainly_live;
	assert_int_equal(gh_liveness(&network, &resizer, &image, face, &odds, NULL), GH_OK);
	assert_float_equal(network.input[plane / 2], 77.0f, 0.5f);
	assert_float_equal(red[plane / 2 + 20], (left + 20.5f * step) / 2, 1.5f);
	assert_float_equal(red[plane / 2 + 100], (left + 100.5f * step) / 2, 1.5f);
	assert_float_equal(green[SIDE * 20], top + 20.5f * step, 1.5f);
	assert_float_equal(green[SIDE * 100], top + 100.5f * step, 1.5f);
	gh_network_drop_tensors(&network);
}

static void the_crop_is_shifted_and_shrunk_into_the_picture(void **state)
{
	const struct gh_box corner = { 0, 0, 50, 40 };
	const struct gh_box other = { 370, 200, 400, 240 };
	const struct gh_box large = { 250, 20, 400, 220 };

	shown(&box, 190 - 54, 100 - 54, 108);
	shown(&corner, 0, 0, 135);
	shown(&other, 400 - 108, 240 - 108, 108);
	shown(&large, 400 - 240, 0, 240);
}

static void infinite(struct gh_network *network)
{
	certainly_live(network);
	network->outputs[0][2] = -INFINITY;
}

static void what_is_not_finite_is_told(void **state)
{
	struct gh_network network = told_open(shipped("fr_liveness"));
	struct gh_error error = GH_ERROR_NONE;
	float odds;

	told_answer = infinite;
	assert_int_equal(gh_liveness(&network, &resizer, &image, &box, &odds, &error), GH_INTERNAL);
	assert_non_null(strstr(error.text, "fr_liveness"));
	told_status = GH_INTERNAL;
	assert_int_equal(gh_liveness(&network, &resizer, &image, &box, &odds, &error), GH_INTERNAL);
	gh_network_drop_tensors(&network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odds_are_of_all_that_is_not_live),
		cmocka_unit_test(odds_do_not_overflow),
		cmocka_unit_test(the_crop_is_shifted_and_shrunk_into_the_picture),
		cmocka_unit_test(what_is_not_finite_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
