/* SPDX-License-Identifier: Apache-2.0 */
/* Stored frames of one presentation, examined for an attack as a lane examines its own. */
#ifndef GATEHOUSE_VISION_EXAMINE_H
#define GATEHOUSE_VISION_EXAMINE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/vision/attack.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_vision_options;
struct gh_examiner;

/** Largest side of a frame: cues look at the camera's own pixels, so none is made smaller. */
#define GH_EXAMINER_SIDE_PX 4096u

/**
 * Make an examiner: same models, chain and parameters as vision; without
 * options->attack_file there are cues but no score. Statuses as
 * gh_vision_create(). Blocks about 0.2 s.
 */
GH_MUST_USE enum gh_status gh_examiner_create(const struct gh_vision_options *options,
	struct gh_examiner **examiner, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_examiner_destroy(struct gh_examiner *examiner);

/** Begin the next presentation: what is known of the last one is wiped. */
void gh_examiner_begin(struct gh_examiner *examiner);

/**
 * Take one frame (JPEG, PNG or JPEG 2000) of the presentation, in the order in
 * which the camera gave them; all of one size. The face nearest to the middle
 * is the subject. Unlike in a lane no quality gate comes before.
 *
 * GH_OK           its cues were taken.
 * GH_NO_FACE      there is none to take them of; others may follow.
 * GH_MALFORMED, GH_TRUNCATED, GH_TOO_LARGE, GH_UNSUPPORTED: the picture.
 * GH_NO_MEMORY, GH_INTERNAL.
 * One thread at a time. Blocks about 20 ms.
 */
GH_MUST_USE enum gh_status gh_examiner_look(
	struct gh_examiner *examiner, struct gh_view picture, struct gh_error *error);

/** What the frames since begin come to; frames is 0 when none had a face. */
void gh_examiner_conclude(const struct gh_examiner *examiner, struct gh_attack *attack);

#ifdef __cplusplus
}
#endif

#endif
