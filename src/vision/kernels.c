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

/* BT.601 limited range in 8.8 fixed point. */
static inline void rgb_of(int y, int cb, int cr, uint8_t *rgb)
{
	int luma = 298 * (y - 16) + 128;

	rgb[0] = clamp((luma + 409 * (cr - 128)) >> 8);
	rgb[1] = clamp((luma - 100 * (cb - 128) - 208 * (cr - 128)) >> 8);
	rgb[2] = clamp((luma + 516 * (cb - 128)) >> 8);
}

CLONES
void gh_kernel_rgb_of_nv12(const uint8_t *restrict luma, const uint8_t *restrict chroma,
	uint8_t *restrict rgb, size_t pixels)
{
#pragma omp simd
	for (size_t i = 0; i < pixels / 2; i++) {
		rgb_of(luma[2 * i], chroma[2 * i], chroma[2 * i + 1], rgb + 6 * i);
		rgb_of(luma[2 * i + 1], chroma[2 * i], chroma[2 * i + 1], rgb + 6 * i + 3);
	}
	if (pixels % 2)
		rgb_of(luma[pixels - 1], chroma[pixels - 1], chroma[pixels],
			rgb + 3 * (pixels - 1));
}

CLONES
void gh_kernel_rgb_of_yuyv(const uint8_t *restrict yuyv, uint8_t *restrict rgb, size_t pixels)
{
#pragma omp simd
	for (size_t i = 0; i < pixels / 2; i++) {
		rgb_of(yuyv[4 * i], yuyv[4 * i + 1], yuyv[4 * i + 3], rgb + 6 * i);
		rgb_of(yuyv[4 * i + 2], yuyv[4 * i + 1], yuyv[4 * i + 3], rgb + 6 * i + 3);
	}
	if (pixels % 2)
		rgb_of(yuyv[2 * pixels - 2], yuyv[2 * pixels - 1], yuyv[2 * pixels + 1],
			rgb + 3 * (pixels - 1));
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
