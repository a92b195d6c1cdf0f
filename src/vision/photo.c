/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting the photograph and covering others. */
#include "photo.h"

#include <math.h>
#include <string.h>

#define GREY 128

/* Against the height of the subject's box: what is shown, and how far below its middle. */
#define SHOWN_HEIGHT 2.2f
#define CENTRE_BELOW 0.1f

/* An unknown person's hair and chin go with the face. */
#define COVER_GROWTH 1.5f

#define TILT_MAX 0.8f /* radians */

static void size_photo(const struct gh_face *subject, struct gh_picture *photo)
{
	float height = SHOWN_HEIGHT * gh_box_height(&subject->box);

	height = fminf(PHOTO_HEIGHT_MAX_PX, fmaxf(20.0f, height));
	photo->height_px = (uint32_t)height;
	photo->width_px = photo->height_px * PHOTO_WIDTH_MAX_PX / PHOTO_HEIGHT_MAX_PX;
	photo->rgb.length_bytes = 3 * (size_t)photo->width_px * photo->height_px;
}

/* From pixels of the photograph to those of the picture. */
static struct gh_similarity place(const struct gh_sitting *sitting, const struct gh_picture *photo)
{
	const struct gh_point *eyes = sitting->landmarks->five;
	float height = gh_box_height(&sitting->subject->box);
	float scale = SHOWN_HEIGHT * height / (float)photo->height_px;
	float tilt = atan2f(eyes[1].y - eyes[0].y, eyes[1].x - eyes[0].x);
	struct gh_point centre = gh_box_centre(&sitting->subject->box);
	float x = 0.5f * (float)photo->width_px, y = 0.5f * (float)photo->height_px;
	struct gh_similarity map;

	tilt = fminf(TILT_MAX, fmaxf(-TILT_MAX, tilt));
	map.a = scale * cosf(tilt);
	map.b = scale * sinf(tilt);
	y -= CENTRE_BELOW * height / scale;
	map.c = centre.x - (map.a * x - map.b * y);
	map.d = centre.y - (map.b * x + map.a * y);
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
	struct gh_similarity to_picture, to_photo;
	struct gh_image size;
	struct gh_box own;

	size_photo(sitting->subject, photo);
	to_picture = place(sitting, photo);
	to_photo = gh_similarity_inverse(&to_picture);
	size = (struct gh_image){ .width_px = photo->width_px, .height_px = photo->height_px };
	gh_image_sample(sitting->image, reducer, &to_picture, &size, photo->rgb.data, GREY);
	own = seen_box(&to_photo, &sitting->subject->box, 1.0f);
	for (uint32_t i = 0; i < sitting->faces->count; i++) {
		const struct gh_face *face = &sitting->faces->list[i];
		struct gh_box other;

		if (face == sitting->subject)
			continue;
		other = seen_box(&to_photo, &face->box, COVER_GROWTH);
		cover(photo, &other, &own);
	}
}
