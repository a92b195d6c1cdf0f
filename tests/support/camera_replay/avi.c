/* SPDX-License-Identifier: Apache-2.0 */
/* Writes AVI files as recorders do, and as they leave them when they are interrupted. */
#include <assert.h>
#include <string.h>

#include "pictures.h"

static void put(struct gh_bytes *bytes, const void *data, size_t length_bytes)
{
	enum gh_status status = gh_bytes_append(bytes, data, length_bytes, NULL);
	assert(status == GH_OK);
	(void)status;
}

static void put_u32(struct gh_bytes *bytes, uint32_t value)
{
	uint8_t raw[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
		(uint8_t)(value >> 24) };
	put(bytes, raw, sizeof(raw));
}

static void set_u32(struct gh_bytes *bytes, size_t at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		bytes->data[at + i] = (uint8_t)(value >> (8 * i));
}

/* Begin a list; returns where its size stands. */
static size_t begin(struct gh_bytes *bytes, const char *id, const char *type)
{
	put(bytes, id, 4);
	put_u32(bytes, 0);
	put(bytes, type, 4);
	return bytes->length_bytes - 8;
}

static void end(struct gh_bytes *bytes, size_t at, bool unfinished)
{
	set_u32(bytes, at, unfinished ? 0 : (uint32_t)(bytes->length_bytes - at - 4));
}

static void put_chunk(struct gh_bytes *bytes, const char *id, const void *data,
	uint32_t length_bytes, bool padded)
{
	put(bytes, id, 4);
	put_u32(bytes, length_bytes);
	if (length_bytes > 0)
		put(bytes, data, length_bytes);
	if (padded && length_bytes % 2 != 0)
		put(bytes, "", 1);
}

static void put_stream(struct gh_bytes *bytes, const char *type, const char *compression,
	uint32_t scale, uint32_t rate)
{
	uint8_t header[56] = { 0 };
	uint8_t format[40] = { 40 };
	struct gh_bytes numbers = GH_BYTES_EMPTY;
	put_u32(&numbers, scale);
	put_u32(&numbers, rate);
	memcpy(header, type, 4);
	memcpy(header + 4, compression, 4);
	memcpy(header + 20, numbers.data, 8);
	memcpy(format + 16, compression, 4);
	gh_bytes_finish(&numbers);
	size_t list = begin(bytes, "LIST", "strl");
	put_chunk(bytes, "strh", header, sizeof(header), true);
	put_chunk(bytes, "strf", format, sizeof(format), true);
	put_chunk(bytes, "strn", "test", 5, true);
	end(bytes, list, false);
}

static void put_headers(struct gh_bytes *bytes, const struct avi_style *style)
{
	uint8_t file_header[56] = { 0 };
	uint32_t scale = style->rate != 0 ? style->scale : 1;
	uint32_t rate = style->rate != 0 ? style->rate : 30;
	size_t list = begin(bytes, "LIST", "hdrl");
	put_chunk(bytes, "avih", file_header, sizeof(file_header), true);
	if (style->audio_first)
		put_stream(bytes, "auds", "\0\0\0\0", 1, 8000);
	put_stream(bytes, "vids", style->compression ? style->compression : "MJPG",
		style->no_rate ? 0 : scale, style->no_rate ? 0 : rate);
	end(bytes, list, false);
	put_chunk(bytes, "JUNK", "padding", 7, true);
}

static void put_movie(struct gh_bytes *bytes, const struct gh_bytes *pictures, size_t from,
	size_t to, const struct avi_style *style)
{
	const char *id = style->audio_first ? "01dc" : "00dc";
	size_t movie = begin(bytes, "LIST", "movi");
	for (size_t i = from; i < to; i++) {
		size_t record = style->records ? begin(bytes, "LIST", "rec ") : 0;
		if (style->audio_first)
			put_chunk(bytes, "00wb", "sound", 5, !style->no_padding);
		if (style->dropped != 0 && style->dropped == i)
			put_chunk(bytes, id, NULL, 0, true);
		put_chunk(bytes, id, pictures[i].data, (uint32_t)pictures[i].length_bytes,
			!style->no_padding);
		if (style->records)
			end(bytes, record, style->unfinished);
	}
	end(bytes, movie, style->unfinished);
}

void avi_write(const struct gh_bytes *pictures, size_t count, const struct avi_style *style,
	struct gh_bytes *bytes)
{
	size_t first = style->second_riff ? count / 2 : count;
	size_t riff = begin(bytes, "RIFF", "AVI ");
	put_headers(bytes, style);
	put_movie(bytes, pictures, 0, first, style);
	if (!style->no_index)
		put_chunk(bytes, "idx1", "an index nobody reads", 21, true);
	end(bytes, riff, style->unfinished);
	if (!style->second_riff)
		return;
	riff = begin(bytes, "RIFF", "AVIX");
	put_movie(bytes, pictures, first, count, style);
	end(bytes, riff, style->unfinished);
}
