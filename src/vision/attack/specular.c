/* SPDX-License-Identifier: Apache-2.0 */
/* The largest connected patch of white. */
#include "specular.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "networks.h"

/* A grid of blocks of four pixels a side is fine enough for a patch that matters. */
#define BLOCK 4
#define SIDE (ALIGNED_SIDE_PX / BLOCK)

/* All three channels of a block's mean reach this. */
#define WHITE 238

static bool in_face(int x, int y)
{
	float u = ((float)x + 0.5f - 0.5f * SIDE) / (0.36f * SIDE);
	float v = ((float)y + 0.5f - 0.62f * SIDE) / (0.38f * SIDE);

	return u * u + v * v < 1.0f;
}

static bool is_white(const uint8_t *aligned, int x, int y)
{
	uint32_t sum[3] = { 0 };

	for (int i = 0; i < BLOCK * BLOCK; i++) {
		int px = x * BLOCK + i % BLOCK, py = y * BLOCK + i / BLOCK;
		const uint8_t *rgb = aligned + 3 * (py * ALIGNED_SIDE_PX + px);

		for (int c = 0; c < 3; c++)
			sum[c] += rgb[c];
	}
	return sum[0] >= WHITE * BLOCK * BLOCK && sum[1] >= WHITE * BLOCK * BLOCK &&
		sum[2] >= WHITE * BLOCK * BLOCK;
}

/* Blocks of one patch, which are taken from the map; the stack holds each block once. */
static uint32_t take_patch(uint8_t *map, int from)
{
	int16_t stack[SIDE * SIDE];
	uint32_t depth = 0, count = 0;

	stack[depth++] = (int16_t)from;
	map[from] = 0;
	while (depth > 0) {
		int at = stack[--depth], x = at % SIDE;
		const int next[4] = { x > 0 ? at - 1 : -1, x < SIDE - 1 ? at + 1 : -1, at - SIDE,
			at + SIDE };

		count++;
		for (int i = 0; i < 4; i++)
			if (next[i] >= 0 && next[i] < SIDE * SIDE && map[next[i]]) {
				map[next[i]] = 0;
				stack[depth++] = (int16_t)next[i];
			}
	}
	return count;
}

float gh_specular_share(const uint8_t *aligned)
{
	uint8_t map[SIDE * SIDE];
	uint32_t best = 0, face = 0;

	for (int i = 0; i < SIDE * SIDE; i++) {
		bool inside = in_face(i % SIDE, i / SIDE);

		face += inside;
		map[i] = inside && is_white(aligned, i % SIDE, i / SIDE);
	}
	for (int i = 0; i < SIDE * SIDE; i++)
		if (map[i]) {
			uint32_t patch = take_patch(map, i);

			best = patch > best ? patch : best;
		}
	return (float)best / (float)face;
}
