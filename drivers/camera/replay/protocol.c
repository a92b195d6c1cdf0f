/* SPDX-License-Identifier: Apache-2.0 */
/* Motion JPEG in AVI: from bytes to a list of where the pictures lie. */
#include "protocol.h"

#include <stdlib.h>
#include <string.h>

#define FOURCC(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

#define CHUNK_HEADER_BYTES 8u
#define LIST_HEADER_BYTES 12u
#define STREAM_HEADER_BYTES 28u /* of strh, up to dwRate */
#define BITMAP_HEADER_BYTES 20u /* of strf, up to biCompression */
#define STREAMS_MAX 100u        /* two digits name a stream */

#define INTERVAL_MIN_US 1000u
#define INTERVAL_MAX_US 10000000u
#define INTERVAL_DEFAULT_US 33333u

struct walk {
	const struct gh_replay_reader *reader;
	struct gh_replay_video *video;
	uint64_t offset;
	uint64_t promised; /* end of the file as its RIFF headers tell it */
	uint32_t streams;  /* seen so far */
	uint32_t stream;   /* the one that plays, once `found` */
	bool found;
	bool pending; /* a video stream's header was read, its format was not */
	uint32_t pending_interval_us;
	uint32_t file_interval_us;
	uint32_t compression; /* of a stream that does not play, for the error */
	bool stop;
};

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
}

static uint32_t interval_between(uint32_t value_us)
{
	return value_us >= INTERVAL_MIN_US && value_us <= INTERVAL_MAX_US ? value_us : 0;
}

static uint32_t interval_of_rate(uint32_t scale, uint32_t rate)
{
	if (rate == 0)
		return 0;
	uint64_t us = ((uint64_t)scale * 1000000 + rate / 2) / rate;
	return us <= INTERVAL_MAX_US ? interval_between((uint32_t)us) : 0;
}

static bool is_motion_jpeg(uint32_t compression)
{
	switch (compression) {
	case FOURCC('M', 'J', 'P', 'G'):
	case FOURCC('m', 'j', 'p', 'g'):
	case FOURCC('J', 'P', 'E', 'G'):
	case FOURCC('j', 'p', 'e', 'g'):
	case FOURCC('d', 'm', 'b', '1'):
		return true;
	default:
		return false;
	}
}

static bool is_digit(uint32_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* "NNdc", "NNdb", "NNwb", "NNtx", "NNpc": data of stream NN. */
static bool is_data(uint32_t id)
{
	uint32_t kind = id >> 16;
	bool known = kind == ('d' | 'c' << 8) || kind == ('d' | 'b' << 8) ||
		kind == ('w' | 'b' << 8) || kind == ('t' | 'x' << 8) || kind == ('p' | 'c' << 8);
	return known && is_digit(id & 0xff) && is_digit(id >> 8 & 0xff);
}

static bool is_picture(const struct walk *walk, uint32_t id)
{
	uint32_t kind = id >> 16;
	if (!walk->found || !is_data(id))
		return false;
	if (kind != ('d' | 'c' << 8) && kind != ('d' | 'b' << 8))
		return false;
	return ((id & 0xff) - '0') * 10 + (id >> 8 & 0xff) - '0' == walk->stream;
}

static bool is_known(uint32_t id)
{
	if (is_data(id) || (id & 0xffff) == ('i' | 'x' << 8))
		return true;
	switch (id) {
	case FOURCC('R', 'I', 'F', 'F'):
	case FOURCC('L', 'I', 'S', 'T'):
	case FOURCC('J', 'U', 'N', 'K'):
	case FOURCC('i', 'd', 'x', '1'):
	case FOURCC('s', 't', 'r', 'h'):
	case FOURCC('s', 't', 'r', 'f'):
	case FOURCC('s', 't', 'r', 'n'):
	case FOURCC('s', 't', 'r', 'd'):
	case FOURCC('i', 'n', 'd', 'x'):
	case FOURCC('v', 'p', 'r', 'p'):
		return true;
	default:
		return false;
	}
}

static bool is_printable(uint32_t id)
{
	for (unsigned shift = 0; shift < 32; shift += 8) {
		uint32_t byte = id >> shift & 0xff;
		if (byte < 0x20 || byte > 0x7e)
			return false;
	}
	return true;
}

static bool is_opened(uint32_t list_type)
{
	switch (list_type) {
	case FOURCC('A', 'V', 'I', ' '):
	case FOURCC('A', 'V', 'I', 'X'):
	case FOURCC('h', 'd', 'r', 'l'):
	case FOURCC('s', 't', 'r', 'l'):
	case FOURCC('m', 'o', 'v', 'i'):
	case FOURCC('r', 'e', 'c', ' '):
		return true;
	default:
		return false;
	}
}

static bool fits(const struct walk *walk, uint64_t offset, uint64_t length_bytes)
{
	uint64_t whole = walk->reader->length_bytes;
	return offset <= whole && length_bytes <= whole - offset;
}

static enum gh_status get(const struct walk *walk, uint64_t offset, void *bytes,
	size_t length_bytes, struct gh_error *error)
{
	return walk->reader->read(walk->reader->ctx, offset, bytes, length_bytes, error);
}

static void end(struct walk *walk, enum gh_replay_end how)
{
	walk->video->end = how;
	walk->video->end_offset = walk->offset;
	walk->stop = true;
}

static enum gh_status add_picture(
	struct walk *walk, uint64_t offset, uint32_t length_bytes, struct gh_error *error)
{
	struct gh_replay_video *video = walk->video;
	if (video->count == GH_REPLAY_PICTURES_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "more than %u pictures", GH_REPLAY_PICTURES_MAX);
	if (video->count == video->capacity) {
		size_t capacity = video->capacity ? video->capacity * 2 : 256;
		void *grown = realloc(video->chunks, capacity * sizeof(*video->chunks));
		if (!grown)
			return gh_error_set(
				error, GH_NO_MEMORY, "no memory for %zu pictures", capacity);
		video->chunks = grown;
		video->capacity = capacity;
	}
	video->chunks[video->count++] = (struct gh_replay_chunk){ offset, length_bytes };
	return GH_OK;
}

static void play(struct walk *walk)
{
	walk->found = true;
	walk->pending = false;
	walk->stream = walk->streams - 1;
	walk->video->interval_us = walk->pending_interval_us;
}

static enum gh_status read_stream_header(
	struct walk *walk, uint64_t offset, uint32_t length_bytes, struct gh_error *error)
{
	uint8_t bytes[STREAM_HEADER_BYTES] = { 0 };
	size_t take = length_bytes < sizeof(bytes) ? length_bytes : sizeof(bytes);
	enum gh_status status = get(walk, offset, bytes, take, error);
	if (status != GH_OK)
		return status;
	walk->pending = false;
	if (walk->streams < STREAMS_MAX)
		walk->streams++;
	if (walk->found || get_u32(bytes) != FOURCC('v', 'i', 'd', 's'))
		return GH_OK;
	walk->pending_interval_us = interval_of_rate(get_u32(bytes + 20), get_u32(bytes + 24));
	walk->pending = true;
	walk->compression = get_u32(bytes + 4);
	if (is_motion_jpeg(walk->compression))
		play(walk);
	return GH_OK;
}

static enum gh_status read_stream_format(
	struct walk *walk, uint64_t offset, uint32_t length_bytes, struct gh_error *error)
{
	uint8_t bytes[BITMAP_HEADER_BYTES] = { 0 };
	if (!walk->pending || length_bytes < sizeof(bytes))
		return GH_OK;
	enum gh_status status = get(walk, offset, bytes, sizeof(bytes), error);
	if (status != GH_OK)
		return status;
	walk->compression = get_u32(bytes + 16);
	if (is_motion_jpeg(walk->compression))
		play(walk);
	return GH_OK;
}

static enum gh_status read_file_header(
	struct walk *walk, uint64_t offset, uint32_t length_bytes, struct gh_error *error)
{
	uint8_t bytes[4] = { 0 };
	if (length_bytes < sizeof(bytes))
		return GH_OK;
	enum gh_status status = get(walk, offset, bytes, sizeof(bytes), error);
	walk->file_interval_us = interval_between(get_u32(bytes));
	return status;
}

/* The next chunk after one that ends at offset: padded to even, which some writers forget. */
static enum gh_status step_over(struct walk *walk, uint64_t offset, struct gh_error *error)
{
	uint8_t bytes[5];
	walk->offset = offset + (offset & 1);
	if ((offset & 1) == 0 || !fits(walk, offset, sizeof(bytes)))
		return GH_OK;
	enum gh_status status = get(walk, offset, bytes, sizeof(bytes), error);
	if (status == GH_OK && !is_known(get_u32(bytes + 1)) && is_known(get_u32(bytes)))
		walk->offset = offset;
	return status;
}

static enum gh_status enter_list(
	struct walk *walk, uint32_t id, uint32_t length_bytes, struct gh_error *error)
{
	uint8_t type[4];
	uint64_t after = walk->offset + CHUNK_HEADER_BYTES + length_bytes;
	if (!fits(walk, walk->offset, LIST_HEADER_BYTES)) {
		end(walk, GH_REPLAY_CUT);
		return GH_OK;
	}
	enum gh_status status =
		get(walk, walk->offset + CHUNK_HEADER_BYTES, type, sizeof(type), error);
	if (status != GH_OK)
		return status;
	/* 0 and all ones stand in files whose recorder was interrupted. */
	if (id == FOURCC('R', 'I', 'F', 'F') && length_bytes != 0 && length_bytes != UINT32_MAX)
		walk->promised = after;
	if (is_opened(get_u32(type))) {
		walk->offset += LIST_HEADER_BYTES;
		return GH_OK;
	}
	if (after > walk->reader->length_bytes) {
		end(walk, GH_REPLAY_CUT);
		return GH_OK;
	}
	return step_over(walk, after, error);
}

/* What stands behind the end that the headers promise was never part of the video. */
static bool is_trailing(const struct walk *walk, uint32_t id)
{
	return walk->promised != 0 && walk->offset >= walk->promised && !is_known(id);
}

static enum gh_status read_chunk(
	struct walk *walk, uint32_t id, uint32_t length_bytes, struct gh_error *error)
{
	uint64_t data = walk->offset + CHUNK_HEADER_BYTES;
	if (!fits(walk, data, length_bytes)) {
		end(walk, GH_REPLAY_CUT);
		return GH_OK;
	}
	enum gh_status status = GH_OK;
	if (is_picture(walk, id))
		status = add_picture(walk, data, length_bytes, error);
	else if (id == FOURCC('s', 't', 'r', 'h'))
		status = read_stream_header(walk, data, length_bytes, error);
	else if (id == FOURCC('s', 't', 'r', 'f'))
		status = read_stream_format(walk, data, length_bytes, error);
	else if (id == FOURCC('a', 'v', 'i', 'h'))
		status = read_file_header(walk, data, length_bytes, error);
	if (status != GH_OK)
		return status;
	return step_over(walk, data + length_bytes, error);
}

static enum gh_status walk_on(struct walk *walk, struct gh_error *error)
{
	uint8_t header[CHUNK_HEADER_BYTES];
	enum gh_status status = get(walk, walk->offset, header, sizeof(header), error);
	if (status != GH_OK)
		return status;
	uint32_t id = get_u32(header);
	uint32_t length_bytes = get_u32(header + 4);
	if (id == FOURCC('R', 'I', 'F', 'F') || id == FOURCC('L', 'I', 'S', 'T'))
		return enter_list(walk, id, length_bytes, error);
	if (is_trailing(walk, id))
		end(walk, GH_REPLAY_WHOLE);
	else if (is_printable(id))
		return read_chunk(walk, id, length_bytes, error);
	else
		end(walk, GH_REPLAY_DAMAGED);
	return GH_OK;
}

static enum gh_status check_magic(const struct walk *walk, struct gh_error *error)
{
	uint8_t magic[LIST_HEADER_BYTES];
	if (!fits(walk, 0, sizeof(magic)))
		return gh_error_set(error, GH_UNSUPPORTED, "too short for an AVI file");
	enum gh_status status = get(walk, 0, magic, sizeof(magic), error);
	if (status != GH_OK)
		return status;
	if (get_u32(magic) != FOURCC('R', 'I', 'F', 'F') ||
		get_u32(magic + 8) != FOURCC('A', 'V', 'I', ' '))
		return gh_error_set(error, GH_UNSUPPORTED, "not an AVI file");
	return GH_OK;
}

static enum gh_status check_found(const struct walk *walk, struct gh_error *error)
{
	char name[5] = "none";
	if (!walk->found) {
		for (unsigned i = 0; walk->compression != 0 && i < 4; i++) {
			char byte = (char)(walk->compression >> (8 * i) & 0xff);
			name[i] = byte >= 0x20 && byte <= 0x7e ? byte : '?';
		}
		return gh_error_set(error, GH_UNSUPPORTED,
			"its video is '%s', only Motion JPEG is handled", name);
	}
	if (walk->video->count == 0)
		return gh_error_set(error, GH_TRUNCATED, "it ends before the first picture");
	return GH_OK;
}

static enum gh_status walk_all(struct walk *walk, struct gh_error *error)
{
	enum gh_status status = check_magic(walk, error);
	while (status == GH_OK && !walk->stop && fits(walk, walk->offset, CHUNK_HEADER_BYTES))
		status = walk_on(walk, error);
	if (status != GH_OK)
		return status;
	/* One byte less is a last pad byte that was not written. */
	if (!walk->stop && walk->promised > walk->reader->length_bytes + 1)
		end(walk, GH_REPLAY_CUT);
	return check_found(walk, error);
}

enum gh_status gh_replay_avi_parse(const struct gh_replay_reader *reader,
	struct gh_replay_video *video, struct gh_error *error)
{
	*video = (struct gh_replay_video){ 0 };
	struct walk walk = { .reader = reader, .video = video };
	enum gh_status status = walk_all(&walk, error);
	if (status != GH_OK) {
		gh_replay_avi_finish(video);
		return status;
	}
	if (video->interval_us == 0)
		video->interval_us = walk.file_interval_us;
	if (video->interval_us == 0)
		video->interval_us = INTERVAL_DEFAULT_US;
	return GH_OK;
}

void gh_replay_avi_finish(struct gh_replay_video *video)
{
	free(video->chunks);
	*video = (struct gh_replay_video){ 0 };
}
