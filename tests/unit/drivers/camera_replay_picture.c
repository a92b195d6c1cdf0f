/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures that lie about themselves, end early or ask for too much; and colours to the digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec.h"
#include "picture.h"
#include "support/camera_replay/pictures.h"

#define WIDTH_PX 40
#define HEIGHT_PX 24

static struct gh_bytes make_jpeg(const struct jpeg_style *style)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct picture picture = picture_draw(WIDTH_PX, HEIGHT_PX, 1);
	picture_jpeg(&picture, style, &bytes);
	picture_free(&picture);
	return bytes;
}

static struct gh_bytes make_png(const struct png_style *style)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct picture picture = picture_draw(WIDTH_PX, HEIGHT_PX, 1);
	picture_png(&picture, style, &bytes);
	picture_free(&picture);
	return bytes;
}

static enum gh_status size_of(struct gh_view file)
{
	uint32_t width_px;
	uint32_t height_px;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_replay_picture_size(file, &width_px, &height_px, &error);
	assert_int_equal(status, error.status);
	return status;
}

static enum gh_status decode(
	enum gh_pixel_format format, struct gh_view file, struct gh_error *error)
{
	struct gh_replay_shape shape = { format, WIDTH_PX, HEIGHT_PX };
	struct gh_replay_decoder *decoder;
	struct gh_plane planes[2];
	uint8_t *memory = malloc(gh_replay_shape_bytes(&shape));
	assert_non_null(memory);
	assert_int_equal(gh_replay_decoder_create(&shape, &decoder, NULL), GH_OK);
	gh_replay_shape_planes(&shape, memory, planes);
	enum gh_status status = gh_replay_decode(decoder, file, planes, error);
	gh_replay_decoder_destroy(decoder);
	free(memory);
	return status;
}

/* Where the SOF segment's height stands (ITU-T T.81 B.2.2). */
static size_t find_sides(const struct gh_bytes *jpeg)
{
	for (size_t i = 2; i + 9 < jpeg->length_bytes; i++) {
		if (jpeg->data[i] == 0xff &&
			(jpeg->data[i + 1] == 0xc0 || jpeg->data[i + 1] == 0xc2))
			return i + 5;
	}
	fail();
	return 0;
}

static void set_sides(struct gh_bytes *jpeg, uint32_t width_px, uint32_t height_px)
{
	size_t at = find_sides(jpeg);
	jpeg->data[at] = (uint8_t)(height_px >> 8);
	jpeg->data[at + 1] = (uint8_t)height_px;
	jpeg->data[at + 2] = (uint8_t)(width_px >> 8);
	jpeg->data[at + 3] = (uint8_t)width_px;
}

static void sides_are_limited_before_memory_is_taken(void **state)
{
	static const struct {
		uint32_t width_px;
		uint32_t height_px;
		enum gh_status status;
	} sides[] = {
		{ 65500, 65500, GH_TOO_LARGE },
		{ 8192, 8192, GH_TOO_LARGE }, /* 67.1 million pixels */
		{ 8193, 1, GH_TOO_LARGE },
		{ 1, 8193, GH_TOO_LARGE },
		{ 8000, 8000, GH_OK },
		{ 0, 10, GH_MALFORMED },
	};
	struct gh_bytes jpeg = make_jpeg(&(struct jpeg_style){ 0 });
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		set_sides(&jpeg, sides[i].width_px, sides[i].height_px);
		assert_int_equal(size_of(gh_bytes_view(&jpeg)), sides[i].status);
		assert_int_not_equal(decode(GH_PIXEL_RGB24, gh_bytes_view(&jpeg), NULL), GH_OK);
	}
	gh_bytes_finish(&jpeg);
}

/* IHDR says 200,000 x 1, with the checksum that belongs to it. */
static void wide_png_is_refused(void **state)
{
	static const uint8_t header[] = { 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13,
		'I', 'H', 'D', 'R', 0x00, 0x03, 0x0d, 0x40, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x5d, 0x05,
		0xa0, 0xb7 };
	struct gh_error error = GH_ERROR_NONE;
	uint32_t width_px;
	uint32_t height_px;
	assert_int_equal(gh_replay_picture_size((struct gh_view){ header, sizeof(header) },
				 &width_px, &height_px, &error),
		GH_MALFORMED);
	assert_non_null(strstr(error.text, "Invalid IHDR")); /* and not its checksum */
}

static void large_file_is_not_looked_at(void **state)
{
	size_t length = (size_t)GH_REPLAY_PICTURE_BYTES_MAX + 1;
	uint8_t *bytes = calloc(1, length);
	struct gh_bytes jpeg = make_jpeg(&(struct jpeg_style){ 0 });
	assert_non_null(bytes);
	memcpy(bytes, jpeg.data, jpeg.length_bytes);
	assert_int_equal(size_of((struct gh_view){ bytes, length }), GH_TOO_LARGE);
	assert_int_equal(size_of((struct gh_view){ bytes, length - 1 }), GH_OK);
	gh_bytes_finish(&jpeg);
	free(bytes);
}

/* The last scan again and again: each is a pass over all pixels. */
static void endless_scans_are_cut_off(void **state)
{
	struct gh_bytes jpeg = make_jpeg(&(struct jpeg_style){ .progressive = true });
	struct gh_bytes long_one = GH_BYTES_EMPTY;
	size_t scan = jpeg.length_bytes;
	for (size_t i = 0; i + 1 < jpeg.length_bytes; i++) {
		if (jpeg.data[i] == 0xff && jpeg.data[i + 1] == 0xda)
			scan = i;
	}
	size_t eoi = jpeg.length_bytes - 2;
	assert_true(scan < eoi);
	assert_int_equal(gh_bytes_append(&long_one, jpeg.data, eoi, NULL), GH_OK);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(
			gh_bytes_append(&long_one, jpeg.data + scan, eoi - scan, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&long_one, jpeg.data + eoi, 2, NULL), GH_OK);
	struct gh_error error = GH_ERROR_NONE;
	assert_int_equal(decode(GH_PIXEL_RGB24, gh_bytes_view(&jpeg), NULL), GH_OK);
	assert_int_equal(decode(GH_PIXEL_RGB24, gh_bytes_view(&long_one), &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, "more than 100 scans"));
	gh_bytes_finish(&jpeg);
	gh_bytes_finish(&long_one);
}

/* Cut anywhere, a file is refused: pixels that libjpeg invents are nobody's. */
static void check_truncations(struct gh_bytes *file, enum gh_pixel_format format)
{
	assert_int_equal(decode(format, gh_bytes_view(file), NULL), GH_OK);
	for (size_t length = 0; length < file->length_bytes; length++) {
		uint8_t *exact = malloc(length > 0 ? length : 1);
		assert_non_null(exact);
		memcpy(exact, file->data, length);
		if (decode(format, (struct gh_view){ exact, length }, NULL) == GH_OK)
			fail_msg("%zu of %zu bytes pass", length, file->length_bytes);
		free(exact);
	}
	gh_bytes_finish(file);
}

static void truncated_files_are_refused(void **state)
{
	static const struct jpeg_style jpegs[] = { { 0 }, { .progressive = true }, { .grey = true },
		{ .no_tables = true }, { .restart_rows = 1 } };
	for (size_t i = 0; i < sizeof(jpegs) / sizeof(jpegs[0]); i++) {
		struct gh_bytes file = make_jpeg(&jpegs[i]);
		check_truncations(&file, i % 2 == 0 ? GH_PIXEL_RGB24 : GH_PIXEL_NV12);
	}
	struct gh_bytes file = make_png(&(struct png_style){ 0 });
	check_truncations(&file, GH_PIXEL_RGB24);
	file = make_png(&(struct png_style){ .interlaced = true, .alpha = true });
	check_truncations(&file, GH_PIXEL_GREY);
}

static void other_files_are_named(void **state)
{
	static const char *const files[] = { "", "\xff", "\xff\xd8", "GIF89a........",
		"\x89PNG\r\n\x1a", "BM", "RIFF....WEBPVP8 " };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_int_equal(size_of(gh_view_of_text(files[i])), GH_UNSUPPORTED);
	struct gh_bytes cmyk = make_jpeg(&(struct jpeg_style){ .cmyk = true });
	assert_int_equal(size_of(gh_bytes_view(&cmyk)), GH_UNSUPPORTED);
	gh_bytes_finish(&cmyk);
}

/* ITU-T T.871 clause 7, computed by hand. */
static void colours_to_the_digit(void **state)
{
	static const uint8_t colours[][6] = {
		{ 0, 0, 0, 0, 128, 128 },
		{ 255, 255, 255, 255, 128, 128 },
		{ 255, 0, 0, 76, 85, 255 },
		{ 0, 255, 0, 150, 44, 21 },
		{ 0, 0, 255, 29, 255, 107 },
		{ 128, 128, 128, 128, 128, 128 },
		{ 205, 165, 140, 174, 109, 150 },
	};
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
		uint8_t row[3];
		memcpy(row, colours[i], 3);
		gh_replay_row_to_ycc(row, 1);
		assert_memory_equal(row, colours[i] + 3, 3);
	}
}

static void planes_fill_the_memory_of_a_shape(void **state)
{
	for (int format = GH_PIXEL_GREY; format < GH_PIXEL_MJPEG; format++) {
		struct gh_replay_shape shape = { (enum gh_pixel_format)format, 102, 66 };
		uint8_t memory[102 * 66 * 8];
		struct gh_plane planes[2];
		size_t bytes = gh_replay_shape_bytes(&shape);
		assert_true(bytes <= sizeof(memory));
		gh_replay_shape_planes(&shape, memory, planes);
		assert_int_equal(planes[0].length_bytes + planes[1].length_bytes, bytes);
		assert_int_equal(planes[0].stride_bytes % 64, 0);
		assert_true(planes[1].data == NULL ||
			planes[1].data == memory + planes[0].length_bytes);
	}
	struct gh_replay_shape shape = { GH_PIXEL_MJPEG, 102, 66 };
	assert_int_equal(gh_replay_shape_bytes(&shape), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sides_are_limited_before_memory_is_taken),
		cmocka_unit_test(wide_png_is_refused),
		cmocka_unit_test(large_file_is_not_looked_at),
		cmocka_unit_test(endless_scans_are_cut_off),
		cmocka_unit_test(truncated_files_are_refused),
		cmocka_unit_test(other_files_are_named),
		cmocka_unit_test(colours_to_the_digit),
		cmocka_unit_test(planes_fill_the_memory_of_a_shape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
