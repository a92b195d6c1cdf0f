/* SPDX-License-Identifier: Apache-2.0 */
/* From a stored portrait to a reference template. */
#ifndef GATEHOUSE_VISION_ENROL_H
#define GATEHOUSE_VISION_ENROL_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/vision/quality.h"
#include "gatehouse/vision/template.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_vision_options;
struct gh_enroller;

/** What a portrait gave. */
struct gh_enrolment {
	struct gh_template reference;
	struct gh_quality quality;
	enum gh_reason reason; /**< NONE, or what makes the portrait doubtful */
	uint32_t faces;        /**< found in the picture */
	float face_left;       /**< the face's box, in parts of the picture's width */
	float face_top;        /**< and height: 0 to 1, beyond where it is cut */
	float face_right;
	float face_bottom;
};

/**
 * Make an enrolment session of its own: same models and chain as vision, no
 * zone, no quality gate. Statuses as gh_vision_create(). Blocks about 0.2 s.
 */
GH_MUST_USE enum gh_status gh_enroller_create(const struct gh_vision_options *options,
	struct gh_enroller **enroller, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_enroller_destroy(struct gh_enroller *enroller);

/** The model chain of the templates it makes. */
void gh_enroller_chain(const struct gh_enroller *enroller, struct gh_model_chain *chain);

/**
 * Enrol one portrait: JPEG, PNG or JPEG 2000 by its first bytes, of at most
 * 16 MiB and 40 Mpx; EXIF orientation honoured. The face nearest to the
 * picture's centre is taken. No quality gate: doubts stand in reason.
 *
 * GH_OK           *enrolment is set; the caller wipes it.
 * GH_NO_FACE      the picture is fine but shows no face.
 * GH_MALFORMED, GH_TRUNCATED, GH_TOO_LARGE, GH_UNSUPPORTED: the picture.
 * GH_NO_MEMORY, GH_INTERNAL.
 * One thread at a time. Blocks about 20 ms.
 */
GH_MUST_USE enum gh_status gh_enroller_enrol(struct gh_enroller *enroller, struct gh_view picture,
	struct gh_enrolment *enrolment, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
