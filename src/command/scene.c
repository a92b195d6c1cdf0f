/* SPDX-License-Identifier: Apache-2.0 */
/* The hall, and people who sway in it. */
#include "scene.h"

#include <math.h>

/* Samples across one scene pixel, so that large photographs shrink without flicker. */
#define SAMPLES 3

/* How far a standing person sways, and how fast. */
#define SWAY_PX 5.0f
#define SWAY_STEP 0.35f

/* Nobody sways as the one before him does: who moves alike is one sheet to the lane. */
#define APART 2.3f

/* A print is coarse: its dots so far apart, its white edge so much of a face's height. */
#define DOT_PX 3.3f
#define SHEET_MARGIN 0.06f

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

static float ramp(float value)
{
	return fminf(1.0f, fmaxf(0.0f, 0.5f + value));
}

/*
 * How much of a place belongs to somebody whose face is `height` high, seen from the face's middle:
 * head and shoulders. What else is in the picture does not come along into the hall.
 */
static float outline(float x, float y, float height)
{
	float head_x = x / (0.6f * height), head_y = y / (0.8f * height);
	float head = ramp(10.0f * (1.0f - hypotf(head_x, head_y)));
	float inside = fminf(y - 0.7f * height, 1.2f * height - fabsf(x));

	return fmaxf(head, ramp(15.0f * inside / height));
}

/* Electro-optical transfer of sRGB and back, IEC 61966-2-1 clause 5.2. */
static uint8_t lit(uint8_t level, float light)
{
	float v = (float)level / 255.0f;

	v = v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
	v = fminf(1.0f, v * light);
	v = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1.0f / 2.4f) - 0.055f;
	return (uint8_t)(255.0f * v + 0.5f);
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

/* One colour of a print: dots of ink on paper, the larger the darker, at an angle of its own. */
static uint8_t printed(uint8_t level, float x, float y, int ink)
{
	const float turn = 0.26f + 0.79f * (float)ink, step = 6.2831853f / DOT_PX;
	float across = step * (x * cosf(turn) + y * sinf(turn));
	float down = step * (y * cosf(turn) - x * sinf(turn));
	float dot = 0.5f + 0.25f * (cosf(across) + cosf(down)), paper = (float)level / 255.0f;
	float share = fminf(1.0f, fmaxf(0.0f, 2.2f * (paper - dot) + 0.5f));

	return (uint8_t)(40.0f + 190.0f * share);
}

/* A sheet with a face on it: its picture, and the white around. */
static bool on_sheet(float x, float y, float height, float margin)
{
	return fabsf(x) < (0.8f + margin) * height && fabsf(y) < (1.0f + margin) * height;
}

/* A place of a sheet that somebody holds up: the hall is seen beyond its edges. */
static void draw_sheet(const struct scene_person *person, const float at[2], float height_px,
	float step, uint8_t *to)
{
	if (!on_sheet(at[0], at[1], height_px, SHEET_MARGIN))
		return;
	if (!on_sheet(at[0], at[1], height_px, 0.0f)) {
		to[0] = to[1] = to[2] = 232;
		return;
	}
	to[0] = to[1] = to[2] = 255;
	draw_pixel(&person->picture, person->face_x + at[0] * step, person->face_y + at[1] * step,
		step, to);
	for (int c = 0; c < 3; c++)
		to[c] = printed(to[c], at[0], at[1], c);
}

/* A place of somebody who stands in the hall. */
static void draw_body(const struct scene_person *person, const float at[2], float height_px,
	float step, uint8_t *to)
{
	float share = outline(at[0], at[1], height_px);
	uint8_t made[3] = { to[0], to[1], to[2] };

	if (share <= 0.0f)
		return;
	draw_pixel(&person->picture, person->face_x + at[0] * step, person->face_y + at[1] * step,
		step, made);
	for (int c = 0; c < 3; c++) {
		uint8_t level = person->light != 1.0f ? lit(made[c], person->light) : made[c];

		to[c] = (uint8_t)((1.0f - share) * (float)to[c] + share * (float)level + 0.5f);
	}
}

static void draw_person(const struct scene_person *person, float phase, uint8_t *rgb)
{
	float height_px = person->height * SCENE_HEIGHT_PX * (1.0f + 0.01f * sinf(phase * 0.7f));
	float step = person->face_height_px / height_px;
	float centre_x = person->at_x * SCENE_WIDTH_PX + SWAY_PX * sinf(phase);
	float centre_y = person->at_y * SCENE_HEIGHT_PX + 0.4f * SWAY_PX * cosf(phase * 1.3f);

	for (uint32_t y = 0; y < SCENE_HEIGHT_PX; y++)
		for (uint32_t x = 0; x < SCENE_WIDTH_PX; x++) {
			float dx = (float)x - centre_x, dy = (float)y - centre_y;
			uint8_t *to = rgb + 3 * ((size_t)y * SCENE_WIDTH_PX + x);

			if (person->printed) {
				draw_sheet(person, (float[2]){ dx, dy }, height_px, step, to);
				continue;
			}
			draw_body(person, (float[2]){ dx, dy }, height_px, step, to);
		}
}

void scene_draw(const struct scene_person *people, size_t count, uint32_t number, uint8_t *rgb)
{
	draw_hall(rgb);
	for (size_t i = 0; i < count; i++)
		draw_person(&people[i], (float)number * SWAY_STEP + (float)i * APART, rgb);
}
