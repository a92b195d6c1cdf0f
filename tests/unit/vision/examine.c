/* SPDX-License-Identifier: Apache-2.0 */
/* Stored frames give the cues of a presentation, and nothing of it stays behind. */
#include "gatehouse/vision/examine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 640,
	HEIGHT = 480
};

static struct gh_vision_options options;
static struct gh_examiner *examiner;
static uint8_t rgb[3 * WIDTH * HEIGHT];
static uint8_t jpeg[1 << 20];

static int setup(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	if (models_options(&options) && gh_examiner_create(&options, &examiner, &error) != GH_OK)
		fail_msg("%s", error.text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	gh_examiner_destroy(examiner);
	gh_examiner_destroy(NULL);
	return 0;
}

static struct gh_view frame(float face_px, float x)
{
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } };
	struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(x, 240, face_px);
	size_t length = sizeof(jpeg);

	drawn_fill(&canvas, 150, 155, 160);
	if (face_px > 0)
		drawn_face_paint(&canvas, &face);
	drawn_noise(&canvas, 3, 3);
	assert_int_equal(gh_picture_encode_jpeg(&picture, 92, jpeg, &length, NULL), GH_OK);
	return (struct gh_view){ jpeg, length };
}

static void frames_of_one_presentation_add_up(void **state)
{
	struct gh_attack attack;

	(void)state;
	if (!examiner)
		skip();
	gh_examiner_begin(examiner);
	assert_int_equal(gh_examiner_look(examiner, frame(220, 320), NULL), GH_OK);
	assert_int_equal(gh_examiner_look(examiner, frame(220, 330), NULL), GH_OK);
	gh_examiner_conclude(examiner, &attack);
	assert_int_equal(attack.frames, 2);
	assert_true(attack.cues[GH_ATTACK_CUE_HALFTONE].assessed);
	assert_true(attack.cues[GH_ATTACK_CUE_DETAIL].assessed);
	/* The next presentation begins with nothing. */
	gh_examiner_begin(examiner);
	gh_examiner_conclude(examiner, &attack);
	assert_int_equal(attack.frames, 0);
	assert_false(attack.assessed);
}

static void a_frame_without_a_face_or_sense_is_told(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_attack attack;
	struct gh_view cut;

	(void)state;
	if (!examiner)
		skip();
	gh_examiner_begin(examiner);
	assert_int_equal(gh_examiner_look(examiner, frame(0, 0), &error), GH_NO_FACE);
	cut = frame(220, 320);
	cut.length_bytes = 300;
	assert_int_not_equal(gh_examiner_look(examiner, cut, &error), GH_OK);
	assert_int_equal(
		gh_examiner_look(examiner, gh_view_of_text("no picture"), &error), GH_UNSUPPORTED);
	gh_examiner_conclude(examiner, &attack);
	assert_int_equal(attack.frames, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_one_presentation_add_up),
		cmocka_unit_test(a_frame_without_a_face_or_sense_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
