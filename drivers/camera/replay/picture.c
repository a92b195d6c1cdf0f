/* SPDX-License-Identifier: Apache-2.0 */
/* One JPEG or PNG from bytes to pixels in the shape of a frame, under limits. */
#include "picture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

/* Rows begin at multiples of this, as real cameras have them. */
#define STRIDE_ALIGN_BYTES 64u

struct gh_replay_decoder {
	struct gh_replay_shape shape;
	struct gh_replay_jpeg *jpeg;
	uint8_t *scratch; /* a whole RGB picture, where the shape is neither RGB24 nor MJPEG */
	size_t scratch_bytes;
};

enum gh_replay_kind gh_replay_kind_of(struct gh_view file)
{
	static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff };
	static const uint8_t png[] = { 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a };
	if (file.length_bytes >= sizeof(jpeg) && memcmp(file.data, jpeg, sizeof(jpeg)) == 0)
		return GH_REPLAY_JPEG;
	if (file.length_bytes >= sizeof(png) && memcmp(file.data, png, sizeof(png)) == 0)
		return GH_REPLAY_PNG;
	return GH_REPLAY_UNKNOWN;
}

static uint32_t stride_bytes(uint32_t row_bytes)
{
	return (row_bytes + STRIDE_ALIGN_BYTES - 1) / STRIDE_ALIGN_BYTES * STRIDE_ALIGN_BYTES;
}

static uint32_t first_stride_bytes(const struct gh_replay_shape *shape)
{
	switch (shape->format) {
	case GH_PIXEL_GREY:
	case GH_PIXEL_NV12:
		return stride_bytes(shape->width_px);
	case GH_PIXEL_RGB24:
		return stride_bytes(shape->width_px * 3);
	case GH_PIXEL_YUYV:
		return stride_bytes(shape->width_px * 2);
	case GH_PIXEL_MJPEG:
		break;
	}
	return 0;
}

size_t gh_replay_shape_bytes(const struct gh_replay_shape *shape)
{
	size_t first = (size_t)first_stride_bytes(shape) * shape->height_px;
	return shape->format == GH_PIXEL_NV12 ? first + first / 2 : first;
}

void gh_replay_shape_planes(
	const struct gh_replay_shape *shape, uint8_t *memory, struct gh_plane *planes)
{
	uint32_t stride = first_stride_bytes(shape);
	uint32_t length = stride * shape->height_px;
	planes[0] = (struct gh_plane){ memory, stride, length };
	planes[1] = (struct gh_plane){ NULL, 0, 0 };
	if (shape->format == GH_PIXEL_NV12)
		planes[1] = (struct gh_plane){ memory + length, stride, length / 2 };
}

static enum gh_status header_size(struct gh_replay_jpeg *jpeg, struct gh_view file,
	uint32_t *width_px, uint32_t *height_px, struct gh_error *error)
{
	switch (gh_replay_kind_of(file)) {
	case GH_REPLAY_JPEG:
		return gh_replay_jpeg_size(jpeg, file, width_px, height_px, error);
	case GH_REPLAY_PNG:
		return gh_replay_png_size(file, width_px, height_px, error);
	case GH_REPLAY_UNKNOWN:
		break;
	}
	return gh_error_set(error, GH_UNSUPPORTED, "neither JPEG nor PNG");
}

static enum gh_status size_within_limits(struct gh_replay_jpeg *jpeg, struct gh_view file,
	uint32_t *width_px, uint32_t *height_px, struct gh_error *error)
{
	if (file.length_bytes > GH_REPLAY_PICTURE_BYTES_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "larger than %u bytes", GH_REPLAY_PICTURE_BYTES_MAX);
	enum gh_status status = header_size(jpeg, file, width_px, height_px, error);
	if (status != GH_OK)
		return status;
	if (*width_px > GH_FRAME_SIDE_MAX_PX || *height_px > GH_FRAME_SIDE_MAX_PX ||
		(uint64_t)*width_px * *height_px > GH_REPLAY_PICTURE_PIXELS_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "%ux%u pixels are too many", *width_px, *height_px);
	return GH_OK;
}

enum gh_status gh_replay_picture_size(
	struct gh_view file, uint32_t *width_px, uint32_t *height_px, struct gh_error *error)
{
	struct gh_replay_jpeg *jpeg;
	enum gh_status status = gh_replay_jpeg_create(&jpeg, error);
	if (status != GH_OK)
		return status;
	status = size_within_limits(jpeg, file, width_px, height_px, error);
	gh_replay_jpeg_destroy(jpeg);
	return status;
}

static bool needs_scratch(enum gh_pixel_format format)
{
	return format != GH_PIXEL_RGB24 && format != GH_PIXEL_MJPEG;
}

enum gh_status gh_replay_decoder_create(const struct gh_replay_shape *shape,
	struct gh_replay_decoder **decoder, struct gh_error *error)
{
	*decoder = NULL;
	struct gh_replay_decoder *made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a decoder");
	made->shape = *shape;
	enum gh_status status = gh_replay_jpeg_create(&made->jpeg, error);
	if (status != GH_OK)
		goto free_decoder;
	if (needs_scratch(shape->format)) {
		/* At least two rows: an odd last row of pairs has no second of its own. */
		made->scratch_bytes = (size_t)shape->width_px * 3 * (shape->height_px + 1);
		made->scratch = malloc(made->scratch_bytes);
		if (!made->scratch) {
			status = gh_error_set(error, GH_NO_MEMORY, "no memory for %ux%u pixels",
				shape->width_px, shape->height_px);
			goto destroy_jpeg;
		}
	}
	*decoder = made;
	return GH_OK;

destroy_jpeg:
	gh_replay_jpeg_destroy(made->jpeg);
free_decoder:
	free(made);
	return status;
}

void gh_replay_decoder_destroy(struct gh_replay_decoder *decoder)
{
	if (!decoder)
		return;
	gh_replay_jpeg_destroy(decoder->jpeg);
	gh_wipe(decoder->scratch, decoder->scratch_bytes);
	free(decoder->scratch);
	free(decoder);
}

void gh_replay_decoder_wipe(struct gh_replay_decoder *decoder)
{
	if (decoder && decoder->scratch)
		gh_wipe(decoder->scratch, decoder->scratch_bytes);
}

static uint8_t clamp(int32_t value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* The factors of T.871 in 1/65536, rounded; each row of factors sums to 65536 or 0. */
void gh_replay_row_to_ycc(uint8_t *row, uint32_t width_px)
{
	for (uint32_t x = 0; x < width_px; x++, row += 3) {
		int32_t r = row[0];
		int32_t g = row[1];
		int32_t b = row[2];
		int32_t cb = -11059 * r - 21709 * g + 32768 * b;
		int32_t cr = 32768 * r - 27439 * g - 5329 * b;
		row[0] = (uint8_t)((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
		row[1] = clamp((cb + (128 << 16) + 32767) >> 16);
		row[2] = clamp((cr + (128 << 16) + 32767) >> 16);
	}
}

static void pack_grey(const uint8_t *ycc, uint8_t *out, uint32_t width_px)
{
	for (uint32_t x = 0; x < width_px; x++)
		out[x] = ycc[3 * x];
}

static void pack_yuyv(const uint8_t *ycc, uint8_t *out, uint32_t width_px)
{
	for (uint32_t x = 0; x < width_px; x += 2, ycc += 6, out += 4) {
		out[0] = ycc[0];
		out[1] = (uint8_t)((ycc[1] + ycc[4] + 1) / 2);
		out[2] = ycc[3];
		out[3] = (uint8_t)((ycc[2] + ycc[5] + 1) / 2);
	}
}

static void pack_chroma(const uint8_t *upper, const uint8_t *lower, uint8_t *out, uint32_t width_px)
{
	for (uint32_t x = 0; x < width_px; x += 2, upper += 6, lower += 6, out += 2) {
		out[0] = (uint8_t)((upper[1] + upper[4] + lower[1] + lower[4] + 2) / 4);
		out[1] = (uint8_t)((upper[2] + upper[5] + lower[2] + lower[5] + 2) / 4);
	}
}

/* Where pairs of rows go. */
struct packing {
	const struct gh_replay_shape *shape;
	struct gh_plane *planes;
};

static void pack(void *ctx, uint32_t y, const uint8_t *upper, const uint8_t *lower)
{
	const struct packing *packing = ctx;
	const struct gh_plane *first = &packing->planes[0];
	const struct gh_plane *second = &packing->planes[1];
	uint32_t width_px = packing->shape->width_px;
	uint8_t *out = first->data + (size_t)first->stride_bytes * y;
	bool alone = upper == lower;

	if (packing->shape->format == GH_PIXEL_YUYV) {
		pack_yuyv(upper, out, width_px);
		if (!alone)
			pack_yuyv(lower, out + first->stride_bytes, width_px);
		return;
	}
	pack_grey(upper, out, width_px);
	if (!alone)
		pack_grey(lower, out + first->stride_bytes, width_px);
	if (packing->shape->format == GH_PIXEL_NV12)
		pack_chroma(upper, lower, second->data + (size_t)second->stride_bytes * (y / 2),
			width_px);
}

static enum gh_status decode_jpeg(struct gh_replay_decoder *decoder, struct gh_view file,
	struct gh_plane *planes, struct gh_error *error)
{
	const struct gh_replay_shape *shape = &decoder->shape;
	struct gh_replay_rows rows = { planes[0].data, planes[0].stride_bytes };
	if (shape->format == GH_PIXEL_RGB24)
		return gh_replay_jpeg_rows(decoder->jpeg, file, GH_REPLAY_ROWS_RGB, rows, error);
	if (shape->format == GH_PIXEL_GREY)
		return gh_replay_jpeg_rows(decoder->jpeg, file, GH_REPLAY_ROWS_GREY, rows, error);

	struct packing packing = { shape, planes };
	struct gh_replay_pairs pairs = { pack, &packing, decoder->scratch,
		decoder->scratch + (size_t)shape->width_px * 3 };
	return gh_replay_jpeg_pairs(decoder->jpeg, file, &pairs, error);
}

static enum gh_status decode_png(struct gh_replay_decoder *decoder, struct gh_view file,
	struct gh_plane *planes, struct gh_error *error)
{
	const struct gh_replay_shape *shape = &decoder->shape;
	struct gh_replay_rows rows = { planes[0].data, planes[0].stride_bytes };
	if (shape->format == GH_PIXEL_RGB24)
		return gh_replay_png_rows(file, rows, error);

	struct packing packing = { shape, planes };
	rows = (struct gh_replay_rows){ decoder->scratch, (size_t)shape->width_px * 3 };
	enum gh_status status = gh_replay_png_rows(file, rows, error);
	for (uint32_t y = 0; status == GH_OK && y < shape->height_px; y += 2) {
		uint8_t *upper = rows.data + rows.stride_bytes * y;
		uint8_t *lower = y + 1 < shape->height_px ? upper + rows.stride_bytes : upper;
		gh_replay_row_to_ycc(upper, shape->width_px);
		if (lower != upper)
			gh_replay_row_to_ycc(lower, shape->width_px);
		pack(&packing, y, upper, lower);
	}
	return status;
}

enum gh_status gh_replay_decode(struct gh_replay_decoder *decoder, struct gh_view file,
	struct gh_plane *planes, struct gh_error *error)
{
	const struct gh_replay_shape *shape = &decoder->shape;
	uint32_t width_px = 0;
	uint32_t height_px = 0;
	enum gh_status status =
		size_within_limits(decoder->jpeg, file, &width_px, &height_px, error);
	if (status != GH_OK)
		return status;
	if (width_px != shape->width_px || height_px != shape->height_px)
		return gh_error_set(error, GH_MALFORMED, "%ux%u where %ux%u is played", width_px,
			height_px, shape->width_px, shape->height_px);
	bool jpeg = gh_replay_kind_of(file) == GH_REPLAY_JPEG;
	if (shape->format == GH_PIXEL_MJPEG)
		return jpeg ? GH_OK
			    : gh_error_set(error, GH_MALFORMED, "PNG where MJPEG is delivered");
	return jpeg ? decode_jpeg(decoder, file, planes, error)
		    : decode_png(decoder, file, planes, error);
}
