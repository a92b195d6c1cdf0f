/* SPDX-License-Identifier: Apache-2.0 */
/* libpng, whose errors jump: everything that can jump runs below guard(). */
#include "codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>

/* Text and profiles are of no use here; libpng keeps no larger chunk than this. */
#define CHUNK_BYTES_MAX (1u << 20)

/* One picture's way through libpng. */
struct job {
	png_structp png;
	png_infop info;
	struct gh_view file;
	size_t used_bytes;
	struct gh_replay_rows rows;
	char text[128];
};

static void jump_out(png_structp png, png_const_charp text)
{
	struct job *job = png_get_error_ptr(png);
	snprintf(job->text, sizeof(job->text), "%s", text);
	png_longjmp(png, 1);
}

static void say_nothing(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void give_bytes(png_structp png, png_bytep bytes, size_t length_bytes)
{
	struct job *job = png_get_io_ptr(png);
	if (length_bytes > job->file.length_bytes - job->used_bytes)
		png_error(png, "the file ends before its end");
	memcpy(bytes, job->file.data + job->used_bytes, length_bytes);
	job->used_bytes += length_bytes;
}

static void run_header(struct job *job)
{
	png_set_read_fn(job->png, job, give_bytes);
	png_set_user_limits(job->png, GH_FRAME_SIDE_MAX_PX, GH_FRAME_SIDE_MAX_PX);
	png_set_chunk_malloc_max(job->png, CHUNK_BYTES_MAX);
	png_set_chunk_cache_max(job->png, 16);
	png_read_info(job->png, job->info);
}

static void run_rows(struct job *job)
{
	png_structp png = job->png;
	run_header(job);
	png_set_expand(png);
	png_set_strip_16(png);
	png_set_strip_alpha(png);
	png_set_gray_to_rgb(png);
	int passes = png_set_interlace_handling(png);
	png_read_update_info(png, job->info);
	uint32_t height_px = png_get_image_height(png, job->info);
	for (int pass = 0; pass < passes; pass++) {
		for (uint32_t y = 0; y < height_px; y++)
			png_read_row(png, job->rows.data + job->rows.stride_bytes * y, NULL);
	}
	png_read_end(png, NULL);
}

/* The only setjmp. Nothing of this frame changes between it and the jump. */
static bool guard(void (*run)(struct job *job), struct job *job)
{
	if (setjmp(png_jmpbuf(job->png)))
		return false;
	run(job);
	return true;
}

static enum gh_status begin(struct job *job, struct gh_error *error)
{
	job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, job, jump_out, say_nothing);
	if (!job->png)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a PNG decoder");
	job->info = png_create_info_struct(job->png);
	if (job->info)
		return GH_OK;
	png_destroy_read_struct(&job->png, NULL, NULL);
	return gh_error_set(error, GH_NO_MEMORY, "no memory for a PNG header");
}

static enum gh_status run(struct job *job, void (*what)(struct job *job), struct gh_error *error)
{
	if (guard(what, job))
		return GH_OK;
	return gh_error_set(error, GH_MALFORMED, "PNG: %s", job->text);
}

enum gh_status gh_replay_png_size(
	struct gh_view file, uint32_t *width_px, uint32_t *height_px, struct gh_error *error)
{
	struct job job = { .file = file };
	enum gh_status status = begin(&job, error);
	if (status != GH_OK)
		return status;
	status = run(&job, run_header, error);
	if (status == GH_OK) {
		*width_px = png_get_image_width(job.png, job.info);
		*height_px = png_get_image_height(job.png, job.info);
	}
	png_destroy_read_struct(&job.png, &job.info, NULL);
	return status;
}

enum gh_status gh_replay_png_rows(
	struct gh_view file, struct gh_replay_rows rows, struct gh_error *error)
{
	struct job job = { .file = file, .rows = rows };
	enum gh_status status = begin(&job, error);
	if (status != GH_OK)
		return status;
	status = run(&job, run_rows, error);
	png_destroy_read_struct(&job.png, &job.info, NULL);
	return status;
}
