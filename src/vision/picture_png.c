/* SPDX-License-Identifier: Apache-2.0 */
/* PNG pictures through libpng's one-call reader, which keeps its jumps to itself. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <png.h>

#include "picture_formats.h"

#define SIGNATURE_BYTES 8
#define CHUNK_FRAME_BYTES 12u /* length, type and check sum (ISO/IEC 15948, 5.3) */

/* libpng has no codes, only texts; these two stand for a file that ends early. */
static enum gh_status status_of(const char *message)
{
	if (strstr(message, "read beyond end") || strstr(message, "Not enough") ||
		strstr(message, "ran out"))
		return GH_TRUNCATED;
	if (strstr(message, "ut of memory") || strstr(message, "nsufficient memory"))
		return GH_NO_MEMORY;
	return GH_MALFORMED;
}

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

/* Whether a chunk says what the pixels are: a critical one, transparency, or a simple gamma. */
static bool is_needed(const uint8_t *type)
{
	static const char needed[][5] = { "tRNS", "gAMA", "cHRM", "sRGB" };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!memcmp(type, needed[i], 4))
			return true;
	return (type[0] & 0x20) == 0;
}

/*
 * The file without texts and profiles: libpng unpacks those by the gigabyte, and its one-call
 * reader takes no limit. From the first chunk that does not fit on, libpng judges for itself.
 */
static enum gh_status keep_needed(
	struct gh_view file, struct gh_bytes *kept, struct gh_error *error)
{
	size_t at = SIGNATURE_BYTES;
	enum gh_status status = gh_bytes_reserve(kept, file.length_bytes, error);

	if (status == GH_OK)
		status = gh_bytes_append(kept, file.data, at, error);
	while (status == GH_OK && at < file.length_bytes) {
		size_t left = file.length_bytes - at, length = left;
		bool needed = true;

		if (left >= CHUNK_FRAME_BYTES && big(file.data + at) <= left - CHUNK_FRAME_BYTES) {
			length = big(file.data + at) + CHUNK_FRAME_BYTES;
			needed = is_needed(file.data + at + 4);
		}
		if (needed)
			status = gh_bytes_append(kept, file.data + at, length, error);
		at += length;
	}
	return status;
}

static enum gh_status failure(png_image *image, struct gh_error *error)
{
	enum gh_status status =
		gh_error_set(error, status_of(image->message), "PNG: %.64s", image->message);

	png_image_free(image);
	return status;
}

static enum gh_status decode(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error)
{
	const png_color white = { 255, 255, 255 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	enum gh_status status;

	if (!png_image_begin_read_from_memory(&image, file.data, file.length_bytes))
		return failure(&image, error);
	status = gh_picture_take(picture, image.width, image.height, error);
	if (status != GH_OK) {
		png_image_free(&image);
		return status;
	}
	image.format = PNG_FORMAT_RGB;
	if (!png_image_finish_read(&image, &white, picture->rgb.data, 0, NULL))
		return failure(&image, error);
	return GH_OK;
}

enum gh_status gh_picture_decode_png(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error)
{
	struct gh_bytes kept = GH_BYTES_EMPTY;
	enum gh_status status = keep_needed(file, &kept, error);

	if (status == GH_OK)
		status = decode(gh_bytes_view(&kept), picture, error);
	gh_bytes_finish(&kept);
	return status;
}
