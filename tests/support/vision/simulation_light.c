/* SPDX-License-Identifier: Apache-2.0 */
/* Draws, and light on a grid. */
#include "simulation_parts.h"

#include <string.h>

#define BLUR_REACH_MAX 40

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static float unit(struct draws *draws)
{
	draws->state += 0x9e3779b97f4a7c15u;
	return (float)(mix(draws->state) >> 40) / 16777216.0f;
}

float draw(struct draws *draws, float low, float high)
{
	return low + (high - low) * unit(draws);
}

bool draw_chance(struct draws *draws, float probability)
{
	return unit(draws) < probability;
}

float draw_normal(struct draws *draws)
{
	float sum = 0.0f;

	for (int i = 0; i < 6; i++)
		sum += unit(draws);
	return (sum - 3.0f) * 1.4142136f;
}

float draw_normal_fast(struct draws *draws)
{
	uint64_t bits;

	draws->state += 0x9e3779b97f4a7c15u;
	bits = mix(draws->state);
	return ((float)(bits & 0x1fffff) + (float)(bits >> 21 & 0x1fffff) +
		       (float)(bits >> 42 & 0x1fffff)) *
		(2.0f / 2097152.0f) -
		3.0f;
}

float wave_table[WAVE_STEPS];

void wave_prepare(void)
{
	for (int i = 0; i < WAVE_STEPS; i++)
		wave_table[i] = cosf(6.2831853f * ((float)i + 0.5f) / WAVE_STEPS);
}

void light_sample(const struct light *light, float x, float y, float rgb[3])
{
	float cx = clampf(x, 0.0f, (float)light->width_px - 1.001f);
	float cy = clampf(y, 0.0f, (float)light->height_px - 1.001f);
	uint32_t ix = (uint32_t)cx, iy = (uint32_t)cy;
	float fx = cx - (float)ix, fy = cy - (float)iy;
	const float *a = light->at + 3 * ((size_t)iy * light->width_px + ix);
	const float *b = a + 3 * light->width_px;

	for (int c = 0; c < 3; c++)
		rgb[c] = (1.0f - fy) * (a[c] + fx * (a[c + 3] - a[c])) +
			fy * (b[c] + fx * (b[c + 3] - b[c]));
}

/* One tap of the kernel for a whole line at once. */
static void add_line(float *restrict to, const float *restrict from, float weight, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] += weight * from[i];
}

static int clamp_index(int i, int count)
{
	return i < 0 ? 0 : i >= count ? count - 1 : i;
}

static void blur_down(struct light *light, const float *kernel, int reach, float *copy)
{
	size_t line = 3 * (size_t)light->width_px;
	int height = (int)light->height_px;

	memcpy(copy, light->at, line * light->height_px * sizeof(float));
	memset(light->at, 0, line * light->height_px * sizeof(float));
	for (int y = 0; y < height; y++)
		for (int k = -reach; k <= reach; k++)
			add_line(light->at + (size_t)y * line,
				copy + (size_t)clamp_index(y + k, height) * line, kernel[k + reach],
				line);
}

static void blur_across(struct light *light, const float *kernel, int reach, float *copy)
{
	size_t line = 3 * (size_t)light->width_px, pad = 3 * (size_t)reach;
	int width = (int)light->width_px;

	for (uint32_t y = 0; y < light->height_px; y++) {
		float *row = light->at + y * line;

		for (int x = -reach; x < width + reach; x++)
			memcpy(copy + 3 * (size_t)(x + reach), row + 3 * clamp_index(x, width),
				3 * sizeof(float));
		memset(row, 0, line * sizeof(float));
		for (int k = -reach; k <= reach; k++)
			add_line(row, copy + pad + 3 * k, kernel[k + reach], line);
	}
}

void light_blur(struct light *light, float sigma_px, float *copy)
{
	float kernel[2 * BLUR_REACH_MAX + 1], sum = 0.0f;
	int reach = (int)fminf(BLUR_REACH_MAX, ceilf(3.0f * sigma_px));

	if (sigma_px < 0.15f)
		return;
	for (int k = -reach; k <= reach; k++) {
		kernel[k + reach] = expf(-0.5f * (float)(k * k) / (sigma_px * sigma_px));
		sum += kernel[k + reach];
	}
	for (int k = 0; k <= 2 * reach; k++)
		kernel[k] /= sum;
	blur_down(light, kernel, reach, copy);
	blur_across(light, kernel, reach, copy);
}
