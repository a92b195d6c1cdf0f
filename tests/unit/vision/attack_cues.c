/* SPDX-License-Identifier: Apache-2.0 */
/* Each cue on pictures made for it: it rises with what it is for, and not with what it is not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attack/border.h"
#include "attack/detail.h"
#include "attack/flatness.h"
#include "attack/scan.h"
#include "attack/specular.h"
#include "attack/spectrum.h"
#include "attack/surroundings.h"
#include "networks.h"
#include "support/drawn_face.h"

enum {
	WIDTH = 500,
	HEIGHT = 460
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static uint8_t aligned[3 * ALIGNED_PIXELS];
static struct gh_spectrum spectrum;
static struct gh_border border;
static struct gh_attack_scan scan;
static struct gh_surroundings around;
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct gh_box face_box = { 180, 130, 320, 310 };

static struct drawn_canvas canvas(void)
{
	return (struct drawn_canvas){ rgb, WIDTH, HEIGHT, 3 * WIDTH };
}

static void draw_face(void)
{
	struct drawn_canvas on = canvas();
	struct drawn_face face = drawn_face_usual(250, 220, 180);

	drawn_fill(&on, 150, 155, 160);
	drawn_face_paint(&on, &face);
	drawn_noise(&on, 7, 3);
}

/* A wave of so many grey levels over the picture, its period in px along a direction. */
static void add_wave(float period_px, float angle, float levels, const float tint[3])
{
	float x_step = cosf(angle) * 6.2831853f / period_px;
	float y_step = sinf(angle) * 6.2831853f / period_px;

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			for (int c = 0; c < 3; c++) {
				uint8_t *at = rgb + 3 * (y * WIDTH + x) + c;
				float wave = cosf(x_step * (float)x + y_step * (float)y);
				float value = (float)*at + levels * tint[c] * wave;

				*at = (uint8_t)fminf(255.0f, fmaxf(0.0f, value));
			}
}

static float peak_of(const struct gh_spectrum_plane *plane, int least_bin)
{
	gh_spectrum_init(&spectrum);
	assert_true(gh_spectrum_take(&spectrum, &image, &face_box));
	return gh_spectrum_peak(&spectrum, plane, least_bin);
}

static void a_raster_is_a_peak_at_any_angle(void **state)
{
	static const float grey[3] = { 1, 1, 1 };
	float usual;

	(void)state;
	draw_face();
	usual = peak_of(&spectrum.light, 8);
	assert_true(usual < 2.0f);
	for (int i = 0; i < 12; i++) {
		draw_face();
		add_wave(2.6f + 0.25f * (float)i, 0.2f + 0.11f * (float)i, 12.0f, grey);
		if (peak_of(&spectrum.light, 8) < usual + 1.0f)
			fail_msg("wave %d: %g", i,
				(double)gh_spectrum_peak(&spectrum, &spectrum.light, 8));
	}
}

static void coloured_stripes_are_a_peak_of_colour(void **state)
{
	static const float tint[3] = { 1.0f, 0.0f, -1.0f };
	float usual, striped;

	(void)state;
	draw_face();
	usual = peak_of(&spectrum.colour, 5);
	add_wave(5.3f, 0.4f, 10.0f, tint);
	striped = peak_of(&spectrum.colour, 5);
	assert_true(striped > usual + 1.5f);
}

/* Frequency against a transform by the book, at a few bins of one window. */
static void powers_are_those_of_fourier(void **state)
{
	double mean = 0.0;
	float ratio = 0.0f;

	(void)state;
	draw_face();
	gh_spectrum_init(&spectrum);
	/* A box that small puts all windows in one place. */
	assert_true(gh_spectrum_take(&spectrum, &image, &(struct gh_box){ 240, 210, 260, 230 }));
	for (int i = 0; i < 64 * 64; i++) {
		const uint8_t *at = rgb + 3 * ((188 + i / 64) * WIDTH + 218 + i % 64);

		mean += (0.299 * at[0] + 0.587 * at[1] + 0.114 * at[2]) / 4096.0;
	}
	for (int bin = 0; bin < 5; bin++) {
		int v = 3 + 5 * bin, u = (7 * bin + 60) % 64;
		double re = 0.0, im = 0.0, power;

		for (int i = 0; i < 64 * 64; i++) {
			int y = i / 64, x = i % 64;
			const uint8_t *at = rgb + 3 * ((188 + y) * WIDTH + 218 + x);
			double value = 0.299 * at[0] + 0.587 * at[1] + 0.114 * at[2] - mean;
			double angle = 6.283185307179586 * (v * y + u * x) / 64.0;

			value *= (double)spectrum.taper[i];
			re += value * cos(angle);
			im += value * sin(angle);
		}
		power = (re * re + im * im) / 4096.0;
		if (bin == 0)
			ratio = (float)(power / (double)spectrum.light.power[v * 64 + u]);
		assert_float_equal(
			(float)power / spectrum.light.power[v * 64 + u] / ratio, 1.0f, 0.02f);
	}
}

static void a_picture_smaller_than_a_window_has_no_spectrum(void **state)
{
	const struct gh_image small = { rgb, 63, 300, 3 * WIDTH };

	(void)state;
	gh_spectrum_init(&spectrum);
	assert_false(gh_spectrum_take(&spectrum, &small, &face_box));
	/* A face that is cut, far outside or of no size: where there is picture. */
	assert_true(gh_spectrum_take(&spectrum, &image, &(struct gh_box){ -90, -90, 20, 30 }));
	assert_true(
		gh_spectrum_take(&spectrum, &image, &(struct gh_box){ 9e8f, 9e8f, 9e8f, 9e8f }));
}

static void paint_frame(int left, int top, int right, int bottom, float slant)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			float u = (float)x + slant * ((float)y - 220.0f);
			float v = (float)y - slant * ((float)x - 250.0f);
			bool outer = u > (float)left - 14 && u < (float)right + 14 &&
				v > (float)top - 14 && v < (float)bottom + 14;
			bool inner = u > (float)left && u < (float)right && v > (float)top &&
				v < (float)bottom;

			if (outer && !inner)
				memset(rgb + 3 * (y * WIDTH + x), 245, 3);
		}
}

static float border_of(void)
{
	struct gh_border_sides sides = gh_border_take(&border, &image, &face_box);

	return gh_border_cue(&sides);
}

static void a_sheet_around_the_face_is_a_border(void **state)
{
	float bare;

	(void)state;
	draw_face();
	bare = border_of();
	for (int i = -2; i <= 2; i++) {
		draw_face();
		paint_frame(140, 80, 370, 370, 0.06f * (float)i);
		assert_true(border_of() > 0.9f);
	}
	assert_true(bare < 0.7f);
}

static void a_door_frame_is_no_border(void **state)
{
	(void)state;
	draw_face();
	for (int y = 0; y < HEIGHT; y++) {
		memset(rgb + 3 * (y * WIDTH + 110), 30, 3 * 12);
		memset(rgb + 3 * (y * WIDTH + 390), 30, 3 * 12);
	}
	assert_true(border_of() < 0.7f);
}

static void align_noise(uint32_t blur_px)
{
	struct drawn_canvas on = { aligned, ALIGNED_SIDE_PX, ALIGNED_SIDE_PX, 3 * ALIGNED_SIDE_PX };

	memset(aligned, 128, sizeof(aligned));
	drawn_noise(&on, 11, 60);
	if (blur_px > 0)
		drawn_blur(&on, blur_px);
}

static void blur_never_brings_detail_back(void **state)
{
	float last = -INFINITY;

	(void)state;
	for (uint32_t blur_px = 0; blur_px <= 2; blur_px++) {
		float lost;

		align_noise(blur_px);
		lost = gh_detail_lost(aligned);
		assert_true(lost > last);
		last = lost;
	}
	memset(aligned, 77, sizeof(aligned));
	assert_float_equal(gh_detail_lost(aligned), 0.0f, 1e-3);
}

static void white_patches_count_by_the_largest(void **state)
{
	float one;

	(void)state;
	memset(aligned, 200, sizeof(aligned));
	assert_float_equal(gh_specular_share(aligned), 0.0f, 0);
	for (int y = 60; y < 76; y++)
		memset(aligned + 3 * (y * ALIGNED_SIDE_PX + 48), 255, 3 * 16);
	one = gh_specular_share(aligned);
	assert_true(one > 0.02f && one < 0.1f);
	/* A second one apart from it adds nothing; white beyond the face neither. */
	for (int y = 88; y < 96; y++)
		memset(aligned + 3 * (y * ALIGNED_SIDE_PX + 48), 255, 3 * 8);
	memset(aligned, 255, 3 * 8 * ALIGNED_SIDE_PX);
	assert_float_equal(gh_specular_share(aligned), one, 0);
	memset(aligned, 255, sizeof(aligned));
	assert_float_equal(gh_specular_share(aligned), 1.0f, 0);
}

/* A face's points; depth bulges from the brows' plane towards the nose. */
static struct gh_landmarks points_turned(float yaw, float scale, float depth)
{
	struct gh_landmarks made = { .has_all = true };

	for (int i = 0; i < ALL_POINTS; i++) {
		float x = 50.0f * sinf(2.4f * (float)i), y = 60.0f * cosf(1.7f * (float)i);
		float z = depth * (40.0f - 0.008f * (x * x + y * y));

		made.all[i].x = 300.0f + scale * (x * cosf(yaw) + z * sinf(yaw));
		made.all[i].y = 200.0f + scale * y;
	}
	made.five[0] = (struct gh_point){ 270.0f, 190.0f };
	made.five[1] = (struct gh_point){ 330.0f, 190.0f };
	return made;
}

static void a_plane_moves_flat_and_a_head_does_not(void **state)
{
	struct gh_landmarks rest = points_turned(0, 1, 0), head = points_turned(0, 1, 1);

	(void)state;
	for (int i = 1; i < 8; i++) {
		float yaw = 0.06f * (float)i;
		struct gh_landmarks sheet = points_turned(yaw, 1.1f, 0);
		struct gh_landmarks turned = points_turned(yaw, 1.1f, 1);
		struct gh_parallax flat = gh_flatness_parallax(&rest, &sheet);
		struct gh_parallax solid = gh_flatness_parallax(&head, &turned);

		assert_true(flat.solid < 0.1f && flat.shape > flat.solid);
		assert_true(solid.solid > 10.0f * flat.solid && solid.shape >= solid.solid);
	}
	/* All points in one place: nothing to measure, and no trap. */
	memset(rest.all, 0, sizeof(rest.all));
	assert_true(isfinite(gh_flatness_parallax(&rest, &head).solid));
}

/* A hall of soft stripes and a face, both moved; and landmarks that go with the face. */
static struct gh_landmarks draw_moved(float hall_px, float face_px, int lamp)
{
	struct gh_landmarks made = { .has_all = true };
	struct drawn_canvas on = canvas();
	struct drawn_face face = drawn_face_usual(250 + face_px, 220, 180);

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			float u = (float)x - hall_px, v = (float)y;
			float level = 130.0f + 40.0f * sinf(0.11f * u + 0.05f * v) +
				20.0f * cosf(0.07f * u - 0.09f * v);

			memset(rgb + 3 * (y * WIDTH + x), (int)level + lamp, 3);
		}
	drawn_face_paint(&on, &face);
	drawn_noise(&on, (uint32_t)(7 + 10 * face_px), 3);
	for (int i = 0; i < ALL_POINTS; i++)
		made.all[i] =
			(struct gh_point){ 210.0f + (float)i + face_px, 200.0f + (float)(i % 9) };
	return made;
}

static float follow_after(float hall_px, float face_px, int lamp)
{
	struct gh_landmarks from = draw_moved(0, 0, 0), to;

	gh_surroundings_begin(&around, &image, &face_box, &from);
	to = draw_moved(hall_px, face_px, lamp);
	return gh_surroundings_follow(&around, &image, &to);
}

static void a_sheet_moves_as_a_whole_and_a_hall_stands(void **state)
{
	(void)state;
	for (int way = -6; way <= 6; way += 4) {
		assert_float_equal(follow_after(0, (float)way, 0), 0.0f, 0.0f);
		assert_true(follow_after((float)way, (float)way, 0) > 0.5f);
		/* A lamp that goes on is no way. */
		assert_float_equal(follow_after(0, (float)way, 12), 0.0f, 0.0f);
		/* What goes the other way does not follow. */
		assert_float_equal(follow_after((float)-way, (float)way, 0), 0.0f, 0.0f);
	}
}

/* Stripes of a coat on the right of the face, from its edge at x on. */
static void draw_neighbour(float x)
{
	for (int v = 0; v < HEIGHT; v++)
		for (int u = (int)x; u < WIDTH; u++)
			memset(rgb + 3 * (v * WIDTH + u),
				(int)(120.0f + 90.0f * sinf(0.2f * ((float)u - x))), 3);
}

static float follow_beside_a_neighbour(float way_px, const struct gh_box *neighbour)
{
	struct gh_landmarks from = draw_moved(0, 0, 0), to;
	const float edge = face_box.right + 0.4f * (face_box.right - face_box.left);

	draw_neighbour(edge);
	gh_surroundings_begin(&around, &image, &face_box, &from);
	if (neighbour)
		gh_surroundings_leave_out(&around, neighbour);
	to = draw_moved(0, way_px, 0);
	draw_neighbour(edge + way_px);
	return gh_surroundings_follow(&around, &image, &to);
}

/* Who stands beside somebody and happens to sway alike makes no sheet of the two. */
static void somebody_beside_is_no_sheet(void **state)
{
	const float high = 120.0f, x = face_box.right + 1.6f * high;
	const struct gh_box neighbour = { x - 0.4f * high, 160.0f, x + 0.4f * high, 160.0f + high };

	(void)state;
	assert_true(follow_beside_a_neighbour(4.0f, NULL) > 0.0f);
	assert_float_equal(follow_beside_a_neighbour(4.0f, &neighbour), 0.0f, 0.0f);
}

static void nothing_is_said_without_way_or_structure(void **state)
{
	struct gh_landmarks still = points_turned(0, 1, 1), moved = points_turned(0, 1, 1);
	const struct gh_image small = { rgb, 200, 200, 3 * WIDTH };

	(void)state;
	assert_true(isnan(follow_after(0, 0, 0)));
	memset(&around, 0, sizeof(around));
	assert_true(isnan(gh_surroundings_follow(&around, &image, &still)));
	/* A bare wall. */
	memset(rgb, 140, sizeof(rgb));
	gh_surroundings_begin(&around, &image, &face_box, &still);
	for (int i = 0; i < ALL_POINTS; i++)
		moved.all[i].x += 8.0f;
	assert_true(isnan(gh_surroundings_follow(&around, &image, &moved)));
	/* Another size of picture is another camera's; a box of no size is no trap. */
	assert_true(isnan(gh_surroundings_follow(&around, &small, &moved)));
	gh_surroundings_begin(&around, &small, &(struct gh_box){ 9e8f, 9e8f, 9e8f, 9e8f }, &still);
	assert_true(isnan(gh_surroundings_follow(&around, &small, &moved)));
	gh_surroundings_begin(&around, &image, &(struct gh_box){ -90, -90, 900, 9e6f }, &still);
	assert_true(isnan(gh_surroundings_follow(&around, &image, &moved)));
}

static struct gh_attack_view view_of(const struct gh_landmarks *landmarks)
{
	return (struct gh_attack_view){ &image, &face_box, landmarks, aligned, true, 1.5f, NULL };
}

static void frames_are_averaged_and_forgotten(void **state)
{
	struct gh_landmarks landmarks = points_turned(0, 1, 1), moved = points_turned(0.3f, 1, 1);
	struct gh_attack_view view = view_of(&landmarks);
	struct gh_attack attack;

	(void)state;
	draw_face();
	align_noise(1);
	assert_int_equal(gh_attack_scan_init(&scan, NULL, 50, NULL), GH_OK);
	gh_attack_scan_conclude(&scan, &attack);
	assert_int_equal(attack.frames, 0);
	gh_attack_scan_add(&scan, &view);
	view = view_of(&moved);
	view.network = 2.5f;
	gh_attack_scan_add(&scan, &view);
	gh_attack_scan_conclude(&scan, &attack);
	assert_int_equal(attack.frames, 2);
	/* Without parameters there are cues but no score. */
	assert_false(attack.assessed);
	assert_float_equal(attack.cues[GH_ATTACK_CUE_NETWORK].native, 2.0f, 1e-6);
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		assert_true(attack.cues[i].assessed && isfinite(attack.cues[i].native));
	gh_attack_scan_wipe(&scan);
	gh_attack_scan_conclude(&scan, &attack);
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		assert_false(attack.cues[i].assessed);
	assert_false(scan.first.has_all);
	for (size_t i = 0; i < sizeof(border); i++)
		assert_int_equal(((const uint8_t *)&scan.border)[i], 0);
}

/* Somebody who stands still has said nothing about depth. */
static void stillness_is_not_flatness(void **state)
{
	struct gh_landmarks landmarks = points_turned(0, 1, 1);
	struct gh_attack_view view = view_of(&landmarks);
	struct gh_attack attack;

	(void)state;
	assert_int_equal(gh_attack_scan_init(&scan, NULL, 50, NULL), GH_OK);
	view.has_network = false;
	gh_attack_scan_add(&scan, &view);
	gh_attack_scan_add(&scan, &view);
	gh_attack_scan_conclude(&scan, &attack);
	assert_false(attack.cues[GH_ATTACK_CUE_FLATNESS].assessed);
	assert_false(attack.cues[GH_ATTACK_CUE_NETWORK].assessed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_raster_is_a_peak_at_any_angle),
		cmocka_unit_test(coloured_stripes_are_a_peak_of_colour),
		cmocka_unit_test(powers_are_those_of_fourier),
		cmocka_unit_test(a_picture_smaller_than_a_window_has_no_spectrum),
		cmocka_unit_test(a_sheet_around_the_face_is_a_border),
		cmocka_unit_test(a_door_frame_is_no_border),
		cmocka_unit_test(blur_never_brings_detail_back),
		cmocka_unit_test(white_patches_count_by_the_largest),
		cmocka_unit_test(a_plane_moves_flat_and_a_head_does_not),
		cmocka_unit_test(a_sheet_moves_as_a_whole_and_a_hall_stands),
		cmocka_unit_test(somebody_beside_is_no_sheet),
		cmocka_unit_test(nothing_is_said_without_way_or_structure),
		cmocka_unit_test(frames_are_averaged_and_forgotten),
		cmocka_unit_test(stillness_is_not_flatness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
