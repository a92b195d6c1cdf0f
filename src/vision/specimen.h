/* SPDX-License-Identifier: Apache-2.0 */
/* A face drawn by code: nobody's, but one that detectors find. */
#ifndef GATEHOUSE_SRC_VISION_SPECIMEN_H
#define GATEHOUSE_SRC_VISION_SPECIMEN_H

#include "face.h"
#include "image.h"

#define SPECIMEN_WIDTH_PX 640
#define SPECIMEN_HEIGHT_PX 480

/** Draw into SPECIMEN_WIDTH_PX x SPECIMEN_HEIGHT_PX of RGB without gaps. */
void gh_specimen_draw(uint8_t *rgb);

/** Where the face is, and its eyes (image-left first). */
struct gh_box gh_specimen_box(void);
void gh_specimen_eyes(struct gh_point eyes[2]);

#endif
