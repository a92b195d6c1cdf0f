/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an AVI: every picture it lists lies inside, after the one before. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

struct memory {
	const uint8_t *bytes;
	size_t length_bytes;
};

static enum gh_status read_memory(
	void *ctx, uint64_t offset, void *bytes, size_t length_bytes, struct gh_error *error)
{
	const struct memory *memory = ctx;
	(void)error;
	if (offset > memory->length_bytes || length_bytes > memory->length_bytes - offset)
		abort(); /* the contract of the reader */
	memcpy(bytes, memory->bytes + offset, length_bytes);
	return GH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct memory memory = { bytes, size };
	struct gh_replay_reader reader = { read_memory, &memory, size };
	struct gh_replay_video video;
	struct gh_error error = GH_ERROR_NONE;
	if (gh_replay_avi_parse(&reader, &video, &error) != GH_OK) {
		if (video.chunks || video.count != 0 || error.status == GH_OK)
			abort();
		return 0;
	}
	uint64_t after = 0;
	for (size_t i = 0; i < video.count; i++) {
		const struct gh_replay_chunk *chunk = &video.chunks[i];
		if (chunk->offset < after || chunk->offset > size ||
			chunk->length_bytes > size - chunk->offset)
			abort();
		after = chunk->offset + chunk->length_bytes;
	}
	if (video.count == 0 || video.interval_us < 1000 || video.interval_us > 10000000)
		abort();
	gh_replay_avi_finish(&video);
	return 0;
}
