/* SPDX-License-Identifier: Apache-2.0 */
/* The photograph of a record: head and shoulders of the subject, and of nobody else. */
#ifndef GATEHOUSE_SRC_VISION_PHOTO_H
#define GATEHOUSE_SRC_VISION_PHOTO_H

#include "gatehouse/vision/picture.h"

#include "face.h"
#include "image.h"

/** Largest photograph: 4 to 5, as a portrait of ISO/IEC 39794-5 is cut. */
#define PHOTO_WIDTH_MAX_PX 480
#define PHOTO_HEIGHT_MAX_PX 600

/** What is photographed. */
struct gh_sitting {
	const struct gh_image *image;
	const struct gh_faces *faces; /**< all in view; those but the subject are covered */
	const struct gh_face *subject;
	const struct gh_landmarks *landmarks;
};

/**
 * Take the photograph into *photo, whose memory was reserved for the largest:
 * eyes level and in the middle, 42 % down, head and shoulders around them (4.4
 * by 5.5 distances of the eyes). Never larger than the picture has detail for:
 * the eyes are as far apart as in the picture, at most 109 px. What lies outside
 * the picture, and any other face, is grey.
 */
void gh_photo_take(
	const struct gh_sitting *sitting, struct gh_reducer *reducer, struct gh_picture *photo);

/** Halve both sides; each pixel becomes the mean of four. The memory stays. */
void gh_photo_halve(struct gh_picture *photo);

#endif
