/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of JPEG: every jump of libjpeg starts and lands in this file. */
#include "jpeg.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* A progressive file may repeat scans to keep a decoder busy; no encoder writes this many. */
#define SCANS_MAX 100

/* Coefficients of a progressive picture at the pixel limit. */
#define MEMORY_MAX_BYTES (320l * 1024l * 1024l)

struct gh_jpeg {
	struct jpeg_decompress_struct info;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf escape;
	enum gh_status status;
	int code; /* of the message that stopped the decoding */
	char text[JMSG_LENGTH_MAX];
};

static enum gh_status status_of(int code)
{
	switch (code) {
	case JWRN_JPEG_EOF:
	case JERR_INPUT_EOF:
	case JERR_INPUT_EMPTY:
	case JWRN_HIT_MARKER:
		return GH_TRUNCATED;
	case JERR_OUT_OF_MEMORY:
	case JERR_NO_BACKING_STORE:
		return GH_NO_MEMORY;
	case JERR_CONVERSION_NOTIMPL:
	case JERR_BAD_PRECISION:
	case JERR_SOF_UNSUPPORTED:
	case JERR_ARITH_NOTIMPL:
		return GH_UNSUPPORTED;
	case JERR_IMAGE_TOO_BIG:
		return GH_TOO_LARGE;
	default:
		return GH_MALFORMED;
	}
}

static void give_up(j_common_ptr info)
{
	struct gh_jpeg *jpeg = info->client_data;

	jpeg->code = info->err->msg_code;
	jpeg->status = status_of(jpeg->code);
	info->err->format_message(info, jpeg->text);
	longjmp(jpeg->escape, 1);
}

/* Warnings that mean pixels are guessed are failures; those about stray bytes are not. */
static void judge(j_common_ptr info, int level)
{
	if (level >= 0)
		return;
	switch (info->err->msg_code) {
	case JWRN_JPEG_EOF:
	case JWRN_HIT_MARKER:
	case JWRN_HUFF_BAD_CODE:
	case JWRN_MUST_RESYNC:
	case JWRN_NOT_SEQUENTIAL:
	case JWRN_BOGUS_PROGRESSION:
		give_up(info);
		break;
	default:
		break;
	}
}

static void say_nothing(j_common_ptr info)
{
	(void)info;
}

static void count_scans(j_common_ptr info)
{
	struct gh_jpeg *jpeg = info->client_data;

	if (jpeg->info.input_scan_number <= SCANS_MAX)
		return;
	jpeg->status = GH_MALFORMED;
	snprintf(jpeg->text, sizeof(jpeg->text), "more than %d scans", SCANS_MAX);
	longjmp(jpeg->escape, 1);
}

static enum gh_status failure(struct gh_jpeg *jpeg, struct gh_error *error)
{
	jpeg_abort_decompress(&jpeg->info);
	return gh_error_set(error, jpeg->status, "JPEG: %s", jpeg->text);
}

enum gh_status gh_jpeg_create(struct gh_jpeg **jpeg, struct gh_error *error)
{
	struct gh_jpeg *made = calloc(1, sizeof(*made));

	*jpeg = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "JPEG reader");
	made->info.err = jpeg_std_error(&made->errors);
	made->info.client_data = made;
	made->errors.error_exit = give_up;
	made->errors.emit_message = judge;
	made->errors.output_message = say_nothing;
	if (setjmp(made->escape)) {
		gh_jpeg_destroy(made);
		return gh_error_set(error, GH_NO_MEMORY, "JPEG reader");
	}
	jpeg_create_decompress(&made->info);
	made->info.client_data = made;
	made->progress.progress_monitor = count_scans;
	made->info.progress = &made->progress;
	made->info.mem->max_memory_to_use = MEMORY_MAX_BYTES;
	jpeg_save_markers(&made->info, JPEG_APP0 + 1, 0xffff);
	*jpeg = made;
	return GH_OK;
}

void gh_jpeg_destroy(struct gh_jpeg *jpeg)
{
	if (!jpeg)
		return;
	jpeg_destroy_decompress(&jpeg->info);
	free(jpeg);
}

static uint32_t number(const uint8_t *bytes, uint32_t count, bool big)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < count; i++)
		value = value << 8 | bytes[big ? i : count - 1 - i];
	return value;
}

/* The orientation (tag 0x0112) in the first directory of a TIFF block; Exif 2.32, 4.6.4. */
static uint32_t orientation_in(const uint8_t *tiff, uint32_t length)
{
	bool big;
	uint32_t at, entries;

	if (length < 14 || (memcmp(tiff, "MM\0*", 4) != 0 && memcmp(tiff, "II*\0", 4) != 0))
		return 1;
	big = tiff[0] == 'M';
	at = number(tiff + 4, 4, big);
	if (at > length - 2)
		return 1;
	entries = number(tiff + at, 2, big);
	at += 2;
	for (uint32_t i = 0; i < entries && length - at >= 12; i++, at += 12) {
		uint32_t value = number(tiff + at + 8, 2, big);

		if (number(tiff + at, 2, big) == 0x0112)
			return value >= 1 && value <= 8 ? value : 1;
	}
	return 1;
}

static uint32_t orientation_of(const struct jpeg_decompress_struct *info)
{
	for (jpeg_saved_marker_ptr marker = info->marker_list; marker; marker = marker->next)
		if (marker->marker == JPEG_APP0 + 1 && marker->data_length > 6 &&
			!memcmp(marker->data, "Exif\0\0", 6))
			return orientation_in(marker->data + 6, marker->data_length - 6);
	return 1;
}

/* Places of the fifteen lowest frequencies after the first in a table of rows (T.81, figure 5). */
static float luma_step_of(const struct jpeg_decompress_struct *info)
{
	static const uint8_t lowest[] = { 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5 };
	const JQUANT_TBL *table = NULL;
	uint32_t sum = 0;

	/* Its first component is ink. */
	if (info->jpeg_color_space == JCS_CMYK)
		return 0.0f;
	if (info->num_components > 0 && info->comp_info[0].quant_tbl_no >= 0 &&
		info->comp_info[0].quant_tbl_no < NUM_QUANT_TBLS)
		table = info->quant_tbl_ptrs[info->comp_info[0].quant_tbl_no];
	if (!table)
		return 0.0f;
	for (size_t i = 0; i < sizeof(lowest); i++)
		sum += table->quantval[lowest[i]];
	return (float)sum / sizeof(lowest);
}

enum gh_status gh_jpeg_begin(struct gh_jpeg *jpeg, struct gh_view file, struct gh_jpeg_head *head,
	struct gh_error *error)
{
	memset(head, 0, sizeof(*head));
	if (file.length_bytes == 0)
		return gh_error_set(error, GH_TRUNCATED, "JPEG: no bytes");
	jpeg_abort_decompress(&jpeg->info);
	if (setjmp(jpeg->escape))
		return failure(jpeg, error);
	jpeg_mem_src(&jpeg->info, file.data, file.length_bytes);
	(void)jpeg_read_header(&jpeg->info, TRUE);
	head->width_px = jpeg->info.image_width;
	head->height_px = jpeg->info.image_height;
	head->orientation = orientation_of(&jpeg->info);
	head->luma_step = luma_step_of(&jpeg->info);
	return GH_OK;
}

static bool is_of_inks(const struct jpeg_decompress_struct *info)
{
	return info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
}

/*
 * Light that four inks leave, without a profile. Adobe's programs write how much paper is seen
 * instead of how much ink lies on it, and say that they wrote the file.
 */
static void inks_to_rgb(const uint8_t *inks, bool paper, uint8_t *rgb, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++, inks += 4, rgb += 3) {
		unsigned black = paper ? inks[3] : 255u - inks[3];

		for (int i = 0; i < 3; i++) {
			unsigned light = paper ? inks[i] : 255u - inks[i];

			rgb[i] = (uint8_t)((light * black + 127) / 255);
		}
	}
}

/* The row of inks is the reader's own memory, so that a jump out of it leaves nothing behind. */
static void read_rows_of_inks(
	struct gh_jpeg *jpeg, uint8_t *rgb, size_t stride_bytes, uint32_t rows)
{
	struct jpeg_decompress_struct *info = &jpeg->info;
	JSAMPARRAY row =
		info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, 4 * info->output_width, 1);

	for (uint32_t y = 0; y < rows; y++) {
		(void)jpeg_read_scanlines(info, row, 1);
		inks_to_rgb(
			row[0], info->saw_Adobe_marker, rgb + y * stride_bytes, info->output_width);
	}
}

static void read_rows(struct gh_jpeg *jpeg, uint8_t *rgb, size_t stride_bytes, uint32_t rows)
{
	if (is_of_inks(&jpeg->info)) {
		read_rows_of_inks(jpeg, rgb, stride_bytes, rows);
		return;
	}
	for (uint32_t y = 0; y < rows; y++) {
		JSAMPROW row = rgb + y * stride_bytes;

		(void)jpeg_read_scanlines(&jpeg->info, &row, 1);
	}
}

static void read_region(struct gh_jpeg *jpeg, struct gh_jpeg_region *region, uint8_t *rgb)
{
	JDIMENSION left = region->left, width = region->width;

	jpeg->info.out_color_space = is_of_inks(&jpeg->info) ? JCS_CMYK : JCS_RGB;
	(void)jpeg_start_decompress(&jpeg->info);
	if (region->width < jpeg->info.output_width) {
		jpeg_crop_scanline(&jpeg->info, &left, &width);
		/* The library may widen to both sides; the row it writes is what counts. */
		region->left = left;
		region->width = jpeg->info.output_width;
	}
	if (region->top > 0)
		(void)jpeg_skip_scanlines(&jpeg->info, region->top);
	read_rows(jpeg, rgb, 3 * (size_t)region->width, region->height);
}

enum gh_status gh_jpeg_read(
	struct gh_jpeg *jpeg, struct gh_jpeg_region *region, uint8_t *rgb, struct gh_error *error)
{
	if (setjmp(jpeg->escape))
		return failure(jpeg, error);
	read_region(jpeg, region, rgb);
	jpeg_abort_decompress(&jpeg->info);
	return GH_OK;
}
