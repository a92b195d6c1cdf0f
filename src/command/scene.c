/* SPDX-License-Identifier: Apache-2.0 */
/* The hall, and people who sway in it. */
#include "scene.h"

#include <math.h>

/* Samples across one scene pixel, so that large photographs shrink without flicker. */
#define SAMPLES 3

/* How far a standing person sways, and how fast. */
#define SWAY_PX 5.0f
#define SWAY_STEP 0.35f

static void draw_hall(uint8_t *rgb)
{
	for (uint32_t y = 0; y < SCENE_HEIGHT_PX; y++)
		for (uint32_t x = 0; x < SCENE_WIDTH_PX; x++) {
			uint8_t *pixel = rgb + 3 * ((size_t)y * SCENE_WIDTH_PX + x);
			bool floor = y > SCENE_HEIGHT_PX * 4 / 5;
			uint32_t shade = floor ? 96 : 168 + y * 40 / SCENE_HEIGHT_PX;

			if (!floor && x % 160 < 3)
				shade -= 24;
			pixel[0] = (uint8_t)shade;
			pixel[1] = (uint8_t)(shade + 4);
			pixel[2] = (uint8_t)(shade + (floor ? 0 : 10));
		}
}

/* The nearest pixel of a picture, or false outside of it. */
static const uint8_t *pixel_at(const struct gh_picture *picture, float x, float y)
{
	if (x < 0.0f || y < 0.0f || x >= (float)picture->width_px || y >= (float)picture->height_px)
		return NULL;
	return picture->rgb.data + 3 * ((size_t)y * picture->width_px + (size_t)x);
}

/* One scene pixel is the mean of SAMPLES x SAMPLES of the picture. */
static void draw_pixel(const struct gh_picture *picture, float x, float y, float step, uint8_t *to)
{
	uint32_t sum[3] = { 0 };
	uint32_t count = 0;

	for (int i = 0; i < SAMPLES * SAMPLES; i++) {
		float dx = ((float)(i % SAMPLES) + 0.5f) / SAMPLES;
		float dy = ((float)(i / SAMPLES) + 0.5f) / SAMPLES;
		const uint8_t *from = pixel_at(picture, x + dx * step, y + dy * step);

		if (!from)
			continue;
		for (int c = 0; c < 3; c++)
			sum[c] += from[c];
		count++;
	}
	for (int c = 0; c < 3 && count > 0; c++)
		to[c] = (uint8_t)(sum[c] / count);
}

static void draw_person(const struct scene_person *person, uint32_t number, uint8_t *rgb)
{
	float phase = (float)number * SWAY_STEP;
	float height_px = person->height * SCENE_HEIGHT_PX * (1.0f + 0.01f * sinf(phase * 0.7f));
	float step = person->face_height_px / height_px;
	float centre_x = person->at_x * SCENE_WIDTH_PX + SWAY_PX * sinf(phase);
	float centre_y = person->at_y * SCENE_HEIGHT_PX + 0.4f * SWAY_PX * cosf(phase * 1.3f);

	for (uint32_t y = 0; y < SCENE_HEIGHT_PX; y++)
		for (uint32_t x = 0; x < SCENE_WIDTH_PX; x++)
			draw_pixel(&person->picture, person->face_x + ((float)x - centre_x) * step,
				person->face_y + ((float)y - centre_y) * step, step,
				rgb + 3 * ((size_t)y * SCENE_WIDTH_PX + x));
}

void scene_draw(const struct scene_person *people, size_t count, uint32_t number, uint8_t *rgb)
{
	draw_hall(rgb);
	for (size_t i = 0; i < count; i++)
		draw_person(&people[i], number, rgb);
}
