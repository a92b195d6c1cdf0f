/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures for tests: drawn by code, encoded by libjpeg and libpng, laid out in folders. */
#include "pictures.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

static bool in_ellipse(double x, double y, double cx, double cy, double rx, double ry)
{
	double dx = (x - cx) / rx;
	double dy = (y - cy) / ry;
	return dx * dx + dy * dy <= 1.0;
}

static void draw_pixel(uint8_t *pixel, double x, double y, double shift)
{
	double cx = 0.5 + shift;
	uint8_t background[3] = { (uint8_t)(40 + 150 * x), (uint8_t)(60 + 120 * y), 90 };
	memcpy(pixel, background, 3);
	if (in_ellipse(x, y, cx, 0.5, 0.18, 0.32))
		memcpy(pixel, (uint8_t[]){ 205, 165, 140 }, 3);
	if (in_ellipse(x, y, cx - 0.07, 0.44, 0.03, 0.02) ||
		in_ellipse(x, y, cx + 0.07, 0.44, 0.03, 0.02))
		memcpy(pixel, (uint8_t[]){ 35, 30, 30 }, 3);
	if (in_ellipse(x, y, cx, 0.66, 0.06, 0.02))
		memcpy(pixel, (uint8_t[]){ 150, 60, 60 }, 3);
}

struct picture picture_draw(uint32_t width_px, uint32_t height_px, unsigned number)
{
	struct picture picture = { width_px, height_px, NULL };
	picture.rgb = malloc((size_t)width_px * height_px * 3);
	assert(picture.rgb);
	double shift = (number % 7) * 0.02 - 0.06;
	for (uint32_t y = 0; y < height_px; y++) {
		for (uint32_t x = 0; x < width_px; x++)
			draw_pixel(picture.rgb + ((size_t)y * width_px + x) * 3,
				(x + 0.5) / width_px, (y + 0.5) / height_px, shift);
	}
	return picture;
}

void picture_free(struct picture *picture)
{
	free(picture->rgb);
	picture->rgb = NULL;
}

static void append(struct gh_bytes *bytes, const void *data, size_t length_bytes)
{
	enum gh_status status = gh_bytes_append(bytes, data, length_bytes, NULL);
	assert(status == GH_OK);
	(void)status;
}

/* Without the DHT segments (ITU-T T.81 B.2.4.2), which the format's tables then stand for. */
static void append_without_tables(struct gh_bytes *bytes, const uint8_t *jpeg, size_t length)
{
	size_t at = 2;
	append(bytes, jpeg, 2);
	while (at + 4 <= length && jpeg[at] == 0xff && jpeg[at + 1] != 0xda) {
		size_t segment = 2 + (size_t)(jpeg[at + 2] << 8 | jpeg[at + 3]);
		if (jpeg[at + 1] != 0xc4)
			append(bytes, jpeg + at, segment);
		at += segment;
	}
	append(bytes, jpeg + at, length - at);
}

static void set_style(struct jpeg_compress_struct *info, const struct jpeg_style *style)
{
	if (style->grey)
		jpeg_set_colorspace(info, JCS_GRAYSCALE);
	if (style->rgb)
		jpeg_set_colorspace(info, JCS_RGB);
	jpeg_set_quality(info, style->quality ? style->quality : 90, TRUE);
	if (style->full_chroma) {
		info->comp_info[0].h_samp_factor = 1;
		info->comp_info[0].v_samp_factor = 1;
	}
	if (style->progressive)
		jpeg_simple_progression(info);
	info->restart_in_rows = style->restart_rows;
}

static void write_rows(struct jpeg_compress_struct *info, const struct picture *picture)
{
	size_t row_bytes = (size_t)picture->width_px * 4;
	uint8_t *row = calloc(1, row_bytes);
	assert(row);
	while (info->next_scanline < info->image_height) {
		const uint8_t *rgb =
			picture->rgb + (size_t)info->next_scanline * picture->width_px * 3;
		for (uint32_t x = 0; x < picture->width_px; x++)
			memcpy(row + (size_t)x * (size_t)info->input_components, rgb + x * 3, 3);
		jpeg_write_scanlines(info, &row, 1);
	}
	free(row);
}

void picture_jpeg(
	const struct picture *picture, const struct jpeg_style *style, struct gh_bytes *bytes)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	unsigned char *out = NULL;
	unsigned long length = 0;
	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &out, &length);
	info.image_width = picture->width_px;
	info.image_height = picture->height_px;
	info.input_components = style->cmyk ? 4 : 3;
	info.in_color_space = style->cmyk ? JCS_CMYK : JCS_RGB;
	jpeg_set_defaults(&info);
	set_style(&info, style);
	jpeg_start_compress(&info, TRUE);
	write_rows(&info, picture);
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	if (style->no_tables)
		append_without_tables(bytes, out, length);
	else
		append(bytes, out, length);
	free(out);
}

static void take_png(png_structp png, png_bytep data, size_t length)
{
	append(png_get_io_ptr(png), data, length);
}

static void flush_png(png_structp png)
{
	(void)png;
}

/* One row as the style has it: channels of 8 or 16 bits. */
static void make_row(
	const uint8_t *rgb, uint32_t width_px, const struct png_style *style, uint8_t *row)
{
	size_t at = 0;
	for (uint32_t x = 0; x < width_px; x++) {
		unsigned channels = (style->grey ? 1u : 3u) + style->alpha;
		for (unsigned c = 0; c < channels; c++) {
			bool opacity = style->alpha && c == channels - 1;
			row[at++] = opacity ? 200 : rgb[x * 3 + (style->grey ? 1 : c)];
			if (style->deep)
				row[at++] = 0x55;
		}
	}
}

static int colour_type(const struct png_style *style)
{
	if (style->grey)
		return style->alpha ? PNG_COLOR_TYPE_GRAY_ALPHA : PNG_COLOR_TYPE_GRAY;
	return style->alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB;
}

void picture_png(
	const struct picture *picture, const struct png_style *style, struct gh_bytes *bytes)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)picture->width_px * 8);
	assert(png && info && row);
	png_set_write_fn(png, bytes, take_png, flush_png);
	png_set_IHDR(png, info, picture->width_px, picture->height_px, style->deep ? 16 : 8,
		colour_type(style), style->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
		PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	int passes = png_set_interlace_handling(png);
	for (int pass = 0; pass < passes; pass++) {
		for (uint32_t y = 0; y < picture->height_px; y++) {
			make_row(picture->rgb + (size_t)y * picture->width_px * 3,
				picture->width_px, style, row);
			png_write_row(png, row);
		}
	}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	free(row);
}

char *folder_make(void)
{
	const char *base = getenv("TMPDIR");
	char path[512];
	snprintf(path, sizeof(path), "%s/gatehouse-replay-XXXXXX", base ? base : "/tmp");
	char *made = mkdtemp(path);
	assert(made);
	char *copy = strdup(made);
	assert(copy);
	return copy;
}

void folder_remove(char *folder)
{
	DIR *listing = opendir(folder);
	assert(listing);
	for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(listing), entry->d_name, 0);
	}
	closedir(listing);
	rmdir(folder);
	free(folder);
}

void folder_write(const char *folder, const char *name, const struct gh_bytes *bytes, char *path)
{
	char whole[512];
	snprintf(whole, sizeof(whole), "%s/%s", folder, name);
	FILE *file = fopen(whole, "wb");
	assert(file);
	size_t written = 0;
	if (bytes->length_bytes > 0)
		written = fwrite(bytes->data, 1, bytes->length_bytes, file);
	assert(written == bytes->length_bytes);
	(void)written;
	fclose(file);
	if (path)
		memcpy(path, whole, sizeof(whole));
}

void folder_fill(const char *folder, uint32_t width_px, uint32_t height_px, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct gh_bytes bytes = GH_BYTES_EMPTY;
		struct picture picture = picture_draw(width_px, height_px, i);
		char name[32];
		snprintf(name, sizeof(name), "%03u.jpg", i);
		picture_jpeg(&picture, &(struct jpeg_style){ 0 }, &bytes);
		folder_write(folder, name, &bytes, NULL);
		picture_free(&picture);
		gh_bytes_finish(&bytes);
	}
}
