/* SPDX-License-Identifier: Apache-2.0 */
/* The 68 landmarks of a drawn face, from its own geometry: no network has to find them. */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_DRAWN_MARKS_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_DRAWN_MARKS_H

#include "face.h"
#include "measure.h"
#include "support/drawn_face.h"

/* All points of a face without turn, in iBUG order, and the five from them. */
void drawn_marks(const struct drawn_face *face, struct gh_landmarks *landmarks);

/* The box that a detector draws around it. */
struct gh_box drawn_box(const struct drawn_face *face);

/*
 * All measures of a face on a canvas that is the whole frame; jpeg may be NULL. The pose is read
 * off the landmarks.
 */
void drawn_measure(const struct drawn_canvas *canvas, const struct drawn_face *face,
	const struct gh_jpeg_trace *jpeg, struct gh_quality *quality);

/* The same with landmarks of the test's own. */
void drawn_measure_marks(const struct drawn_canvas *canvas, const struct gh_landmarks *landmarks,
	const struct gh_face *found, const struct gh_jpeg_trace *jpeg, struct gh_quality *quality);

#endif
