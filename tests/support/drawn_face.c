/* SPDX-License-Identifier: Apache-2.0 */
/* A face of ellipses and shades, painted pixel by pixel in the face's own coordinates. */
#include "drawn_face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Place in the face: height 1 from -0.5 (hair's line) to 0.5 (chin), x to image-right. */
struct place {
	float x, y;
	float pixel; /* size of a pixel here, for soft edges */
};

static float clamp(float value, float low, float high)
{
	return value < low ? low : value > high ? high : value;
}

/* 1 inside an ellipse, 0 outside, soft over about a pixel and a half. */
static float inside(const struct place *p, float x, float y, float rx, float ry)
{
	float u = (p->x - x) / rx, v = (p->y - y) / ry;
	float reach = sqrtf(u * u + v * v);
	float soft = 1.5f * p->pixel / fminf(rx, ry);

	return clamp((1.0f - reach) / soft + 0.5f, 0.0f, 1.0f);
}

/* A wide soft spot, for shades. */
static float spot(const struct place *p, float x, float y, float rx, float ry)
{
	float u = (p->x - x) / rx, v = (p->y - y) / ry;

	/* Beyond this it is less than one step of a channel. */
	return u * u + v * v > 6.5f ? 0.0f : expf(-(u * u + v * v));
}

static void blend(float colour[3], float red, float green, float blue, float share)
{
	colour[0] += (red - colour[0]) * share;
	colour[1] += (green - colour[1]) * share;
	colour[2] += (blue - colour[2]) * share;
}

static void shade(float colour[3], float factor, float share)
{
	blend(colour, colour[0] * factor, colour[1] * factor, colour[2] * factor, share);
}

static void paint_body(const struct place *p, const struct drawn_face *face, float colour[3])
{
	const uint8_t *skin = face->skin, *hair = face->hair, *cloth = face->clothes;

	blend(colour, hair[0], hair[1], hair[2], inside(p, 0.0f, -0.16f, 0.45f, 0.50f));
	blend(colour, 0.78f * skin[0], 0.75f * skin[1], 0.73f * skin[2],
		inside(p, 0.0f, 0.52f, 0.20f, 0.30f));
	blend(colour, cloth[0], cloth[1], cloth[2], inside(p, 0.0f, 1.12f, 0.85f, 0.48f));
	blend(colour, 0.85f * skin[0], 0.82f * skin[1], 0.80f * skin[2],
		fmaxf(inside(p, -0.385f, 0.02f, 0.05f, 0.10f),
			inside(p, 0.385f, 0.02f, 0.05f, 0.10f)));
}

static void paint_head(const struct place *p, const struct drawn_face *face, float colour[3])
{
	const uint8_t *skin = face->skin;
	float head = fmaxf(
		inside(p, 0.0f, -0.06f, 0.375f, 0.44f), inside(p, 0.0f, 0.10f, 0.335f, 0.40f));
	float round = clamp(1.08f - 1.3f * p->x * p->x - 0.25f * p->y * p->y, 0.5f, 1.1f);

	blend(colour, fminf(255.0f, round * skin[0]), fminf(255.0f, round * skin[1]),
		fminf(255.0f, round * skin[2]), head);
	/* A fringe of hair along the forehead. */
	blend(colour, face->hair[0], face->hair[1], face->hair[2],
		head * clamp((-0.36f - p->y + 0.25f * p->x * p->x) / 0.03f, 0.0f, 1.0f));
	/* Cheeks, and shadow below the lip and along the jaw. */
	blend(colour, skin[0], 0.75f * skin[1], 0.72f * skin[2],
		0.25f * head *
			(spot(p, -0.2f, 0.14f, 0.09f, 0.08f) + spot(p, 0.2f, 0.14f, 0.09f, 0.08f)));
	shade(colour, 0.75f, 0.5f * head * spot(p, 0.0f, 0.345f, 0.09f, 0.03f));
}

static void paint_eye(const struct place *p, float x, float open, float colour[3])
{
	float height = 0.008f + 0.026f * open;
	float white;

	shade(colour, 0.72f, 0.8f * spot(p, x, -0.075f, 0.095f, 0.055f));
	white = inside(p, x, -0.06f, 0.066f, height);
	blend(colour, 40, 28, 25, inside(p, x, -0.064f, 0.076f, height + 0.010f));
	blend(colour, 200, 160, 145, 0.7f * inside(p, x, -0.050f, 0.068f, height + 0.004f));
	if (open < 0.15f) {
		blend(colour, 50, 35, 30, inside(p, x, -0.055f, 0.072f, 0.009f));
		return;
	}
	blend(colour, 236, 232, 228, white);
	blend(colour, 80, 55, 38, white * inside(p, x, -0.06f, 0.030f, 0.030f));
	blend(colour, 12, 10, 10, white * inside(p, x, -0.06f, 0.014f, 0.014f));
	blend(colour, 250, 250, 250, white * inside(p, x + 0.008f, -0.068f, 0.006f, 0.006f));
}

static void paint_brow(
	const struct place *p, const struct drawn_face *face, float side, float colour[3])
{
	float x = side * (p->x) - 0.155f;
	float bend = -0.150f + 1.8f * x * x + 0.05f * x;
	float share = clamp((0.017f - fabsf(p->y - bend)) / 0.010f, 0.0f, 1.0f) *
		clamp((0.095f - fabsf(x)) / 0.02f, 0.0f, 1.0f);

	blend(colour, 0.8f * face->hair[0], 0.8f * face->hair[1], 0.8f * face->hair[2],
		0.9f * share);
}

static void paint_nose(const struct place *p, float colour[3])
{
	blend(colour, 255, 235, 220, 0.22f * spot(p, 0.0f, 0.05f, 0.022f, 0.12f));
	shade(colour, 0.8f, 0.45f * spot(p, -0.055f, 0.03f, 0.022f, 0.10f));
	shade(colour, 0.8f, 0.45f * spot(p, 0.055f, 0.03f, 0.022f, 0.10f));
	blend(colour, 255, 235, 220, 0.25f * spot(p, 0.0f, 0.12f, 0.035f, 0.03f));
	shade(colour, 0.62f, 0.8f * spot(p, 0.0f, 0.170f, 0.075f, 0.016f));
	blend(colour, 60, 30, 25, 0.85f * inside(p, -0.034f, 0.158f, 0.017f, 0.010f));
	blend(colour, 60, 30, 25, 0.85f * inside(p, 0.034f, 0.158f, 0.017f, 0.010f));
}

static void paint_mouth(const struct place *p, float colour[3])
{
	float curve = p->y + 0.6f * p->x * p->x;
	struct place bent = { p->x, curve, p->pixel };

	blend(colour, 168, 84, 80, 0.9f * inside(&bent, 0.0f, 0.262f, 0.120f, 0.022f));
	blend(colour, 186, 98, 94, 0.9f * inside(&bent, 0.0f, 0.287f, 0.100f, 0.026f));
	blend(colour, 80, 32, 34, 0.95f * inside(&bent, 0.0f, 0.272f, 0.122f, 0.006f));
}

static void paint_pixel(const struct place *place, const struct drawn_face *face, float colour[3])
{
	/* Features move across the head, most in its middle. */
	struct place moved = *place;

	paint_body(place, face, colour);
	if (fabsf(place->x) > 0.42f || fabsf(place->y) > 0.6f)
		return;
	paint_head(place, face, colour);
	moved.x += 0.16f * face->turn * clamp(1.0f - 4.0f * place->x * place->x, 0.0f, 1.0f);
	paint_brow(&moved, face, -1.0f, colour);
	paint_brow(&moved, face, 1.0f, colour);
	paint_eye(&moved, -0.155f, face->eyes_open, colour);
	paint_eye(&moved, 0.155f, face->eyes_open, colour);
	/* The nose stands out and moves further. */
	moved.x += 0.06f * face->turn;
	paint_nose(&moved, colour);
	moved.x -= 0.04f * face->turn;
	paint_mouth(&moved, colour);
}

struct drawn_face drawn_face_usual(float x_px, float y_px, float height_px)
{
	return (struct drawn_face){
		.x_px = x_px,
		.y_px = y_px,
		.height_px = height_px,
		.eyes_open = 1.0f,
		.skin = { 224, 178, 152 },
		.hair = { 62, 44, 34 },
		.clothes = { 70, 84, 112 },
	};
}

void drawn_fill(const struct drawn_canvas *canvas, uint8_t red, uint8_t green, uint8_t blue)
{
	float *across = malloc(canvas->width_px * sizeof(*across));

	if (!across)
		abort();
	for (uint32_t x = 0; x < canvas->width_px; x++)
		across[x] = 1.0f + 0.06f * sinf((float)x / 97.0f);
	for (uint32_t y = 0; y < canvas->height_px; y++) {
		uint8_t *rgb = canvas->rgb + y * canvas->stride_bytes;
		float down = 0.05f * cosf((float)y / 61.0f);

		for (uint32_t x = 0; x < canvas->width_px; x++, rgb += 3) {
			rgb[0] = (uint8_t)clamp((across[x] + down) * red, 0.0f, 255.0f);
			rgb[1] = (uint8_t)clamp((across[x] + down) * green, 0.0f, 255.0f);
			rgb[2] = (uint8_t)clamp((across[x] + down) * blue, 0.0f, 255.0f);
		}
	}
	free(across);
}

static void paint_at(const struct drawn_face *face, float x, float y, uint8_t *rgb)
{
	float angle = face->roll_degrees / 57.29578f;
	float dx = (x - face->x_px) / face->height_px, dy = (y - face->y_px) / face->height_px;
	struct place place = { dx * cosf(angle) + dy * sinf(angle),
		dy * cosf(angle) - dx * sinf(angle), 1.0f / face->height_px };
	float colour[3] = { rgb[0], rgb[1], rgb[2] };

	paint_pixel(&place, face, colour);
	for (int c = 0; c < 3; c++)
		rgb[c] = (uint8_t)clamp(colour[c] + 0.5f, 0.0f, 255.0f);
}

static uint32_t bound(float value, uint32_t limit)
{
	return (uint32_t)clamp(value, 0.0f, (float)limit);
}

void drawn_face_paint(const struct drawn_canvas *canvas, const struct drawn_face *face)
{
	float reach = 1.9f * face->height_px;
	uint32_t right = bound(face->x_px + reach, canvas->width_px);
	uint32_t bottom = bound(face->y_px + reach, canvas->height_px);

	for (uint32_t y = bound(face->y_px - reach, canvas->height_px); y < bottom; y++)
		for (uint32_t x = bound(face->x_px - reach, canvas->width_px); x < right; x++)
			paint_at(face, (float)x, (float)y,
				canvas->rgb + y * canvas->stride_bytes + 3 * (size_t)x);
}

/* A running mean along count values that lie step bytes apart. */
static void blur_line(uint8_t *at, size_t step, uint32_t count, uint32_t radius, uint8_t *copy)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		copy[i] = at[i * step];
	for (uint32_t i = 0; i < 2 * radius + 1; i++)
		sum += copy[i < radius ? 0 : i - radius < count ? i - radius : count - 1];
	for (uint32_t i = 0; i < count; i++) {
		uint32_t gone = i < radius ? 0 : i - radius;
		uint32_t come = i + radius + 1 < count ? i + radius + 1 : count - 1;

		at[i * step] = (uint8_t)(sum / (2 * radius + 1));
		sum += copy[come];
		sum -= copy[gone];
	}
}

void drawn_blur(const struct drawn_canvas *canvas, uint32_t radius_px)
{
	uint32_t side = canvas->width_px > canvas->height_px ? canvas->width_px : canvas->height_px;
	uint8_t *copy = malloc(side);

	if (!copy)
		abort();
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t c = 0; c < 3; c++) {
			for (uint32_t y = 0; y < canvas->height_px; y++)
				blur_line(canvas->rgb + y * canvas->stride_bytes + c, 3,
					canvas->width_px, radius_px, copy);
			for (uint32_t x = 0; x < canvas->width_px; x++)
				blur_line(canvas->rgb + 3 * (size_t)x + c, canvas->stride_bytes,
					canvas->height_px, radius_px, copy);
		}
	free(copy);
}

void drawn_light(const struct drawn_canvas *canvas, float gain, float add)
{
	for (uint32_t y = 0; y < canvas->height_px; y++)
		for (uint32_t i = 0; i < 3 * canvas->width_px; i++) {
			uint8_t *value = canvas->rgb + y * canvas->stride_bytes + i;

			*value = (uint8_t)clamp(gain * *value + add + 0.5f, 0.0f, 255.0f);
		}
}

void drawn_noise(const struct drawn_canvas *canvas, uint32_t seed, uint32_t amplitude)
{
	uint32_t state = seed | 1u;

	for (uint32_t y = 0; y < canvas->height_px; y++)
		for (uint32_t i = 0; i < 3 * canvas->width_px; i++) {
			uint8_t *value = canvas->rgb + y * canvas->stride_bytes + i;
			int noise;

			state ^= state << 13;
			state ^= state >> 17;
			state ^= state << 5;
			noise = (int)(state % (2 * amplitude + 1)) - (int)amplitude;
			*value = (uint8_t)clamp((float)*value + (float)noise, 0.0f, 255.0f);
		}
}
