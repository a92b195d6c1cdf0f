/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of all formats, whole, cut, hostile and too large. */
#include "gatehouse/vision/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <openjpeg.h>
#include <png.h>

enum {
	WIDTH = 48,
	HEIGHT = 32
};

static uint8_t file[1 << 20];

/* Red grows to the right, green to the bottom, and the upper left is blue. */
static struct gh_picture scenery(void)
{
	struct gh_picture picture = { WIDTH, HEIGHT, GH_BYTES_EMPTY };

	assert_int_equal(gh_bytes_reserve(&picture.rgb, 3 * WIDTH * HEIGHT, NULL), GH_OK);
	picture.rgb.length_bytes = 3 * WIDTH * HEIGHT;
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			uint8_t *at = picture.rgb.data + 3 * (y * WIDTH + x);

			at[0] = (uint8_t)(5 * x);
			at[1] = (uint8_t)(7 * y);
			at[2] = x < WIDTH / 2 && y < HEIGHT / 2 ? 200 : 40;
		}
	return picture;
}

static size_t as_jpeg(int quality)
{
	struct gh_picture picture = scenery();
	size_t length = sizeof(file);

	assert_int_equal(gh_picture_encode_jpeg(&picture, quality, file, &length, NULL), GH_OK);
	gh_picture_finish(&picture);
	return length;
}

static size_t as_png(uint32_t format, const void *pixels, const void *colours, uint32_t entries)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
		.width = WIDTH,
		.height = HEIGHT,
		.format = format,
		.colormap_entries = entries };
	png_alloc_size_t length = sizeof(file);

	assert_true(png_image_write_to_memory(&image, file, &length, 0, pixels, 0, colours));
	return length;
}

static size_t scenery_png(void)
{
	struct gh_picture picture = scenery();
	size_t length = as_png(PNG_FORMAT_RGB, picture.rgb.data, NULL, 0);

	gh_picture_finish(&picture);
	return length;
}

static size_t write_at;

static OPJ_SIZE_T write_some(void *buffer, OPJ_SIZE_T length, void *context)
{
	assert_true(write_at + length <= sizeof(file));
	memcpy(file + write_at, buffer, length);
	write_at += length;
	return length;
}

static OPJ_OFF_T skip_some(OPJ_OFF_T length, void *context)
{
	write_at += (size_t)length;
	return length;
}

static OPJ_BOOL seek_to(OPJ_OFF_T place, void *context)
{
	write_at = (size_t)place;
	return OPJ_TRUE;
}

/* Lossless; components 1 to 4 take red, green, blue and an opacity of 255. */
static size_t as_jp2(OPJ_CODEC_FORMAT format, uint32_t components, uint32_t bits)
{
	struct gh_picture picture = scenery();
	opj_image_cmptparm_t parameters[4];
	opj_cparameters_t settings;
	opj_codec_t *codec = opj_create_compress(format);
	opj_stream_t *stream = opj_stream_create(4096, OPJ_FALSE);
	opj_image_t *image;
	size_t longest = 0;

	memset(parameters, 0, sizeof(parameters));
	for (uint32_t i = 0; i < components; i++)
		parameters[i] = (opj_image_cmptparm_t){
			.dx = 1, .dy = 1, .w = WIDTH, .h = HEIGHT, .prec = bits, .bpp = bits
		};
	image = opj_image_create(
		components, parameters, components >= 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY);
	image->x1 = WIDTH;
	image->y1 = HEIGHT;
	for (uint32_t i = 0; i < components; i++)
		for (size_t p = 0; p < WIDTH * HEIGHT; p++)
			image->comps[i].data[p] = (i == 3 ? 255 : picture.rgb.data[3 * p + i])
				<< (bits - 8);
	opj_set_default_encoder_parameters(&settings);
	settings.tcp_numlayers = 1;
	settings.cp_disto_alloc = 1;
	settings.tcp_mct = components >= 3;
	opj_stream_set_user_data(stream, &write_at, NULL);
	opj_stream_set_write_function(stream, write_some);
	opj_stream_set_skip_function(stream, skip_some);
	opj_stream_set_seek_function(stream, seek_to);
	write_at = 0;
	assert_true(opj_setup_encoder(codec, &settings, image));
	assert_true(opj_start_compress(codec, image, stream));
	assert_true(opj_encode(codec, stream));
	assert_true(opj_end_compress(codec, stream));
	longest = write_at;
	opj_stream_destroy(stream);
	opj_destroy_codec(codec);
	opj_image_destroy(image);
	gh_picture_finish(&picture);
	return longest;
}

static enum gh_status decode(size_t length, struct gh_picture *picture)
{
	/* A block of its own: a sanitizer sees a read past the end. */
	uint8_t *copy = malloc(length ? length : 1);
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	assert_non_null(copy);
	memcpy(copy, file, length);
	status = gh_picture_decode((struct gh_view){ copy, length }, picture, &error);
	free(copy);
	if (status != GH_OK) {
		assert_null(picture->rgb.data);
		assert_int_equal(picture->width_px, 0);
		assert_int_equal(error.status, status);
	}
	return status;
}

static void check_scenery(size_t length, int tolerance)
{
	struct gh_picture wanted = scenery(), found;

	assert_int_equal(decode(length, &found), GH_OK);
	assert_int_equal(found.width_px, WIDTH);
	assert_int_equal(found.height_px, HEIGHT);
	assert_int_equal(found.rgb.length_bytes, 3 * WIDTH * HEIGHT);
	for (size_t i = 0; i < found.rgb.length_bytes; i++)
		assert_true(abs(found.rgb.data[i] - wanted.rgb.data[i]) <= tolerance);
	gh_picture_finish(&found);
	gh_picture_finish(&wanted);
}

static void all_formats_give_the_picture(void **state)
{
	check_scenery(scenery_png(), 0);
	check_scenery(as_jp2(OPJ_CODEC_JP2, 3, 8), 0);
	check_scenery(as_jp2(OPJ_CODEC_J2K, 3, 8), 0);
	check_scenery(as_jp2(OPJ_CODEC_JP2, 4, 8), 0);
	check_scenery(as_jp2(OPJ_CODEC_JP2, 3, 12), 0);
}

static void a_jpeg_gives_nearly_the_picture(void **state)
{
	struct gh_picture wanted = scenery(), found;
	double sum = 0;

	assert_int_equal(decode(as_jpeg(100), &found), GH_OK);
	for (size_t i = 0; i < found.rgb.length_bytes; i++)
		sum += abs(found.rgb.data[i] - wanted.rgb.data[i]);
	/* Chroma is halved, so the blue corner's border is soft. */
	assert_true(sum / (double)found.rgb.length_bytes < 4.0);
	gh_picture_finish(&found);
	gh_picture_finish(&wanted);
}

/* How much paper four inks leave of a pixel: black as little as its brightest channel allows. */
static void inks_of(const uint8_t rgb[3], bool paper, uint8_t inks[4])
{
	unsigned black = rgb[0] > rgb[1] ? rgb[0] : rgb[1];

	black = rgb[2] > black ? rgb[2] : black;
	for (int i = 0; i < 3; i++)
		inks[i] = (uint8_t)(black ? (rgb[i] * 255u + black / 2) / black : 255);
	inks[3] = (uint8_t)black;
	for (int i = 0; i < 4; i++)
		inks[i] = paper ? inks[i] : (uint8_t)(255 - inks[i]);
}

static void write_inks(struct jpeg_compress_struct *info, bool paper)
{
	struct gh_picture picture = scenery();

	for (int y = 0; y < HEIGHT; y++) {
		uint8_t inks[4 * WIDTH];
		JSAMPROW row = inks;

		for (int x = 0; x < WIDTH; x++)
			inks_of(picture.rgb.data + 3 * (y * WIDTH + x), paper, inks + 4 * x);
		(void)jpeg_write_scanlines(info, &row, 1);
	}
	gh_picture_finish(&picture);
}

/* The scenery as a printer's JPEG, from Adobe's programs or from others. */
static size_t as_inks(J_COLOR_SPACE space, bool adobe)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	unsigned char *out = NULL;
	unsigned long length = 0;

	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &out, &length);
	info.image_width = WIDTH;
	info.image_height = HEIGHT;
	info.input_components = 4;
	info.in_color_space = JCS_CMYK;
	jpeg_set_defaults(&info);
	jpeg_set_colorspace(&info, space);
	jpeg_set_quality(&info, 100, TRUE);
	info.write_Adobe_marker = adobe;
	jpeg_start_compress(&info, TRUE);
	write_inks(&info, adobe);
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	assert_in_range(length, 1, sizeof(file));
	memcpy(file, out, length);
	free(out);
	return length;
}

static void printers_pictures_become_rgb(void **state)
{
	static const struct {
		J_COLOR_SPACE space;
		bool adobe;
	} kinds[] = { { JCS_CMYK, true }, { JCS_CMYK, false }, { JCS_YCCK, true } };
	struct gh_picture wanted = scenery(), found;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		double sum = 0;

		assert_int_equal(decode(as_inks(kinds[k].space, kinds[k].adobe), &found), GH_OK);
		assert_int_equal(found.rgb.length_bytes, wanted.rgb.length_bytes);
		for (size_t i = 0; i < found.rgb.length_bytes; i++)
			sum += abs(found.rgb.data[i] - wanted.rgb.data[i]);
		assert_true(sum / (double)found.rgb.length_bytes < 3.0);
		gh_picture_finish(&found);
	}
	gh_picture_finish(&wanted);
}

static void grey_pictures_have_three_equal_channels(void **state)
{
	struct gh_picture found;
	uint8_t grey[WIDTH * HEIGHT];

	assert_int_equal(decode(as_jp2(OPJ_CODEC_JP2, 1, 8), &found), GH_OK);
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		assert_int_equal(found.rgb.data[3 * i], (uint8_t)(5 * (i % WIDTH)));
		assert_int_equal(found.rgb.data[3 * i + 2], found.rgb.data[3 * i]);
	}
	gh_picture_finish(&found);
	for (size_t i = 0; i < sizeof(grey); i++)
		grey[i] = (uint8_t)i;
	assert_int_equal(decode(as_png(PNG_FORMAT_GRAY, grey, NULL, 0), &found), GH_OK);
	for (size_t i = 0; i < sizeof(grey); i++)
		for (size_t c = 0; c < 3; c++)
			assert_int_equal(found.rgb.data[3 * i + c], grey[i]);
	gh_picture_finish(&found);
}

static void transparency_lies_over_white(void **state)
{
	static uint8_t rgba[4 * WIDTH * HEIGHT];
	struct gh_picture found;

	memset(rgba, 0, sizeof(rgba));
	rgba[4 * 7 + 3] = 255; /* one black pixel */
	assert_int_equal(decode(as_png(PNG_FORMAT_RGBA, rgba, NULL, 0), &found), GH_OK);
	assert_int_equal(found.rgb.data[0], 255);
	assert_int_equal(found.rgb.data[3 * 7], 0);
	assert_int_equal(found.rgb.data[3 * 8 + 1], 255);
	gh_picture_finish(&found);
}

static void palettes_and_sixteen_bits_become_rgb(void **state)
{
	static const uint8_t colours[6] = { 10, 20, 30, 200, 210, 220 };
	static uint8_t indices[WIDTH * HEIGHT];
	static png_uint_16 deep[3 * WIDTH * HEIGHT];
	struct gh_picture found;

	for (size_t i = 0; i < sizeof(indices); i++)
		indices[i] = i % 2;
	assert_int_equal(
		decode(as_png(PNG_FORMAT_RGB_COLORMAP, indices, colours, 2), &found), GH_OK);
	assert_memory_equal(found.rgb.data, colours, 6);
	gh_picture_finish(&found);
	for (size_t i = 0; i < 3 * WIDTH * HEIGHT; i++)
		deep[i] = 65535;
	deep[0] = 0;
	assert_int_equal(decode(as_png(PNG_FORMAT_LINEAR_RGB, deep, NULL, 0), &found), GH_OK);
	assert_int_equal(found.rgb.data[0], 0);
	assert_int_equal(found.rgb.data[1], 255);
	gh_picture_finish(&found);
}

/* Put an EXIF block with this orientation behind the start marker (Exif 2.32, 4.6.2). */
static size_t with_orientation(size_t length, uint8_t orientation, bool big)
{
	const uint8_t little_block[] = { 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42,
		0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0,
		0 };
	const uint8_t big_block[] = { 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42,
		0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0 };

	memmove(file + 2 + sizeof(big_block), file + 2, length - 2);
	memcpy(file + 2, big ? big_block : little_block, sizeof(big_block));
	return length + sizeof(big_block);
}

static int channel(const struct gh_picture *picture, uint32_t x, uint32_t y, int c)
{
	return picture->rgb.data[3 * ((size_t)y * picture->width_px + x) + (size_t)c];
}

/* Where the stored upper left (blue) and upper right (red) corners are to be seen. */
static void orientation_is_honoured(void **state)
{
	static const struct {
		bool blue_right, blue_low, red_right, red_low;
	} wanted[9] = {
		[1] = { false, false, true, false },
		[2] = { true, false, false, false },
		[3] = { true, true, false, true },
		[4] = { false, true, true, true },
		[5] = { false, false, false, true },
		[6] = { true, false, true, true },
		[7] = { true, true, true, false },
		[8] = { false, true, false, false },
	};

	for (uint8_t o = 0; o <= 9; o++) {
		uint8_t seen = o >= 1 && o <= 8 ? o : 1;
		size_t length = with_orientation(as_jpeg(100), o, o % 2);
		struct gh_picture found;
		uint32_t right, low;

		assert_int_equal(decode(length, &found), GH_OK);
		assert_int_equal(found.width_px, seen >= 5 ? HEIGHT : WIDTH);
		assert_int_equal(found.height_px, seen >= 5 ? WIDTH : HEIGHT);
		right = found.width_px - 3;
		low = found.height_px - 3;
		assert_true(channel(&found, wanted[seen].blue_right ? right : 2,
				    wanted[seen].blue_low ? low : 2, 2) > 150);
		assert_true(channel(&found, wanted[seen].red_right ? right : 2,
				    wanted[seen].red_low ? low : 2, 0) > 180);
		gh_picture_finish(&found);
	}
}

static void a_broken_exif_block_is_ignored(void **state)
{
	for (size_t at = 10; at < 38; at++) {
		size_t length = with_orientation(as_jpeg(100), 6, true);
		struct gh_picture found;

		file[at] = 0xff;
		assert_int_equal(decode(length, &found), GH_OK);
		gh_picture_finish(&found);
	}
}

static void every_cut_is_refused(size_t length)
{
	for (size_t cut = 0; cut + 2 < length; cut += 1 + length / 400) {
		struct gh_picture found;
		enum gh_status status = decode(cut, &found);

		/* The last bytes may be only an end marker. */
		if (status == GH_OK)
			assert_true(cut > length - 16);
		gh_picture_finish(&found);
	}
}

static void files_cut_anywhere_are_refused(void **state)
{
	every_cut_is_refused(as_jpeg(90));
	every_cut_is_refused(as_inks(JCS_YCCK, true));
	every_cut_is_refused(scenery_png());
	every_cut_is_refused(as_jp2(OPJ_CODEC_JP2, 3, 8));
	every_cut_is_refused(as_jp2(OPJ_CODEC_J2K, 3, 8));
}

static void flipped_bytes_never_crash(void **state)
{
	uint32_t seed = 12345;

	for (int kind = 0; kind < 4; kind++)
		for (int round = 0; round < 300; round++) {
			size_t length = kind == 0 ? as_jpeg(90)
				: kind == 1       ? scenery_png()
				: kind == 2       ? as_jp2(OPJ_CODEC_JP2, 3, 8)
						  : as_inks(JCS_CMYK, true);
			struct gh_picture found;

			for (int i = 0; i < 4; i++) {
				seed = seed * 1664525u + 1013904223u;
				file[seed % length] ^= (uint8_t)(1u << (seed >> 29));
			}
			(void)!decode(length, &found);
			gh_picture_finish(&found);
		}
}

static void other_formats_are_unsupported(void **state)
{
	static const char *const others[] = { "", "\xff", "GIF89a......", "BM..........",
		"RIFF....WEBP", "%PDF-1.7 ..." };
	struct gh_picture found;

	for (size_t i = 0; i < 6; i++)
		assert_int_equal(gh_picture_decode(gh_view_of_text(others[i]), &found, NULL),
			GH_UNSUPPORTED);
}

static void put(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A head that promises more than the limit is refused before memory is taken for it. */
static void huge_pictures_are_refused_by_their_head(void **state)
{
	struct gh_picture found;
	size_t length = as_jpeg(90);

	for (size_t i = 0; i + 9 < length; i++)
		if (file[i] == 0xff && file[i + 1] == 0xc0) {
			memset(file + i + 5, 0xf0, 4);
			break;
		}
	assert_int_equal(decode(length, &found), GH_TOO_LARGE);
	length = as_jp2(OPJ_CODEC_J2K, 3, 8);
	put(file + 8, 100000);
	put(file + 12, 100000);
	assert_int_equal(decode(length, &found), GH_TOO_LARGE);
	length = as_jp2(OPJ_CODEC_J2K, 3, 8);
	put(file + 24, 1); /* one tile for each pixel */
	put(file + 28, 1);
	assert_int_equal(decode(length, &found), GH_TOO_LARGE);
	length = as_jp2(OPJ_CODEC_J2K, 3, 8);
	put(file + 16, 60); /* begins behind its end */
	assert_int_equal(decode(length, &found), GH_MALFORMED);
	length = as_jp2(OPJ_CODEC_J2K, 3, 8);
	put(file + 24, 0);
	assert_int_equal(decode(length, &found), GH_MALFORMED);
}

/* A PNG whose head says 60000 x 60000, with the right checksum. */
static void a_huge_png_is_refused_by_its_head(void **state)
{
	static const uint8_t head[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H',
		'D', 'R', 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0 };
	uint32_t crc = 0xffffffffu;
	size_t length = scenery_png();
	struct gh_picture found;

	memcpy(file, head, sizeof(head));
	for (size_t i = 12; i < sizeof(head); i++) {
		crc ^= head[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	put(file + sizeof(head), ~crc);
	assert_int_equal(decode(length, &found), GH_TOO_LARGE);
}

/* Texts and profiles can unpack to gigabytes. This one even has a name that libpng stops at. */
static void the_png_decoder_sees_nothing_but_pixels(void **state)
{
	static const uint8_t text[] = { 0, 0, 0, 4, 'z', 'T', '1', 't', 'k', 0, 0, 0, 0, 0, 0, 0 };
	const size_t behind_head = 33;
	size_t length = scenery_png();

	memmove(file + behind_head + sizeof(text), file + behind_head, length - behind_head);
	memcpy(file + behind_head, text, sizeof(text));
	check_scenery(length + sizeof(text), 0);
}

static void a_huge_file_is_refused_unread(void **state)
{
	struct gh_picture found;
	size_t length = (size_t)GH_PICTURE_BYTES_MAX + 1;
	uint8_t *bytes = calloc(1, length);

	assert_non_null(bytes);
	assert_int_equal(
		gh_picture_decode((struct gh_view){ bytes, length }, &found, NULL), GH_TOO_LARGE);
	free(bytes);
}

static void the_encoder_finds_the_quality_that_fits(void **state)
{
	struct gh_picture picture = scenery(), found;
	size_t best = sizeof(file), limit, last = 0;
	uint32_t seed = 9;

	for (size_t i = 0; i < picture.rgb.length_bytes; i++) {
		seed = seed * 1664525u + 1013904223u;
		picture.rgb.data[i] = (uint8_t)(seed >> 24);
	}
	assert_int_equal(gh_picture_encode_jpeg(&picture, 95, file, &best, NULL), GH_OK);
	for (limit = best; limit > best / 2; limit -= best / 10) {
		size_t length = limit;

		assert_int_equal(gh_picture_encode_jpeg(&picture, 95, file, &length, NULL), GH_OK);
		assert_true(length <= limit);
		assert_true(last == 0 || length <= last);
		last = length;
		assert_int_equal(decode(length, &found), GH_OK);
		gh_picture_finish(&found);
	}
	limit = 300;
	assert_int_equal(gh_picture_encode_jpeg(&picture, 95, file, &limit, NULL), GH_TOO_LARGE);
	gh_picture_finish(&picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_formats_give_the_picture),
		cmocka_unit_test(a_jpeg_gives_nearly_the_picture),
		cmocka_unit_test(printers_pictures_become_rgb),
		cmocka_unit_test(grey_pictures_have_three_equal_channels),
		cmocka_unit_test(transparency_lies_over_white),
		cmocka_unit_test(palettes_and_sixteen_bits_become_rgb),
		cmocka_unit_test(orientation_is_honoured),
		cmocka_unit_test(a_broken_exif_block_is_ignored),
		cmocka_unit_test(files_cut_anywhere_are_refused),
		cmocka_unit_test(flipped_bytes_never_crash),
		cmocka_unit_test(other_formats_are_unsupported),
		cmocka_unit_test(huge_pictures_are_refused_by_their_head),
		cmocka_unit_test(a_huge_png_is_refused_by_its_head),
		cmocka_unit_test(the_png_decoder_sees_nothing_but_pixels),
		cmocka_unit_test(a_huge_file_is_refused_unread),
		cmocka_unit_test(the_encoder_finds_the_quality_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
