/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a replayed frame costs, as a ratio to bare libjpeg on the same pictures, and as the share of
 * a core that 30 frames a second take; and what opening a long video costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jpeglib.h>

#include "gatehouse/device/camera.h"
#include "support/camera_replay/pictures.h"

enum {
	WIDTH_PX = 1280,
	HEIGHT_PX = 720,
	PICTURES = 8,
	FRAMES = 200,
	LONG_PICTURES = 100000,
};

static double cpu_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void check(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "%s: %s\n", gh_status_name(status), error->text);
	exit(1);
}

static struct gh_camera *play(const char *path, const char *options)
{
	struct gh_device_address address = { .driver = "camera/replay" };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_camera_mode mode;
	struct gh_camera *camera;
	snprintf(address.address, sizeof(address.address), "%s", path);
	snprintf(address.options, sizeof(address.options), "%s", options);
	check(gh_camera_open(&address, gh_clock_system(), &camera, &error), &error);
	check(gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, &error), &error);
	check(gh_camera_start(camera, &error), &error);
	return camera;
}

static double frame_s(const char *folder, const char *format)
{
	char options[128];
	struct gh_error error = GH_ERROR_NONE;
	snprintf(options, sizeof(options), "pace=fast,loop=yes,format=%s", format);
	struct gh_camera *camera = play(folder, options);
	double begin = cpu_s();
	for (unsigned i = 0; i < FRAMES; i++) {
		struct gh_frame *frame;
		check(gh_camera_wait(camera, 1000, &frame, &error), &error);
		gh_frame_unref(frame);
	}
	double taken = (cpu_s() - begin) / FRAMES;
	gh_camera_close(camera);
	return taken;
}

/* The least it can take: libjpeg alone, from memory to memory. */
static double bare_s(const struct gh_bytes *picture)
{
	struct jpeg_decompress_struct info;
	struct jpeg_error_mgr errors;
	uint8_t *row = malloc((size_t)WIDTH_PX * 3);
	double begin = cpu_s();
	info.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&info);
	for (unsigned i = 0; i < FRAMES; i++) {
		jpeg_mem_src(&info, picture->data, picture->length_bytes);
		jpeg_read_header(&info, TRUE);
		info.out_color_space = JCS_RGB;
		jpeg_start_decompress(&info);
		while (info.output_scanline < info.output_height)
			jpeg_read_scanlines(&info, &row, 1);
		jpeg_finish_decompress(&info);
	}
	jpeg_destroy_decompress(&info);
	free(row);
	return (cpu_s() - begin) / FRAMES;
}

static void print_frames(const char *folder)
{
	static const char *const formats[] = { "rgb24", "grey", "nv12", "yuyv", "mjpeg" };
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct picture drawn = picture_draw(WIDTH_PX, HEIGHT_PX, 0);
	picture_jpeg(&drawn, &(struct jpeg_style){ 0 }, &picture);
	double bare = bare_s(&picture);
	printf("%dx%d, JPEG of %zu bytes; bare libjpeg to RGB %.2f ms\n", WIDTH_PX, HEIGHT_PX,
		picture.length_bytes, bare * 1e3);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		double taken = frame_s(folder, formats[i]);
		printf("%-6s %6.2f ms a frame, %.2f of bare libjpeg, %4.1f %% of a core at 30/s\n",
			formats[i], taken * 1e3, taken / bare, taken * 30 * 100);
	}
	picture_free(&drawn);
	gh_bytes_finish(&picture);
}

static void print_opening(const char *folder)
{
	struct picture drawn = picture_draw(16, 16, 0);
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_bytes video = GH_BYTES_EMPTY;
	struct gh_bytes *all = malloc(LONG_PICTURES * sizeof(*all));
	char path[512];
	picture_jpeg(&drawn, &(struct jpeg_style){ .no_tables = true }, &picture);
	for (unsigned i = 0; i < LONG_PICTURES; i++)
		all[i] = picture;
	avi_write(all, LONG_PICTURES, &(struct avi_style){ 0 }, &video);
	folder_write(folder, "long.avi", &video, path);
	double begin = cpu_s();
	struct gh_camera *camera = play(path, "pace=fast");
	printf("opening a video of %d pictures: %.0f ms\n", LONG_PICTURES, (cpu_s() - begin) * 1e3);
	gh_camera_close(camera);
	free(all);
	picture_free(&drawn);
	gh_bytes_finish(&picture);
	gh_bytes_finish(&video);
}

int main(void)
{
	char *folder = folder_make();
	folder_fill(folder, WIDTH_PX, HEIGHT_PX, PICTURES);
	print_frames(folder);
	print_opening(folder);
	folder_remove(folder);
	return 0;
}
