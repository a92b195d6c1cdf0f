/* SPDX-License-Identifier: Apache-2.0 */
/* Media: a smooth photograph, a raster of dots, error-diffused dots, a screen's pixels. */
#include "simulation_parts.h"

#include <stdlib.h>

/* Printed dots at most, a side. */
#define DOTS_MAX 2400

/* The usual angles of cyan, magenta and yellow, all turned by one. */
static void turn_rasters(struct medium *medium, float angle)
{
	static const float angles[3] = { 0.2618f, 1.3090f, 0.0f };

	for (int c = 0; c < 3; c++) {
		medium->across[c] = cosf(angle + angles[c]) / medium->pitch_px;
		medium->down[c] = sinf(angle + angles[c]) / medium->pitch_px;
	}
}

void medium_draw(
	struct medium *medium, enum simulation_species species, bool unseen, struct draws *draws)
{
	bool bordered_raster = species == SIMULATION_BORDER_HALFTONE;
	float warm = draw(draws, -0.08f, 0.08f);

	*medium = (struct medium){ .kind = MEDIUM_PHOTO, .unseen = unseen };
	medium->black = draw(draws, 0.02f, 0.06f);
	medium->blur_px = draw(draws, 0.4f, 1.0f);
	if (species == SIMULATION_HALFTONE || bordered_raster ||
		(species == SIMULATION_BENT && draw_chance(draws, 0.5f))) {
		medium->kind = MEDIUM_HALFTONE;
		medium->pitch_px = unseen ? draw(draws, 1.7f, 6.0f) : draw(draws, 2.2f, 5.0f);
		turn_rasters(medium, draw(draws, 0.0f, 1.5f));
	} else if (species == SIMULATION_DITHER || species == SIMULATION_BENT ||
		(species == SIMULATION_MASK && draw_chance(draws, 0.5f))) {
		medium->kind = MEDIUM_DITHER;
		medium->pitch_px = unseen ? draw(draws, 0.6f, 1.5f) : draw(draws, 0.7f, 1.3f);
	} else if (species == SIMULATION_MOIRE || species == SIMULATION_BEZEL ||
		species == SIMULATION_GLARE) {
		medium->kind = MEDIUM_SCREEN;
		medium->pitch_px = unseen ? draw(draws, 0.6f, 2.2f) : draw(draws, 0.8f, 1.9f);
		medium->gap = draw(draws, 0.08f, 0.25f);
		medium->black = draw(draws, 0.005f, 0.03f);
		medium->blur_px = 0.0f;
	} else if (species == SIMULATION_REPRINT) {
		medium->blur_px = unseen ? draw(draws, 1.3f, 3.2f) : draw(draws, 1.5f, 2.8f);
		medium->black = draw(draws, 0.03f, 0.09f);
	}
	medium->white[0] = draw(draws, 0.7f, 0.9f) * (1.0f + warm);
	medium->white[1] = medium->white[0] / (1.0f + warm);
	medium->white[2] = medium->white[1] * (1.0f - warm);
	if (medium->kind == MEDIUM_SCREEN)
		medium->white[2] *= draw(draws, 1.0f, 1.25f);
}

/* Ink wanted of cyan, magenta and yellow: what a print takes away, by the eye's scale. */
static void inks_of(const float rgb[3], float ink[3])
{
	for (int c = 0; c < 3; c++)
		ink[c] = 1.0f - clampf(rgb[c], 0.0f, 1.0f);
}

/* Order of an 8 x 8 dispersed dot (Bayer 1973). */
static float ordered(uint32_t x, uint32_t y)
{
	uint32_t order = 0;

	for (int bit = 0; bit < 3; bit++) {
		uint32_t a = (x >> bit) & 1, b = (y >> bit) & 1;

		order |= ((a ^ b) << 1 | b) << (2 * (2 - bit));
	}
	return ((float)order + 0.5f) / 64.0f;
}

/* One ink of one row by error diffusion (Floyd and Steinberg 1976); now and next carry errors. */
static void diffuse_row(
	struct medium *medium, const float *ink, uint32_t y, int c, float *now, float *next)
{
	uint8_t *row = medium->dots + (size_t)y * medium->dots_width;

	for (uint32_t x = 0; x < medium->dots_width; x++) {
		float wanted = ink[3 * x + (uint32_t)c], error;
		bool dot;

		if (medium->unseen)
			dot = wanted > ordered(x + (uint32_t)(3 * c), y + (uint32_t)(5 * c));
		else
			dot = wanted + now[x + 1] > 0.5f;
		error = wanted + now[x + 1] - (dot ? 1.0f : 0.0f);
		row[x] = (uint8_t)(row[x] | (dot ? 1u << c : 0u));
		now[x + 2] += error * 7.0f / 16.0f;
		next[x] += error * 3.0f / 16.0f;
		next[x + 1] += error * 5.0f / 16.0f;
		next[x + 2] += error * 1.0f / 16.0f;
	}
}

static void diffuse(struct medium *medium, const struct light *shown, float *work)
{
	size_t line = medium->dots_width + 4;
	float *ink = work, *errors = work + 3 * line;

	for (size_t i = 0; i < 6 * line; i++)
		errors[i] = 0.0f;
	for (uint32_t y = 0; y < medium->dots_height; y++) {
		for (uint32_t x = 0; x < medium->dots_width; x++) {
			float rgb[3];

			light_sample(shown, (float)x * medium->pitch_px,
				(float)y * medium->pitch_px, rgb);
			inks_of(rgb, ink + 3 * x);
		}
		for (int c = 0; c < 3; c++) {
			float *now = errors + (size_t)c * 2 * line + (y & 1 ? line : 0);
			float *next = errors + (size_t)c * 2 * line + (y & 1 ? 0 : line);

			for (size_t i = 0; i < line; i++)
				next[i] = 0.0f;
			diffuse_row(medium, ink, y, c, now, next);
		}
	}
}

bool medium_prepare(struct medium *medium, const struct light *shown)
{
	float *work;

	if (medium->kind != MEDIUM_DITHER)
		return true;
	medium->dots_width = (uint32_t)((float)shown->width_px / medium->pitch_px);
	medium->dots_height = (uint32_t)((float)shown->height_px / medium->pitch_px);
	if (medium->dots_width > DOTS_MAX || medium->dots_height > DOTS_MAX)
		return false;
	medium->dots = calloc(medium->dots_width, medium->dots_height);
	work = calloc(9 * ((size_t)medium->dots_width + 4), sizeof(*work));
	if (medium->dots && work)
		diffuse(medium, shown, work);
	free(work);
	return medium->dots != NULL && work != NULL;
}

/* Share of ink at a place of a raster: round dots, or lines where unseen. */
static float raster(const struct medium *medium, float u, float v, int c, float ink)
{
	float x = medium->across[c], y = medium->down[c];
	float spot = medium->unseen ? 0.5f + 0.5f * wave(x * u + y * v)
				    : 0.5f + 0.25f * (wave(x * u + y * v) + wave(x * v - y * u));

	return smooth(spot, 1.0f - ink - 0.12f, 1.0f - ink + 0.12f);
}

static void sample_halftone(const struct medium *medium, float u, float v, float rgb[3])
{
	float ink[3];

	inks_of(rgb, ink);
	for (int c = 0; c < 3; c++)
		rgb[c] = 1.0f - raster(medium, u, v, c, ink[c]);
}

static void sample_dither(const struct medium *medium, float u, float v, float rgb[3])
{
	float x = clampf(u / medium->pitch_px, 0.0f, (float)medium->dots_width - 1.0f);
	float y = clampf(v / medium->pitch_px, 0.0f, (float)medium->dots_height - 1.0f);
	uint8_t dots = medium->dots[(size_t)y * medium->dots_width + (uint32_t)x];

	for (int c = 0; c < 3; c++)
		rgb[c] = dots >> c & 1 ? 0.0f : 1.0f;
}

/* Stripes of red, green and blue; where unseen, every second row swaps red and blue. */
static void sample_screen(
	const struct medium *medium, const struct light *shown, float u, float v, float rgb[3])
{
	float x = u / medium->pitch_px, y = v / medium->pitch_px;
	float in_x = x - floor_of(x), in_y = y - floor_of(y);
	float third = 3.0f * in_x - floor_of(3.0f * in_x);
	int stripe = (int)(3.0f * in_x) % 3;
	bool dark = third < medium->gap || in_y < medium->gap;
	float lit[3];

	if (medium->unseen && ((int)floor_of(y) & 1) && stripe != 1)
		stripe = 2 - stripe;
	for (int c = 0; c < 3; c++)
		rgb[c] = 0.0f;
	if (dark)
		return;
	light_sample(shown, floor_of(x) * medium->pitch_px, floor_of(y) * medium->pitch_px, lit);
	rgb[stripe] = 3.0f * clampf(lit[stripe], 0.0f, 1.0f) /
		((1.0f - medium->gap) * (1.0f - medium->gap));
}

void medium_sample(
	const struct medium *medium, const struct light *shown, float u, float v, float rgb[3])
{
	if (medium->kind == MEDIUM_HALFTONE)
		sample_halftone(medium, u, v, rgb);
	else if (medium->kind == MEDIUM_DITHER)
		sample_dither(medium, u, v, rgb);
	else if (medium->kind == MEDIUM_SCREEN)
		sample_screen(medium, shown, u, v, rgb);
	for (int c = 0; c < 3; c++)
		rgb[c] = medium->black + (medium->white[c] - medium->black) * rgb[c];
}
