/* SPDX-License-Identifier: Apache-2.0 */
/* Empty pictures: arithmetic, furniture, halls, fabrics, faceless heads, and pieces of pictures. */
#include "empty.h"

#include <math.h>
#include <string.h>

const char *const empty_words[EMPTY_KINDS] = { "noise", "waves", "furniture", "waves out of focus",
	"furniture in other light", "halls", "fabrics", "heads without a face" };

/* A box of the canvas, in pixels. */
struct area {
	float left, top, right, bottom;
};

struct hand {
	const struct drawn_canvas *canvas;
	struct empty_dice *dice;
};

uint32_t empty_drawn(struct empty_dice *dice, uint32_t below)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(dice->state >> 33) % below;
}

float empty_between(struct empty_dice *dice, float low, float high)
{
	return low + (high - low) * (float)empty_drawn(dice, 10001) / 10000.0f;
}

static float between(const struct hand *hand, float low, float high)
{
	return empty_between(hand->dice, low, high);
}

static uint8_t *pixel_at(const struct drawn_canvas *canvas, uint32_t x, uint32_t y)
{
	return canvas->rgb + y * canvas->stride_bytes + 3 * (size_t)x;
}

static void put(uint8_t *at, const float colour[3], float light)
{
	for (int c = 0; c < 3; c++)
		at[c] = (uint8_t)fminf(255.0f, fmaxf(0.0f, colour[c] * light));
}

static void take_colour(const struct hand *hand, float low, float high, float colour[3])
{
	for (int c = 0; c < 3; c++)
		colour[c] = between(hand, low, high);
}

/* A box or an ellipse, a little darker towards its lower end. */
static void paint(const struct hand *hand, struct area area, bool round, const float colour[3])
{
	float right = fminf((float)hand->canvas->width_px, area.right);
	float bottom = fminf((float)hand->canvas->height_px, area.bottom);

	for (int y = (int)fmaxf(0.0f, area.top); y < (int)bottom; y++)
		for (int x = (int)fmaxf(0.0f, area.left); x < (int)right; x++) {
			float u = 2 * ((float)x - area.left) / (area.right - area.left) - 1;
			float v = 2 * ((float)y - area.top) / (area.bottom - area.top) - 1;

			if (!round || u * u + v * v < 1)
				put(pixel_at(hand->canvas, (uint32_t)x, (uint32_t)y), colour,
					1.0f - 0.2f * v);
		}
}

static void paint_any(const struct hand *hand, struct area area, bool round)
{
	float colour[3];

	take_colour(hand, 10, 250, colour);
	paint(hand, area, round, colour);
}

static void fill(const struct hand *hand)
{
	uint8_t red = (uint8_t)empty_drawn(hand->dice, 256);
	uint8_t green = (uint8_t)empty_drawn(hand->dice, 256);

	drawn_fill(hand->canvas, red, green, (uint8_t)empty_drawn(hand->dice, 256));
}

static void noise(const struct hand *hand, uint32_t amplitude)
{
	drawn_noise(hand->canvas, empty_drawn(hand->dice, 1u << 30), amplitude);
}

/* Chairs, frames, lamps, clocks: boxes and discs, some with two dots and a line in them. */
static void furniture(const struct hand *hand)
{
	fill(hand);
	for (int i = 0; i < 14; i++) {
		float x = between(hand, -60, (float)hand->canvas->width_px);
		float y = between(hand, -60, (float)hand->canvas->height_px);
		float w = between(hand, 10, 260), h = between(hand, 10, 260);
		bool round = empty_drawn(hand->dice, 2);

		paint_any(hand, (struct area){ x, y, x + w, y + h }, round);
		if (empty_drawn(hand->dice, 3))
			continue;
		paint_any(hand,
			(struct area){ x + 0.25f * w, y + 0.3f * h, x + 0.4f * w, y + 0.42f * h },
			true);
		paint_any(hand,
			(struct area){ x + 0.6f * w, y + 0.3f * h, x + 0.75f * w, y + 0.42f * h },
			true);
		paint_any(hand,
			(struct area){ x + 0.3f * w, y + 0.68f * h, x + 0.7f * w, y + 0.76f * h },
			false);
	}
}

static void waves(const struct hand *hand)
{
	float a = between(hand, 0.002f, 0.3f), b = between(hand, 0.002f, 0.3f);
	float c = between(hand, 0, 6.3f), colour[3];

	take_colour(hand, 40, 220, colour);
	for (uint32_t y = 0; y < hand->canvas->height_px; y++)
		for (uint32_t x = 0; x < hand->canvas->width_px; x++) {
			float light = 1 + 0.4f * sinf(a * (float)x + c) * cosf(b * (float)y) +
				0.3f * sinf(b * (float)(x + y));

			put(pixel_at(hand->canvas, x, y), colour, light);
		}
}

/* A door with a window and a handle, a sign with a figure on it, or a clock. */
static void fixture(const struct hand *hand, float x, float y, float size)
{
	uint32_t what = empty_drawn(hand->dice, 4);
	float light[3] = { 230, 232, 228 }, dark[3] = { 40, 44, 60 };

	if (what == 0) {
		paint_any(hand, (struct area){ x, y, x + 0.5f * size, y + size }, false);
		paint(hand,
			(struct area){ x + 0.1f * size, y + 0.1f * size, x + 0.4f * size,
				y + 0.4f * size },
			false, light);
		paint(hand,
			(struct area){ x + 0.4f * size, y + 0.52f * size, x + 0.45f * size,
				y + 0.6f * size },
			true, dark);
	} else if (what == 1) {
		paint(hand, (struct area){ x, y, x + 0.6f * size, y + 0.6f * size }, false, dark);
		paint(hand,
			(struct area){ x + 0.22f * size, y + 0.05f * size, x + 0.38f * size,
				y + 0.2f * size },
			true, light);
		paint(hand,
			(struct area){ x + 0.2f * size, y + 0.22f * size, x + 0.4f * size,
				y + 0.55f * size },
			false, light);
	} else if (what == 2) {
		paint(hand, (struct area){ x, y, x + 0.4f * size, y + 0.4f * size }, true, light);
		paint(hand,
			(struct area){ x + 0.18f * size, y + 0.05f * size, x + 0.21f * size,
				y + 0.22f * size },
			false, dark);
		paint(hand,
			(struct area){ x + 0.2f * size, y + 0.2f * size, x + 0.33f * size,
				y + 0.23f * size },
			false, dark);
	} else {
		for (int i = 0; i < 3; i++)
			paint_any(hand,
				(struct area){ x, y + 0.2f * (float)i * size, x + size,
					y + (0.2f * (float)i + 0.12f) * size },
				false);
	}
}

/* Ceiling, wall and floor, lamps in rows that become smaller, posts, and what stands about. */
static void hall(const struct hand *hand)
{
	float wide = (float)hand->canvas->width_px, high = (float)hand->canvas->height_px;
	float top = between(hand, 0.1f, 0.4f) * high, bottom = between(hand, 0.55f, 0.85f) * high;
	float lamp[3] = { 250, 250, 240 }, steel[3] = { 150, 155, 160 };

	paint_any(hand, (struct area){ 0, 0, wide, top }, false);
	paint_any(hand, (struct area){ 0, top, wide, bottom }, false);
	paint_any(hand, (struct area){ 0, bottom, wide, high }, false);
	for (int row = 0; row < 4; row++)
		for (int i = -3; i <= 3; i++) {
			float far = 1.0f / (1.0f + (float)row),
			      x = 0.5f * wide + (float)i * far * 180;
			float y = top * (1.0f - 0.8f * far), size = 50 * far;

			paint(hand, (struct area){ x, y, x + size, y + 0.4f * size },
				empty_drawn(hand->dice, 2), lamp);
		}
	for (int i = 0; i < 6; i++)
		fixture(hand, between(hand, -40, wide), between(hand, top, bottom - 40),
			between(hand, 60, 320));
	for (int i = 0; i < 5; i++) {
		float x = between(hand, 0, wide), w = between(hand, 8, 60);

		paint(hand, (struct area){ x, between(hand, 0, bottom), x + w, high }, false,
			steel);
		paint_any(hand, (struct area){ x + 40, bottom, x + 40 + 3 * w, bottom + 4 * w },
			empty_drawn(hand->dice, 2));
	}
	drawn_light(hand->canvas, between(hand, 0.3f, 1.2f), between(hand, -10, 30));
	drawn_blur(hand->canvas, empty_drawn(hand->dice, 3));
	noise(hand, 1 + empty_drawn(hand->dice, 16));
}

/* How bright a fabric is at a place: of checks, spots, weave or rings. */
static float fabric_light(uint32_t pattern, float u, float v)
{
	switch (pattern) {
	case 0:
		return (sinf(u) > 0) == (sinf(v) > 0) ? 1.2f : 0.5f;
	case 1:
		return cosf(u) + cosf(v) > 1.0f ? 0.4f : 1.1f;
	case 2:
		return 0.9f + 0.3f * sinf(u) * sinf(u) + 0.3f * cosf(v + 0.5f * sinf(u));
	default:
		return 1.0f + 0.5f * cosf(hypotf(fmodf(u, 25.1f) - 12.6f, fmodf(v, 25.1f) - 12.6f));
	}
}

static void fabric(const struct hand *hand)
{
	float step = between(hand, 0.02f, 0.6f), squeeze = between(hand, 0.5f, 2.0f);
	float angle = between(hand, 0, 3.14f), colour[3];
	uint32_t pattern = empty_drawn(hand->dice, 4);

	take_colour(hand, 40, 220, colour);
	for (uint32_t y = 0; y < hand->canvas->height_px; y++)
		for (uint32_t x = 0; x < hand->canvas->width_px; x++) {
			float u = cosf(angle) * (float)x + sinf(angle) * (float)y + 2000.0f;
			float v = cosf(angle) * (float)y - sinf(angle) * (float)x + 2000.0f;

			put(pixel_at(hand->canvas, x, y), colour,
				fabric_light(pattern, step * u, step * squeeze * v));
		}
	drawn_blur(hand->canvas, empty_drawn(hand->dice, 4));
	noise(hand, 1 + empty_drawn(hand->dice, 30));
}

/* An egg on shoulders, with hair or a hat, and nothing in it. */
static void doll(const struct hand *hand)
{
	float size = between(hand, 60, 300), x = between(hand, 0, (float)hand->canvas->width_px);
	float y = between(hand, 60, (float)hand->canvas->height_px), skin[3], hair[3];

	take_colour(hand, 60, 240, skin);
	take_colour(hand, 5, 200, hair);
	paint_any(hand,
		(struct area){
			x - 0.9f * size, y + 0.65f * size, x + 0.9f * size, y + 2.4f * size },
		true);
	paint(hand,
		(struct area){
			x - 0.45f * size, y - 0.68f * size, x + 0.45f * size, y + 0.3f * size },
		true, hair);
	paint(hand,
		(struct area){
			x - 0.18f * size, y + 0.2f * size, x + 0.18f * size, y + 0.8f * size },
		false, skin);
	paint(hand,
		(struct area){
			x - 0.37f * size, y - 0.5f * size, x + 0.37f * size, y + 0.5f * size },
		true, skin);
	if (empty_drawn(hand->dice, 2))
		paint(hand,
			(struct area){ x - 0.4f * size, y - 0.3f * size, x + 0.4f * size,
				y - between(hand, 0.0f, 0.2f) * size },
			empty_drawn(hand->dice, 2), hair);
}

static void dolls(const struct hand *hand)
{
	fill(hand);
	for (int i = 0; i < 5; i++)
		doll(hand);
	drawn_blur(hand->canvas, empty_drawn(hand->dice, 4));
	noise(hand, 1 + empty_drawn(hand->dice, 20));
}

void empty_make(const struct drawn_canvas *canvas, enum empty_kind kind, struct empty_dice *dice)
{
	const struct hand hand = { canvas, dice };
	float gain;

	switch (kind) {
	case EMPTY_NOISE:
		fill(&hand);
		noise(&hand, 10 + empty_drawn(dice, 120));
		break;
	case EMPTY_WAVES:
		waves(&hand);
		break;
	case EMPTY_FURNITURE:
		furniture(&hand);
		break;
	case EMPTY_SOFT:
		waves(&hand);
		noise(&hand, empty_drawn(dice, 60));
		drawn_blur(canvas, empty_drawn(dice, 6));
		break;
	case EMPTY_LIT:
		furniture(&hand);
		gain = between(&hand, 0.2f, 1.4f);
		drawn_light(canvas, gain, between(&hand, -20, 40));
		noise(&hand, empty_drawn(dice, 25));
		break;
	case EMPTY_HALL:
		hall(&hand);
		break;
	case EMPTY_FABRIC:
		fabric(&hand);
		break;
	default:
		dolls(&hand);
	}
}

/* A coordinate that runs back and forth within a side. */
static uint32_t fold(float at, uint32_t side_px)
{
	float side = (float)side_px, in = fabsf(at), folded;

	/* Within the picture, as most are, there is nothing to divide. */
	if (in < side)
		return (uint32_t)in;
	in = fmodf(in, 2.0f * side);
	folded = in < side ? in : 2.0f * side - in;
	return folded >= side ? side_px - 1 : (uint32_t)folded;
}

/* Bilinear, mirrored outside the picture. */
static void sample(const struct gh_picture *picture, float x, float y, uint8_t out[3])
{
	float left = floorf(x), top = floorf(y), u = x - left, v = y - top;
	uint32_t columns[2] = { fold(left, picture->width_px), fold(left + 1, picture->width_px) };
	uint32_t rows[2] = { fold(top, picture->height_px), fold(top + 1, picture->height_px) };

	for (uint32_t c = 0; c < 3; c++) {
		float sum = 0.5f;

		for (uint32_t i = 0; i < 4; i++) {
			size_t at = (size_t)rows[i / 2] * picture->width_px + columns[i % 2];

			sum += (i % 2 ? u : 1 - u) * (i / 2 ? v : 1 - v) *
				(float)picture->rgb.data[3 * at + c];
		}
		out[c] = (uint8_t)sum;
	}
}

void empty_show(const struct drawn_canvas *canvas, const struct gh_picture *picture,
	const struct empty_area *area)
{
	for (uint32_t y = 0; y < canvas->height_px; y++)
		for (uint32_t x = 0; x < canvas->width_px; x++)
			sample(picture, area->left + (float)x / area->scale,
				area->top + (float)y / area->scale, pixel_at(canvas, x, y));
}

void empty_enlarge(const struct drawn_canvas *canvas, const struct gh_picture *picture,
	struct empty_dice *dice)
{
	float least = fminf((float)canvas->width_px / (float)picture->width_px,
		(float)canvas->height_px / (float)picture->height_px);
	struct empty_area area = { .scale = least * empty_between(dice, 0.7f, 3.0f) };

	area.left = empty_between(dice, 0, (float)picture->width_px);
	area.top = empty_between(dice, 0, (float)picture->height_px);
	empty_show(canvas, picture, &area);
}

/* One block of a photograph's edge, at a place of the canvas. */
static void patch(const struct hand *hand, const struct gh_picture *picture, struct area to)
{
	float wide = (float)picture->width_px, high = (float)picture->height_px;
	float edge = fminf(wide, high) / 6, scale = between(hand, 1.0f, 4.0f);
	uint32_t side = empty_drawn(hand->dice, 4);
	struct area from = { between(hand, 0, wide - edge), between(hand, 0, high - edge), 0, 0 };

	if (side == 0)
		from.left = 0;
	else if (side == 1)
		from.left = wide - edge;
	else
		from.top = side == 2 ? 0 : high - edge;
	for (uint32_t y = (uint32_t)to.top; y < (uint32_t)to.bottom; y++)
		for (uint32_t x = (uint32_t)to.left; x < (uint32_t)to.right; x++) {
			float u = ((float)x - to.left) / scale, v = ((float)y - to.top) / scale;

			/* Back and forth within the block where it is too small. */
			u = from.left + fabsf(fmodf(u + edge, 2 * edge) - edge);
			v = from.top + fabsf(fmodf(v + edge, 2 * edge) - edge);
			sample(picture, fminf(u, wide - 2), fminf(v, high - 2),
				pixel_at(hand->canvas, x, y));
		}
}

void empty_patchwork(const struct drawn_canvas *canvas, const struct gh_picture *photographs,
	uint32_t count, struct empty_dice *dice)
{
	const struct hand hand = { canvas, dice };
	float wide = (float)canvas->width_px, high = (float)canvas->height_px;
	float side = empty_between(dice, 60, 240);

	for (float y = 0; y < high; y += side)
		for (float x = 0; x < wide; x += side)
			patch(&hand, &photographs[empty_drawn(dice, count)],
				(struct area){
					x, y, fminf(x + side, wide), fminf(y + side, high) });
	if (empty_drawn(dice, 2))
		drawn_blur(canvas, 1 + empty_drawn(dice, 3));
}
