/* SPDX-License-Identifier: Apache-2.0 */
/* libjpeg-turbo as a reader that is made once, never exits, and decodes only a region. */
#ifndef GATEHOUSE_SRC_VISION_JPEG_H
#define GATEHOUSE_SRC_VISION_JPEG_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

struct gh_jpeg;

/** Make a reader. GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_jpeg_create(struct gh_jpeg **jpeg, struct gh_error *error);

/** NULL safe. */
void gh_jpeg_destroy(struct gh_jpeg *jpeg);

/** What stands in the head of a JPEG. */
struct gh_jpeg_head {
	uint32_t width_px;
	uint32_t height_px;
	uint32_t orientation; /**< of EXIF, 1..8; 1 where there is none */
	float luma_step;      /**< mean of the luma table's fifteen lowest AC steps; 0 without */
};

/**
 * Read the head. file is borrowed until the reading ended or the next begin.
 * GH_OK, GH_MALFORMED, GH_TRUNCATED, GH_UNSUPPORTED, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_jpeg_begin(struct gh_jpeg *jpeg, struct gh_view file,
	struct gh_jpeg_head *head, struct gh_error *error);

/** A part of the picture, and where it goes: rows of 3 * width RGB bytes without gaps. */
struct gh_jpeg_region {
	uint32_t left, top, width, height;
};

/**
 * Decode a region, after a begin that succeeded. What is decoded may begin
 * further left, on a block's border: *region is what was written, into memory
 * of at least 3 * (left + width) * height bytes. Damage of the data above or in
 * the region is GH_TRUNCATED or GH_MALFORMED.
 */
GH_MUST_USE enum gh_status gh_jpeg_read(
	struct gh_jpeg *jpeg, struct gh_jpeg_region *region, uint8_t *rgb, struct gh_error *error);

#endif
