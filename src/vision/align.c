/* SPDX-License-Identifier: Apache-2.0 */
/* Similarities between pictures: fitted to points, and sampled through. */
#include <math.h>
#include <string.h>

#include "image.h"
#include "kernels.h"

struct gh_similarity gh_similarity_fit(
	const struct gh_point *from, const struct gh_point *to, uint32_t count)
{
	struct gh_point m = { 0, 0 }, n = { 0, 0 };
	float along = 0.0f, across = 0.0f, spread = 0.0f;
	struct gh_similarity map = { 1.0f, 0.0f, 0.0f, 0.0f };

	for (uint32_t i = 0; i < count; i++) {
		m.x += from[i].x / (float)count;
		m.y += from[i].y / (float)count;
		n.x += to[i].x / (float)count;
		n.y += to[i].y / (float)count;
	}
	for (uint32_t i = 0; i < count; i++) {
		float fx = from[i].x - m.x, fy = from[i].y - m.y;
		float tx = to[i].x - n.x, ty = to[i].y - n.y;

		along += fx * tx + fy * ty;
		across += fx * ty - fy * tx;
		spread += fx * fx + fy * fy;
	}
	if (spread > 0.0f) {
		map.a = along / spread;
		map.b = across / spread;
	}
	map.c = n.x - (map.a * m.x - map.b * m.y);
	map.d = n.y - (map.b * m.x + map.a * m.y);
	return map;
}

struct gh_similarity gh_similarity_inverse(const struct gh_similarity *map)
{
	float size = map->a * map->a + map->b * map->b;
	struct gh_similarity back = { 1.0f, 0.0f, 0.0f, 0.0f };

	if (size <= 0.0f)
		return back;
	back.a = map->a / size;
	back.b = -map->b / size;
	back.c = -(back.a * map->c - back.b * map->d);
	back.d = -(back.b * map->c + back.a * map->d);
	return back;
}

/* The whole factors of the picture that a result of this size looks at. */
struct window {
	uint32_t left, top, right, bottom;
};

static uint32_t bound(float value, uint32_t limit)
{
	if (!(value > 0.0f))
		return 0;
	return value >= (float)limit ? limit : (uint32_t)value;
}

static struct window window_of(const struct gh_image *image, const struct gh_similarity *map,
	const struct gh_image *out, float border)
{
	float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

	for (int corner = 0; corner < 4; corner++) {
		struct gh_point p = gh_similarity_apply(map,
			(struct gh_point){ corner & 1 ? (float)out->width_px : 0.0f,
				corner & 2 ? (float)out->height_px : 0.0f });

		x0 = fminf(x0, p.x);
		y0 = fminf(y0, p.y);
		x1 = fmaxf(x1, p.x);
		y1 = fmaxf(y1, p.y);
	}
	return (struct window){ bound(x0 - border, image->width_px),
		bound(y0 - border, image->height_px), bound(x1 + border, image->width_px),
		bound(y1 + border, image->height_px) };
}

/* The part of the picture under the map, averaged down by factor, and the map into that. */
static struct gh_image reduce(const struct gh_image *image, struct gh_reducer *reducer,
	struct gh_similarity *map, const struct gh_image *out, uint32_t factor)
{
	/* Whole blocks beyond the last sample on every side, or to the picture's end. */
	struct window window = window_of(image, map, out, 2.0f * (float)factor + 1.0f);
	struct gh_image small = { .rgb = reducer->rgb };
	float scale = 1.0f / (float)factor;

	small.width_px = (window.right - window.left) / factor;
	small.height_px = (window.bottom - window.top) / factor;
	small.stride_bytes = 3 * (size_t)small.width_px;
	if (small.stride_bytes * small.height_px > reducer->capacity_bytes)
		return *image;
	for (uint32_t y = 0; y < small.height_px; y++)
		gh_kernel_reduce(image->rgb +
				(size_t)(window.top + y * factor) * image->stride_bytes +
				3 * (size_t)window.left,
			image->stride_bytes, factor, reducer->rgb + y * small.stride_bytes,
			small.width_px);
	map->a *= scale;
	map->b *= scale;
	/* Centres of pixels: source s lies at (s - left + .5) / factor - .5. */
	map->c = (map->c - (float)window.left + 0.5f) * scale - 0.5f;
	map->d = (map->d - (float)window.top + 0.5f) * scale - 0.5f;
	return small;
}

static void sample(const struct gh_image *image, struct gh_point p, uint8_t *out, uint8_t fill)
{
	int x = (int)floorf(p.x), y = (int)floorf(p.y);
	float u = p.x - (float)x, v = p.y - (float)y;
	float sum[3] = { 0.5f, 0.5f, 0.5f };

	for (int corner = 0; corner < 4; corner++) {
		int dx = corner & 1, dy = corner >> 1;
		float weight = (dx ? u : 1.0f - u) * (dy ? v : 1.0f - v);
		const uint8_t outside[3] = { fill, fill, fill };
		const uint8_t *from = outside;

		if (x + dx >= 0 && y + dy >= 0 && x + dx < (int)image->width_px &&
			y + dy < (int)image->height_px)
			from = image->rgb + (size_t)(y + dy) * image->stride_bytes +
				3 * (size_t)(x + dx);
		for (int c = 0; c < 3; c++)
			sum[c] += weight * (float)from[c];
	}
	for (int c = 0; c < 3; c++)
		out[c] = (uint8_t)sum[c];
}

/* All four neighbours are inside: no test for each of them. */
static void sample_inside(const struct gh_image *image, struct gh_point p, uint8_t *out)
{
	int x = (int)p.x, y = (int)p.y;
	float u = p.x - (float)x, v = p.y - (float)y;
	const uint8_t *above = image->rgb + (size_t)y * image->stride_bytes + 3 * (size_t)x;
	const uint8_t *below = above + image->stride_bytes;

	for (int c = 0; c < 3; c++) {
		float high = (float)above[c] + u * ((float)above[c + 3] - (float)above[c]);
		float low = (float)below[c] + u * ((float)below[c + 3] - (float)below[c]);

		out[c] = (uint8_t)(high + v * (low - high) + 0.5f);
	}
}

static void sample_any(const struct gh_image *image, struct gh_point p, uint8_t *out, uint8_t fill)
{
	float width = (float)image->width_px, height = (float)image->height_px;

	if (p.x >= 0.0f && p.y >= 0.0f && p.x < width - 1.0f && p.y < height - 1.0f)
		sample_inside(image, p, out);
	else if (p.x > -1.0f && p.y > -1.0f && p.x < width && p.y < height)
		sample(image, p, out, fill);
	else
		out[0] = out[1] = out[2] = fill;
}

/* Places of so many pixels of one row of the result. */
struct places {
	float x[KERNEL_SAMPLES];
	float y[KERNEL_SAMPLES];
};

static void lay_places(
	const struct gh_similarity *map, uint32_t x, uint32_t y, struct places *places)
{
	for (uint32_t i = 0; i < KERNEL_SAMPLES; i++) {
		struct gh_point p = gh_similarity_apply(
			map, (struct gh_point){ (float)(int)(x + i), (float)(int)y });

		places->x[i] = p.x;
		places->y[i] = p.y;
	}
}

/* They lie on a line: when its ends are so far inside that the kernel may read, all are. */
static bool all_inside(const struct gh_image *image, const struct places *places)
{
	for (int i = 0; i < KERNEL_SAMPLES; i += KERNEL_SAMPLES - 1)
		if (!(places->x[i] >= 0.0f && places->y[i] >= 0.0f &&
			    places->x[i] < (float)image->width_px - 3.0f &&
			    places->y[i] < (float)image->height_px - 2.0f))
			return false;
	return true;
}

/* Pixels from x to the row's end, at most as many as there are places. */
static void sample_some(const struct gh_image *image, const struct places *places, uint32_t count,
	uint8_t *out, uint8_t fill)
{
	for (uint32_t i = 0; i < count; i++)
		sample_any(
			image, (struct gh_point){ places->x[i], places->y[i] }, out + 3 * i, fill);
}

static void sample_row(const struct gh_image *image, const struct gh_similarity *map, uint32_t y,
	uint32_t width, uint8_t *out, uint8_t fill)
{
	struct places places;
	uint8_t pixels[3 * KERNEL_SAMPLES];

	for (uint32_t x = 0; x < width; x += KERNEL_SAMPLES) {
		uint32_t count = width - x < KERNEL_SAMPLES ? width - x : KERNEL_SAMPLES;

		lay_places(map, x, y, &places);
		if (!all_inside(image, &places)) {
			sample_some(image, &places, count, out + 3 * (size_t)x, fill);
			continue;
		}
		gh_kernel_sample(image->rgb, image->stride_bytes, places.x, places.y, pixels);
		memcpy(out + 3 * (size_t)x, pixels, 3 * (size_t)count);
	}
}

void gh_image_sample(const struct gh_image *image, struct gh_reducer *reducer,
	const struct gh_similarity *map, const struct gh_image *out_size, uint8_t *out,
	uint8_t fill)
{
	struct gh_similarity to = *map;
	struct gh_image from = *image;
	float shrink = sqrtf(map->a * map->a + map->b * map->b);

	if (shrink >= 2.0f && shrink < 1e6f)
		from = reduce(image, reducer, &to, out_size, (uint32_t)shrink);
	for (uint32_t y = 0; y < out_size->height_px; y++)
		sample_row(&from, &to, y, out_size->width_px,
			out + 3 * (size_t)y * out_size->width_px, fill);
}
