/* SPDX-License-Identifier: Apache-2.0 */
/* All cues of a frame, and what they come to over the frames of a capture. */
#ifndef GATEHOUSE_SRC_VISION_ATTACK_SCAN_H
#define GATEHOUSE_SRC_VISION_ATTACK_SCAN_H

#include "gatehouse/vision/attack.h"

#include "attack/border.h"
#include "attack/spectrum.h"
#include "attack/surroundings.h"
#include "face.h"

/** A face as the cues look at it. Borrowed. */
struct gh_attack_view {
	const struct gh_image *image;
	const struct gh_box *box;
	const struct gh_landmarks *landmarks;
	const uint8_t *aligned; /**< 112 x 112 RGB */
	bool has_network;
	float network;                /**< logarithm of the odds of attack by fr_liveness */
	const struct gh_faces *faces; /**< all in the picture, box's among them; NULL: it alone */
};

/** Scratch of the cues, the sums of a capture so far, and the parameters. */
struct gh_attack_scan {
	bool has_parameters;
	uint32_t bpcer_permille;
	struct gh_attack_parameters parameters;
	struct gh_spectrum spectrum;
	struct gh_border border;
	struct gh_surroundings surroundings;
	uint32_t frames;
	uint32_t assessed[GH_ATTACK_CUE_COUNT];
	float sums[GH_ATTACK_CUE_COUNT];
	struct gh_landmarks first; /**< of this capture; flatness is against it */
};

/**
 * Make the tables; read the parameters of a file. path NULL: cues are taken but
 * no score. Statuses as gh_attack_read().
 */
GH_MUST_USE enum gh_status gh_attack_scan_init(struct gh_attack_scan *scan, const char *path,
	uint32_t bpcer_permille, struct gh_error *error);

/** Forget the capture: sums, landmarks and scratch are overwritten. */
void gh_attack_scan_wipe(struct gh_attack_scan *scan);

/** Take the cues of one frame of the capture. Does not allocate. Blocks some 0.5 ms. */
void gh_attack_scan_add(struct gh_attack_scan *scan, const struct gh_attack_view *view);

/** What the frames so far come to: the mean of each cue, and the score of those. */
void gh_attack_scan_conclude(const struct gh_attack_scan *scan, struct gh_attack *attack);

#endif
