/* SPDX-License-Identifier: Apache-2.0 */
/* The camera of all simulations: lens, colour filters, noise, JPEG. */
#include "simulation_parts.h"

#include <stdlib.h>
#include <string.h>

/* Steps of linear light: fine enough that the darkest code has several. */
#define CODES 16384

#define JPEG_BYTES (2u * 1024u * 1024u)

struct camera camera_draw(struct draws *draws)
{
	struct camera camera = { 0 };

	camera.blur_px =
		draw_chance(draws, 0.2f) ? draw(draws, 0.8f, 1.6f) : draw(draws, 0.35f, 0.8f);
	camera.shot = draw(draws, 0.0005f, 0.006f);
	camera.read = draw(draws, 0.0005f, 0.004f);
	camera.jpeg_quality = (int)draw(draws, 78.0f, 96.0f);
	camera.seed = (uint64_t)draw(draws, 1.0f, 1e7f);
	return camera;
}

/* The filter of a pixel: red and blue each stand on a quarter of them (Bayer 1976). */
static int filter_of(uint32_t x, uint32_t y)
{
	return y & 1 ? (x & 1 ? 2 : 1) : (x & 1 ? 1 : 0);
}

/* Each pixel keeps the light of its filter, in the green's place; with noise. */
static void sense(const struct camera *camera, uint64_t seed, struct light *scene)
{
	struct draws draws = { seed };

	for (uint32_t y = 0; y < scene->height_px; y++)
		for (uint32_t x = 0; x < scene->width_px; x++) {
			float *rgb = scene->at + 3 * ((size_t)y * scene->width_px + x);
			float value = fmaxf(0.0f, rgb[filter_of(x, y)]);
			float sigma = sqrtf(camera->read * camera->read +
				camera->shot * camera->shot + camera->shot * value * 0.15f);

			rgb[1] = value + sigma * draw_normal_fast(&draws);
		}
}

static float raw_at(const struct light *scene, int x, int y)
{
	int w = (int)scene->width_px, h = (int)scene->height_px;

	x = x < 0 ? -x : x >= w ? 2 * w - 2 - x : x;
	y = y < 0 ? -y : y >= h ? 2 * h - 2 - y : y;
	return scene->at[3 * ((size_t)y * scene->width_px + (size_t)x) + 1];
}

/* The mean of the neighbours that have the filter wanted: bilinear demosaicing. */
static void fill_in(const struct light *scene, int x, int y, float rgb[3])
{
	float corners = raw_at(scene, x - 1, y - 1) + raw_at(scene, x + 1, y - 1) +
		raw_at(scene, x - 1, y + 1) + raw_at(scene, x + 1, y + 1);
	float beside = raw_at(scene, x - 1, y) + raw_at(scene, x + 1, y);
	float above = raw_at(scene, x, y - 1) + raw_at(scene, x, y + 1);
	float here = raw_at(scene, x, y);
	int own = filter_of((uint32_t)x, (uint32_t)y);
	bool red_row = (y & 1) == 0;

	if (own == 1) {
		rgb[0] = 0.5f * (red_row ? beside : above);
		rgb[1] = here;
		rgb[2] = 0.5f * (red_row ? above : beside);
		return;
	}
	rgb[own] = here;
	rgb[1] = 0.25f * (beside + above);
	rgb[2 - own] = 0.25f * corners;
}

/* Electro-optical transfer of sRGB, IEC 61966-2-1, the way into the file. */
static void make_codes(uint8_t codes[CODES])
{
	for (int i = 0; i < CODES; i++) {
		float v = (float)i / (CODES - 1);

		v = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1.0f / 2.4f) - 0.055f;
		codes[i] = (uint8_t)(255.0f * v + 0.5f);
	}
}

static bool through_jpeg(struct camera *camera, uint8_t *rgb, uint32_t width_px, uint32_t height_px)
{
	size_t bytes = 3 * (size_t)width_px * height_px;
	struct gh_picture picture = { width_px, height_px, { rgb, bytes, bytes } }, back;

	if (!camera->jpeg)
		camera->jpeg = malloc(JPEG_BYTES);
	camera->jpeg_bytes = JPEG_BYTES;
	if (!camera->jpeg ||
		gh_picture_encode_jpeg(&picture, camera->jpeg_quality, camera->jpeg,
			&camera->jpeg_bytes, NULL) != GH_OK ||
		gh_picture_decode(
			(struct gh_view){ camera->jpeg, camera->jpeg_bytes }, &back, NULL) != GH_OK)
		return false;
	memcpy(rgb, back.rgb.data, bytes);
	gh_picture_finish(&back);
	return true;
}

bool camera_take(
	struct camera *camera, uint32_t frame, struct light *scene, float *copy, uint8_t *rgb)
{
	uint8_t codes[CODES], *at = rgb;

	make_codes(codes);
	light_blur(scene, camera->blur_px, copy);
	sense(camera, camera->seed + 1000003u * frame, scene);
	for (uint32_t y = 0; y < scene->height_px; y++)
		for (uint32_t x = 0; x < scene->width_px; x++) {
			float light[3];

			fill_in(scene, (int)x, (int)y, light);
			for (int c = 0; c < 3; c++)
				*at++ = codes[(
					int)(clampf(light[c], 0.0f, 1.0f) * (CODES - 1) + 0.5f)];
		}
	return through_jpeg(camera, rgb, scene->width_px, scene->height_px);
}

void camera_finish(struct camera *camera)
{
	free(camera->jpeg);
	camera->jpeg = NULL;
}
