/* SPDX-License-Identifier: Apache-2.0 */
/* A presentation's stored frames through the same chain and cues as a camera's. */
#include "gatehouse/vision/examine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"

#include "attack/scan.h"
#include "chain.h"

struct gh_examiner {
	struct gh_chain chain;
	struct gh_attack_scan scan;
	struct gh_faces faces;
};

enum gh_status gh_examiner_create(const struct gh_vision_options *options,
	struct gh_examiner **examiner, struct gh_error *error)
{
	struct gh_extent extent = { GH_EXAMINER_SIDE_PX, GH_EXAMINER_SIDE_PX };
	struct gh_examiner *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*examiner = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "examiner");
	status = gh_attack_scan_init(
		&made->scan, options->attack_file, options->attack_bpcer_permille, error);
	if (status == GH_OK)
		status = gh_chain_init(&made->chain, options, extent, GH_CHAIN_LIVE, error);
	if (status != GH_OK) {
		free(made);
		return status;
	}
	*examiner = made;
	return GH_OK;
}

void gh_examiner_destroy(struct gh_examiner *examiner)
{
	if (!examiner)
		return;
	gh_chain_finish(&examiner->chain);
	gh_wipe(examiner, sizeof(*examiner));
	free(examiner);
}

void gh_examiner_begin(struct gh_examiner *examiner)
{
	gh_attack_scan_wipe(&examiner->scan);
	gh_wipe(&examiner->faces, sizeof(examiner->faces));
}

static const struct gh_face *nearest_to_middle(
	const struct gh_faces *faces, const struct gh_image *image)
{
	float x = 0.5f * (float)image->width_px, y = 0.5f * (float)image->height_px;
	const struct gh_face *nearest = NULL;
	float least = INFINITY;

	for (uint32_t i = 0; i < faces->count; i++) {
		struct gh_point centre = gh_box_centre(&faces->list[i].box);
		float far = hypotf(centre.x - x, centre.y - y);

		if (far < least) {
			least = far;
			nearest = &faces->list[i];
		}
	}
	return nearest;
}

static enum gh_status examine(
	struct gh_examiner *examiner, const struct gh_image *image, struct gh_error *error)
{
	struct gh_canvas canvas = { image, 0.0f };
	struct gh_stage stage = gh_stage_whole(image);
	struct gh_description description;
	struct gh_quality quality;
	struct gh_attack_view view;
	const struct gh_face *face;
	enum gh_status status = gh_chain_detect(&examiner->chain, &canvas, &examiner->faces, error);

	if (status != GH_OK)
		return status;
	face = nearest_to_middle(&examiner->faces, image);
	if (!face)
		return gh_error_set(error, GH_NO_FACE, "no face in %u x %u pixels", image->width_px,
			image->height_px);
	memset(&quality, 0, sizeof(quality));
	status = gh_chain_describe(
		&examiner->chain, image, face, &stage, &description, &quality, error);
	if (status == GH_OK) {
		view = (struct gh_attack_view){ image, &face->box, &description.landmarks,
			examiner->chain.aligned, description.has_liveness,
			description.attack_log_odds, &examiner->faces };
		gh_attack_scan_add(&examiner->scan, &view);
	}
	gh_wipe(&description, sizeof(description));
	return status;
}

enum gh_status gh_examiner_look(
	struct gh_examiner *examiner, struct gh_view picture, struct gh_error *error)
{
	struct gh_picture decoded;
	struct gh_image image;
	enum gh_status status = gh_picture_decode(picture, &decoded, error);

	if (status != GH_OK)
		return status;
	image = (struct gh_image){ decoded.rgb.data, decoded.width_px, decoded.height_px,
		3 * (size_t)decoded.width_px };
	if (image.width_px > GH_EXAMINER_SIDE_PX || image.height_px > GH_EXAMINER_SIDE_PX)
		status = gh_error_set(error, GH_TOO_LARGE, "frame of %u x %u pixels",
			image.width_px, image.height_px);
	else
		status = examine(examiner, &image, error);
	gh_picture_finish(&decoded);
	return status;
}

void gh_examiner_conclude(const struct gh_examiner *examiner, struct gh_attack *attack)
{
	gh_attack_scan_conclude(&examiner->scan, attack);
}
