/* SPDX-License-Identifier: Apache-2.0 */
/* One decoder for each format of still pictures; picture.c chooses. */
#ifndef GATEHOUSE_SRC_VISION_PICTURE_FORMATS_H
#define GATEHOUSE_SRC_VISION_PICTURE_FORMATS_H

#include "gatehouse/vision/picture.h"

/** Most pixels of a JPEG 2000, whose decoder needs some 20 bytes for each. */
#define JP2_PX_MAX (16u * 1000u * 1000u)

/** Decode into an empty picture; statuses as gh_picture_decode(). */
GH_MUST_USE enum gh_status gh_picture_decode_jpeg(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error);
GH_MUST_USE enum gh_status gh_picture_decode_png(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error);
GH_MUST_USE enum gh_status gh_picture_decode_jp2(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error);

/** Check the size against the limits, then take the memory. GH_TOO_LARGE, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_picture_take(
	struct gh_picture *picture, uint64_t width_px, uint64_t height_px, struct gh_error *error);

/** Turn a picture upright by its EXIF orientation (2..8). GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_picture_orient(
	struct gh_picture *picture, uint32_t orientation, struct gh_error *error);

#endif
