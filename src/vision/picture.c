/* SPDX-License-Identifier: Apache-2.0 */
/* Still pictures: the choice of the decoder, limits, and orientation. */
#include "gatehouse/vision/picture.h"

#include <stdbool.h>
#include <string.h>

#include "picture_formats.h"

/* A format and how its files begin. */
struct format {
	const char *magic;
	size_t magic_bytes;
	enum gh_status (*decode)(struct gh_view, struct gh_picture *, struct gh_error *);
};

static const struct format formats[] = {
	{ "\xff\xd8\xff", 3, gh_picture_decode_jpeg },
	{ "\x89PNG\r\n\x1a\n", 8, gh_picture_decode_png },
	{ "\0\0\0\x0cjP  \r\n\x87\n", 12, gh_picture_decode_jp2 },
	{ "\xff\x4f\xff\x51", 4, gh_picture_decode_jp2 },
};

enum gh_status gh_picture_decode(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error)
{
	memset(picture, 0, sizeof(*picture));
	if (file.length_bytes > GH_PICTURE_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE,
			"picture of %zu bytes, at most %u are read", file.length_bytes,
			GH_PICTURE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct format *format = &formats[i];
		enum gh_status status;

		if (file.length_bytes < format->magic_bytes ||
			memcmp(file.data, format->magic, format->magic_bytes) != 0)
			continue;
		status = format->decode(file, picture, error);
		if (status != GH_OK)
			gh_picture_finish(picture);
		return status;
	}
	return gh_error_set(error, GH_UNSUPPORTED, "neither JPEG nor PNG nor JPEG 2000");
}

void gh_picture_finish(struct gh_picture *picture)
{
	if (!picture)
		return;
	gh_bytes_finish(&picture->rgb);
	memset(picture, 0, sizeof(*picture));
}

enum gh_status gh_picture_take(
	struct gh_picture *picture, uint64_t width_px, uint64_t height_px, struct gh_error *error)
{
	enum gh_status status;

	if (width_px == 0 || height_px == 0)
		return gh_error_set(error, GH_MALFORMED, "a picture without pixels");
	if (width_px > GH_PICTURE_PX_MAX || height_px > GH_PICTURE_PX_MAX / width_px)
		return gh_error_set(error, GH_TOO_LARGE,
			"picture of %llu x %llu, at most %u pixels", (unsigned long long)width_px,
			(unsigned long long)height_px, GH_PICTURE_PX_MAX);
	status = gh_bytes_reserve(&picture->rgb, (size_t)(3 * width_px * height_px), error);
	if (status != GH_OK)
		return status;
	picture->rgb.length_bytes = (size_t)(3 * width_px * height_px);
	picture->width_px = (uint32_t)width_px;
	picture->height_px = (uint32_t)height_px;
	return GH_OK;
}

/*
 * EXIF orientation as three switches (Exif 2.32, table 6): where the pixel
 * (x, y) of the upright picture lies in the stored one.
 */
struct turn {
	bool swap;   /* rows are columns */
	bool mirror; /* from the right */
	bool upend;  /* from below */
};

static const struct turn turns[9] = {
	[2] = { false, true, false },
	[3] = { false, true, true },
	[4] = { false, false, true },
	[5] = { true, false, false },
	[6] = { true, false, true },
	[7] = { true, true, true },
	[8] = { true, true, false },
};

static void turn_pixels(
	const struct gh_picture *from, const struct turn *turn, struct gh_picture *to)
{
	uint8_t *out = to->rgb.data;

	for (uint32_t y = 0; y < to->height_px; y++)
		for (uint32_t x = 0; x < to->width_px; x++, out += 3) {
			uint32_t u = turn->swap ? y : x, v = turn->swap ? x : y;

			if (turn->mirror)
				u = from->width_px - 1 - u;
			if (turn->upend)
				v = from->height_px - 1 - v;
			memcpy(out, from->rgb.data + 3 * ((size_t)v * from->width_px + u), 3);
		}
}

enum gh_status gh_picture_orient(
	struct gh_picture *picture, uint32_t orientation, struct gh_error *error)
{
	struct gh_picture upright = { 0 };
	const struct turn *turn;
	enum gh_status status;

	if (orientation < 2 || orientation > 8)
		return GH_OK;
	turn = &turns[orientation];
	status = gh_picture_take(&upright, turn->swap ? picture->height_px : picture->width_px,
		turn->swap ? picture->width_px : picture->height_px, error);
	if (status != GH_OK)
		return status;
	turn_pixels(picture, turn, &upright);
	gh_picture_finish(picture);
	*picture = upright;
	return GH_OK;
}
