/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to a picture moves its measures the right way and no other; the preparation that all
 * share agrees with the whole aligned picture of 616 pixels; and input that no camera and no sane
 * network gives leads to "not assessed", never to a crash or to what is no number.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/vision/picture.h"
#include "quality/kind.h"
#include "support/vision/drawn_marks.h"

enum {
	WIDTH = 480,
	HEIGHT = 400
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * (size_t)WIDTH };
static struct drawn_face face;

static void draw(void)
{
	face = drawn_face_usual(240, 190, 180);
	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
}

static struct gh_measure look(enum gh_measure_name name, const struct gh_jpeg_trace *jpeg)
{
	struct gh_quality quality;

	drawn_measure(&canvas, &face, jpeg, &quality);
	return quality.measures.list[name];
}

/* The native value, which has to be there. */
static double native(enum gh_measure_name name)
{
	struct gh_measure measure = look(name, NULL);

	assert_true(measure.assessed);
	return (double)measure.native;
}

static void more_blur_never_raises_sharpness(void **state)
{
	struct gh_measure before, now;
	int fallen = 0;

	draw();
	before = look(GH_MEASURE_SHARPNESS_GRADIENT, NULL);
	assert_true(before.component > 90);
	for (int i = 0; i < 12; i++) {
		drawn_blur(&canvas, 1 + (uint32_t)i / 4);
		now = look(GH_MEASURE_SHARPNESS_GRADIENT, NULL);
		/* Contrast is lost at last as well: two thousandths are left to that. */
		assert_true(now.native <= before.native + 0.002f);
		assert_true(now.component <= before.component);
		fallen += now.component < before.component;
		before = now;
	}
	assert_true(fallen > 3 && now.component < 30);
}

static void less_light_lowers_what_tells_light(void **state)
{
	double mean, under, before_mean = 1, before_under = -1;

	for (int i = 0; i < 8; i++) {
		draw();
		drawn_light(&canvas, 1.0f / (float)(1 + i), 0);
		mean = native(GH_MEASURE_LUMINANCE_MEAN);
		under = native(GH_MEASURE_UNDER_EXPOSURE_HULL);
		assert_true(mean < before_mean && under >= before_under);
		before_mean = mean;
		before_under = under;
	}
	assert_true(before_under > 0.9);
}

static void more_light_fills_the_upper_end(void **state)
{
	double mean, over, before_mean = 0, before_over = -1;

	for (int i = 0; i < 8; i++) {
		draw();
		drawn_light(&canvas, 1, 15.0f * (float)i);
		mean = native(GH_MEASURE_LUMINANCE_MEAN);
		over = native(GH_MEASURE_OVER_EXPOSURE_HULL);
		assert_true(mean > before_mean && over >= before_over);
		before_mean = mean;
		before_over = over;
	}
	assert_true(before_over > 0.5);
}

static void less_contrast_lowers_variance_and_range(void **state)
{
	double before_variance = INFINITY, before_range = INFINITY;

	for (int i = 0; i < 9; i++) {
		float gain = 1.0f - 0.1f * (float)i;
		double variance, range;

		draw();
		drawn_light(&canvas, gain, 128 * (1 - gain));
		variance = native(GH_MEASURE_LUMINANCE_VARIANCE);
		range = native(GH_MEASURE_DYNAMIC_RANGE);
		assert_true(variance < before_variance && range < before_range);
		before_variance = variance;
		before_range = range;
	}
}

static void light_from_the_side_lowers_uniformity(void **state)
{
	double before = INFINITY;

	for (int i = 0; i < 6; i++) {
		double now;

		draw();
		for (size_t k = 0; k < sizeof(rgb); k++) {
			float x = (float)(k / 3 % WIDTH) / WIDTH;

			rgb[k] = (uint8_t)(rgb[k] * (1.0f - 0.15f * (float)i * x));
		}
		now = native(GH_MEASURE_ILLUMINATION_UNIFORMITY);
		assert_true(now <= before + 0.02);
		before = now;
	}
	assert_true(before < 0.2);
}

static void colour_leaves_skin_step_by_step(void **state)
{
	double before = -1;

	for (int i = 0; i < 6; i++) {
		double now;

		draw();
		for (size_t k = 0; k < sizeof(rgb); k += 3)
			rgb[k + 2] = (uint8_t)fminf(255, rgb[k + 2] * (1 + 0.1f * (float)i));
		now = native(GH_MEASURE_NATURAL_COLOUR);
		assert_true(now >= before);
		before = now;
	}
	assert_float_equal(before, 100, 0);
}

static void geometry_follows_the_face(void **state)
{
	double distance = 0, above = -1, below = INFINITY, left = -1, right = INFINITY, open = -1;

	for (int i = 0; i < 6; i++) {
		double now;

		draw();
		face.height_px = 100 + 20 * (float)i;
		now = native(GH_MEASURE_INTER_EYE_DISTANCE);
		assert_true(fabs(now - 0.31 * (double)face.height_px) < 1.01);
		assert_true(now > distance);
		distance = now;
		face = drawn_face_usual(140 + 30 * (float)i, 130 + 20 * (float)i, 150);
		assert_true(native(GH_MEASURE_MARGIN_ABOVE) > above);
		assert_true(native(GH_MEASURE_MARGIN_BELOW) < below);
		assert_true(native(GH_MEASURE_LEFTWARD_CROP) > left);
		assert_true(native(GH_MEASURE_RIGHTWARD_CROP) < right);
		above = native(GH_MEASURE_MARGIN_ABOVE);
		below = native(GH_MEASURE_MARGIN_BELOW);
		left = native(GH_MEASURE_LEFTWARD_CROP);
		right = native(GH_MEASURE_RIGHTWARD_CROP);
		face.eyes_open = 0.2f * (float)i;
		now = native(GH_MEASURE_EYES_OPEN);
		assert_true(now > open);
		open = now;
	}
	assert_true(open > 0.08);
}

static void roll_is_what_it_is(void **state)
{
	for (int degrees = -40; degrees <= 40; degrees += 10) {
		draw();
		face.roll_degrees = (float)degrees;
		assert_float_equal(native(GH_MEASURE_ROLL), degrees, 2);
	}
}

static double with_marks(
	void (*change)(struct gh_landmarks *, float), float amount, enum gh_measure_name name)
{
	struct gh_face found = { .score = 1 };
	struct gh_landmarks marks;
	struct gh_quality quality;

	draw();
	found.box = drawn_box(&face);
	drawn_marks(&face, &marks);
	change(&marks, amount);
	drawn_measure_marks(&canvas, &marks, &found, NULL, &quality);
	assert_true(quality.measures.list[name].assessed);
	return (double)quality.measures.list[name].native;
}

static void open_mouth(struct gh_landmarks *marks, float px)
{
	for (int i = 65; i <= 67; i++)
		marks->all[i].y += px;
}

static void widen_mouth(struct gh_landmarks *marks, float px)
{
	marks->all[48].x -= px;
	marks->all[54].x += px;
}

static void a_mouth_opens_and_widens(void **state)
{
	double open = -1, wide = -1;

	for (int i = 0; i < 8; i++) {
		double now = with_marks(open_mouth, 3.0f * (float)i, GH_MEASURE_MOUTH_CLOSED);

		assert_true(now > open);
		open = now;
		now = with_marks(widen_mouth, 2.0f * (float)i, GH_MEASURE_SMILE);
		assert_true(now > wide);
		wide = now;
	}
	assert_true(open > 0.15 && wide > 1.0);
}

static void a_second_face_is_told_by_its_share(void **state)
{
	struct gh_faces faces = { .count = 3 };
	struct gh_stage stage = { .faces = &faces };
	struct gh_prepared prepared = { .stage = &stage };
	double found;

	faces.list[0].box = (struct gh_box){ 0, 0, 50, 20 };
	faces.list[1].box = (struct gh_box){ 0, 0, 100, 20 };
	faces.list[2].box = (struct gh_box){ 0, 0, 10, 10 };
	assert_true(gh_measure_kinds[GH_MEASURE_SINGLE_FACE_PRESENT]->native(&prepared, &found));
	assert_float_equal(found, 0.5, 1e-9);
	faces.count = 1;
	assert_true(gh_measure_kinds[GH_MEASURE_SINGLE_FACE_PRESENT]->native(&prepared, &found));
	assert_float_equal(found, 0, 0);
	faces.list[0].box = (struct gh_box){ NAN, 0, NAN, 20 };
	assert_false(gh_measure_kinds[GH_MEASURE_SINGLE_FACE_PRESENT]->native(&prepared, &found));
	faces.count = 0;
	assert_false(gh_measure_kinds[GH_MEASURE_SINGLE_FACE_PRESENT]->native(&prepared, &found));
}

static void compression_shows_in_tables_and_blocks(void **state)
{
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } }, back;
	struct gh_jpeg_trace jpeg = { .known = true, .has_blocks = true };
	static uint8_t file[512 * 1024];
	float before = 0;

	draw();
	assert_false(look(GH_MEASURE_BLOCKINESS, NULL).assessed);
	assert_false(look(GH_MEASURE_JPEG_QUANTISATION, NULL).assessed);
	for (int quality = 90; quality >= 30; quality -= 30) {
		size_t length = sizeof(file);
		struct gh_measure blocks;

		draw();
		assert_int_equal(
			gh_picture_encode_jpeg(&picture, quality, file, &length, NULL), GH_OK);
		assert_int_equal(
			gh_picture_decode((struct gh_view){ file, length }, &back, NULL), GH_OK);
		memcpy(rgb, back.rgb.data, sizeof(rgb));
		gh_picture_finish(&back);
		jpeg.luma_step = 300.0f / (float)quality;
		blocks = look(GH_MEASURE_BLOCKINESS, &jpeg);
		assert_true(blocks.assessed && blocks.native > before);
		before = blocks.native;
		assert_float_equal(
			look(GH_MEASURE_JPEG_QUANTISATION, &jpeg).native, jpeg.luma_step, 0);
	}
	/* Looked for in the wrong place the blocks are not there. */
	jpeg.phase_x = jpeg.phase_y = 4;
	assert_true(look(GH_MEASURE_BLOCKINESS, &jpeg).native < before);
	jpeg.has_blocks = false;
	assert_false(look(GH_MEASURE_BLOCKINESS, &jpeg).assessed);
}

/* Every pixel of the hull in the aligned picture, without spans or steps. */
static void whole_histogram(const struct gh_prepared *prepared, uint32_t light[256])
{
	memset(light, 0, 256 * sizeof(*light));
	for (int y = 0; y < CANONICAL_SIDE_PX; y++)
		for (int x = prepared->hull.left[y]; x <= prepared->hull.right[y]; x++) {
			uint8_t colour[3];

			if (gh_prepared_sample(prepared, (float)x, (float)y, colour))
				light[gh_luminance(colour)]++;
		}
}

static void every_fourth_pixel_stands_for_all(void **state)
{
	static const enum gh_measure_name names[] = { GH_MEASURE_LUMINANCE_MEAN,
		GH_MEASURE_LUMINANCE_VARIANCE, GH_MEASURE_UNDER_EXPOSURE_HULL,
		GH_MEASURE_OVER_EXPOSURE_HULL, GH_MEASURE_DYNAMIC_RANGE };
	static const double bounds[] = { 0.003, 0.001, 0.006, 0.006, 0.08 };

	for (int i = 0; i < 6; i++) {
		struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * (size_t)WIDTH };
		struct gh_face found = { .score = 1 };
		struct gh_landmarks marks;
		struct gh_measured measured = {
			.face = &found, .landmarks = &marks, .image = &image
		};
		struct gh_stage stage = gh_stage_whole(&image);
		struct gh_head_pose pose = { 0, 0, 0 };
		struct gh_prepared few, all;

		draw();
		face = drawn_face_usual(240, 190, 60 + 60 * (float)i);
		drawn_face_paint(&canvas, &face);
		drawn_noise(&canvas, 7, 2 * (uint32_t)i);
		drawn_marks(&face, &marks);
		found.box = drawn_box(&face);
		gh_prepare(&measured, &stage, &pose, &few);
		all = few;
		whole_histogram(&all, all.face.light);
		all.face.pixels = all.face.asked = 0;
		for (int k = 0; k < 256; k++)
			all.face.pixels += all.face.light[k];
		assert_true(all.face.pixels > 12 * few.face.pixels);
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			double a, b;

			assert_true(gh_measure_kinds[names[n]]->native(&few, &a));
			assert_true(gh_measure_kinds[names[n]]->native(&all, &b));
			if (fabs(a - b) > bounds[n])
				fail_msg("%s: %g of a fourth, %g of all",
					gh_measure_facts(names[n])->word, a, b);
		}
	}
}

static void luminance_is_linear_light(void **state)
{
	assert_int_equal(gh_luminance((const uint8_t[]){ 0, 0, 0 }), 0);
	assert_int_equal(gh_luminance((const uint8_t[]){ 255, 255, 255 }), 255);
	/* sRGB 188 is half of the light of 255 (IEC 61966-2-1). */
	assert_int_equal(gh_luminance((const uint8_t[]){ 188, 188, 188 }), 128);
	assert_int_equal(gh_luminance((const uint8_t[]){ 255, 0, 0 }), 54);
	assert_int_equal(gh_luminance((const uint8_t[]){ 0, 255, 0 }), 182);
	assert_int_equal(gh_luminance((const uint8_t[]){ 0, 0, 255 }), 18);
}

static void expect_sound(const struct gh_quality *quality)
{
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		const struct gh_measure *measure = &quality->measures.list[i];

		assert_true(isfinite(measure->native));
		assert_in_range(measure->component + 1, 0, 101);
		if (!measure->assessed) {
			assert_int_equal(measure->component, GH_COMPONENT_NOT_ASSESSED);
			assert_int_equal(measure->suspicion, GH_SUSPICION_NOT_ASSESSED);
		}
	}
	assert_false(quality->measures.list[GH_MEASURE_UNIFIED_QUALITY].assessed);
	assert_false(quality->measures.list[GH_MEASURE_NO_HEAD_COVERING].assessed);
}

static void faces_of_any_size_and_place_are_survived(void **state)
{
	static const float places[] = { -3000, -100, 0, 240, 479, 600, 4000 };
	static const float heights[] = { 0.01f, 1, 5, 30, 400, 2000, 20000, 1e8f };
	struct gh_jpeg_trace jpeg = { true, 5, true, 3, 7 };

	draw();
	for (size_t x = 0; x < 7; x++)
		for (size_t y = 0; y < 7; y++)
			for (size_t h = 0; h < 8; h++) {
				struct gh_quality quality;

				face = drawn_face_usual(places[x], places[y], heights[h]);
				drawn_measure(&canvas, &face, &jpeg, &quality);
				expect_sound(&quality);
			}
	/* Out of the picture nothing is seen, so nothing is said of light. */
	face = drawn_face_usual(4000, 190, 180);
	assert_false(look(GH_MEASURE_LUMINANCE_MEAN, NULL).assessed);
	assert_true(look(GH_MEASURE_INTER_EYE_DISTANCE, NULL).assessed);
}

static void numbers_that_are_none_are_not_assessed(void **state)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY, 1e30f };
	struct gh_face found = { .score = 1 };
	struct gh_landmarks marks;
	struct gh_quality quality;

	draw();
	for (size_t b = 0; b < 4; b++)
		for (int i = 0; i < ALL_POINTS + FIVE_POINTS; i++) {
			found.box = drawn_box(&face);
			drawn_marks(&face, &marks);
			if (i < ALL_POINTS)
				marks.all[i].x = bad[b];
			else
				marks.five[i - ALL_POINTS].y = bad[b];
			drawn_measure_marks(&canvas, &marks, &found, NULL, &quality);
			expect_sound(&quality);
			assert_false(quality.measures.list[GH_MEASURE_LUMINANCE_MEAN].assessed);
		}
	drawn_marks(&face, &marks);
	found.box = (struct gh_box){ NAN, NAN, NAN, NAN };
	drawn_measure_marks(&canvas, &marks, &found, NULL, &quality);
	expect_sound(&quality);
}

/* All 68 points in one place: no hull, no T, no distance. */
static void a_face_without_area_is_not_assessed(void **state)
{
	struct gh_face found = { .box = { 100, 100, 100, 100 }, .score = 1 };
	struct gh_landmarks marks = { .has_all = true };
	struct gh_quality quality;

	draw();
	drawn_measure_marks(&canvas, &marks, &found, NULL, &quality);
	expect_sound(&quality);
	assert_false(quality.measures.list[GH_MEASURE_EYES_OPEN].assessed);
	assert_false(quality.measures.list[GH_MEASURE_HEAD_SIZE].assessed);
	for (int i = 0; i < ALL_POINTS; i++)
		marks.all[i] = (struct gh_point){ 100 + (float)i, 200 };
	for (int i = 0; i < FIVE_POINTS; i++)
		marks.five[i] = (struct gh_point){ 100 + (float)i, 200 };
	drawn_measure_marks(&canvas, &marks, &found, NULL, &quality);
	expect_sound(&quality);
}

static void a_head_in_profile_has_no_distance_of_the_eyes(void **state)
{
	static const float angles[] = { 81, 90, -90, 179 };
	struct gh_stage stage = { .frame_width_px = 10, .frame_height_px = 10 };
	struct gh_prepared prepared = {
		.stage = &stage, .has_eyes = true, .has_pose = true, .eye_distance_px = 50
	};
	const struct gh_measure_kind *kind = gh_measure_kinds[GH_MEASURE_INTER_EYE_DISTANCE];
	double found = 0;

	for (size_t i = 0; i < 4; i++) {
		prepared.pose.yaw_degrees = angles[i];
		assert_false(kind->native(&prepared, &found));
	}
	prepared.pose.yaw_degrees = 60;
	assert_true(kind->native(&prepared, &found));
	assert_float_equal(found, 100, 1e-3);
}

static void five_points_alone_give_what_they_can(void **state)
{
	struct gh_face found = { .score = 1 };
	struct gh_landmarks marks;
	struct gh_quality quality;

	draw();
	found.box = drawn_box(&face);
	drawn_marks(&face, &marks);
	marks.has_all = false;
	memset(marks.all, 0, sizeof(marks.all));
	drawn_measure_marks(&canvas, &marks, &found, NULL, &quality);
	expect_sound(&quality);
	assert_true(quality.measures.list[GH_MEASURE_INTER_EYE_DISTANCE].assessed);
	assert_true(quality.measures.list[GH_MEASURE_LEFTWARD_CROP].assessed);
	assert_true(quality.measures.list[GH_MEASURE_YAW].assessed);
	assert_true(quality.measures.list[GH_MEASURE_SHARPNESS_GRADIENT].assessed);
	assert_false(quality.measures.list[GH_MEASURE_EYES_OPEN].assessed);
	assert_false(quality.measures.list[GH_MEASURE_LUMINANCE_MEAN].assessed);
}

static void pictures_of_one_colour_are_survived(void **state)
{
	for (int value = 0; value <= 255; value += 51) {
		struct gh_quality quality;

		draw();
		memset(rgb, value, sizeof(rgb));
		drawn_measure(&canvas, &face, NULL, &quality);
		expect_sound(&quality);
		assert_float_equal(quality.measures.list[GH_MEASURE_DYNAMIC_RANGE].native, 0, 1e-6);
		assert_int_equal(
			quality.measures.list[GH_MEASURE_ILLUMINATION_UNIFORMITY].component, 100);
		assert_int_equal(quality.measures.list[GH_MEASURE_NATURAL_COLOUR].component, 100);
		assert_float_equal(
			quality.measures.list[GH_MEASURE_BACKGROUND_GRADIENT].native, 0, 0);
	}
}

/* A picture within a larger memory: what lies between its rows is not looked at. */
static void strides_are_respected(void **state)
{
	enum {
		STRIDE = 3 * WIDTH + 77
	};
	uint8_t *wide = malloc((size_t)STRIDE * HEIGHT);
	struct drawn_canvas strided = { wide, WIDTH, HEIGHT, STRIDE };
	struct gh_quality plain, found;

	assert_non_null(wide);
	draw();
	memset(wide, 0xff, (size_t)STRIDE * HEIGHT);
	for (int y = 0; y < HEIGHT; y++)
		memcpy(wide + (size_t)y * STRIDE, rgb + (size_t)y * 3 * WIDTH, 3 * WIDTH);
	drawn_measure(&canvas, &face, NULL, &plain);
	drawn_measure(&strided, &face, NULL, &found);
	free(wide);
	for (int i = 0; i < GH_MEASURE_COUNT; i++)
		assert_float_equal(plain.measures.list[i].native, found.measures.list[i].native, 0);
}

/* A picture of a few pixels under a face of usual size. */
static void small_pictures_are_survived(void **state)
{
	for (uint32_t side = 1; side < 40; side += 3) {
		uint8_t *few = calloc(side, 3 * (size_t)side);
		struct drawn_canvas small = { few, side, side, 3 * (size_t)side };
		struct gh_quality quality;

		assert_non_null(few);
		face = drawn_face_usual(0.5f * (float)side, 0.5f * (float)side, (float)side);
		drawn_measure(&small, &face, NULL, &quality);
		expect_sound(&quality);
		free(few);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_blur_never_raises_sharpness),
		cmocka_unit_test(less_light_lowers_what_tells_light),
		cmocka_unit_test(more_light_fills_the_upper_end),
		cmocka_unit_test(less_contrast_lowers_variance_and_range),
		cmocka_unit_test(light_from_the_side_lowers_uniformity),
		cmocka_unit_test(colour_leaves_skin_step_by_step),
		cmocka_unit_test(geometry_follows_the_face),
		cmocka_unit_test(roll_is_what_it_is),
		cmocka_unit_test(a_mouth_opens_and_widens),
		cmocka_unit_test(a_second_face_is_told_by_its_share),
		cmocka_unit_test(compression_shows_in_tables_and_blocks),
		cmocka_unit_test(every_fourth_pixel_stands_for_all),
		cmocka_unit_test(luminance_is_linear_light),
		cmocka_unit_test(faces_of_any_size_and_place_are_survived),
		cmocka_unit_test(numbers_that_are_none_are_not_assessed),
		cmocka_unit_test(a_face_without_area_is_not_assessed),
		cmocka_unit_test(a_head_in_profile_has_no_distance_of_the_eyes),
		cmocka_unit_test(five_points_alone_give_what_they_can),
		cmocka_unit_test(pictures_of_one_colour_are_survived),
		cmocka_unit_test(strides_are_respected),
		cmocka_unit_test(small_pictures_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
