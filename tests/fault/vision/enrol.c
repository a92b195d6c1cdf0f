/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment without memory: no session, or no enrolment, and the next one works. */
#include "gatehouse/vision/enrol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"
#include "inject.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

/* Larger than enrolment looks at, so that it is averaged down, and turned by its orientation. */
enum {
	WIDTH = 2100,
	HEIGHT = 400
};

static struct gh_vision_options options;
static bool ready;
static uint8_t jpeg[1 << 20];
static size_t length = sizeof(jpeg);

static int setup(void **state)
{
	static uint8_t rgb[3 * WIDTH * HEIGHT];
	const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(WIDTH / 2.0f, 180, 300);
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } };

	ready = models_options(&options);
	drawn_fill(&canvas, 200, 205, 210);
	drawn_face_paint(&canvas, &face);
	return gh_picture_encode_jpeg(&picture, 85, jpeg, &length, NULL) != GH_OK;
}

static void a_session_without_memory(void **state)
{
	if (!ready)
		skip();
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_enroller *enroller = (void *)1;
		enum gh_status status = gh_enroller_create(&options, &enroller, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_true((enroller != NULL) == (status == GH_OK));
		gh_enroller_destroy(enroller);
	}
}

static void a_portrait_without_memory(void **state)
{
	struct gh_enroller *enroller;

	if (!ready)
		skip();
	assert_int_equal(gh_enroller_create(&options, &enroller, NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_enrolment enrolment;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_enroller_enrol(
			enroller, (struct gh_view){ jpeg, length }, &enrolment, &error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_true((enrolment.faces > 0) == (status == GH_OK));
	}
	gh_enroller_destroy(enroller);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_without_memory),
		cmocka_unit_test(a_portrait_without_memory),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
