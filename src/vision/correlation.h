/* SPDX-License-Identifier: Apache-2.0 */
/* A correlation filter that finds a thing again in the next picture: dlib's, made C. */
#ifndef GATEHOUSE_SRC_VISION_CORRELATION_H
#define GATEHOUSE_SRC_VISION_CORRELATION_H

#include <stdint.h>

#include "gatehouse/base/error.h"

#include "face.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Side of the square grey pictures it looks at. */
#define CORRELATION_SIDE_PX 96

struct gh_correlation;

/** GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_correlation_create(
	struct gh_correlation **correlation, struct gh_error *error);

/** NULL safe. */
void gh_correlation_destroy(struct gh_correlation *correlation);

/**
 * Learn what lies in a box of a picture of CORRELATION_SIDE_PX squared bytes,
 * and forget what was learnt before. dlib takes memory for it.
 *
 * GH_OK, GH_MALFORMED (a box of less than four pixels, or not finite),
 * GH_NO_MEMORY, GH_INTERNAL.
 */
GH_MUST_USE enum gh_status gh_correlation_learn(struct gh_correlation *correlation,
	const uint8_t *grey, const struct gh_box *box, struct gh_error *error);

/**
 * Look for it in another picture of the same size, first where *box says, and
 * learn from what is found. *peak is the height of the answer's peak over its
 * surroundings in standard deviations of these (Bolme 2010, section 3.5): 0 for
 * a picture without structure.
 *
 * GH_OK         *box is where it lies now.
 * GH_NOT_FOUND  nothing was learnt.
 * GH_MALFORMED, GH_NO_MEMORY, GH_INTERNAL.
 */
GH_MUST_USE enum gh_status gh_correlation_look(struct gh_correlation *correlation,
	const uint8_t *grey, struct gh_box *box, float *peak, struct gh_error *error);

/** Forget what was learnt; the memory goes back to the allocator. */
void gh_correlation_forget(struct gh_correlation *correlation);

#ifdef __cplusplus
}
#endif

#endif
