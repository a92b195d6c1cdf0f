/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG pictures: whole files in, and baseline JPEG under a size limit out. */
#include <stdio.h>

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include <jpeglib.h>

#include "jpeg.h"
#include "picture_formats.h"

#define QUALITY_MIN 30

enum gh_status gh_picture_decode_jpeg(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error)
{
	struct gh_jpeg *jpeg;
	struct gh_jpeg_head head;
	struct gh_jpeg_region all = { 0 };
	enum gh_status status = gh_jpeg_create(&jpeg, error);

	if (status != GH_OK)
		return status;
	status = gh_jpeg_begin(jpeg, file, &head, error);
	if (status == GH_OK)
		status = gh_picture_take(picture, head.width_px, head.height_px, error);
	if (status == GH_OK) {
		all.width = head.width_px;
		all.height = head.height_px;
		status = gh_jpeg_read(jpeg, &all, picture->rgb.data, error);
	}
	gh_jpeg_destroy(jpeg);
	if (status == GH_OK)
		status = gh_picture_orient(picture, head.orientation, error);
	return status;
}

/* An encoder that writes into memory of fixed size and leaves when it is full. */
struct writer {
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr destination;
	jmp_buf escape;
	bool full;
	char text[JMSG_LENGTH_MAX];
};

static void give_up(j_common_ptr info)
{
	struct writer *writer = info->client_data;

	info->err->format_message(info, writer->text);
	longjmp(writer->escape, 1);
}

static void say_nothing(j_common_ptr info)
{
	(void)info;
}

static void do_nothing(j_compress_ptr info)
{
	(void)info;
}

static boolean no_more_room(j_compress_ptr info)
{
	struct writer *writer = info->client_data;

	writer->full = true;
	longjmp(writer->escape, 1);
}

static void write_all(struct writer *writer, const struct gh_picture *picture, int quality)
{
	struct jpeg_compress_struct *info = &writer->info;

	info->image_width = picture->width_px;
	info->image_height = picture->height_px;
	info->input_components = 3;
	info->in_color_space = JCS_RGB;
	jpeg_set_defaults(info);
	jpeg_set_quality(info, quality, TRUE);
	info->optimize_coding = TRUE;
	jpeg_start_compress(info, TRUE);
	while (info->next_scanline < info->image_height) {
		JSAMPROW row =
			picture->rgb.data + 3 * (size_t)picture->width_px * info->next_scanline;

		(void)jpeg_write_scanlines(info, &row, 1);
	}
	jpeg_finish_compress(info);
}

static bool try_to_write(struct writer *writer, const struct gh_picture *picture, int quality,
	uint8_t *jpeg, size_t *length_bytes)
{
	size_t room = *length_bytes;

	writer->full = false;
	writer->destination.next_output_byte = jpeg;
	writer->destination.free_in_buffer = room;
	if (setjmp(writer->escape)) {
		jpeg_abort_compress(&writer->info);
		return false;
	}
	write_all(writer, picture, quality);
	*length_bytes = room - writer->destination.free_in_buffer;
	return true;
}

static bool open_writer(struct writer *writer)
{
	memset(writer, 0, sizeof(*writer));
	writer->info.err = jpeg_std_error(&writer->errors);
	writer->info.client_data = writer;
	writer->errors.error_exit = give_up;
	writer->errors.output_message = say_nothing;
	if (setjmp(writer->escape))
		return false;
	jpeg_create_compress(&writer->info);
	writer->destination.init_destination = do_nothing;
	writer->destination.empty_output_buffer = no_more_room;
	writer->destination.term_destination = do_nothing;
	writer->info.dest = &writer->destination;
	return true;
}

/* From the highest quality down in halves of what is left, then finer: at most 8 tries. */
static bool search(struct writer *writer, const struct gh_picture *picture, int quality_max,
	uint8_t *jpeg, size_t *length_bytes)
{
	int low = QUALITY_MIN, high = quality_max, best = 0;
	size_t length = *length_bytes;

	if (try_to_write(writer, picture, quality_max, jpeg, length_bytes))
		return true;
	while (writer->full && low < high) {
		int middle = (low + high) / 2;

		length = *length_bytes;
		if (try_to_write(writer, picture, middle, jpeg, &length)) {
			best = middle;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	/* The last try may have been one that did not fit. */
	return best > 0 && try_to_write(writer, picture, best, jpeg, length_bytes);
}

enum gh_status gh_picture_encode_jpeg(const struct gh_picture *picture, int quality_max,
	uint8_t *jpeg, size_t *length_bytes, struct gh_error *error)
{
	struct writer writer;
	enum gh_status status = GH_OK;

	if (quality_max < QUALITY_MIN)
		quality_max = QUALITY_MIN;
	if (quality_max > 100)
		quality_max = 100;
	if (!open_writer(&writer))
		status = gh_error_set(error, GH_NO_MEMORY, "JPEG writer");
	else if (!search(&writer, picture, quality_max, jpeg, length_bytes))
		status = writer.full ? gh_error_set(error, GH_TOO_LARGE,
					       "%u x %u pixels do not fit into %zu bytes of JPEG",
					       picture->width_px, picture->height_px, *length_bytes)
				     : gh_error_set(error, GH_NO_MEMORY, "JPEG: %s", writer.text);
	jpeg_destroy_compress(&writer.info);
	return status;
}
