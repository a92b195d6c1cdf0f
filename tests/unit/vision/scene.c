/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of every format give the same scene, and bad ones are refused. */
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/vision/picture.h"

enum {
	WIDTH = 320,
	HEIGHT = 240,
	STRIDE_EXTRA = 24
};

static struct gh_viewer viewer;
static uint8_t memory[4 * (WIDTH + STRIDE_EXTRA) * HEIGHT];

static struct gh_vision_options options_of(struct gh_zone zone)
{
	struct gh_vision_options options = gh_vision_options_default();

	options.zone = zone;
	options.width_max_px = WIDTH;
	options.height_max_px = HEIGHT;
	return options;
}

static int setup(void **state)
{
	struct gh_vision_options options = options_of((struct gh_zone){ 200, 100, 800, 900 });

	return gh_viewer_init(&viewer, &options, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_viewer_finish(&viewer);
	return 0;
}

/* A smooth grey picture: what every format can carry almost without loss. */
static uint8_t grey_at(int x, int y)
{
	return (uint8_t)(40 + x / 4 + y / 3);
}

static struct gh_frame base(enum gh_pixel_format format)
{
	return (struct gh_frame){ .width_px = WIDTH, .height_px = HEIGHT, .format = format };
}

static void set_plane(struct gh_plane *plane, uint8_t *data, uint32_t row_bytes, uint32_t rows)
{
	plane->data = data;
	plane->stride_bytes = row_bytes + STRIDE_EXTRA;
	plane->length_bytes = plane->stride_bytes * rows;
}

static struct gh_frame grey_frame(void)
{
	struct gh_frame frame = base(GH_PIXEL_GREY);

	set_plane(&frame.planes[0], memory, WIDTH, HEIGHT);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			memory[(size_t)y * frame.planes[0].stride_bytes + (size_t)x] =
				grey_at(x, y);
	return frame;
}

static struct gh_frame rgb_frame(void)
{
	struct gh_frame frame = base(GH_PIXEL_RGB24);

	set_plane(&frame.planes[0], memory, 3 * WIDTH, HEIGHT);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			memset(memory + (size_t)y * frame.planes[0].stride_bytes + 3 * (size_t)x,
				grey_at(x, y), 3);
	return frame;
}

/* Limited range of BT.601. */
static uint8_t luma_of(uint8_t grey)
{
	return (uint8_t)(16 + (219 * grey + 127) / 255);
}

static struct gh_frame nv12_frame(void)
{
	struct gh_frame frame = base(GH_PIXEL_NV12);

	set_plane(&frame.planes[0], memory, WIDTH, HEIGHT);
	set_plane(&frame.planes[1], memory + frame.planes[0].length_bytes, WIDTH, HEIGHT / 2);
	memset(memory, 128, sizeof(memory));
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			memory[(size_t)y * frame.planes[0].stride_bytes + (size_t)x] =
				luma_of(grey_at(x, y));
	return frame;
}

static struct gh_frame yuyv_frame(void)
{
	struct gh_frame frame = base(GH_PIXEL_YUYV);

	set_plane(&frame.planes[0], memory, 2 * WIDTH, HEIGHT);
	memset(memory, 128, sizeof(memory));
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			memory[(size_t)y * frame.planes[0].stride_bytes + 2 * (size_t)x] =
				luma_of(grey_at(x, y));
	return frame;
}

static struct gh_frame jpeg_frame(void)
{
	struct gh_frame frame = base(GH_PIXEL_MJPEG);
	struct gh_picture picture = { WIDTH, HEIGHT, GH_BYTES_EMPTY };
	size_t length = sizeof(memory);

	assert_int_equal(gh_bytes_reserve(&picture.rgb, 3 * WIDTH * HEIGHT, NULL), GH_OK);
	picture.rgb.length_bytes = 3 * WIDTH * HEIGHT;
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			memset(picture.rgb.data + 3 * ((size_t)y * WIDTH + (size_t)x),
				grey_at(x, y), 3);
	assert_int_equal(gh_picture_encode_jpeg(&picture, 98, memory, &length, NULL), GH_OK);
	gh_picture_finish(&picture);
	frame.planes[0].data = memory;
	frame.planes[0].length_bytes = (uint32_t)length;
	return frame;
}

/* Zone 64..256 x 24..216, an eighth of it around: 40..280 x 0..240. */
static void check_scene(const struct gh_frame *frame, int tolerance)
{
	struct gh_scene scene;

	assert_int_equal(gh_viewer_show(&viewer, frame, &scene, NULL), GH_OK);
	assert_int_equal(scene.image.width_px, 240);
	assert_int_equal(scene.image.height_px, 240);
	assert_int_equal(scene.stage.frame_height_px, HEIGHT);
	assert_float_equal(scene.zone.left, 24, 0.01f);
	assert_float_equal(scene.zone.right, 216, 0.01f);
	assert_float_equal(scene.zone.top, 24, 0.01f);
	assert_float_equal(scene.zone.bottom, 216, 0.01f);
	for (int y = 0; y < 240; y++)
		for (int x = 0; x < 240; x++)
			for (int c = 0; c < 3; c++) {
				int found = scene.image.rgb[(size_t)y * scene.image.stride_bytes +
					3 * (size_t)x + (size_t)c];

				assert_in_range(found + 256, grey_at(x + 40, y) + 256 - tolerance,
					grey_at(x + 40, y) + 256 + tolerance);
			}
}

static void every_format_gives_the_same_scene(void **state)
{
	struct gh_frame (*const makers[])(
		void) = { grey_frame, rgb_frame, nv12_frame, yuyv_frame, jpeg_frame };

	for (size_t i = 0; i < 5; i++) {
		struct gh_frame frame = makers[i]();

		check_scene(&frame, i < 2 ? 0 : 2);
	}
}

/* The region begins in the middle of the JPEG's blocks and is found all the same. */
static void a_jpeg_region_needs_no_block_borders(void **state)
{
	struct gh_vision_options options = options_of((struct gh_zone){ 300, 300, 500, 600 });
	struct gh_viewer other;
	struct gh_scene scene;
	struct gh_frame frame = jpeg_frame();

	assert_int_equal(gh_viewer_init(&other, &options, NULL), GH_OK);
	assert_int_equal(gh_viewer_show(&other, &frame, &scene, NULL), GH_OK);
	for (int y = 0; y < (int)scene.image.height_px; y++)
		for (int x = 0; x < (int)scene.image.width_px; x++) {
			int found =
				scene.image
					.rgb[(size_t)y * scene.image.stride_bytes + 3 * (size_t)x];
			/* 275 permille of 320 and 263 of 240, made even. */
			int wanted = grey_at(x + 88, y + 62);

			assert_in_range(found + 256, wanted + 253, wanted + 259);
		}
	gh_viewer_finish(&other);
}

static void a_zone_at_the_frames_edge_has_no_margin_there(void **state)
{
	struct gh_vision_options options = options_of((struct gh_zone){ 0, 0, 1000, 1000 });
	struct gh_viewer other;
	struct gh_scene scene;
	struct gh_frame frame = grey_frame();

	assert_int_equal(gh_viewer_init(&other, &options, NULL), GH_OK);
	assert_int_equal(gh_viewer_show(&other, &frame, &scene, NULL), GH_OK);
	assert_int_equal(scene.image.width_px, WIDTH);
	assert_int_equal(scene.image.height_px, HEIGHT);
	assert_float_equal(scene.zone.right, WIDTH, 0.01f);
	gh_viewer_finish(&other);
}

static void odd_frames_and_tiny_ones_are_seen(void **state)
{
	static const uint32_t sizes[][2] = { { 1, 1 }, { 3, 5 }, { 17, 9 }, { 319, 239 } };

	for (size_t i = 0; i < 4; i++) {
		struct gh_frame frame = grey_frame();
		struct gh_scene scene;

		frame.width_px = sizes[i][0];
		frame.height_px = sizes[i][1];
		assert_int_equal(gh_viewer_show(&viewer, &frame, &scene, NULL), GH_OK);
		assert_in_range(scene.image.width_px, 1, sizes[i][0]);
		assert_in_range(scene.image.height_px, 1, sizes[i][1]);
		frame = nv12_frame();
		frame.width_px = sizes[i][0];
		frame.height_px = sizes[i][1];
		/* Odd sizes of NV12 may be refused, but never read outside. */
		(void)!gh_viewer_show(&viewer, &frame, &scene, NULL);
	}
}

static void what_is_no_frame_is_refused(void **state)
{
	struct gh_frame frame = grey_frame();
	struct gh_scene scene;
	struct gh_error error = GH_ERROR_NONE;

	frame.planes[0].length_bytes = 10;
	assert_int_equal(gh_viewer_show(&viewer, &frame, &scene, &error), GH_MALFORMED);
	frame = grey_frame();
	frame.damaged = true;
	assert_int_equal(gh_viewer_show(&viewer, &frame, &scene, &error), GH_MALFORMED);
	frame = grey_frame();
	frame.format = (enum gh_pixel_format)77;
	assert_int_not_equal(gh_viewer_show(&viewer, &frame, &scene, &error), GH_OK);
	frame = rgb_frame();
	frame.width_px = WIDTH + 2;
	assert_int_equal(gh_viewer_show(&viewer, &frame, &scene, &error), GH_UNSUPPORTED);
}

static void a_jpeg_of_another_size_or_cut_is_refused(void **state)
{
	struct gh_frame frame = jpeg_frame();
	uint32_t whole = frame.planes[0].length_bytes;
	struct gh_scene scene;
	enum gh_status status;

	frame.width_px = WIDTH - 8;
	assert_int_equal(gh_viewer_show(&viewer, &frame, &scene, NULL), GH_MALFORMED);
	frame.width_px = WIDTH;
	frame.planes[0].length_bytes = whole / 2;
	status = gh_viewer_show(&viewer, &frame, &scene, NULL);
	assert_true(status == GH_TRUNCATED || status == GH_MALFORMED);
	/* The same reader goes on with the next good frame. */
	frame.planes[0].length_bytes = whole;
	check_scene(&frame, 2);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	static const struct gh_zone wrong[] = { { 500, 0, 500, 1000 }, { 0, 600, 1000, 400 },
		{ 0, 0, 1001, 1000 } };

	for (size_t i = 0; i < 3; i++) {
		struct gh_vision_options options = options_of(wrong[i]);
		struct gh_viewer other;

		assert_int_equal(gh_viewer_init(&other, &options, NULL), GH_SETTINGS);
	}
}

static void a_wiped_viewer_holds_no_pixel(void **state)
{
	struct gh_frame frame = nv12_frame();
	struct gh_scene scene;

	assert_int_equal(gh_viewer_show(&viewer, &frame, &scene, NULL), GH_OK);
	gh_viewer_wipe(&viewer);
	for (size_t i = 0; i < viewer.capacity_bytes; i++)
		assert_int_equal(viewer.rgb[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_gives_the_same_scene),
		cmocka_unit_test(a_jpeg_region_needs_no_block_borders),
		cmocka_unit_test(a_zone_at_the_frames_edge_has_no_margin_there),
		cmocka_unit_test(odd_frames_and_tiny_ones_are_seen),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(a_jpeg_of_another_size_or_cut_is_refused),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test(a_wiped_viewer_holds_no_pixel),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
