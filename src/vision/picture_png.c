/* SPDX-License-Identifier: Apache-2.0 */
/* PNG pictures through libpng's one-call reader, which keeps its jumps to itself. */
#include <string.h>

#include <png.h>

#include "picture_formats.h"

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

static enum gh_status failure(png_image *image, struct gh_error *error)
{
	enum gh_status status =
		gh_error_set(error, status_of(image->message), "PNG: %.64s", image->message);

	png_image_free(image);
	return status;
}

enum gh_status gh_picture_decode_png(
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
