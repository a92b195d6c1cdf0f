/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment of drawn portraits in all shapes, and refusals. */
#include "gatehouse/vision/enrol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

static struct gh_vision_options options;
static struct gh_enroller *enroller;
static uint8_t jpeg[1 << 20];

static int setup(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	if (!models_options(&options))
		return 0;
	if (gh_enroller_create(&options, &enroller, &error) != GH_OK)
		fail_msg("%s", error.text);
	return 0;
}

static int teardown(void **state)
{
	gh_enroller_destroy(enroller);
	gh_enroller_destroy(NULL);
	return 0;
}

#define NEED_MODELS() \
	do { \
		if (!enroller) \
			skip(); \
	} while (0)

/* A portrait of a size with a face of a share of its height; another may stand beside. */
static struct gh_view portrait(uint32_t width, uint32_t height, float share, float second)
{
	struct gh_picture picture = { width, height, GH_BYTES_EMPTY };
	struct drawn_canvas canvas = { NULL, width, height, 3 * (size_t)width };
	struct drawn_face face =
		drawn_face_usual(0.5f * (float)width, 0.5f * (float)height, share * (float)height);
	size_t length = sizeof(jpeg);

	assert_int_equal(gh_bytes_reserve(&picture.rgb, canvas.stride_bytes * height, NULL), GH_OK);
	picture.rgb.length_bytes = canvas.stride_bytes * height;
	canvas.rgb = picture.rgb.data;
	drawn_fill(&canvas, 220, 222, 225);
	if (share > 0)
		drawn_face_paint(&canvas, &face);
	if (second > 0) {
		face = drawn_face_usual(
			0.85f * (float)width, 0.5f * (float)height, second * (float)height);
		drawn_face_paint(&canvas, &face);
	}
	assert_int_equal(gh_picture_encode_jpeg(&picture, 90, jpeg, &length, NULL), GH_OK);
	gh_picture_finish(&picture);
	return (struct gh_view){ jpeg, length };
}

static void enrol(struct gh_view file, struct gh_enrolment *enrolment)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_enroller_enrol(enroller, file, enrolment, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void a_portrait_becomes_a_unit_template(void **state)
{
	struct gh_enrolment first, again;

	NEED_MODELS();
	enrol(portrait(480, 600, 0.45f, 0), &first);
	assert_float_equal(gh_template_score(&first.reference, &first.reference), 1.0f, 1e-5f);
	assert_int_equal(first.reason, GH_REASON_NONE);
	assert_int_equal(first.faces, 1);
	assert_true(first.quality.detection > 0.9f);
	enrol(portrait(480, 600, 0.45f, 0), &again);
	assert_memory_equal(&first, &again, sizeof(first));
}

/* The same face small, large, cut close and in a picture that is averaged down first. */
static void size_and_cut_matter_little(void **state)
{
	static const struct {
		uint32_t width, height;
		float share;
	} cuts[] = { { 240, 300, 0.5f }, { 1200, 1500, 0.45f }, { 400, 400, 0.95f },
		{ 2100, 2100, 0.4f }, { 200, 240, 0.8f } };
	struct gh_enrolment usual;

	NEED_MODELS();
	enrol(portrait(480, 600, 0.45f, 0), &usual);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		struct gh_enrolment other;

		enrol(portrait(cuts[i].width, cuts[i].height, cuts[i].share, 0), &other);
		assert_true(gh_template_score(&usual.reference, &other.reference) > 0.8f);
		assert_int_equal(other.reason, GH_REASON_NONE);
	}
}

static void several_faces_are_a_doubt_and_small_ones_are_not(void **state)
{
	struct gh_enrolment enrolment;

	NEED_MODELS();
	enrol(portrait(900, 600, 0.35f, 0.34f), &enrolment);
	assert_int_equal(enrolment.reason, GH_REASON_SEVERAL_FACES);
	assert_int_equal(enrolment.faces, 2);
	enrol(portrait(900, 600, 0.45f, 0.18f), &enrolment);
	assert_int_equal(enrolment.reason, GH_REASON_NONE);
	assert_int_equal(enrolment.faces, 2);
}

static bool all_zero(const void *memory, size_t length)
{
	const uint8_t *bytes = memory;

	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

static void what_is_no_portrait_is_refused(void **state)
{
	struct gh_enrolment enrolment;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_view file;

	NEED_MODELS();
	assert_int_equal(gh_enroller_enrol(enroller, portrait(480, 600, 0, 0), &enrolment, &error),
		GH_NO_FACE);
	assert_true(all_zero(&enrolment, sizeof(enrolment)));
	file = portrait(480, 600, 0.45f, 0);
	file.length_bytes /= 3;
	assert_int_equal(gh_enroller_enrol(enroller, file, &enrolment, &error), GH_TRUNCATED);
	assert_int_equal(
		gh_enroller_enrol(enroller, gh_view_of_text("not a picture"), &enrolment, &error),
		GH_UNSUPPORTED);
	assert_true(all_zero(&enrolment, sizeof(enrolment)));
}

static void pictures_thinner_than_a_pixel_have_no_face(void **state)
{
	struct gh_enrolment enrolment;

	NEED_MODELS();
	assert_int_equal(
		gh_enroller_enrol(enroller, portrait(9000, 2, 0, 0), &enrolment, NULL), GH_NO_FACE);
	assert_int_equal(
		gh_enroller_enrol(enroller, portrait(1, 1, 0, 0), &enrolment, NULL), GH_NO_FACE);
}

/* Templates of unlike chains must be told apart. */
static void a_chain_is_its_models_and_settings(void **state)
{
	struct gh_model_chain usual, other;
	struct gh_vision_options changed = options;
	struct gh_enroller *second;

	NEED_MODELS();
	gh_enroller_chain(enroller, &usual);
	changed.flip = !changed.flip;
	assert_int_equal(gh_enroller_create(&changed, &second, NULL), GH_OK);
	gh_enroller_chain(second, &other);
	gh_enroller_destroy(second);
	assert_memory_not_equal(&usual, &other, sizeof(usual));
	changed = options;
	changed.model_set = "fr-centerface";
	assert_int_equal(gh_enroller_create(&changed, &second, NULL), GH_OK);
	gh_enroller_chain(second, &other);
	gh_enroller_destroy(second);
	assert_memory_not_equal(&usual, &other, sizeof(usual));
	/* The engine is no part of it: both give the same templates. */
	changed = options;
	changed.engine = "opencv";
	assert_int_equal(gh_enroller_create(&changed, &second, NULL), GH_OK);
	gh_enroller_chain(second, &other);
	gh_enroller_destroy(second);
	assert_memory_equal(&usual, &other, sizeof(usual));
}

static void the_second_detector_enrols_too(void **state)
{
	struct gh_vision_options changed = options;
	struct gh_enroller *second;
	struct gh_enrolment usual, other;

	NEED_MODELS();
	enrol(portrait(480, 600, 0.45f, 0), &usual);
	changed.model_set = "fr-centerface";
	assert_int_equal(gh_enroller_create(&changed, &second, NULL), GH_OK);
	assert_int_equal(
		gh_enroller_enrol(second, portrait(480, 600, 0.45f, 0), &other, NULL), GH_OK);
	gh_enroller_destroy(second);
	assert_int_equal(other.faces, 1);
	assert_float_equal(other.quality.eyes_open_permille, GH_QUALITY_NOT_ASSESSED, 0);
	assert_float_equal(other.quality.eye_distance_px, usual.quality.eye_distance_px, 12);
	assert_true(gh_template_score(&usual.reference, &other.reference) > 0.6f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_portrait_becomes_a_unit_template),
		cmocka_unit_test(size_and_cut_matter_little),
		cmocka_unit_test(several_faces_are_a_doubt_and_small_ones_are_not),
		cmocka_unit_test(what_is_no_portrait_is_refused),
		cmocka_unit_test(pictures_thinner_than_a_pixel_have_no_face),
		cmocka_unit_test(a_chain_is_its_models_and_settings),
		cmocka_unit_test(the_second_detector_enrols_too),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
