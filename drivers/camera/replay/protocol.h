/* SPDX-License-Identifier: Apache-2.0 */
/* Motion JPEG in AVI: from bytes to a list of where the pictures lie. No I/O of its own. */
#ifndef CAMERA_REPLAY_PROTOCOL_H
#define CAMERA_REPLAY_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

/** Pictures a video may have: nine hours at 30 a second. */
#define GH_REPLAY_PICTURES_MAX 1000000u

/** Where the bytes come from. */
struct gh_replay_reader {
	/** Fill bytes from offset on; never asked for more than length_bytes holds. */
	enum gh_status (*read)(void *ctx, uint64_t offset, void *bytes, size_t length_bytes,
		struct gh_error *error);
	void *ctx;
	uint64_t length_bytes;
};

/** One picture; length 0 is AVI's way to say that the camera dropped one. */
struct gh_replay_chunk {
	uint64_t offset;
	uint32_t length_bytes;
};

/** How the file ends. */
enum gh_replay_end {
	GH_REPLAY_WHOLE,
	GH_REPLAY_CUT,     /**< in the middle of what its headers promise */
	GH_REPLAY_DAMAGED, /**< what should be a chunk is not one */
};

/** A video: its whole pictures in order. */
struct gh_replay_video {
	uint32_t interval_us;
	struct gh_replay_chunk *chunks;
	size_t count;
	size_t capacity;
	enum gh_replay_end end;
	uint64_t end_offset; /**< where it stopped, unless whole */
};

/**
 * List the pictures of the first Motion JPEG stream.
 *
 * Chunks are walked from front to back: neither index is used, and the sizes
 * of lists are not believed, so that files without an index, of an interrupted
 * recorder, over 2 GB (OpenDML) or cut anywhere play as far as they go.
 *
 * GH_OK           the caller gives *video back with gh_replay_avi_finish().
 * GH_UNSUPPORTED  not AVI, or no Motion JPEG in it.
 * GH_TOO_LARGE    more pictures than GH_REPLAY_PICTURES_MAX.
 * GH_TRUNCATED    it ends before the first picture.
 * GH_NO_MEMORY, or a status of the reader. *video is empty on every failure.
 */
GH_MUST_USE enum gh_status gh_replay_avi_parse(const struct gh_replay_reader *reader,
	struct gh_replay_video *video, struct gh_error *error);

/** Free the list. */
void gh_replay_avi_finish(struct gh_replay_video *video);

#endif
