/* SPDX-License-Identifier: Apache-2.0 */
/* Crops at a size by a separable triangle filter. */
#include "image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#include "kernels.h"

/* Where one pixel of the result takes its light from. */
struct span {
	uint32_t first;
	uint32_t taps;
};

/* Rows of the result that are made at once. */
enum {
	ROWS = 4
};

static size_t rows_length(const struct gh_resizer *resizer)
{
	return 3 * ROWS * (size_t)resizer->side_max_px;
}

static size_t out_length(const struct gh_resizer *resizer)
{
	return 3 * ROWS * ((size_t)resizer->out_max_px + 3);
}

enum gh_status gh_resizer_init(struct gh_resizer *resizer, uint32_t side_max_px,
	uint32_t out_max_px, struct gh_error *error)
{
	memset(resizer, 0, sizeof(*resizer));
	resizer->side_max_px = side_max_px;
	resizer->out_max_px = out_max_px;
	/* Support of the filter is at most the picture's side on each side of a centre. */
	resizer->taps_max = 2 * side_max_px / 16 + 8;
	resizer->rows = calloc(rows_length(resizer), sizeof(float));
	resizer->out = calloc(out_length(resizer), sizeof(float));
	resizer->weights = calloc((size_t)resizer->taps_max * out_max_px, sizeof(float));
	resizer->first = calloc(out_max_px, sizeof(uint32_t));
	resizer->taps = calloc(out_max_px, sizeof(uint32_t));
	if (resizer->rows && resizer->out && resizer->weights && resizer->first && resizer->taps)
		return GH_OK;
	gh_resizer_finish(resizer);
	return gh_error_set(error, GH_NO_MEMORY, "resizer for %u px", side_max_px);
}

void gh_resizer_finish(struct gh_resizer *resizer)
{
	gh_resizer_wipe(resizer);
	free(resizer->rows);
	free(resizer->out);
	free(resizer->weights);
	free(resizer->first);
	free(resizer->taps);
	memset(resizer, 0, sizeof(*resizer));
}

void gh_resizer_wipe(struct gh_resizer *resizer)
{
	if (resizer->rows)
		gh_wipe(resizer->rows, rows_length(resizer) * sizeof(float));
	if (resizer->out)
		gh_wipe(resizer->out, out_length(resizer) * sizeof(float));
}

/*
 * Weights of result pixel i of out over start..start+extent of a source of
 * size pixels. Light from outside the source counts as black: its weight is
 * lost, the others are not raised.
 */
static struct span span_of(struct gh_resizer *resizer, uint32_t i, uint32_t out, uint32_t size,
	const float range[2], float *weights)
{
	float ratio = (range[1] - range[0]) / (float)out;
	float support = ratio > 1.0f ? ratio : 1.0f;
	float centre = range[0] + ((float)i + 0.5f) * ratio - 0.5f;
	float low = fmaxf(ceilf(centre - support), 0.0f);
	float high = fminf(floorf(centre + support), (float)size - 1.0f);
	struct span span = { 0, 0 };

	if (!(low <= high))
		return span;
	span.first = (uint32_t)low;
	span.taps = (uint32_t)high - span.first + 1;
	if (span.taps > resizer->taps_max)
		span.taps = resizer->taps_max;
	for (uint32_t t = 0; t < span.taps; t++) {
		float distance = fabsf((float)(span.first + t) - centre) / support;

		weights[t] = fmaxf(0.0f, 1.0f - distance) / support;
	}
	return span;
}

/*
 * A triangle of integer samples does not sum to exactly one; whole ones are
 * brought there, those cut by the picture's edge keep their loss.
 */
static void level(const struct span *span, float *weights, uint32_t size)
{
	float sum = 0.0f;

	if (span->taps == 0 || span->first == 0 || span->first + span->taps >= size)
		return;
	for (uint32_t t = 0; t < span->taps; t++)
		sum += weights[t];
	if (sum > 0.0f)
		for (uint32_t t = 0; t < span->taps; t++)
			weights[t] /= sum;
}

static void plan_columns(
	struct gh_resizer *resizer, const struct gh_image *image, const struct gh_crop *crop)
{
	const float range[2] = { crop->box.left, crop->box.right };

	for (uint32_t x = 0; x < crop->width_px; x++) {
		float *weights = resizer->weights + (size_t)x * resizer->taps_max;
		struct span span =
			span_of(resizer, x, crop->width_px, image->width_px, range, weights);

		level(&span, weights, image->width_px);
		resizer->first[x] = span.first;
		resizer->taps[x] = span.taps;
	}
}

/* The columns of the source that any result column needs. */
static struct span columns_used(const struct gh_resizer *resizer, uint32_t width)
{
	struct span used = { UINT32_MAX, 0 };
	uint32_t end = 0;

	for (uint32_t x = 0; x < width; x++) {
		if (resizer->taps[x] == 0)
			continue;
		if (resizer->first[x] < used.first)
			used.first = resizer->first[x];
		if (resizer->first[x] + resizer->taps[x] > end)
			end = resizer->first[x] + resizer->taps[x];
	}
	if (used.first == UINT32_MAX)
		return (struct span){ 0, 0 };
	used.taps = end - used.first;
	return used;
}

/* Sum the source rows of result rows y and on into resizer->rows. */
static void sum_rows(struct gh_resizer *resizer, const struct gh_image *image,
	const struct gh_crop *crop, uint32_t y, const struct span *columns)
{
	const float range[2] = { crop->box.top, crop->box.bottom };
	float weights[ROWS][1024];
	struct gh_resizer bounded = { .taps_max = sizeof(weights[0]) / sizeof(weights[0][0]) };
	struct gh_kernel_rows rows[ROWS] = { { 0 } };

	for (uint32_t k = 0; k < ROWS && y + k < crop->height_px; k++) {
		struct span span = span_of(
			&bounded, y + k, crop->height_px, image->height_px, range, weights[k]);

		level(&span, weights[k], image->height_px);
		rows[k] = (struct gh_kernel_rows){ image->rgb + span.first * image->stride_bytes +
				3 * (size_t)columns->first,
			image->stride_bytes, weights[k], span.taps };
	}
	gh_kernel_sum_rows(
		rows, resizer->rows + 3 * ROWS * (size_t)columns->first, 3 * (size_t)columns->taps);
}

/* Channel c of row k as gh_kernel_sum_columns() left it. */
static const float *made_row(
	const struct gh_resizer *resizer, const struct gh_crop *crop, uint32_t c, uint32_t k)
{
	return resizer->out + (ROWS * c + k) * (((size_t)crop->width_px + 3) / 4 * 4);
}

static void write_plane(const struct gh_crop *crop, const float *restrict from, float *restrict out)
{
	float mean = crop->scaling.mean, scale = crop->scaling.scale;

	for (uint32_t x = 0; x < crop->width_px; x++)
		out[x] = (from[x] - mean) * scale;
}

static void write_grey(const struct gh_resizer *resizer, const struct gh_crop *crop, uint32_t k,
	float *restrict out)
{
	const float *restrict red = made_row(resizer, crop, 0, k);
	const float *restrict green = made_row(resizer, crop, 1, k);
	const float *restrict blue = made_row(resizer, crop, 2, k);

	for (uint32_t x = 0; x < crop->width_px; x++)
		out[x] = (0.299f * red[x] + 0.587f * green[x] + 0.114f * blue[x] -
				 crop->scaling.mean) *
			crop->scaling.scale;
}

static void write_rows(
	const struct gh_resizer *resizer, const struct gh_crop *crop, uint32_t y, float *planes)
{
	size_t plane = (size_t)crop->width_px * crop->height_px;

	for (uint32_t k = 0; k < ROWS && y + k < crop->height_px; k++) {
		float *out = planes + (size_t)(y + k) * crop->width_px;

		if (crop->channels == 1)
			write_grey(resizer, crop, k, out);
		for (uint32_t c = 0; c < 3 && crop->channels == 3; c++)
			write_plane(crop, made_row(resizer, crop, c, k), out + c * plane);
	}
}

void gh_image_crop(const struct gh_image *image, struct gh_resizer *resizer,
	const struct gh_crop *crop, float *planes)
{
	const struct gh_kernel_columns columns = { resizer->first, resizer->taps, resizer->weights,
		resizer->taps_max };
	struct span used;

	plan_columns(resizer, image, crop);
	used = columns_used(resizer, crop->width_px);
	for (uint32_t y = 0; y < crop->height_px; y += ROWS) {
		sum_rows(resizer, image, crop, y, &used);
		gh_kernel_sum_columns(&columns, resizer->rows, resizer->out, crop->width_px);
		write_rows(resizer, crop, y, planes);
	}
}

void gh_planes_scale(float *planes, size_t pixels, const struct gh_scaling scalings[3])
{
	for (int plane = 0; plane < 3; plane++, planes += pixels)
		for (size_t i = 0; i < pixels; i++)
			planes[i] = (planes[i] - scalings[plane].mean) * scalings[plane].scale;
}

void gh_planes_swap(float *planes, size_t pixels)
{
	float *last = planes + 2 * pixels;

	for (size_t i = 0; i < pixels; i++) {
		float kept = planes[i];

		planes[i] = last[i];
		last[i] = kept;
	}
}
