/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting the photograph and covering others. */
#include "photo.h"

#include <math.h>
#include <string.h>

#define GREY 128

/*
 * In distances of the eyes: what is shown, as of a portrait of ISO/IEC 39794-5, whose head takes
 * half to three quarters of the width and whose eyes are 30 to 50 % down.
 */
#define SHOWN_WIDTH 4.4f
#define EYES_DOWN 0.42f

/* Of the height of the subject's box: usual eyes, and eyes too close together to be trusted. */
#define USUAL_EYES 0.42f
#define EYES_MIN 0.15f

#define WIDTH_MIN_PX 16.0f

/* An unknown person's hair and chin go with the face. */
#define COVER_GROWTH 1.5f

/* Where the photograph looks: the middle of the eyes, and from there half way to the right one. */
struct aim {
	struct gh_point middle;
	struct gh_point half;
};

static struct aim take_aim(const struct gh_sitting *sitting)
{
	const struct gh_point *eyes = sitting->landmarks->five;
	float height = gh_box_height(&sitting->subject->box);
	struct aim aim = {
		.middle = { 0.5f * (eyes[0].x + eyes[1].x), 0.5f * (eyes[0].y + eyes[1].y) },
		.half = { 0.5f * (eyes[1].x - eyes[0].x), 0.5f * (eyes[1].y - eyes[0].y) },
	};

	/* Written so that no number fails as well. */
	if (!(2.0f * hypotf(aim.half.x, aim.half.y) >= EYES_MIN * height)) {
		aim.middle = gh_box_centre(&sitting->subject->box);
		aim.half = (struct gh_point){ 0.5f * USUAL_EYES * height, 0.0f };
	}
	return aim;
}

/* Set the size, and give the map from pixels of the photograph to those of the picture. */
static struct gh_similarity place(const struct aim *aim, struct gh_picture *photo)
{
	float half = hypotf(aim->half.x, aim->half.y);
	float shown = fmaxf(WIDTH_MIN_PX, 2.0f * half * SHOWN_WIDTH);
	float scale = fmaxf(1.0f, shown / PHOTO_WIDTH_MAX_PX);
	struct gh_similarity map;
	struct gh_point eyes;

	photo->width_px = (uint32_t)fminf(PHOTO_WIDTH_MAX_PX, roundf(shown / scale));
	photo->height_px = photo->width_px * PHOTO_HEIGHT_MAX_PX / PHOTO_WIDTH_MAX_PX;
	photo->rgb.length_bytes = 3 * (size_t)photo->width_px * photo->height_px;
	eyes.x = 0.5f * (float)(photo->width_px - 1);
	eyes.y = EYES_DOWN * (float)(photo->height_px - 1);
	map.a = scale * aim->half.x / half;
	map.b = scale * aim->half.y / half;
	map.c = aim->middle.x - (map.a * eyes.x - map.b * eyes.y);
	map.d = aim->middle.y - (map.b * eyes.x + map.a * eyes.y);
	return map;
}

/* The upright box around a box of the picture, seen in the photograph. */
static struct gh_box seen_box(
	const struct gh_similarity *to_photo, const struct gh_box *box, float growth)
{
	struct gh_point centre = gh_box_centre(box);
	float width = 0.5f * growth * gh_box_width(box);
	float height = 0.5f * growth * gh_box_height(box);
	struct gh_box seen = { INFINITY, INFINITY, -INFINITY, -INFINITY };

	for (int corner = 0; corner < 4; corner++) {
		struct gh_point p = gh_similarity_apply(to_photo,
			(struct gh_point){ centre.x + (corner & 1 ? width : -width),
				centre.y + (corner & 2 ? height : -height) });

		seen.left = fminf(seen.left, p.x);
		seen.top = fminf(seen.top, p.y);
		seen.right = fmaxf(seen.right, p.x);
		seen.bottom = fmaxf(seen.bottom, p.y);
	}
	return seen;
}

static uint32_t bound(float value, uint32_t limit)
{
	if (!(value > 0.0f))
		return 0;
	return value >= (float)limit ? limit : (uint32_t)value;
}

static bool holds(const struct gh_box *box, uint32_t x, uint32_t y)
{
	return (float)x >= box->left && (float)x < box->right && (float)y >= box->top &&
		(float)y < box->bottom;
}

/* The subject's own face stays, also where somebody's hair reaches into its box. */
static void cover(struct gh_picture *photo, const struct gh_box *other, const struct gh_box *own)
{
	uint32_t right = bound(other->right + 1.0f, photo->width_px);
	uint32_t bottom = bound(other->bottom + 1.0f, photo->height_px);

	for (uint32_t y = bound(other->top, photo->height_px); y < bottom; y++)
		for (uint32_t x = bound(other->left, photo->width_px); x < right; x++)
			if (!holds(own, x, y))
				memset(photo->rgb.data + 3 * ((size_t)y * photo->width_px + x),
					GREY, 3);
}

void gh_photo_take(
	const struct gh_sitting *sitting, struct gh_reducer *reducer, struct gh_picture *photo)
{
	struct aim aim = take_aim(sitting);
	struct gh_similarity to_picture = place(&aim, photo);
	struct gh_similarity to_photo;
	struct gh_image size;
	struct gh_box own;

	to_photo = gh_similarity_inverse(&to_picture);
	size = (struct gh_image){ .width_px = photo->width_px, .height_px = photo->height_px };
	gh_image_sample(sitting->image, reducer, &to_picture, &size, photo->rgb.data, GREY);
	own = seen_box(&to_photo, &sitting->subject->box, 1.0f);
	/* What was doubted is covered too: it might be somebody all the same. */
	for (uint32_t i = 0; i < sitting->faces->count + sitting->faces->doubted; i++) {
		const struct gh_face *face = &sitting->faces->list[i];
		struct gh_box other;

		if (face == sitting->subject)
			continue;
		other = seen_box(&to_photo, &face->box, COVER_GROWTH);
		cover(photo, &other, &own);
	}
}

void gh_photo_halve(struct gh_picture *photo)
{
	uint32_t width = photo->width_px / 2;
	uint32_t height = photo->height_px / 2;
	size_t row = 3 * (size_t)photo->width_px;
	uint8_t *to = photo->rgb.data;

	/* What is written lies before all that is still to be read. */
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < 3 * width; x++) {
			const uint8_t *from =
				photo->rgb.data + 2 * y * row + 6 * (size_t)(x / 3) + x % 3;

			*to++ = (uint8_t)((from[0] + from[3] + from[row] + from[row + 3] + 2) / 4);
		}
	photo->width_px = width;
	photo->height_px = height;
	photo->rgb.length_bytes = 3 * (size_t)width * height;
}
