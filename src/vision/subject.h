/* SPDX-License-Identifier: Apache-2.0 */
/* Who of those in view is the traveller. */
#ifndef GATEHOUSE_SRC_VISION_SUBJECT_H
#define GATEHOUSE_SRC_VISION_SUBJECT_H

#include "face.h"

/** Faces less tall than this share of the tallest, or of the subject, are bystanders. */
#define SUBJECT_COMPARABLE 0.6f

/** The subject, and how many faces of a size with theirs stand in the zone. */
struct gh_subject {
	const struct gh_face *face; /**< NULL: nobody stands in the zone */
	uint32_t in_zone;
};

/**
 * Faces whose centre lies in the zone count, and of those the ones at least
 * 60 % as tall as the tallest: smaller ones stand behind and are bystanders.
 * The subject is the one nearest to the zone's centre.
 */
struct gh_subject gh_subject_choose(const struct gh_faces *faces, const struct gh_box *zone);

#endif
