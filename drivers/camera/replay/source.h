/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of pictures or a video file, as a row of pictures to read one by one. */
#ifndef CAMERA_REPLAY_SOURCE_H
#define CAMERA_REPLAY_SOURCE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "protocol.h"

/** Pictures one folder may have. */
#define GH_REPLAY_FILES_MAX 100000u

struct gh_replay_source;

/**
 * Open path, list its pictures and take the memory to read any of them.
 *
 * A folder: all *.jpg, *.jpeg and *.png in it, in the order of their bytes. A
 * file: a video as protocol.h says.
 *
 * GH_OK          the caller owns *source.
 * GH_NOT_FOUND   no such path, or no picture in the folder.
 * GH_UNSUPPORTED, GH_TOO_LARGE, GH_TRUNCATED, GH_DENIED, GH_IO, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_replay_source_open(
	const char *path, struct gh_replay_source **source, struct gh_error *error);

/** Close and free; what was read last is wiped. NULL safe. */
void gh_replay_source_close(struct gh_replay_source *source);

/** Overwrite what was read last. */
void gh_replay_source_wipe(struct gh_replay_source *source);

/** How many pictures there are, at least one. */
size_t gh_replay_source_count(const struct gh_replay_source *source);

/** The video's own interval; 0 for a folder, which has none. */
uint32_t gh_replay_source_interval_us(const struct gh_replay_source *source);

/** The largest picture, within the limit of picture.h. */
size_t gh_replay_source_largest_bytes(const struct gh_replay_source *source);

/** GH_OK, or GH_TRUNCATED or GH_MALFORMED where the video does not end as it should. */
GH_MUST_USE enum gh_status gh_replay_source_end(
	const struct gh_replay_source *source, struct gh_error *error);

/**
 * Read picture `index`. Allocates nothing. One thread at a time.
 *
 * GH_OK         *picture is valid until the next read; empty where the video
 *               says that a picture was dropped.
 * GH_MALFORMED  it cannot be read, changed meanwhile, or is over the limit.
 */
GH_MUST_USE enum gh_status gh_replay_source_read(struct gh_replay_source *source, size_t index,
	struct gh_view *picture, struct gh_error *error);

#endif
