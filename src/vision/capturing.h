/* SPDX-License-Identifier: Apache-2.0 */
/* The best of the last frames of one person. */
#ifndef GATEHOUSE_SRC_VISION_CAPTURING_H
#define GATEHOUSE_SRC_VISION_CAPTURING_H

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"

/** Most frames whose templates are averaged. */
#define CAPTURE_FRAMES_MAX 8

/** A usable frame. */
struct gh_take {
	struct gh_template probe;
	struct gh_quality quality;
	uint32_t utility_permille;
	uint64_t capture_us;
	bool poor; /**< light or blur speak against it: kept until a usable frame comes */
};

/** What is kept of a passage. The photograph is that of the best take. */
struct gh_capturing {
	uint32_t frames_min;
	uint32_t frames_max;
	float enough_permille;
	size_t photo_bytes_max;
	bool (*enough)(void *ctx, const struct gh_template *average, uint32_t frames);
	void *enough_ctx;
	bool begun;
	bool concluded;
	uint64_t first_us;
	uint32_t usable;
	uint32_t count;
	struct gh_take takes[CAPTURE_FRAMES_MAX]; /* best first */
	uint32_t reasons[GH_REASON_COUNT];
	struct gh_picture photo;
};

/** Set up and take the photograph's memory. GH_OK, GH_SETTINGS or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_capturing_init(struct gh_capturing *capture,
	const struct gh_vision_options *options, struct gh_error *error);

/** Wipe and free. */
void gh_capturing_finish(struct gh_capturing *capture);

/** Forget the passage. */
void gh_capturing_wipe(struct gh_capturing *capture);

/** Note a frame with somebody in the zone: the first one begins the capture. */
void gh_capturing_begin(struct gh_capturing *capture, uint64_t capture_us);

/** Count what stood in the way of a frame. */
void gh_capturing_note(struct gh_capturing *capture, enum gh_reason reason);

/**
 * Add a usable frame. Returns whether it is the best: then the caller takes its
 * photograph. One that shows another person than those before it begins the
 * capture anew: two people are never averaged.
 */
bool gh_capturing_add(struct gh_capturing *capture, const struct gh_take *take);

/** Whether no further frame is worth waiting for; may ask the options' enough. */
bool gh_capturing_enough(const struct gh_capturing *capture);

/** What stood in the way in most frames; GH_REASON_NO_FACE where there were none. */
enum gh_reason gh_capturing_reason(const struct gh_capturing *capture);

/** Write what was kept into a sample, and mark the capture concluded. Needs a take. */
GH_MUST_USE enum gh_status gh_capturing_conclude(
	struct gh_capturing *capture, struct gh_sample *sample, struct gh_error *error);

#endif
