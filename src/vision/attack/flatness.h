/* SPDX-License-Identifier: Apache-2.0 */
/* Flat parallax: whether the landmarks of several frames move like those of a plane. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_FLATNESS_H
#define GATEHOUSE_SRC_VISION_ATTACK_FLATNESS_H

#include "face.h"

/** How landmarks moved from one frame to another, in thousandths of the eyes' distance. */
struct gh_parallax {
	float shape; /**< what no move, turn in the picture and scale explains, root mean square */
	float solid; /**< what no affine map explains either: depth, or a change of expression */
};

/** Both residuals from one set of 68 points to another. */
struct gh_parallax gh_flatness_parallax(
	const struct gh_landmarks *from, const struct gh_landmarks *to);

#endif
