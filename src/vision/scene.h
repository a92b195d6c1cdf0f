/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a frame that vision looks at, as RGB. */
#ifndef GATEHOUSE_SRC_VISION_SCENE_H
#define GATEHOUSE_SRC_VISION_SCENE_H

#include "gatehouse/base/frame.h"
#include "gatehouse/vision/vision.h"

#include "image.h"
#include "jpeg.h"
#include "measure.h"

/** A frame's stand-here zone with a margin of an eighth around, where the frame has it. */
struct gh_scene {
	struct gh_image image; /**< borrowed from the viewer or, for RGB24, from the frame */
	struct gh_box zone;    /**< in the image's pixels */
	struct gh_stage stage; /**< the image in its frame; its faces are the caller's to set */
};

/** The memory in which frames are unpacked. */
struct gh_viewer {
	struct gh_zone zone;
	uint32_t width_max_px;
	uint32_t height_max_px;
	uint8_t *rgb;
	size_t capacity_bytes;
	struct gh_jpeg *jpeg;
};

/** Take all memory. GH_OK, GH_SETTINGS (an impossible zone or size) or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_viewer_init(
	struct gh_viewer *viewer, const struct gh_vision_options *options, struct gh_error *error);

/** Wipe and free. Fine on zeroed memory. */
void gh_viewer_finish(struct gh_viewer *viewer);

/** Overwrite what is left of frames. */
void gh_viewer_wipe(struct gh_viewer *viewer);

/**
 * Unpack the part of a frame that is looked at. *scene is valid while the
 * frame is held and until the next call. Allocates nothing of its own.
 *
 * GH_OK, GH_MALFORMED or GH_TRUNCATED (the frame), GH_UNSUPPORTED (larger than
 * the viewer was made for).
 */
GH_MUST_USE enum gh_status gh_viewer_show(struct gh_viewer *viewer, const struct gh_frame *frame,
	struct gh_scene *scene, struct gh_error *error);

#endif
