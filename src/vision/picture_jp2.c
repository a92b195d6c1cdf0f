/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG 2000 pictures (JP2 files and bare codestreams) by OpenJPEG from memory. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg.h>

#include "picture_formats.h"

/* OpenJPEG takes kilobytes for each tile before it looks at any. */
#define TILES_MAX 1024u
#define COMPONENTS_MAX 4u

struct source {
	struct gh_view file;
	size_t at;
	bool ran_out;
};

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

/* Where the codestream begins: at once, or in the first "jp2c" box (ISO/IEC 15444-1, I.4). */
static bool find_codestream(struct gh_view file, size_t *at)
{
	static const uint8_t start[4] = { 0xff, 0x4f, 0xff, 0x51 };

	*at = 0;
	while (file.length_bytes - *at >= 16) {
		const uint8_t *box = file.data + *at;
		uint64_t length = big(box), head = 8;

		if (!memcmp(box, start, 4))
			return true;
		if (length == 1) {
			length = (uint64_t)big(box + 8) << 32 | big(box + 12);
			head = 16;
		}
		if (!memcmp(box + 4, "jp2c", 4)) {
			*at += (size_t)head;
			return true;
		}
		if (length < head || length > file.length_bytes - *at)
			return false;
		*at += (size_t)length;
	}
	return false;
}

/* Read the size marker ourselves (A.5.1), before the library takes memory by it. */
static enum gh_status check_sizes(struct gh_view file, struct gh_error *error)
{
	uint64_t width, height, across, down;
	const uint8_t *size;
	size_t at;

	if (!find_codestream(file, &at) || file.length_bytes - at < 42)
		return gh_error_set(error, GH_TRUNCATED, "JPEG 2000: no codestream");
	size = file.data + at;
	if (size[0] != 0xff || size[1] != 0x4f || size[2] != 0xff || size[3] != 0x51)
		return gh_error_set(error, GH_MALFORMED, "JPEG 2000: no size marker");
	if (big(size + 8) <= big(size + 16) || big(size + 12) <= big(size + 20) ||
		big(size + 24) == 0 || big(size + 28) == 0 || big(size + 32) > big(size + 16) ||
		big(size + 36) > big(size + 20))
		return gh_error_set(error, GH_MALFORMED, "JPEG 2000: impossible sizes");
	width = big(size + 8) - big(size + 16);
	height = big(size + 12) - big(size + 20);
	if (width > JP2_PX_MAX || height > JP2_PX_MAX / width)
		return gh_error_set(error, GH_TOO_LARGE,
			"JPEG 2000 of %llu x %llu, at most %u pixels", (unsigned long long)width,
			(unsigned long long)height, JP2_PX_MAX);
	across = ((uint64_t)big(size + 8) - big(size + 32)) / big(size + 24) + 1;
	down = ((uint64_t)big(size + 12) - big(size + 36)) / big(size + 28) + 1;
	if (across > TILES_MAX || down > TILES_MAX / across)
		return gh_error_set(
			error, GH_TOO_LARGE, "JPEG 2000: more than %u tiles", TILES_MAX);
	return GH_OK;
}

static OPJ_SIZE_T read_some(void *buffer, OPJ_SIZE_T length, void *context)
{
	struct source *source = context;
	size_t left = source->file.length_bytes - source->at;

	if (left == 0) {
		source->ran_out = true;
		return (OPJ_SIZE_T)-1;
	}
	if (length > left)
		length = left;
	memcpy(buffer, source->file.data + source->at, length);
	source->at += length;
	return length;
}

static OPJ_OFF_T skip_some(OPJ_OFF_T length, void *context)
{
	struct source *source = context;
	size_t left = source->file.length_bytes - source->at;

	if (length < 0 || (uint64_t)length > left) {
		source->ran_out = true;
		return -1;
	}
	source->at += (size_t)length;
	return length;
}

static OPJ_BOOL seek_to(OPJ_OFF_T place, void *context)
{
	struct source *source = context;

	if (place < 0 || (uint64_t)place > source->file.length_bytes)
		return OPJ_FALSE;
	source->at = (size_t)place;
	return OPJ_TRUE;
}

static opj_stream_t *open_stream(struct source *source)
{
	opj_stream_t *stream = opj_stream_create(64 * 1024, OPJ_TRUE);

	if (!stream)
		return NULL;
	opj_stream_set_user_data(stream, source, NULL);
	opj_stream_set_user_data_length(stream, source->file.length_bytes);
	opj_stream_set_read_function(stream, read_some);
	opj_stream_set_skip_function(stream, skip_some);
	opj_stream_set_seek_function(stream, seek_to);
	return stream;
}

static enum gh_status check_components(const opj_image_t *image, struct gh_error *error)
{
	if (image->numcomps < 1 || image->numcomps > COMPONENTS_MAX)
		return gh_error_set(
			error, GH_UNSUPPORTED, "JPEG 2000 of %u components", image->numcomps);
	for (OPJ_UINT32 i = 0; i < image->numcomps; i++) {
		const opj_image_comp_t *component = &image->comps[i];

		if (component->prec < 1 || component->prec > 16 || component->dx == 0 ||
			component->dy == 0 || component->dx > 4 || component->dy > 4)
			return gh_error_set(error, GH_UNSUPPORTED,
				"JPEG 2000 of %u bits, subsampled by %u and %u", component->prec,
				component->dx, component->dy);
	}
	return GH_OK;
}

static int value_at(const opj_image_comp_t *component, uint32_t x, uint32_t y)
{
	uint32_t column = x / component->dx, row = y / component->dy;
	int64_t value;

	if (column >= component->w)
		column = component->w - 1;
	if (row >= component->h)
		row = component->h - 1;
	value = component->data[(size_t)row * component->w + column];
	if (component->sgnd)
		value += (int64_t)1 << (component->prec - 1);
	if (component->prec > 8)
		value >>= component->prec - 8;
	else if (component->prec < 8)
		value = value * 255 / (((int64_t)1 << component->prec) - 1);
	return (int)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static uint8_t clamp(float value)
{
	return (uint8_t)(value < 0.0f ? 0.0f : value > 255.0f ? 255.0f : value + 0.5f);
}

/* sYCC of IEC 61966-2-1, annex F. */
static void from_ycc(const int v[4], uint8_t *rgb)
{
	float y = (float)v[0], cb = (float)v[1] - 128.0f, cr = (float)v[2] - 128.0f;

	rgb[0] = clamp(y + 1.402f * cr);
	rgb[1] = clamp(y - 0.344136f * cb - 0.714136f * cr);
	rgb[2] = clamp(y + 1.772f * cb);
}

static void write_pixel(const opj_image_t *image, uint32_t x, uint32_t y, uint8_t *rgb)
{
	bool colour = image->numcomps >= 3;
	OPJ_UINT32 opacity = colour ? 3 : 1;
	int v[4] = { 0, 0, 0, 255 };

	for (OPJ_UINT32 i = 0; i < image->numcomps; i++)
		v[i] = value_at(&image->comps[i], x, y);
	if (image->numcomps > opacity) {
		int alpha = v[opacity];

		for (OPJ_UINT32 i = 0; i < opacity; i++)
			v[i] = (v[i] * alpha + 255 * (255 - alpha)) / 255;
	}
	if (colour && image->color_space == OPJ_CLRSPC_SYCC)
		from_ycc(v, rgb);
	else
		for (int c = 0; c < 3; c++)
			rgb[c] = (uint8_t)v[colour ? c : 0];
}

static enum gh_status copy_pixels(
	const opj_image_t *image, struct gh_picture *picture, struct gh_error *error)
{
	enum gh_status status = check_components(image, error);
	uint8_t *rgb;

	for (OPJ_UINT32 i = 0; status == GH_OK && i < image->numcomps; i++)
		if (!image->comps[i].data || image->comps[i].w == 0 || image->comps[i].h == 0)
			return gh_error_set(error, GH_MALFORMED, "JPEG 2000: an empty component");
	if (status == GH_OK)
		status = gh_picture_take(
			picture, image->x1 - image->x0, image->y1 - image->y0, error);
	if (status != GH_OK)
		return status;
	rgb = picture->rgb.data;
	for (uint32_t y = 0; y < picture->height_px; y++)
		for (uint32_t x = 0; x < picture->width_px; x++, rgb += 3)
			write_pixel(image, x, y, rgb);
	return GH_OK;
}

static enum gh_status failure(const struct source *source, struct gh_error *error)
{
	return gh_error_set(error, source->ran_out ? GH_TRUNCATED : GH_MALFORMED, "JPEG 2000: %s",
		source->ran_out ? "ends early" : "cannot be decoded");
}

static enum gh_status decode(opj_codec_t *codec, struct source *source, struct gh_picture *picture,
	struct gh_error *error)
{
	opj_stream_t *stream = open_stream(source);
	opj_image_t *image = NULL;
	opj_dparameters_t parameters;
	enum gh_status status;

	if (!stream)
		return gh_error_set(error, GH_NO_MEMORY, "JPEG 2000 reader");
	opj_set_default_decoder_parameters(&parameters);
	if (!opj_setup_decoder(codec, &parameters) || !opj_read_header(stream, codec, &image))
		status = failure(source, error);
	else
		status = check_components(image, error);
	if (status == GH_OK &&
		(!opj_decode(codec, stream, image) || !opj_end_decompress(codec, stream)))
		status = failure(source, error);
	if (status == GH_OK)
		status = copy_pixels(image, picture, error);
	opj_image_destroy(image);
	opj_stream_destroy(stream);
	return status;
}

enum gh_status gh_picture_decode_jp2(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error)
{
	struct source source = { file, 0, false };
	enum gh_status status = check_sizes(file, error);
	opj_codec_t *codec;

	if (status != GH_OK)
		return status;
	codec = opj_create_decompress(file.data[0] == 0xff ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
	if (!codec)
		return gh_error_set(error, GH_NO_MEMORY, "JPEG 2000 reader");
	status = decode(codec, &source, picture, error);
	opj_destroy_codec(codec);
	return status;
}
