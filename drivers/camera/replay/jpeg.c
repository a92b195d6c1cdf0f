/* SPDX-License-Identifier: Apache-2.0 */
/* libjpeg, whose errors jump: everything that can jump runs below guard(). */
#include "codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

/* A progressive file can ask for any number of passes over all its pixels. */
#define SCANS_MAX 100

/* Rows handed to libjpeg at once. */
#define ROWS_AT_ONCE 8

/* One picture's way through libjpeg. */
struct job {
	struct gh_view file;
	J_COLOR_SPACE space;
	bool header_only;
	struct gh_replay_rows rows;
	const struct gh_replay_pairs *pairs;
	/* What its header says. */
	uint32_t width_px;
	uint32_t height_px;
	J_COLOR_SPACE stored;
};

struct gh_replay_jpeg {
	struct jpeg_decompress_struct info; /* first: libjpeg hands its address back */
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf jump;
	bool out_of_memory;
	bool damaged;
	char text[JMSG_LENGTH_MAX];
};

static struct gh_replay_jpeg *self(j_common_ptr info)
{
	return (struct gh_replay_jpeg *)info;
}

static void jump_out(j_common_ptr info)
{
	struct gh_replay_jpeg *jpeg = self(info);
	jpeg->out_of_memory = info->err->msg_code == JERR_OUT_OF_MEMORY;
	info->err->format_message(info, jpeg->text);
	longjmp(jpeg->jump, 1);
}

/* libjpeg warns and invents pixels where bytes are missing: nobody shall compare those. */
static void take_warning(j_common_ptr info, int level)
{
	struct gh_replay_jpeg *jpeg = self(info);
	bool harmless = info->err->msg_code == JWRN_EXTRANEOUS_DATA ||
		info->err->msg_code == JWRN_JFIF_MAJOR || info->err->msg_code == JWRN_ADOBE_XFORM;
	if (level >= 0 || harmless || jpeg->damaged)
		return;
	jpeg->damaged = true;
	info->err->format_message(info, jpeg->text);
}

static void say_nothing(j_common_ptr info)
{
	(void)info;
}

static void watch_scans(j_common_ptr info)
{
	struct gh_replay_jpeg *jpeg = self(info);
	if (!info->is_decompressor || jpeg->info.input_scan_number <= SCANS_MAX)
		return;
	snprintf(jpeg->text, sizeof(jpeg->text), "more than %d scans", SCANS_MAX);
	longjmp(jpeg->jump, 1);
}

static void read_rows(struct gh_replay_jpeg *jpeg, const struct gh_replay_rows *rows)
{
	struct jpeg_decompress_struct *info = &jpeg->info;
	JSAMPROW at[ROWS_AT_ONCE];
	while (info->output_scanline < info->output_height) {
		JDIMENSION count = 0;
		for (; count < ROWS_AT_ONCE && info->output_scanline + count < info->output_height;
			count++)
			at[count] =
				rows->data + rows->stride_bytes * (info->output_scanline + count);
		jpeg_read_scanlines(info, at, count);
	}
}

static void read_ycc(struct jpeg_decompress_struct *info, uint8_t *row)
{
	jpeg_read_scanlines(info, &row, 1);
	if (info->out_color_space == JCS_RGB)
		gh_replay_row_to_ycc(row, info->output_width);
}

static void read_pairs(struct gh_replay_jpeg *jpeg, const struct gh_replay_pairs *pairs)
{
	struct jpeg_decompress_struct *info = &jpeg->info;
	while (info->output_scanline < info->output_height) {
		JDIMENSION y = info->output_scanline;
		uint8_t *lower = pairs->upper;
		read_ycc(info, pairs->upper);
		if (info->output_scanline < info->output_height) {
			lower = pairs->lower;
			read_ycc(info, lower);
		}
		pairs->call(pairs->ctx, y, pairs->upper, lower);
	}
}

static void run_job(struct gh_replay_jpeg *jpeg, struct job *job)
{
	struct jpeg_decompress_struct *info = &jpeg->info;
	/* A new one each time: tables of one file must not serve the next that has none. */
	jpeg_create_decompress(info);
	info->progress = &jpeg->progress;
	jpeg_mem_src(info, job->file.data, (unsigned long)job->file.length_bytes);
	jpeg_read_header(info, TRUE);
	job->width_px = info->image_width;
	job->height_px = info->image_height;
	job->stored = info->jpeg_color_space;
	if (job->header_only)
		return;
	info->out_color_space = job->space;
	/* libjpeg makes YCC of nothing else; RGB it makes of all. */
	if (job->pairs && info->jpeg_color_space != JCS_YCbCr)
		info->out_color_space = JCS_RGB;
	jpeg_start_decompress(info);
	if (job->pairs)
		read_pairs(jpeg, job->pairs);
	else
		read_rows(jpeg, &job->rows);
	jpeg_finish_decompress(info);
}

/* The only setjmp. Nothing here changes between it and the jump. */
static bool guard(struct gh_replay_jpeg *jpeg, struct job *job)
{
	if (setjmp(jpeg->jump))
		return false;
	run_job(jpeg, job);
	return true;
}

static enum gh_status run(struct gh_replay_jpeg *jpeg, struct job *job, struct gh_error *error)
{
	jpeg->damaged = false;
	jpeg->out_of_memory = false;
	bool whole = guard(jpeg, job);
	jpeg_destroy_decompress(&jpeg->info);
	if (whole && !jpeg->damaged)
		return GH_OK;
	return gh_error_set(
		error, jpeg->out_of_memory ? GH_NO_MEMORY : GH_MALFORMED, "JPEG: %s", jpeg->text);
}

enum gh_status gh_replay_jpeg_create(struct gh_replay_jpeg **jpeg, struct gh_error *error)
{
	*jpeg = NULL;
	struct gh_replay_jpeg *made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a JPEG decoder");
	made->info.err = jpeg_std_error(&made->errors);
	made->errors.error_exit = jump_out;
	made->errors.emit_message = take_warning;
	made->errors.output_message = say_nothing;
	made->progress.progress_monitor = watch_scans;
	*jpeg = made;
	return GH_OK;
}

void gh_replay_jpeg_destroy(struct gh_replay_jpeg *jpeg)
{
	free(jpeg);
}

enum gh_status gh_replay_jpeg_size(struct gh_replay_jpeg *jpeg, struct gh_view file,
	uint32_t *width_px, uint32_t *height_px, struct gh_error *error)
{
	struct job job = { .file = file, .header_only = true };
	enum gh_status status = run(jpeg, &job, error);
	if (status != GH_OK)
		return status;
	*width_px = job.width_px;
	*height_px = job.height_px;
	if (job.stored == JCS_GRAYSCALE || job.stored == JCS_YCbCr || job.stored == JCS_RGB)
		return GH_OK;
	return gh_error_set(error, GH_UNSUPPORTED, "JPEG: neither grey nor colour in three parts");
}

enum gh_status gh_replay_jpeg_rows(struct gh_replay_jpeg *jpeg, struct gh_view file,
	enum gh_replay_colour colour, struct gh_replay_rows rows, struct gh_error *error)
{
	struct job job = {
		.file = file,
		.space = colour == GH_REPLAY_ROWS_GREY ? JCS_GRAYSCALE : JCS_RGB,
		.rows = rows,
	};
	return run(jpeg, &job, error);
}

enum gh_status gh_replay_jpeg_pairs(struct gh_replay_jpeg *jpeg, struct gh_view file,
	const struct gh_replay_pairs *pairs, struct gh_error *error)
{
	struct job job = { .file = file, .space = JCS_YCbCr, .pairs = pairs };
	return run(jpeg, &job, error);
}
