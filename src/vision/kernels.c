/* SPDX-License-Identifier: Apache-2.0 */
/* Loops written for the vectoriser; this file alone is compiled with -O3. */
#include "kernels.h"

/* The loader's resolvers run before a sanitizer is ready, so those builds take the baseline. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#if defined(__x86_64__) && !SANITIZED
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

const char *gh_kernel_instructions(void)
{
#if defined(__x86_64__) && !SANITIZED
	__builtin_cpu_init();
	if (__builtin_cpu_supports("x86-64-v4"))
		return "x86-64-v4";
	if (__builtin_cpu_supports("x86-64-v3"))
		return "x86-64-v3";
#endif
	return "baseline";
}

CLONES
float gh_kernel_dot(const float *a, const float *b, size_t count)
{
	float sum = 0.0f;

#pragma omp simd reduction(+ : sum)
	for (size_t i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

CLONES
void gh_kernel_accumulate(
	float *restrict sum, const uint8_t *restrict row, float weight, size_t count)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		sum[i] += weight * (float)row[i];
}

static inline uint8_t clamp(int value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Pixels that are converted apart before they are woven together: it stays in the first cache. */
enum {
	BLOCK = 128
};

struct block {
	int16_t luma[BLOCK];
	int16_t cb[BLOCK];
	int16_t cr[BLOCK];
	uint8_t red[BLOCK];
	uint8_t green[BLOCK];
	uint8_t blue[BLOCK];
};

/* BT.601 limited range in 8.8 fixed point. */
static inline void convert(struct block *block)
{
#pragma omp simd
	for (int i = 0; i < BLOCK; i++) {
		int luma = 298 * (block->luma[i] - 16) + 128;
		int cb = block->cb[i] - 128, cr = block->cr[i] - 128;

		block->red[i] = clamp((luma + 409 * cr) >> 8);
		block->green[i] = clamp((luma - 100 * cb - 208 * cr) >> 8);
		block->blue[i] = clamp((luma + 516 * cb) >> 8);
	}
}

static inline void weave(const struct block *block, size_t pixels, uint8_t *restrict rgb)
{
#pragma omp simd
	for (size_t i = 0; i < pixels; i++) {
		rgb[3 * i] = block->red[i];
		rgb[3 * i + 1] = block->green[i];
		rgb[3 * i + 2] = block->blue[i];
	}
}

/* Each pair of chroma counts for two pixels; Cb and Cr lie side by side. */
static inline void spread(const uint8_t *restrict chroma, size_t pairs, struct block *block)
{
#pragma omp simd
	for (size_t i = 0; i < pairs; i++) {
		block->cb[2 * i] = chroma[2 * i];
		block->cb[2 * i + 1] = chroma[2 * i];
		block->cr[2 * i] = chroma[2 * i + 1];
		block->cr[2 * i + 1] = chroma[2 * i + 1];
	}
}

/* The same where they lie between the luma. */
static inline void spread_yuyv(const uint8_t *restrict yuyv, size_t pairs, struct block *block)
{
#pragma omp simd
	for (size_t i = 0; i < pairs; i++) {
		block->cb[2 * i] = yuyv[4 * i + 1];
		block->cb[2 * i + 1] = yuyv[4 * i + 1];
		block->cr[2 * i] = yuyv[4 * i + 3];
		block->cr[2 * i + 1] = yuyv[4 * i + 3];
	}
}

static inline size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

CLONES
void gh_kernel_rgb_of_nv12(const uint8_t *restrict luma, const uint8_t *restrict chroma,
	uint8_t *restrict rgb, size_t pixels)
{
	struct block block = { { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };

	for (size_t at = 0; at < pixels; at += BLOCK) {
		size_t count = least(BLOCK, pixels - at);

		for (size_t i = 0; i < count; i++)
			block.luma[i] = luma[at + i];
		spread(chroma + at, (count + 1) / 2, &block);
		convert(&block);
		weave(&block, count, rgb + 3 * at);
	}
}

CLONES
void gh_kernel_rgb_of_yuyv(const uint8_t *restrict yuyv, uint8_t *restrict rgb, size_t pixels)
{
	struct block block = { { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };

	for (size_t at = 0; at < pixels; at += BLOCK) {
		size_t count = least(BLOCK, pixels - at);
		const uint8_t *from = yuyv + 2 * at;

		for (size_t i = 0; i < count; i++)
			block.luma[i] = from[2 * i];
		spread_yuyv(from, (count + 1) / 2, &block);
		convert(&block);
		weave(&block, count, rgb + 3 * at);
	}
}

CLONES
void gh_kernel_rgb_of_grey(const uint8_t *restrict grey, uint8_t *restrict rgb, size_t pixels)
{
#pragma omp simd
	for (size_t i = 0; i < pixels; i++) {
		rgb[3 * i] = grey[i];
		rgb[3 * i + 1] = grey[i];
		rgb[3 * i + 2] = grey[i];
	}
}

CLONES
void gh_kernel_planes_bgr(const uint8_t *restrict rgb, size_t pixels, float *restrict planes)
{
#pragma omp simd
	for (size_t i = 0; i < pixels; i++) {
		planes[i] = ((float)rgb[3 * i + 2] - 127.0f) * (1.0f / 128.0f);
		planes[pixels + i] = ((float)rgb[3 * i + 1] - 127.0f) * (1.0f / 128.0f);
		planes[2 * pixels + i] = ((float)rgb[3 * i] - 127.0f) * (1.0f / 128.0f);
	}
}

CLONES
void gh_kernel_reduce(const uint8_t *restrict rgb, size_t stride_bytes, uint32_t factor,
	uint8_t *restrict out, size_t out_pixels)
{
	uint32_t area = factor * factor;

	for (size_t x = 0; x < out_pixels; x++) {
		uint32_t sum[3] = { area / 2, area / 2, area / 2 };

		for (uint32_t row = 0; row < factor; row++) {
			const uint8_t *from = rgb + row * stride_bytes + 3 * factor * x;

			for (uint32_t i = 0; i < factor; i++)
				for (int c = 0; c < 3; c++)
					sum[c] += from[3 * i + (uint32_t)c];
		}
		for (int c = 0; c < 3; c++)
			out[3 * x + (size_t)c] = (uint8_t)(sum[c] / area);
	}
}

CLONES
void gh_kernel_light_and_colour(
	const uint8_t *restrict rgb, float *restrict light, float *restrict colour, size_t pixels)
{
#pragma omp simd
	for (size_t i = 0; i < pixels; i++) {
		float red = rgb[3 * i], green = rgb[3 * i + 1], blue = rgb[3 * i + 2];

		light[i] = 0.299f * red + 0.587f * green + 0.114f * blue;
		colour[i] = red - blue;
	}
}

CLONES
void gh_kernel_add_bytes(uint8_t *restrict sum, const uint8_t *restrict row, size_t count)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		sum[i] = (uint8_t)(sum[i] + row[i]);
}

CLONES
void gh_kernel_taper(float *restrict values, const float *restrict weights, size_t count)
{
	float sum = 0.0f;

#pragma omp simd reduction(+ : sum)
	for (size_t i = 0; i < count; i++)
		sum += values[i];
	sum /= (float)count;
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		values[i] = (values[i] - sum) * weights[i];
}

/* Four rows of b at a time: each pass over the row of out then carries four products. */
CLONES
void gh_kernel_product(
	const float *restrict a, const float *restrict b, float *restrict out, size_t side)
{
	for (size_t y = 0; y < side; y++) {
		float *restrict row = out + y * side;

#pragma omp simd
		for (size_t x = 0; x < side; x++)
			row[x] = 0.0f;
		for (size_t k = 0; k < side; k += 4) {
			const float *by = b + k * side;
			float w0 = a[y * side + k], w1 = a[y * side + k + 1];
			float w2 = a[y * side + k + 2], w3 = a[y * side + k + 3];

#pragma omp simd
			for (size_t x = 0; x < side; x++)
				row[x] += w0 * by[x] + w1 * by[side + x] + w2 * by[2 * side + x] +
					w3 * by[3 * side + x];
		}
	}
}

CLONES
void gh_kernel_power(const float *restrict row, const float *restrict back, float scale,
	float *restrict power, size_t side)
{
	float cosine = back[0] + row[0], sine = row[0] - back[0];

	power[0] = (cosine * cosine + sine * sine) * scale;
#pragma omp simd
	for (size_t u = 1; u < side; u++) {
		float c = back[u] + row[side - u], s = row[u] - back[side - u];

		power[u] = (c * c + s * s) * scale;
	}
}
