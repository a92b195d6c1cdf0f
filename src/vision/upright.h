/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a face stands on its head: without colour, by landmarks and their mirror image. */
#ifndef GATEHOUSE_SRC_VISION_UPRIGHT_H
#define GATEHOUSE_SRC_VISION_UPRIGHT_H

#include "networks.h"

/**
 * How far the landmarks of a face disagree with those of its mirror image, in
 * root mean squares of the shape, as it stands and turned by 180 degrees. A
 * network that knows upright faces only puts the points of one on the same
 * places either way, and those of one on its head anywhere.
 */
struct gh_uprightness {
	float as_it_stands;
	float turned;
};

/**
 * Ask a network of 68 landmarks four times about one box. GH_OK or GH_INTERNAL.
 * Does not allocate. Blocks for those runs, some 2 ms.
 */
GH_MUST_USE enum gh_status gh_uprightness(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_box *box, struct gh_uprightness *found,
	struct gh_error *error);

/** What is said of it: no number is not upside down, for other limits to judge. */
static inline bool gh_upside_down(const struct gh_uprightness *found)
{
	return found->turned < found->as_it_stands;
}

#endif
