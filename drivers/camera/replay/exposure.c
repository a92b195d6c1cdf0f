/* SPDX-License-Identifier: Apache-2.0 */
/* A sensor that answers to light in proportion, and ends at full scale. */
#include "exposure.h"

#include <math.h>
#include <string.h>

/* Exponent of the curve of sRGB where it is not straight, IEC 61966-2-1 clause 5.2. */
#define CURVE 2.4f

void gh_replay_pipeline_init(struct gh_replay_pipeline *pipeline)
{
	for (uint32_t i = 0; i <= GH_REPLAY_LAG_MAX; i++)
		pipeline->line[i] = (struct gh_replay_setting){ GH_REPLAY_EXPOSURE_US,
			GH_REPLAY_GAIN_PERMILLE };
}

struct gh_replay_setting gh_replay_pipeline_next(
	struct gh_replay_pipeline *pipeline, uint32_t lag_frames)
{
	struct gh_replay_setting next = pipeline->line[lag_frames];

	memmove(pipeline->line + 1, pipeline->line, GH_REPLAY_LAG_MAX * sizeof(pipeline->line[0]));
	return next;
}

float gh_replay_exposure_factor(
	const struct gh_replay_light *light, const struct gh_replay_setting *setting)
{
	float lamp = (float)light->lamp_permille * (float)light->level_permille / 1e6f;
	float all = (float)light->ambient_permille / 1000.0f + lamp;

	return all * (float)setting->exposure_us / (float)GH_REPLAY_EXPOSURE_US *
		(float)setting->gain_permille / (float)GH_REPLAY_GAIN_PERMILLE;
}

static float linear(uint32_t level)
{
	float v = (float)level / 255.0f;

	return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, CURVE);
}

static uint8_t encode(float light)
{
	float v =
		light <= 0.0031308f ? 12.92f * light : 1.055f * powf(light, 1.0f / CURVE) - 0.055f;

	return (uint8_t)(255.0f * fminf(1.0f, v) + 0.5f);
}

static uint8_t stretch(uint32_t level, float by)
{
	float value = 128.0f + ((float)level - 128.0f) * by;

	return (uint8_t)fminf(255.0f, fmaxf(0.0f, value + 0.5f));
}

void gh_replay_tone_make(struct gh_replay_tone *tone, float factor)
{
	if (tone->factor == factor)
		return;
	tone->factor = factor;
	for (uint32_t level = 0; level < 256; level++) {
		tone->luma[level] = encode(fminf(1.0f, linear(level) * factor));
		/* Colour differences grow as the curve lets brightness grow. */
		tone->chroma[level] = stretch(level, powf(factor, 1.0f / CURVE));
	}
}

static void change(const uint8_t *table, uint8_t *bytes, size_t step, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i * step] = table[bytes[i * step]];
}

static void change_row(const struct gh_replay_tone *tone, enum gh_pixel_format format, uint8_t *row,
	uint32_t width_px)
{
	switch (format) {
	case GH_PIXEL_RGB24:
		change(tone->luma, row, 1, 3 * (size_t)width_px);
		break;
	case GH_PIXEL_GREY:
	case GH_PIXEL_NV12:
		change(tone->luma, row, 1, width_px);
		break;
	case GH_PIXEL_YUYV:
		change(tone->luma, row, 2, width_px);
		change(tone->chroma, row + 1, 2, width_px);
		break;
	case GH_PIXEL_MJPEG:
		break;
	}
}

void gh_replay_tone_apply(const struct gh_replay_tone *tone, const struct gh_replay_shape *shape,
	const struct gh_plane *planes)
{
	if (tone->factor == 1.0f || shape->format == GH_PIXEL_MJPEG)
		return;
	for (uint32_t y = 0; y < shape->height_px; y++)
		change_row(tone, shape->format, planes[0].data + (size_t)y * planes[0].stride_bytes,
			shape->width_px);
	for (uint32_t y = 0; shape->format == GH_PIXEL_NV12 && y < shape->height_px / 2; y++)
		change(tone->chroma, planes[1].data + (size_t)y * planes[1].stride_bytes, 1,
			shape->width_px);
}
