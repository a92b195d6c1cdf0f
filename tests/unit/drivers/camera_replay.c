/* SPDX-License-Identifier: Apache-2.0 */
/* The replay camera: order, pace, formats, failures on request, and damaged sources. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/device/camera.h"
#include "replay/player.h"

static void folder_plays_in_order_and_ends(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 5);
	struct gh_camera *camera = play(*state, "pace=fast");
	for (unsigned i = 0; i < 5; i++)
		expect(camera, i, i);
	assert_int_equal(wait_status(camera, 1000), GH_CANCELLED);
	assert_int_equal(wait_status(camera, 10), GH_CANCELLED);
	assert_int_equal(gh_camera_state(camera), GH_DEVICE_STREAMING);
	gh_camera_close(camera);
}

static void loop_goes_round(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 3);
	struct gh_camera *camera = play(*state, "pace=fast,loop=yes");
	for (unsigned i = 0; i < 10; i++)
		expect(camera, i % 3, i);
	gh_camera_close(camera);
}

static void stop_and_start_go_on_with_the_scene(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 4);
	struct gh_camera *camera = play(*state, "pace=fast");
	expect(camera, 0, 0);
	expect(camera, 1, 1);
	assert_int_equal(gh_camera_stop(camera, NULL), GH_OK);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	expect(camera, 2, 0);
	gh_camera_close(camera);
}

static void every_nth_is_dropped(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 6);
	struct gh_camera *camera = play(*state, "pace=fast,drop=3");
	expect(camera, 0, 0);
	expect(camera, 1, 1);
	expect(camera, 3, 3);
	expect(camera, 4, 4);
	assert_int_equal(wait_status(camera, 1000), GH_CANCELLED);
	assert_int_equal(gh_camera_counters(camera).dropped, 1); /* the last one leaves no gap */
	gh_camera_close(camera);
}

static void drops_on_command(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 6);
	struct gh_camera *camera = play(*state, "pace=fast");
	expect(camera, 0, 0);
	assert_int_equal(gh_camera_rehearse(camera, "drop 2", NULL), GH_OK);
	expect(camera, 3, 3);
	assert_int_equal(gh_camera_counters(camera).dropped, 2);
	assert_int_equal(gh_camera_rehearse(camera, "drop x", NULL), GH_MALFORMED);
	assert_int_equal(gh_camera_rehearse(camera, "drop", NULL), GH_MALFORMED);
	gh_camera_close(camera);
}

static void freeze_repeats_the_picture_with_new_times(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 6);
	struct gh_camera *camera = play(*state, "pace=fast");
	expect(camera, 0, 0);
	assert_int_equal(gh_camera_rehearse(camera, "freeze", NULL), GH_OK);
	expect(camera, 0, 1);
	expect(camera, 0, 2);
	assert_int_equal(gh_camera_rehearse(camera, "thaw", NULL), GH_OK);
	expect(camera, 1, 3);
	gh_camera_close(camera);
}

static void paused_shows_nothing_and_leaves_no_gap(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 6);
	struct gh_camera *camera = play(*state, "interval_us=1000,paused=yes");
	assert_int_equal(wait_status(camera, 20), GH_TIMEOUT);
	assert_int_equal(gh_camera_rehearse(camera, "resume", NULL), GH_OK);
	struct gh_frame *frame = next(camera);
	assert_int_equal(number_of(frame), 0);
	assert_int_equal(frame->sequence, 0);
	gh_frame_unref(frame);
	assert_int_equal(gh_camera_rehearse(camera, "pause", NULL), GH_OK);
	assert_int_equal(wait_status(camera, 20), GH_TIMEOUT);
	gh_camera_close(camera);
}

static void load_lets_the_next_one_walk_in(void **state)
{
	char *other = folder_make();
	char command[600];
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 2);
	folder_fill(other, WIDTH_PX, HEIGHT_PX, 1);
	struct gh_camera *camera = play(*state, "pace=fast");
	expect(camera, 0, 0);
	expect(camera, 1, 1);
	assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
	snprintf(command, sizeof(command), "load %s", other);
	assert_int_equal(gh_camera_rehearse(camera, command, NULL), GH_OK);
	expect(camera, 0, 2);
	assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
	assert_int_equal(gh_camera_rehearse(camera, "load /nowhere/at/all", NULL), GH_NOT_FOUND);
	gh_camera_close(camera);
	folder_remove(other);
}

static void load_of_another_size_is_refused(void **state)
{
	char *other = folder_make();
	char command[600];
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 2);
	folder_fill(other, WIDTH_PX + 2, HEIGHT_PX, 1);
	struct gh_camera *camera = play(*state, "pace=fast");
	snprintf(command, sizeof(command), "load %s", other);
	struct gh_error error = GH_ERROR_NONE;
	assert_int_equal(gh_camera_rehearse(camera, command, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "98x64, and 96x64 is played"));
	expect(camera, 0, 0);
	gh_camera_close(camera);

	/* Before a mode is chosen, the new source chooses it. */
	camera = open_at(*state, "");
	assert_int_equal(gh_camera_rehearse(camera, command, NULL), GH_OK);
	struct gh_camera_mode mode;
	assert_int_equal(
		gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, NULL), GH_OK);
	assert_int_equal(mode.width_px, WIDTH_PX + 2);
	gh_camera_close(camera);
	folder_remove(other);
}

static void wall_pace_follows_the_clock(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 7);
	struct gh_clock_manual manual;
	gh_clock_manual_init(&manual, 5000000, 0);
	struct gh_device_address address = at(*state, "interval_us=100000,delay_ms=30");
	struct gh_camera *camera;
	struct gh_camera_mode mode;
	struct gh_frame *frame;
	assert_int_equal(gh_camera_open(&address, &manual.clock, &camera, NULL), GH_OK);
	assert_int_equal(
		gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, NULL), GH_OK);
	assert_int_equal(mode.frame_interval_us, 100000);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);

	/* Captured at once, handed over after the delay. */
	assert_int_equal(wait_status(camera, 5), GH_TIMEOUT);
	gh_clock_manual_advance(&manual, 30000);
	frame = next(camera);
	assert_int_equal(frame->capture_us, 5000000);
	assert_false(frame->arrival_time);
	gh_frame_unref(frame);
	assert_int_equal(wait_status(camera, 5), GH_TIMEOUT);
	gh_clock_manual_advance(&manual, 100000);
	frame = next(camera);
	assert_int_equal(frame->capture_us, 5100000);
	gh_frame_unref(frame);

	/* Late by three intervals: a sensor would not have waited. */
	gh_clock_manual_advance(&manual, 350000);
	frame = next(camera);
	assert_int_equal(frame->sequence, 4);
	assert_int_equal(number_of(frame), 4);
	assert_int_equal(frame->capture_us, 5400000);
	gh_frame_unref(frame);
	assert_int_equal(gh_camera_counters(camera).dropped, 2);
	gh_camera_close(camera);
}

static void empty_pool_is_a_drop_at_wall_pace_and_a_wait_at_fast(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 7);
	struct gh_frame *held[3];
	struct gh_camera *camera = play(*state, "pace=fast,buffers=3");
	for (unsigned i = 0; i < 3; i++)
		held[i] = next(camera);
	assert_int_equal(wait_status(camera, 10), GH_TIMEOUT);
	gh_frame_unref(held[0]);
	expect(camera, 3, 3);
	gh_frame_unref(held[1]);
	gh_frame_unref(held[2]);
	gh_camera_close(camera);

	camera = play(*state, "interval_us=1000,buffers=3,loop=yes");
	for (unsigned i = 0; i < 3; i++)
		held[i] = next(camera);
	assert_int_equal(wait_status(camera, 20), GH_TIMEOUT);
	for (unsigned i = 0; i < 3; i++)
		gh_frame_unref(held[i]);
	gh_frame_unref(next(camera));
	assert_true(gh_camera_counters(camera).dropped > 0);
	gh_camera_close(camera);
}

static void write_bytes(const char *folder, const char *name, const char *text)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	assert_int_equal(gh_bytes_append(&bytes, text, strlen(text), NULL), GH_OK);
	folder_write(folder, name, &bytes, NULL);
	gh_bytes_finish(&bytes);
}

static void write_jpeg(const char *folder, const char *name, unsigned number, uint32_t width_px,
	size_t cut_bytes, const struct jpeg_style *style)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct picture picture = picture_draw(width_px, HEIGHT_PX, number);
	picture_jpeg(&picture, style, &bytes);
	bytes.length_bytes -= cut_bytes;
	folder_write(folder, name, &bytes, NULL);
	picture_free(&picture);
	gh_bytes_finish(&bytes);
}

static void damaged_pictures_are_counted_and_skipped(void **state)
{
	static const struct jpeg_style plain = { 0 };
	write_bytes(*state, "00.jpg", "not a picture");
	write_jpeg(*state, "01.jpg", 1, WIDTH_PX, 0, &plain);
	write_jpeg(*state, "02.jpg", 2, WIDTH_PX, 300, &plain);   /* cut */
	write_jpeg(*state, "03.jpg", 3, WIDTH_PX + 1, 0, &plain); /* another size */
	write_bytes(*state, "04.png", "\x89PNG\r\n\x1a\n");
	write_bytes(*state, "05.jpg", "");
	write_jpeg(*state, "06.jpg", 6, WIDTH_PX, 0, &(struct jpeg_style){ .cmyk = true });
	write_jpeg(*state, "07.jpg", 0, WIDTH_PX, 0, &plain);
	struct gh_camera *camera = play(*state, "pace=fast");
	static const enum gh_status expected[] = { GH_MALFORMED, GH_OK, GH_MALFORMED, GH_MALFORMED,
		GH_MALFORMED, GH_MALFORMED, GH_MALFORMED, GH_OK, GH_CANCELLED };
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		enum gh_status status = wait_status(camera, 500);
		if (status != expected[i])
			fail_msg("turn %zu: %s", i, gh_status_name(status));
	}
	struct gh_device_counters counters = gh_camera_counters(camera);
	assert_int_equal(counters.delivered, 2);
	assert_int_equal(counters.damaged, 6);
	assert_int_equal(counters.dropped, 0);
	gh_camera_close(camera);
}

static void names_decide_what_is_a_picture(void **state)
{
	write_jpeg(*state, "b.JPEG", 1, WIDTH_PX, 0, &(struct jpeg_style){ 0 });
	write_jpeg(*state, "a.Jpg", 0, WIDTH_PX, 0, &(struct jpeg_style){ 0 });
	write_bytes(*state, ".hidden.jpg", "x");
	write_bytes(*state, "notes.txt", "x");
	write_bytes(*state, "jpg", "x");
	struct gh_camera *camera = play(*state, "pace=fast");
	expect(camera, 0, 0);
	expect(camera, 1, 1);
	assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
	assert_int_equal(gh_camera_counters(camera).damaged, 0);
	gh_camera_close(camera);
}

/* Every way a JPEG or PNG can be written gives the picture that was drawn. */
static void all_kinds_of_files_are_read(void **state)
{
	static const struct jpeg_style jpegs[] = { { .full_chroma = true }, { .rgb = true },
		{ .progressive = true }, { .no_tables = true }, { .restart_rows = 1 } };
	static const struct png_style pngs[] = { { .alpha = true }, { .deep = true },
		{ .interlaced = true }, { .deep = true, .alpha = true, .interlaced = true } };
	struct picture picture = picture_draw(WIDTH_PX, HEIGHT_PX, 4);
	char name[32];
	for (unsigned i = 0; i < 9; i++) {
		struct gh_bytes bytes = GH_BYTES_EMPTY;
		snprintf(name, sizeof(name), "%u.%s", i, i < 5 ? "jpg" : "png");
		if (i < 5)
			picture_jpeg(&picture, &jpegs[i], &bytes);
		else
			picture_png(&picture, &pngs[i - 5], &bytes);
		folder_write(*state, name, &bytes, NULL);
		gh_bytes_finish(&bytes);
	}
	picture_free(&picture);
	struct gh_camera *camera = play(*state, "pace=fast");
	for (unsigned i = 0; i < 9; i++) {
		struct gh_frame *frame = next(camera);
		double limit = i < 5 ? 6.0 : 0.001;
		if (distance(frame, 4) > limit)
			fail_msg("file %u is %g away", i, distance(frame, 4));
		gh_frame_unref(frame);
	}
	gh_camera_close(camera);
}

static double luma(const uint8_t *rgb)
{
	return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/* Mean distance of a frame's luma, and the worst of its chroma, from what was drawn. */
static void measure(const struct gh_frame *frame, double *luma_error, double *chroma_error)
{
	struct picture picture = picture_draw(frame->width_px, frame->height_px, 2);
	const struct gh_plane *first = &frame->planes[0];
	const struct gh_plane *second = &frame->planes[1];
	*luma_error = 0;
	*chroma_error = 0;
	for (uint32_t y = 0; y < frame->height_px; y++) {
		for (uint32_t x = 0; x < frame->width_px; x++) {
			const uint8_t *rgb = picture.rgb + ((size_t)y * frame->width_px + x) * 3;
			size_t step = frame->format == GH_PIXEL_YUYV ? 2 : 1;
			double value = first->data[(size_t)y * first->stride_bytes + x * step];
			double difference = value - luma(rgb);
			*luma_error += difference < 0 ? -difference : difference;
			const uint8_t *cb = NULL;
			if (frame->format == GH_PIXEL_NV12)
				cb = second->data + (size_t)(y / 2) * second->stride_bytes +
					x / 2 * 2;
			if (frame->format == GH_PIXEL_YUYV)
				cb = first->data + (size_t)y * first->stride_bytes + x / 2 * 4 + 1;
			if (cb)
				*chroma_error +=
					abs(*cb - (int)(128 + 0.564 * (rgb[2] - luma(rgb))));
		}
	}
	*luma_error /= frame->width_px * frame->height_px;
	*chroma_error /= frame->width_px * frame->height_px;
	picture_free(&picture);
}

static void check_format(const char *folder, const char *name, enum gh_pixel_format format)
{
	char options[64];
	snprintf(options, sizeof(options), "pace=fast,format=%s", name);
	struct gh_camera *camera = play(folder, options);
	for (unsigned i = 0; i < 4; i++) {
		struct gh_frame *frame = next(camera);
		double luma_error;
		double chroma_error;
		assert_int_equal(frame->format, format);
		measure(frame, &luma_error, &chroma_error);
		if (luma_error > 6.0 || chroma_error > (i == 1 ? 40.0 : 6.0))
			fail_msg("%s, file %u: luma %g, chroma %g away", name, i, luma_error,
				chroma_error);
		gh_frame_unref(frame);
	}
	gh_camera_close(camera);
}

static void all_formats_show_the_picture(void **state)
{
	struct picture picture = picture_draw(WIDTH_PX, HEIGHT_PX, 2);
	struct gh_bytes png = GH_BYTES_EMPTY;
	write_jpeg(*state, "0.jpg", 2, WIDTH_PX, 0, &(struct jpeg_style){ 0 });
	write_jpeg(*state, "1.jpg", 2, WIDTH_PX, 0, &(struct jpeg_style){ .grey = true });
	write_jpeg(*state, "2.jpg", 2, WIDTH_PX, 0, &(struct jpeg_style){ .rgb = true });
	picture_png(&picture, &(struct png_style){ 0 }, &png);
	folder_write(*state, "3.png", &png, NULL);
	gh_bytes_finish(&png);
	picture_free(&picture);
	check_format(*state, "grey", GH_PIXEL_GREY);
	check_format(*state, "nv12", GH_PIXEL_NV12);
	check_format(*state, "yuyv", GH_PIXEL_YUYV);
}

static void odd_sides_fit_some_formats_only(void **state)
{
	struct gh_camera *camera;
	write_jpeg(*state, "0.jpg", 2, WIDTH_PX + 1, 0, &(struct jpeg_style){ 0 });
	static const char *const refused[] = { "format=nv12", "format=yuyv" };
	for (size_t i = 0; i < 2; i++) {
		struct gh_device_address address = at(*state, refused[i]);
		assert_int_equal(
			gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_SETTINGS);
	}
	camera = play(*state, "format=grey");
	gh_frame_unref(next(camera));
	gh_camera_close(camera);
	camera = play(*state, "");
	gh_frame_unref(next(camera));
	gh_camera_close(camera);
}

static void mjpeg_hands_the_file_on(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct picture picture = picture_draw(WIDTH_PX, HEIGHT_PX, 3);
	picture_jpeg(&picture, &(struct jpeg_style){ .no_tables = true }, &bytes);
	folder_write(*state, "0.jpg", &bytes, NULL);
	write_bytes(*state, "1.png", "\x89PNG\r\n\x1a\n");
	struct gh_camera *camera = play(*state, "pace=fast,format=mjpeg");
	struct gh_frame *frame = next(camera);
	assert_int_equal(frame->format, GH_PIXEL_MJPEG);
	assert_int_equal(frame->width_px, WIDTH_PX);
	assert_int_equal(frame->planes[0].length_bytes, bytes.length_bytes);
	assert_memory_equal(frame->planes[0].data, bytes.data, bytes.length_bytes);
	gh_frame_unref(frame);
	assert_int_equal(wait_status(camera, 500), GH_MALFORMED);
	gh_camera_close(camera);
	picture_free(&picture);
	gh_bytes_finish(&bytes);
}

static void bad_sources_are_refused(void **state)
{
	struct gh_camera *camera;
	char path[512];
	struct gh_bytes text = GH_BYTES_EMPTY;
	assert_int_equal(gh_bytes_append(&text, "no video at all, but long", 25, NULL), GH_OK);
	struct gh_device_address address = at("/nowhere/at/all", "");
	assert_int_equal(gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_NOT_FOUND);
	address = at(*state, "");
	assert_int_equal(gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_NOT_FOUND);
	folder_write(*state, "x.jpg", &text, path);
	assert_int_equal(gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_MALFORMED);
	address = at(path, "");
	assert_int_equal(
		gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_UNSUPPORTED);
	address = at("/dev/null", "");
	assert_int_equal(
		gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_UNSUPPORTED);
	gh_bytes_finish(&text);
}

static void bad_options_are_refused(void **state)
{
	static const char *const bad[] = { "pace=slow", "interval_us=1", "loop=maybe", "format=png",
		"drop=1", "speed=2", "pace=fast,pace=fast", "pace", "buffers=2" };
	struct gh_camera *camera;
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct gh_device_address address = at(*state, bad[i]);
		assert_int_equal(
			gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_SETTINGS);
	}
}

static void unplugged_wait_ends_at_once(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 2);
	struct gh_camera *camera = play(*state, "pace=fast");
	assert_int_equal(gh_camera_rehearse(camera, "unplug", NULL), GH_OK);
	assert_int_equal(wait_status(camera, 1000), GH_GONE);
	assert_int_equal(gh_camera_rehearse(camera, "replug", NULL), GH_OK);
	assert_int_equal(gh_camera_reopen(camera, NULL), GH_OK);
	struct gh_camera_mode mode;
	assert_int_equal(
		gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, NULL), GH_OK);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	expect(camera, 0, 0);
	gh_camera_close(camera);
}

static void file_removed_while_playing_is_damage(void **state)
{
	char path[600];
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 3);
	struct gh_camera *camera = play(*state, "pace=fast");
	expect(camera, 0, 0);
	snprintf(path, sizeof(path), "%s/001.jpg", (const char *)*state);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(wait_status(camera, 500), GH_MALFORMED);
	expect(camera, 2, 2);
	struct gh_device_counters counters = gh_camera_counters(camera);
	assert_int_equal(counters.damaged, 1);
	assert_int_equal(counters.dropped, 0);
	gh_camera_close(camera);
}

/* Orders of another thread while this one waits; the sanitizers look for races. */
struct orders {
	struct gh_camera *camera;
	char load[600];
	enum gh_status status;
};

static void *give_orders(void *ctx)
{
	struct orders *orders = ctx;
	const char *const commands[] = { "freeze", "drop 2", orders->load, "delay 1", "thaw",
		"pause", orders->load, "resume", "delay 0" };
	for (unsigned i = 0; i < 45 && orders->status == GH_OK; i++)
		orders->status = gh_camera_rehearse(orders->camera, commands[i % 9], NULL);
	return NULL;
}

static void play_again(struct gh_camera *camera)
{
	struct gh_camera_mode mode;
	assert_int_equal(gh_camera_reopen(camera, NULL), GH_OK);
	assert_int_equal(
		gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, NULL), GH_OK);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
}

static void orders_come_beside_a_wait(void **state)
{
	folder_fill(*state, WIDTH_PX, HEIGHT_PX, 3);
	struct orders orders = { .camera = play(*state, "pace=fast,loop=yes") };
	pthread_t thread;
	snprintf(orders.load, sizeof(orders.load), "load %s", (const char *)*state);
	assert_int_equal(pthread_create(&thread, NULL, give_orders, &orders), 0);
	for (unsigned i = 0; i < 200; i++) {
		enum gh_status status = wait_status(orders.camera, 20);
		assert_true(status == GH_OK || status == GH_TIMEOUT);
		if (i % 40 == 20)
			play_again(orders.camera);
	}
	pthread_join(thread, NULL);
	assert_int_equal(orders.status, GH_OK);
	play_again(orders.camera); /* whatever was ordered last */
	gh_frame_unref(next(orders.camera));
	gh_camera_close(orders.camera);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(folder_plays_in_order_and_ends),
		TEST(loop_goes_round),
		TEST(stop_and_start_go_on_with_the_scene),
		TEST(every_nth_is_dropped),
		TEST(drops_on_command),
		TEST(freeze_repeats_the_picture_with_new_times),
		TEST(paused_shows_nothing_and_leaves_no_gap),
		TEST(load_lets_the_next_one_walk_in),
		TEST(load_of_another_size_is_refused),
		TEST(wall_pace_follows_the_clock),
		TEST(empty_pool_is_a_drop_at_wall_pace_and_a_wait_at_fast),
		TEST(damaged_pictures_are_counted_and_skipped),
		TEST(names_decide_what_is_a_picture),
		TEST(all_kinds_of_files_are_read),
		TEST(all_formats_show_the_picture),
		TEST(odd_sides_fit_some_formats_only),
		TEST(mjpeg_hands_the_file_on),
		TEST(bad_sources_are_refused),
		TEST(bad_options_are_refused),
		TEST(unplugged_wait_ends_at_once),
		TEST(file_removed_while_playing_is_damage),
		TEST(orders_come_beside_a_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
