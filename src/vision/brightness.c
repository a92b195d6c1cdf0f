/* SPDX-License-Identifier: Apache-2.0 */
/* Brightness in linear light, by histograms of luma over a grid of sample points. */
#include "brightness.h"

#include <math.h>

/* Sample points across and down a part. */
#define GRID 64

#define LEVELS 256
#define CLIPPED_FROM 251

/* The middle of a face's box: skin from brow to mouth, without hair and background. */
#define FACE_MIDDLE 0.6f

/* What is beside a face begins so many of its widths away, beyond hair and shoulders' edge. */
#define BESIDE_FROM 0.5f
#define BESIDE_TO 2.0f

struct tally {
	uint32_t levels[LEVELS];
	uint32_t points;
};

static uint32_t luma(const uint8_t *rgb)
{
	return (77u * rgb[0] + 150u * rgb[1] + 29u * rgb[2] + 128u) >> 8;
}

/* Electro-optical transfer of sRGB, IEC 61966-2-1 clause 5.2. */
static float linear(uint32_t level)
{
	float v = (float)level / 255.0f;

	return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

static uint32_t bound(float value, uint32_t limit)
{
	if (!(value > 0.0f))
		return 0;
	return value >= (float)limit ? limit : (uint32_t)value;
}

static void add(const struct gh_image *image, const struct gh_box *box, struct tally *tally)
{
	uint32_t left = bound(box->left, image->width_px);
	uint32_t right = bound(box->right, image->width_px);
	uint32_t top = bound(box->top, image->height_px);
	uint32_t bottom = bound(box->bottom, image->height_px);
	uint32_t across, down;

	if (right <= left || bottom <= top)
		return;
	across = (right - left + GRID - 1) / GRID;
	down = (bottom - top + GRID - 1) / GRID;
	for (uint32_t y = top; y < bottom; y += down)
		for (uint32_t x = left; x < right; x += across) {
			tally->levels[luma(image->rgb + y * image->stride_bytes + 3 * (size_t)x)]++;
			tally->points++;
		}
}

static float mean_permille(const struct tally *tally)
{
	float sum = 0.0f;

	if (tally->points == 0)
		return GH_LIGHTING_UNKNOWN;
	for (uint32_t level = 0; level < LEVELS; level++)
		if (tally->levels[level] > 0)
			sum += (float)tally->levels[level] * linear(level);
	return 1000.0f * sum / (float)tally->points;
}

static float clipped_permille(const struct tally *tally)
{
	uint32_t clipped = 0;

	for (uint32_t level = CLIPPED_FROM; level < LEVELS; level++)
		clipped += tally->levels[level];
	return tally->points > 0 ? 1000.0f * (float)clipped / (float)tally->points : 0.0f;
}

static struct gh_box middle_of(const struct gh_box *face)
{
	float cut = 0.5f * (1.0f - FACE_MIDDLE);
	float across = cut * gh_box_width(face), down = cut * gh_box_height(face);

	return (struct gh_box){ face->left + across, face->top + down, face->right - across,
		face->bottom - down };
}

static float around(const struct gh_image *image, const struct gh_box *face)
{
	float from = BESIDE_FROM * gh_box_width(face), to = BESIDE_TO * gh_box_width(face);
	struct gh_box left = { face->left - to, face->top, face->left - from, face->bottom };
	struct gh_box right = { face->right + from, face->top, face->right + to, face->bottom };
	struct tally tally = { 0 };

	add(image, &left, &tally);
	add(image, &right, &tally);
	return mean_permille(&tally);
}

struct gh_lighting gh_brightness_measure(const struct gh_image *image, const struct gh_box *face)
{
	const struct gh_box all = { 0.0f, 0.0f, (float)image->width_px, (float)image->height_px };
	struct gh_lighting lighting = { .face_luminance_permille = GH_LIGHTING_UNKNOWN,
		.around_luminance_permille = GH_LIGHTING_UNKNOWN };
	struct tally zone = { 0 }, skin = { 0 };
	struct gh_box middle;

	add(image, &all, &zone);
	lighting.zone_luminance_permille = mean_permille(&zone);
	if (!face)
		return lighting;
	middle = middle_of(face);
	add(image, &middle, &skin);
	lighting.face = skin.points > 0;
	lighting.face_luminance_permille = mean_permille(&skin);
	lighting.face_clipped_permille = clipped_permille(&skin);
	lighting.around_luminance_permille = around(image, face);
	return lighting;
}
