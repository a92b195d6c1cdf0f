/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment: a portrait's bytes become a reference template, with what speaks against it. */
#include "gatehouse/vision/enrol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"

#include "chain.h"
#include "jpeg.h"
#include "kernels.h"
#include "subject.h"

/* Larger pictures are averaged down first: no network looks at that much. */
#define SIDE_MAX_PX 2048u

/* Faces that fill a tightly cut portrait are found with some black around it. */
static const float margins[] = { 0.0f, 0.25f, 0.6f };

struct gh_enroller {
	struct gh_chain chain;
	struct gh_quality_limits limits;
};

enum gh_status gh_enroller_create(const struct gh_vision_options *options,
	struct gh_enroller **enroller, struct gh_error *error)
{
	struct gh_extent extent = { SIDE_MAX_PX, SIDE_MAX_PX };
	struct gh_enroller *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*enroller = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "enrolment session");
	made->limits = options->limits;
	status = gh_chain_init(&made->chain, options, extent, GH_CHAIN_PORTRAITS, error);
	if (status != GH_OK) {
		free(made);
		return status;
	}
	*enroller = made;
	return GH_OK;
}

void gh_enroller_destroy(struct gh_enroller *enroller)
{
	if (!enroller)
		return;
	gh_chain_finish(&enroller->chain);
	free(enroller);
}

void gh_enroller_chain(const struct gh_enroller *enroller, struct gh_model_chain *chain)
{
	*chain = enroller->chain.id;
}

/* Bring a large picture below SIDE_MAX_PX by a whole factor. */
static enum gh_status shrink(struct gh_picture *picture, struct gh_error *error)
{
	uint32_t side =
		picture->width_px > picture->height_px ? picture->width_px : picture->height_px;
	uint32_t factor = (side + SIDE_MAX_PX - 1) / SIDE_MAX_PX;
	struct gh_picture small = { picture->width_px / factor, picture->height_px / factor,
		GH_BYTES_EMPTY };
	enum gh_status status;

	if (factor == 1)
		return GH_OK;
	if (small.width_px == 0 || small.height_px == 0)
		return gh_error_set(error, GH_NO_FACE, "picture of %u x %u pixels",
			picture->width_px, picture->height_px);
	status = gh_bytes_reserve(&small.rgb, 3 * (size_t)small.width_px * small.height_px, error);
	if (status != GH_OK)
		return status;
	for (uint32_t y = 0; y < small.height_px; y++)
		gh_kernel_reduce(picture->rgb.data + 3 * (size_t)picture->width_px * y * factor,
			3 * (size_t)picture->width_px, factor,
			small.rgb.data + 3 * (size_t)small.width_px * y, small.width_px);
	gh_picture_finish(picture);
	*picture = small;
	return GH_OK;
}

static enum gh_status find(struct gh_enroller *enroller, const struct gh_image *image,
	struct gh_faces *faces, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	faces->count = 0;
	for (size_t i = 0; i < sizeof(margins) / sizeof(margins[0]); i++) {
		struct gh_canvas canvas = { image, margins[i] };

		status = gh_chain_detect(&enroller->chain, &canvas, faces, error);
		if (status != GH_OK || faces->count > 0)
			break;
	}
	if (status == GH_OK && faces->count == 0)
		return gh_error_set(error, GH_NO_FACE, "no face in %u x %u pixels", image->width_px,
			image->height_px);
	return status;
}

static const struct gh_face *nearest_to_centre(
	const struct gh_faces *faces, const struct gh_image *image)
{
	float x = 0.5f * (float)image->width_px, y = 0.5f * (float)image->height_px;
	const struct gh_face *nearest = &faces->list[0];
	float least = INFINITY;

	for (uint32_t i = 0; i < faces->count; i++) {
		struct gh_point centre = gh_box_centre(&faces->list[i].box);
		float distance = hypotf(centre.x - x, centre.y - y);

		if (distance < least) {
			least = distance;
			nearest = &faces->list[i];
		}
	}
	return nearest;
}

/* Others of a size with the subject: with them it is doubtful whose portrait this is. */
static uint32_t comparable(const struct gh_faces *faces, const struct gh_face *subject)
{
	float needed = SUBJECT_COMPARABLE * gh_box_height(&subject->box);
	uint32_t count = 0;

	for (uint32_t i = 0; i < faces->count; i++)
		count += gh_box_height(&faces->list[i].box) >= needed;
	return count;
}

static void place(
	struct gh_enrolment *enrolment, const struct gh_box *box, const struct gh_image *image)
{
	enrolment->face_left = box->left / (float)image->width_px;
	enrolment->face_top = box->top / (float)image->height_px;
	enrolment->face_right = box->right / (float)image->width_px;
	enrolment->face_bottom = box->bottom / (float)image->height_px;
}

/* What a JPEG says of its compression; a picture that was turned has its blocks elsewhere. */
static enum gh_status trace(
	struct gh_view file, struct gh_jpeg_trace *jpeg_trace, struct gh_error *error)
{
	static const uint8_t start[] = { 0xff, 0xd8, 0xff };
	struct gh_jpeg_head head;
	struct gh_jpeg *jpeg;
	enum gh_status status;

	memset(jpeg_trace, 0, sizeof(*jpeg_trace));
	if (file.length_bytes < sizeof(start) || memcmp(file.data, start, sizeof(start)) != 0)
		return GH_OK;
	status = gh_jpeg_create(&jpeg, error);
	if (status != GH_OK)
		return status;
	status = gh_jpeg_begin(jpeg, file, &head, error);
	gh_jpeg_destroy(jpeg);
	if (status == GH_OK)
		*jpeg_trace = (struct gh_jpeg_trace){ .known = true,
			.luma_step = head.luma_step,
			.has_blocks = head.orientation == 1 };
	return status;
}

/* A picture as it was decoded, upright and of a size that is worked on. */
struct portrait {
	struct gh_image image;
	struct gh_jpeg_trace jpeg;
};

static enum gh_status enrol_picture(struct gh_enroller *enroller, const struct portrait *portrait,
	struct gh_enrolment *enrolment, struct gh_error *error)
{
	const struct gh_image *image = &portrait->image;
	struct gh_stage stage = gh_stage_whole(image);
	struct gh_quality_limits limits = enroller->limits;
	struct gh_description description;
	const struct gh_face *subject;
	struct gh_faces faces;
	enum gh_status status = find(enroller, image, &faces, error);

	if (status != GH_OK)
		return status;
	subject = nearest_to_centre(&faces, image);
	stage.faces = &faces;
	stage.jpeg = portrait->jpeg;
	status = gh_chain_describe(
		&enroller->chain, image, subject, &stage, &description, &enrolment->quality, error);
	if (status == GH_OK)
		status = gh_chain_embed(&enroller->chain, &enrolment->reference, error);
	if (status != GH_OK)
		return status;
	enrolment->faces = faces.count;
	place(enrolment, &subject->box, image);
	enrolment->quality.faces_in_zone = comparable(&faces, subject);
	enrolment->quality.faces_in_frame = faces.count;
	/* A portrait is cut close on purpose. */
	limits.face_height_max_permille = INFINITY;
	limits.edge_margin_min_permille = fminf(limits.edge_margin_min_permille, -100.0f);
	enrolment->reason = gh_quality_reason(&enrolment->quality, &limits);
	return GH_OK;
}

enum gh_status gh_enroller_enrol(struct gh_enroller *enroller, struct gh_view picture,
	struct gh_enrolment *enrolment, struct gh_error *error)
{
	struct gh_picture decoded;
	struct portrait portrait;
	uint32_t width_px;
	enum gh_status status;

	memset(enrolment, 0, sizeof(*enrolment));
	status = gh_picture_decode(picture, &decoded, error);
	width_px = decoded.width_px;
	if (status == GH_OK)
		status = trace(picture, &portrait.jpeg, error);
	if (status == GH_OK)
		status = shrink(&decoded, error);
	if (status == GH_OK) {
		portrait.image = (struct gh_image){ decoded.rgb.data, decoded.width_px,
			decoded.height_px, 3 * (size_t)decoded.width_px };
		portrait.jpeg.has_blocks = portrait.jpeg.has_blocks && decoded.width_px == width_px;
		status = enrol_picture(enroller, &portrait, enrolment, error);
	}
	gh_picture_finish(&decoded);
	if (status != GH_OK)
		gh_wipe(enrolment, sizeof(*enrolment));
	return status;
}
