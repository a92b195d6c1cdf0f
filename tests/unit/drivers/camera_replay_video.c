/* SPDX-License-Identifier: Apache-2.0 */
/* The replay camera and video files: as recorders write them, and as they leave them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay/player.h"

/* A video of `count` pictures in the folder; returns its path in `path`. */
static void make_video(const char *folder, size_t count, const struct avi_style *style,
	size_t cut_bytes, char *path)
{
	struct gh_bytes pictures[8] = { { NULL, 0, 0 } };
	struct gh_bytes video = GH_BYTES_EMPTY;
	for (size_t i = 0; i < count; i++) {
		struct picture picture = picture_draw(WIDTH_PX, HEIGHT_PX, (unsigned)i);
		picture_jpeg(&picture, &(struct jpeg_style){ .no_tables = true }, &pictures[i]);
		/* Odd lengths: the byte after EOI is nobody's. */
		if (pictures[i].length_bytes % 2 == 0)
			assert_int_equal(gh_bytes_append(&pictures[i], "", 1, NULL), GH_OK);
		picture_free(&picture);
	}
	avi_write(pictures, count, style, &video);
	video.length_bytes -= cut_bytes;
	folder_write(folder, "video.avi", &video, path);
	gh_bytes_finish(&video);
	for (size_t i = 0; i < count; i++)
		gh_bytes_finish(&pictures[i]);
}

static void videos_play(void **state)
{
	static const struct avi_style styles[] = { { 0 }, { .compression = "mjpg" },
		{ .audio_first = true }, { .records = true }, { .no_index = true },
		{ .no_padding = true }, { .unfinished = true, .no_index = true },
		{ .second_riff = true },
		{ .audio_first = true, .records = true, .no_padding = true } };
	char path[512];
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		make_video(*state, 6, &styles[i], 0, path);
		struct gh_camera *camera = play(path, "pace=fast");
		for (unsigned k = 0; k < 6; k++)
			expect(camera, k, k);
		assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
		assert_int_equal(gh_camera_counters(camera).damaged, 0);
		gh_camera_close(camera);
	}
}

static void video_tells_its_own_pace(void **state)
{
	static const struct {
		struct avi_style style;
		const char *options;
		uint32_t interval_us;
	} paces[] = {
		{ { .scale = 1, .rate = 25 }, "", 40000 },
		{ { .scale = 1001, .rate = 30000 }, "", 33367 },
		{ { .scale = 1, .rate = 25 }, "interval_us=50000", 50000 },
		{ { .no_rate = true }, "", 33333 },
		{ { .scale = 4000000000u, .rate = 1 }, "", 33333 },
		{ { .scale = 1, .rate = 25 }, "pace=fast", 0 },
	};
	char path[512];
	for (size_t i = 0; i < sizeof(paces) / sizeof(paces[0]); i++) {
		make_video(*state, 1, &paces[i].style, 0, path);
		struct gh_camera *camera = open_at(path, paces[i].options);
		struct gh_camera_mode mode;
		size_t count;
		struct gh_camera_mode modes[GH_CAMERA_MODES_MAX];
		assert_int_equal(gh_camera_modes(camera, modes, &count, NULL), GH_OK);
		assert_int_equal(count, 1);
		mode = modes[0];
		assert_int_equal(mode.frame_interval_us, paces[i].interval_us);
		gh_camera_close(camera);
	}
}

static void dropped_picture_of_a_video_is_a_gap(void **state)
{
	char path[512];
	make_video(*state, 4, &(struct avi_style){ .dropped = 2 }, 0, path);
	struct gh_camera *camera = play(path, "pace=fast");
	expect(camera, 0, 0);
	expect(camera, 1, 1);
	expect(camera, 2, 3);
	assert_int_equal(gh_camera_counters(camera).dropped, 1);
	gh_camera_close(camera);
}

static void other_video_is_refused_by_name(void **state)
{
	char path[512];
	struct gh_error error = GH_ERROR_NONE;
	struct gh_camera *camera;
	make_video(*state, 2, &(struct avi_style){ .compression = "H264" }, 0, path);
	struct gh_device_address address = at(path, "");
	assert_int_equal(
		gh_camera_open(&address, gh_clock_system(), &camera, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "'H264'"));
}

static void append_to_file(const char *path, const void *data, size_t length_bytes)
{
	FILE *file = fopen(path, "ab");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, length_bytes, file), length_bytes);
	fclose(file);
}

/* Players and disks pad files: what stands behind the promised end is not damage. */
static void bytes_behind_the_end_are_not_damage(void **state)
{
	static const char zeros[512];
	static const struct {
		const void *data;
		size_t length_bytes;
	} tails[] = { { zeros, sizeof(zeros) }, { zeros, 3 }, { "TAGof a music player", 20 } };
	char path[512];
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		make_video(*state, 3, &(struct avi_style){ 0 }, 0, path);
		append_to_file(path, tails[i].data, tails[i].length_bytes);
		struct gh_camera *camera = play(path, "pace=fast");
		for (unsigned k = 0; k < 3; k++)
			expect(camera, k, k);
		assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
		assert_int_equal(gh_camera_counters(camera).damaged, 0);
		gh_camera_close(camera);
	}
}

/* In the middle it is: what follows cannot be found. */
static void garbage_in_the_middle_ends_the_video(void **state)
{
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_bytes video = GH_BYTES_EMPTY;
	char path[512];
	struct picture drawn = picture_draw(WIDTH_PX, HEIGHT_PX, 0);
	picture_jpeg(&drawn, &(struct jpeg_style){ 0 }, &picture);
	picture_free(&drawn);
	struct gh_bytes pictures[3] = { picture, picture, picture };
	avi_write(pictures, 3, &(struct avi_style){ .no_index = true }, &video);
	size_t last = video.length_bytes - picture.length_bytes - picture.length_bytes % 2 - 8;
	assert_memory_equal(video.data + last, "00dc", 4);
	memcpy(video.data + last, "\1\2\3\4", 4);
	folder_write(*state, "video.avi", &video, path);
	struct gh_camera *camera = play(path, "pace=fast");
	expect(camera, 0, 0);
	expect(camera, 0, 1);
	struct gh_frame *frame;
	struct gh_error error = GH_ERROR_NONE;
	assert_int_equal(gh_camera_wait(camera, 0, &frame, &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, "damaged at byte"));
	assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
	gh_camera_close(camera);
	gh_bytes_finish(&picture);
	gh_bytes_finish(&video);
}

/* Cut anywhere, a video plays what is whole, says so once, and never more. */
static void cut_video_plays_what_is_whole(void **state)
{
	char path[512];
	make_video(*state, 6, &(struct avi_style){ .no_index = true }, 0, path);
	struct gh_camera *whole = play(path, "pace=fast");
	unsigned total = 0;
	while (wait_status(whole, 0) == GH_OK)
		total++;
	assert_int_equal(total, 6);
	gh_camera_close(whole);

	unsigned last = 6;
	for (size_t cut = 2; cut < 9000; cut += 397) {
		struct gh_device_address address = at(path, "pace=fast");
		struct gh_camera *camera;
		make_video(*state, 6, &(struct avi_style){ .no_index = true }, cut, path);
		if (gh_camera_open(&address, gh_clock_system(), &camera, NULL) != GH_OK)
			break;
		gh_camera_close(camera);
		camera = play(path, "pace=fast");
		unsigned shown = 0;
		while (wait_status(camera, 0) == GH_OK)
			shown++;
		struct gh_device_counters counters = gh_camera_counters(camera);
		assert_true(shown <= last && shown >= 1);
		assert_int_equal(counters.damaged, 1);
		assert_int_equal(wait_status(camera, 0), GH_CANCELLED);
		last = shown;
		gh_camera_close(camera);
	}
	assert_true(last < 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(videos_play),
		TEST(video_tells_its_own_pace),
		TEST(dropped_picture_of_a_video_is_a_gap),
		TEST(other_video_is_refused_by_name),
		TEST(bytes_behind_the_end_are_not_damage),
		TEST(garbage_in_the_middle_ends_the_video),
		TEST(cut_video_plays_what_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
