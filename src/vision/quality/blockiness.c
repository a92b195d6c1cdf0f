/* SPDX-License-Identifier: Apache-2.0 */
/* Blockiness. */
#include "blockiness.h"

#include <math.h>

#include "mapping.h"

#define LINES_MAX 48
#define BLOCK 8
#define BORDERS_MIN 32

/* Added to both means: in an even patch the ratio of two small numbers says nothing. */
#define EVEN 0.5

struct steps {
	uint64_t across;
	uint64_t within;
	uint32_t borders;
	uint32_t others;
};

static int luma(const uint8_t *rgb)
{
	return (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8;
}

/* Differences along one line of pixels; first is the place of its first pixel in its block. */
static void walk(
	const uint8_t *rgb, size_t step_bytes, uint32_t pixels, uint32_t first, struct steps *steps)
{
	int before = luma(rgb);

	for (uint32_t i = 1; i < pixels; i++) {
		int now = luma(rgb + i * step_bytes);
		uint32_t difference = (uint32_t)(now > before ? now - before : before - now);

		if ((first + i) % BLOCK == 0) {
			steps->across += difference;
			steps->borders++;
		} else {
			steps->within += difference;
			steps->others++;
		}
		before = now;
	}
}

struct window {
	uint32_t left, top, right, bottom;
};

static uint32_t clamp(float value, uint32_t high)
{
	return (uint32_t)fminf(fmaxf(value, 0.0f), (float)high);
}

static struct window window_of(const struct gh_box *box, const struct gh_image *image)
{
	return (struct window){ clamp(box->left, image->width_px),
		clamp(box->top, image->height_px), clamp(box->right, image->width_px),
		clamp(box->bottom, image->height_px) };
}

static uint32_t spacing(uint32_t length)
{
	return length / LINES_MAX + 1;
}

static void walk_all(const struct gh_image *image, const struct window *w,
	const struct gh_jpeg_trace *jpeg, struct steps *steps)
{
	const uint8_t *corner = image->rgb + w->top * image->stride_bytes + 3 * (size_t)w->left;
	uint32_t width = w->right - w->left, height = w->bottom - w->top;

	for (uint32_t y = 0; y < height; y += spacing(height))
		walk(corner + y * image->stride_bytes, 3, width, w->left + jpeg->phase_x, steps);
	for (uint32_t x = 0; x < width; x += spacing(width))
		walk(corner + 3 * (size_t)x, image->stride_bytes, height, w->top + jpeg->phase_y,
			steps);
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_jpeg_trace *jpeg = &prepared->stage->jpeg;
	const struct gh_image *image = prepared->measured->image;
	struct steps steps = { 0 };
	struct window window;

	if (!image || !jpeg->known || !jpeg->has_blocks)
		return false;
	window = window_of(&prepared->measured->face->box, image);
	if (window.right < window.left + 2 * BLOCK || window.bottom < window.top + 2 * BLOCK)
		return false;
	walk_all(image, &window, jpeg, &steps);
	if (steps.borders < BORDERS_MIN || steps.others == 0)
		return false;
	*native = ((double)steps.across / steps.borders + EVEN) /
		((double)steps.within / steps.others + EVEN);
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 200.0, 1.0, -1.0, 0.0, 0.5 };

	return gh_sigmoid_component(&sigmoid, fmax(0.0, native - 1.0));
}

const struct gh_measure_kind gh_kind_blockiness = { .native = native, .component = component };
