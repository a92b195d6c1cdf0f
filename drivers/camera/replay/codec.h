/* SPDX-License-Identifier: Apache-2.0 */
/* What picture.c asks of libjpeg and libpng; each is kept in one file with its longjmp. */
#ifndef CAMERA_REPLAY_CODEC_H
#define CAMERA_REPLAY_CODEC_H

#include "picture.h"

/** Where rows go: one after the other, stride apart. */
struct gh_replay_rows {
	uint8_t *data;
	size_t stride_bytes;
};

/** What rows hold. */
enum gh_replay_colour {
	GH_REPLAY_ROWS_GREY,
	GH_REPLAY_ROWS_RGB,
};

/**
 * Make a row of R G B one of Y Cb Cr in place: full range with the matrix of
 * ITU-R BT.601, as in JFIF (ITU-T T.871 clause 7).
 */
void gh_replay_row_to_ycc(uint8_t *row, uint32_t width_px);

/** Called with two rows in Y Cb Cr; both are the same one after an odd last row. */
struct gh_replay_pairs {
	void (*call)(void *ctx, uint32_t y, const uint8_t *upper, const uint8_t *lower);
	void *ctx;
	uint8_t *upper; /**< room for one row each */
	uint8_t *lower;
};

struct gh_replay_jpeg;

/** What serves picture after picture; libjpeg's memory comes and goes with each. */
GH_MUST_USE enum gh_status gh_replay_jpeg_create(
	struct gh_replay_jpeg **jpeg, struct gh_error *error);

/** NULL safe. */
void gh_replay_jpeg_destroy(struct gh_replay_jpeg *jpeg);

/** Read the header only. GH_OK, GH_MALFORMED, GH_UNSUPPORTED (CMYK), GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_replay_jpeg_size(struct gh_replay_jpeg *jpeg, struct gh_view file,
	uint32_t *width_px, uint32_t *height_px, struct gh_error *error);

/** Decode a whole file, whose size is known to fit, as grey or RGB rows. */
GH_MUST_USE enum gh_status gh_replay_jpeg_rows(struct gh_replay_jpeg *jpeg, struct gh_view file,
	enum gh_replay_colour colour, struct gh_replay_rows rows, struct gh_error *error);

/** Decode a whole file, whose size is known to fit the two rows, as pairs. */
GH_MUST_USE enum gh_status gh_replay_jpeg_pairs(struct gh_replay_jpeg *jpeg, struct gh_view file,
	const struct gh_replay_pairs *pairs, struct gh_error *error);

/** Read the header only. Statuses as gh_replay_jpeg_size(). */
GH_MUST_USE enum gh_status gh_replay_png_size(
	struct gh_view file, uint32_t *width_px, uint32_t *height_px, struct gh_error *error);

/** Decode a whole file, whose size is known to fit, as RGB rows. */
GH_MUST_USE enum gh_status gh_replay_png_rows(
	struct gh_view file, struct gh_replay_rows rows, struct gh_error *error);

#endif
