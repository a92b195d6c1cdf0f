/* SPDX-License-Identifier: Apache-2.0 */
/* Still pictures in memory: JPEG, PNG and JPEG 2000 in, JPEG out, under limits. */
#ifndef GATEHOUSE_VISION_PICTURE_H
#define GATEHOUSE_VISION_PICTURE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest file and largest picture that is decoded; JPEG 2000 up to 16 Mpx. */
#define GH_PICTURE_BYTES_MAX (16u * 1024u * 1024u)
#define GH_PICTURE_PX_MAX (40u * 1000u * 1000u)

/** An RGB picture, 8 bits a channel, rows of 3 * width_px bytes without gaps. */
struct gh_picture {
	uint32_t width_px;
	uint32_t height_px;
	struct gh_bytes rgb;
};

/**
 * Decode by the first bytes of the file; size and pixel limits are checked
 * before memory is taken. EXIF orientation is applied; 16 bit, palette, grey,
 * transparency (over white) and a printer's four inks (without a profile)
 * become RGB.
 *
 * GH_OK           *picture is set; the caller finishes it.
 * GH_UNSUPPORTED  none of the three formats.
 * GH_TRUNCATED, GH_MALFORMED, GH_TOO_LARGE, GH_NO_MEMORY: *picture is empty.
 * Any thread. Blocks for the decoding.
 */
GH_MUST_USE enum gh_status gh_picture_decode(
	struct gh_view file, struct gh_picture *picture, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_picture_finish(struct gh_picture *picture);

/**
 * Encode as baseline JPEG 4:2:0, with the highest quality up to quality_max
 * whose size is at most *length_bytes; then *length_bytes is the size.
 *
 * GH_OK; GH_TOO_LARGE when even the lowest quality (30) does not fit.
 */
GH_MUST_USE enum gh_status gh_picture_encode_jpeg(const struct gh_picture *picture, int quality_max,
	uint8_t *jpeg, size_t *length_bytes, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
