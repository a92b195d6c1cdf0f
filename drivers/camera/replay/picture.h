/* SPDX-License-Identifier: Apache-2.0 */
/* One JPEG or PNG from bytes to pixels in the shape of a frame, under limits. No I/O. */
#ifndef CAMERA_REPLAY_PICTURE_H
#define CAMERA_REPLAY_PICTURE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/frame.h"

/** Largest file of one picture. */
#define GH_REPLAY_PICTURE_BYTES_MAX (32u << 20)

/** Most pixels of one picture. */
#define GH_REPLAY_PICTURE_PIXELS_MAX 64000000u

/** What the first bytes of a file say. */
enum gh_replay_kind {
	GH_REPLAY_UNKNOWN,
	GH_REPLAY_JPEG,
	GH_REPLAY_PNG,
};

/** The frame that pictures become. */
struct gh_replay_shape {
	enum gh_pixel_format format;
	uint32_t width_px;
	uint32_t height_px;
};

/** What the first bytes say, whatever the file is called. */
enum gh_replay_kind gh_replay_kind_of(struct gh_view file);

/** Frame memory for a shape; 0 for MJPEG, whose frames have no fixed size. */
size_t gh_replay_shape_bytes(const struct gh_replay_shape *shape);

/** Lay the two planes of a shape into memory of gh_replay_shape_bytes(). */
void gh_replay_shape_planes(
	const struct gh_replay_shape *shape, uint8_t *memory, struct gh_plane *planes);

/**
 * The size a file's header tells, within the limits.
 * GH_OK, GH_UNSUPPORTED (neither JPEG nor PNG), GH_TOO_LARGE, GH_MALFORMED, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_replay_picture_size(
	struct gh_view file, uint32_t *width_px, uint32_t *height_px, struct gh_error *error);

struct gh_replay_decoder;

/** Take all memory of our own that decoding into shape needs. GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_replay_decoder_create(const struct gh_replay_shape *shape,
	struct gh_replay_decoder **decoder, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_replay_decoder_destroy(struct gh_replay_decoder *decoder);

/** Overwrite what is left of the last picture. NULL safe. */
void gh_replay_decoder_wipe(struct gh_replay_decoder *decoder);

/**
 * Decode a file of exactly the decoder's size into planes laid out by
 * gh_replay_shape_planes(); with MJPEG only its header is checked.
 *
 * GH_OK, or GH_MALFORMED, GH_UNSUPPORTED, GH_TOO_LARGE, GH_NO_MEMORY: then the
 * pixels are in part those of the file and must not be used. Allocates nothing
 * of ours; libjpeg and libpng take and give back memory per picture.
 */
GH_MUST_USE enum gh_status gh_replay_decode(struct gh_replay_decoder *decoder, struct gh_view file,
	struct gh_plane *planes, struct gh_error *error);

#endif
