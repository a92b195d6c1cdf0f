/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a portrait on its way: cut, squeezed, printed and scanned, made small. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "morph.h"

enum {
	CHANNELS = 3,
	TAPS = 9,
	JPEG_BYTES_MAX = 4 * 1024 * 1024,
};

/* How each is handled. */
static const struct handling {
	const char *word;
	float scale; /* of the sides */
	float blur;  /* deviation of a Gaussian, in pixels after scaling */
	float pale;  /* contrast taken away */
	float grain; /* deviation of the noise, in grey levels */
	int quality; /* of the JPEG */
} handlings[MORPH_HANDLINGS] = {
	{ "cut", 0.95f, 0.0f, 0.0f, 0.0f, 92 },
	{ "squeezed", 0.95f, 0.0f, 0.0f, 0.0f, 55 },
	{ "printed", 0.95f, 0.8f, 0.12f, 3.0f, 85 },
	{ "small", 0.6f, 0.0f, 0.0f, 0.0f, 85 },
};

const char *morph_handling_word(enum morph_handling handling)
{
	return handlings[handling].word;
}

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* -1 to 1. */
static double even(uint64_t *state)
{
	return 2.0 * (double)(next(state) >> 11) / 9007199254740992.0 - 1.0;
}

/* Near enough to a normal deviate. */
static double normal(uint64_t *state)
{
	double sum = 0.0;

	for (int i = 0; i < 6; i++)
		sum += even(state);
	return sum / sqrt(2.0);
}

static float at(const struct gh_picture *picture, int x, int y, int channel)
{
	int right = (int)picture->width_px - 1, bottom = (int)picture->height_px - 1;

	x = x < 0 ? 0 : x > right ? right : x;
	y = y < 0 ? 0 : y > bottom ? bottom : y;
	return picture->rgb
		.data[CHANNELS * ((size_t)y * picture->width_px + (size_t)x) + (size_t)channel];
}

/* The mean over a pixel of the result, by four samples a side: nothing turns into moire. */
static float sample(const struct gh_picture *picture, const double map[4], int x, int y, int c)
{
	float sum = 0.0f;

	for (int j = 0; j < 2; j++)
		for (int i = 0; i < 2; i++) {
			double u = x + 0.5 * i - 0.25, v = y + 0.5 * j - 0.25;
			double from_x = map[0] * u - map[1] * v + map[2];
			double from_y = map[1] * u + map[0] * v + map[3];
			int left = (int)floor(from_x), top = (int)floor(from_y);
			float in_x = (float)(from_x - left), in_y = (float)(from_y - top);

			sum += (at(picture, left, top, c) * (1 - in_x) +
				       at(picture, left + 1, top, c) * in_x) *
					(1 - in_y) +
				(at(picture, left, top + 1, c) * (1 - in_x) +
					at(picture, left + 1, top + 1, c) * in_x) *
					in_y;
		}
	return sum / 4.0f;
}

/* A little turned, moved and scaled: as a portrait is that somebody straightened and cut. */
static void cut(const struct gh_picture *from, struct gh_picture *to, float scale, uint64_t *state)
{
	double grow = 1.0 / ((double)scale * (1.0 + 0.03 * even(state)));
	double turn = 0.02 * even(state), map[4] = { grow * cos(turn), grow * sin(turn) };

	map[2] = 0.5 * from->width_px + even(state) -
		(map[0] * 0.5 * to->width_px - map[1] * 0.5 * to->height_px);
	map[3] = 0.5 * from->height_px + even(state) -
		(map[1] * 0.5 * to->width_px + map[0] * 0.5 * to->height_px);
	for (uint32_t y = 0; y < to->height_px; y++)
		for (uint32_t x = 0; x < to->width_px; x++)
			for (int c = 0; c < CHANNELS; c++)
				to->rgb.data[CHANNELS * ((size_t)y * to->width_px + x) +
					(size_t)c] =
					(uint8_t)lrintf(sample(from, map, (int)x, (int)y, c));
}

static float blurred(const struct gh_picture *picture, const float *kernel, int x, int y, int c)
{
	float sum = 0.0f;

	for (int j = 0; j < TAPS; j++)
		for (int i = 0; i < TAPS; i++)
			sum += kernel[i] * kernel[j] *
				at(picture, x + i - TAPS / 2, y + j - TAPS / 2, c);
	return sum;
}

static void print_and_scan(const struct gh_picture *from, struct gh_picture *to,
	const struct handling *handling, uint64_t *state)
{
	float kernel[TAPS], whole = 0.0f;

	for (int i = 0; i < TAPS; i++) {
		float off = (float)(i - TAPS / 2) / handling->blur;

		kernel[i] = expf(-0.5f * off * off);
		whole += kernel[i];
	}
	for (int i = 0; i < TAPS; i++)
		kernel[i] /= whole;
	for (uint32_t y = 0; y < to->height_px; y++)
		for (uint32_t x = 0; x < to->width_px; x++) {
			float grain = handling->grain * (float)normal(state);

			for (int c = 0; c < CHANNELS; c++) {
				float value = blurred(from, kernel, (int)x, (int)y, c);

				value = value * (1 - handling->pale) + 128 * handling->pale + grain;
				to->rgb.data[CHANNELS * ((size_t)y * to->width_px + x) +
					(size_t)c] =
					(uint8_t)lrintf(fminf(fmaxf(value, 0.0f), 255.0f));
			}
		}
}

static bool make(struct gh_picture *picture, float width_px, float height_px)
{
	memset(picture, 0, sizeof(*picture));
	picture->width_px = (uint32_t)lrintf(width_px);
	picture->height_px = (uint32_t)lrintf(height_px);
	if (gh_bytes_reserve(&picture->rgb,
		    CHANNELS * (size_t)picture->width_px * picture->height_px, NULL) != GH_OK)
		return false;
	picture->rgb.length_bytes = CHANNELS * (size_t)picture->width_px * picture->height_px;
	return true;
}

static bool encode(const struct gh_picture *picture, int quality, struct gh_bytes *jpeg)
{
	size_t length_bytes = JPEG_BYTES_MAX;

	gh_bytes_clear(jpeg);
	if (gh_bytes_reserve(jpeg, length_bytes, NULL) != GH_OK ||
		gh_picture_encode_jpeg(picture, quality, jpeg->data, &length_bytes, NULL) != GH_OK)
		return false;
	jpeg->length_bytes = length_bytes;
	return true;
}

bool morph_handle(const struct gh_picture *portrait, enum morph_handling handling, uint64_t seed,
	struct gh_bytes *jpeg)
{
	const struct handling *as = &handlings[handling];
	struct gh_picture made, printed = { 0 };
	uint64_t state = seed;
	bool done = make(&made, as->scale * (float)portrait->width_px,
		as->scale * (float)portrait->height_px);

	if (done)
		cut(portrait, &made, as->scale, &state);
	if (done && as->blur > 0.0f) {
		done = make(&printed, (float)made.width_px, (float)made.height_px);
		if (done)
			print_and_scan(&made, &printed, as, &state);
	}
	if (done)
		done = encode(printed.width_px > 0 ? &printed : &made, as->quality, jpeg);
	gh_picture_finish(&made);
	gh_picture_finish(&printed);
	return done;
}
