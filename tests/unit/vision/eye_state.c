/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from fr_eye: each eye from its own crop, as a probability. */
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
	SIDE = 24
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_landmarks landmarks;
static struct gh_resizer resizer;

/* Image-left half bright, image-right half dark; an eye of 40 pixels in each. */
static int setup(void **state)
{
	static const struct gh_point eye[6] = { { -20, 0 }, { -8, -6 }, { 8, -6 }, { 20, 0 },
		{ 8, 6 }, { -8, 6 } };

	for (int i = 0; i < WIDTH * HEIGHT; i++)
		memset(rgb + 3 * i, i % WIDTH < WIDTH / 2 ? 204 : 51, 3);
	landmarks.has_all = true;
	for (int i = 0; i < 6; i++) {
		landmarks.all[36 + i] = (struct gh_point){ 150 + eye[i].x, 100 + eye[i].y };
		landmarks.all[42 + i] = (struct gh_point){ 250 + eye[i].x, 100 + eye[i].y };
	}
	return gh_resizer_init(&resizer, WIDTH, CROP_SIDE_MAX_PX, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_resizer_finish(&resizer);
	return 0;
}

/* The middle of the crop against its grey says which eye is shown. */
static void open_if_bright(struct gh_network *network)
{
	float middle = network->input[SIDE * SIDE / 2];

	network->outputs[0][0] = 0.0f;
	network->outputs[0][1] = middle > 0.5f ? 2.0f : -2.0f;
}

static void each_eye_has_its_own_answer(void **state)
{
	struct gh_network network = told_open(shipped("fr_eye"));
	float open[2];

	told_answer = open_if_bright;
	assert_int_equal(gh_eye_state(&network, &resizer, &image, &landmarks, open, NULL), GH_OK);
	assert_int_equal(told_runs, 2);
	assert_float_equal(open[0], 0.880797f, 1e-4f);
	assert_float_equal(open[1], 0.119203f, 1e-4f);
	/* The second crop is 1.6 times 40 wide, from 218 on: all of the dark half, grey 51. */
	for (int i = 0; i < SIDE * SIDE; i++)
		assert_float_equal(network.input[i], 51.0f / 255, 1e-3f);
	gh_network_drop_tensors(&network);
}

static void certain(struct gh_network *network)
{
	network->outputs[0][0] = told_runs == 1 ? 3e38f : -3e38f;
	network->outputs[0][1] = -network->outputs[0][0];
}

static void certainty_stays_a_probability(void **state)
{
	struct gh_network network = told_open(shipped("fr_eye"));
	float open[2];

	told_answer = certain;
	assert_int_equal(gh_eye_state(&network, &resizer, &image, &landmarks, open, NULL), GH_OK);
	assert_float_equal(open[0], 0, 0);
	assert_float_equal(open[1], 1, 0);
	gh_network_drop_tensors(&network);
}

static void landmarks_that_fell_together_are_survived(void **state)
{
	struct gh_network network = told_open(shipped("fr_eye"));
	struct gh_landmarks none = { .has_all = true };
	float open[2];

	told_answer = open_if_bright;
	assert_int_equal(gh_eye_state(&network, &resizer, &image, &none, open, NULL), GH_OK);
	assert_true(open[0] >= 0 && open[0] <= 1);
	gh_network_drop_tensors(&network);
}

static void not_a_number_the_second_time(struct gh_network *network)
{
	open_if_bright(network);
	if (told_runs == 2)
		network->outputs[0][1] = NAN;
}

static void what_is_not_finite_is_told(void **state)
{
	struct gh_network network = told_open(shipped("fr_eye"));
	struct gh_error error = GH_ERROR_NONE;
	float open[2];

	told_answer = not_a_number_the_second_time;
	assert_int_equal(
		gh_eye_state(&network, &resizer, &image, &landmarks, open, &error), GH_INTERNAL);
	assert_int_equal(told_runs, 2);
	assert_non_null(strstr(error.text, "fr_eye"));
	gh_network_drop_tensors(&network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_eye_has_its_own_answer),
		cmocka_unit_test(certainty_stays_a_probability),
		cmocka_unit_test(landmarks_that_fell_together_are_survived),
		cmocka_unit_test(what_is_not_finite_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
