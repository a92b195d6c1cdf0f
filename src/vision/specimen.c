/* SPDX-License-Identifier: Apache-2.0 */
/* The drawn face, painted as soft ellipses from back to front. */
#include "specimen.h"

#include <math.h>

/* Its middle and its height from the hair's line to the chin. */
#define MIDDLE_X 320.0f
#define MIDDLE_Y 230.0f
#define FACE_HEIGHT 240.0f

/* Of face heights: place, half axes and the softness of the edge; then colour and opacity. */
struct layer {
	float x, y, wide, high, soft;
	uint8_t rgb[3];
	float share;
};

static const struct layer layers[] = {
	/* hair, neck, clothes */
	{ 0.0f, -0.10f, 0.46f, 0.60f, 0.03f, { 62, 44, 34 }, 1.0f },
	{ 0.0f, 0.62f, 0.22f, 0.30f, 0.03f, { 190, 146, 124 }, 1.0f },
	{ 0.0f, 1.10f, 0.85f, 0.38f, 0.03f, { 70, 84, 112 }, 1.0f },
	/* ears, head, its shaded rim and lit middle */
	{ -0.37f, 0.03f, 0.05f, 0.11f, 0.02f, { 200, 152, 130 }, 1.0f },
	{ 0.37f, 0.03f, 0.05f, 0.11f, 0.02f, { 200, 152, 130 }, 1.0f },
	{ 0.0f, 0.0f, 0.365f, 0.50f, 0.02f, { 196, 150, 128 }, 1.0f },
	{ 0.0f, 0.0f, 0.32f, 0.46f, 0.16f, { 226, 180, 154 }, 1.0f },
	{ 0.0f, -0.46f, 0.36f, 0.14f, 0.05f, { 62, 44, 34 }, 1.0f },
	{ -0.17f, 0.15f, 0.10f, 0.09f, 0.09f, { 226, 160, 140 }, 0.5f },
	{ 0.17f, 0.15f, 0.10f, 0.09f, 0.09f, { 226, 160, 140 }, 0.5f },
	/* sockets, brows */
	{ -0.155f, -0.075f, 0.095f, 0.055f, 0.05f, { 150, 108, 92 }, 0.7f },
	{ 0.155f, -0.075f, 0.095f, 0.055f, 0.05f, { 150, 108, 92 }, 0.7f },
	{ -0.160f, -0.150f, 0.095f, 0.017f, 0.010f, { 50, 35, 28 }, 0.9f },
	{ 0.160f, -0.150f, 0.095f, 0.017f, 0.010f, { 50, 35, 28 }, 0.9f },
	/* eyes: lashes, white, iris, pupil, light */
	{ -0.155f, -0.064f, 0.076f, 0.043f, 0.006f, { 40, 28, 25 }, 1.0f },
	{ 0.155f, -0.064f, 0.076f, 0.043f, 0.006f, { 40, 28, 25 }, 1.0f },
	{ -0.155f, -0.060f, 0.066f, 0.034f, 0.006f, { 236, 232, 228 }, 1.0f },
	{ 0.155f, -0.060f, 0.066f, 0.034f, 0.006f, { 236, 232, 228 }, 1.0f },
	{ -0.155f, -0.060f, 0.030f, 0.030f, 0.006f, { 80, 55, 38 }, 1.0f },
	{ 0.155f, -0.060f, 0.030f, 0.030f, 0.006f, { 80, 55, 38 }, 1.0f },
	{ -0.155f, -0.060f, 0.014f, 0.014f, 0.005f, { 12, 10, 10 }, 1.0f },
	{ 0.155f, -0.060f, 0.014f, 0.014f, 0.005f, { 12, 10, 10 }, 1.0f },
	{ -0.147f, -0.068f, 0.006f, 0.006f, 0.004f, { 250, 250, 250 }, 1.0f },
	{ 0.163f, -0.068f, 0.006f, 0.006f, 0.004f, { 250, 250, 250 }, 1.0f },
	/* nose: flanks, ridge, shade below, nostrils */
	{ -0.055f, 0.03f, 0.022f, 0.10f, 0.03f, { 176, 128, 108 }, 0.45f },
	{ 0.055f, 0.03f, 0.022f, 0.10f, 0.03f, { 176, 128, 108 }, 0.45f },
	{ 0.0f, 0.05f, 0.022f, 0.12f, 0.03f, { 245, 215, 195 }, 0.4f },
	{ 0.0f, 0.170f, 0.075f, 0.016f, 0.02f, { 140, 96, 82 }, 0.8f },
	{ -0.034f, 0.158f, 0.017f, 0.010f, 0.006f, { 60, 30, 25 }, 0.85f },
	{ 0.034f, 0.158f, 0.017f, 0.010f, 0.006f, { 60, 30, 25 }, 0.85f },
	/* mouth: lips, the line between, shade below */
	{ 0.0f, 0.262f, 0.120f, 0.022f, 0.008f, { 168, 84, 80 }, 0.9f },
	{ 0.0f, 0.287f, 0.100f, 0.026f, 0.008f, { 186, 98, 94 }, 0.9f },
	{ 0.0f, 0.272f, 0.122f, 0.006f, 0.004f, { 80, 32, 34 }, 0.95f },
	{ 0.0f, 0.345f, 0.080f, 0.018f, 0.03f, { 160, 116, 98 }, 0.6f },
};

/* How far inside a layer a place is, 0 to 1 over the soft edge. */
static float inside(const struct layer *layer, float x, float y)
{
	float u = (x - layer->x) / layer->wide, v = (y - layer->y) / layer->high;
	float reach = sqrtf(u * u + v * v);
	float soft = layer->soft / fminf(layer->wide, layer->high);

	return fminf(1.0f, fmaxf(0.0f, (1.0f - reach) / soft + 0.5f));
}

void gh_specimen_draw(uint8_t *rgb)
{
	for (uint32_t row = 0; row < SPECIMEN_HEIGHT_PX; row++)
		for (uint32_t column = 0; column < SPECIMEN_WIDTH_PX; column++, rgb += 3) {
			float x = ((float)column - MIDDLE_X) / FACE_HEIGHT;
			float y = ((float)row - MIDDLE_Y) / FACE_HEIGHT;
			float colour[3] = { 150.0f, 155.0f, 160.0f };

			for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
				float share = layers[i].share * inside(&layers[i], x, y);

				for (int c = 0; c < 3; c++)
					colour[c] += share * ((float)layers[i].rgb[c] - colour[c]);
			}
			for (int c = 0; c < 3; c++)
				rgb[c] = (uint8_t)(colour[c] + 0.5f);
		}
}

struct gh_box gh_specimen_box(void)
{
	return (struct gh_box){ MIDDLE_X - 0.36f * FACE_HEIGHT, MIDDLE_Y - 0.46f * FACE_HEIGHT,
		MIDDLE_X + 0.36f * FACE_HEIGHT, MIDDLE_Y + 0.50f * FACE_HEIGHT };
}

void gh_specimen_eyes(struct gh_point eyes[2])
{
	eyes[0] = (struct gh_point){ MIDDLE_X - 0.155f * FACE_HEIGHT,
		MIDDLE_Y - 0.060f * FACE_HEIGHT };
	eyes[1] = (struct gh_point){ MIDDLE_X + 0.155f * FACE_HEIGHT,
		MIDDLE_Y - 0.060f * FACE_HEIGHT };
}
