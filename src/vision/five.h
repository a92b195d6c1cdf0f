/* SPDX-License-Identifier: Apache-2.0 */
/* Five points of a face by dlib's shape predictor: corners of the eyes, base of the nose. */
#ifndef GATEHOUSE_SRC_VISION_FIVE_H
#define GATEHOUSE_SRC_VISION_FIVE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#include "image.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_five;

/**
 * Read a predictor from bytes whose hash was checked before: dlib's reader is
 * not made for hostile files. GH_OK, GH_INTEGRITY (not a predictor of five
 * points) or GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_five_open(
	struct gh_view bytes, struct gh_five **five, struct gh_error *error);

/** NULL safe. */
void gh_five_close(struct gh_five *five);

/**
 * The corners of one face, by the detector's box, and centres made of them:
 * eyes between their corners, tip of the nose and mouth where a mean face has
 * them. dlib takes memory for it.
 *
 * GH_OK, GH_NO_MEMORY, or GH_INTERNAL: what came out is not finite.
 */
GH_MUST_USE enum gh_status gh_five_points(struct gh_five *five, const struct gh_image *image,
	const struct gh_box *box, struct gh_landmarks *landmarks, struct gh_error *error);

/** centres from corners, as gh_five_points() does it. */
void gh_five_centres(struct gh_landmarks *landmarks);

#ifdef __cplusplus
}
#endif

#endif
