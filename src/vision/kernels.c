/* SPDX-License-Identifier: Apache-2.0 */
/* Loops written for the vectoriser; this file alone is compiled with -O3. */
#include "kernels.h"

#include <string.h>

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

/*
 * What AVX2's registers hold, two of them for sixteen values: vectors wider than a processor's
 * registers are kept in memory by the compiler, which was measured to take five times as long.
 */
typedef float eight __attribute__((vector_size(32)));
typedef int32_t eight_whole __attribute__((vector_size(32)));
typedef float quad __attribute__((vector_size(16)));

enum {
	EIGHT = 8,
	WIDE = 2 * EIGHT,
	STRIP = 4 * WIDE
};

/* Where a byte of four that were loaded as one number lies in it. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SHIFT_OF(byte) (8 * (byte))
#else
#define SHIFT_OF(byte) (24 - 8 * (byte))
#endif

/*
 * A strip of one sum, which stays in registers over all rows. Bytes are taken out of whole numbers
 * by shifting, so that sum k is that of bytes k, k + 4, k + 8 and on.
 */
static inline void sum_strip(const struct gh_kernel_rows *rows, size_t at, float (*strip)[WIDE])
{
	const uint8_t *from = rows->first + at;
	eight low[4] = { { 0.0f }, { 0.0f }, { 0.0f }, { 0.0f } };
	eight high[4] = { { 0.0f }, { 0.0f }, { 0.0f }, { 0.0f } };

	for (size_t t = 0; t < rows->count; t++, from += rows->stride_bytes) {
		float weight = rows->weights[t];
		eight_whole first, second;

		/* The next strips: a step from row to row is no pattern to the processor. */
		__builtin_prefetch(from + 4 * STRIP);
		memcpy(&first, from, sizeof(first));
		memcpy(&second, from + sizeof(first), sizeof(second));
		low[0] += weight * __builtin_convertvector(first >> SHIFT_OF(0) & 255, eight);
		low[1] += weight * __builtin_convertvector(first >> SHIFT_OF(1) & 255, eight);
		low[2] += weight * __builtin_convertvector(first >> SHIFT_OF(2) & 255, eight);
		low[3] += weight * __builtin_convertvector(first >> SHIFT_OF(3) & 255, eight);
		high[0] += weight * __builtin_convertvector(second >> SHIFT_OF(0) & 255, eight);
		high[1] += weight * __builtin_convertvector(second >> SHIFT_OF(1) & 255, eight);
		high[2] += weight * __builtin_convertvector(second >> SHIFT_OF(2) & 255, eight);
		high[3] += weight * __builtin_convertvector(second >> SHIFT_OF(3) & 255, eight);
	}
	for (int byte = 0; byte < 4; byte++) {
		memcpy(strip[byte], &low[byte], sizeof(low[byte]));
		memcpy(strip[byte] + EIGHT, &high[byte], sizeof(high[byte]));
	}
}

/* Four values of each of four rows, turned over: four results, step apart. */
static inline void weave_four(const float *const rows[4], float *out, size_t step)
{
	quad from[4], pairs[4], turned[4];

	for (int k = 0; k < 4; k++)
		memcpy(&from[k], rows[k], sizeof(from[k]));
	pairs[0] = __builtin_shufflevector(from[0], from[1], 0, 4, 1, 5);
	pairs[1] = __builtin_shufflevector(from[2], from[3], 0, 4, 1, 5);
	pairs[2] = __builtin_shufflevector(from[0], from[1], 2, 6, 3, 7);
	pairs[3] = __builtin_shufflevector(from[2], from[3], 2, 6, 3, 7);
	turned[0] = __builtin_shufflevector(pairs[0], pairs[1], 0, 1, 4, 5);
	turned[1] = __builtin_shufflevector(pairs[0], pairs[1], 2, 3, 6, 7);
	turned[2] = __builtin_shufflevector(pairs[2], pairs[3], 0, 1, 4, 5);
	turned[3] = __builtin_shufflevector(pairs[2], pairs[3], 2, 3, 6, 7);
	for (size_t k = 0; k < 4; k++)
		memcpy(out + step * k, &turned[k], sizeof(turned[k]));
}

static inline void weave_strips(float (*strips)[4][WIDE], float *out)
{
	for (int byte = 0; byte < 4; byte++)
		for (int i = 0; i < WIDE; i += 4) {
			const float *const rows[4] = { &strips[0][byte][i], &strips[1][byte][i],
				&strips[2][byte][i], &strips[3][byte][i] };

			/* Bytes of one sum are four apart. */
			weave_four(rows, out + WIDE * i + 4 * byte, WIDE);
		}
}

static inline float sum_one(const struct gh_kernel_rows *rows, size_t at)
{
	const uint8_t *from = rows->first + at;
	float sum = 0.0f;

	for (size_t t = 0; t < rows->count; t++, from += rows->stride_bytes)
		sum += rows->weights[t] * (float)*from;
	return sum;
}

CLONES
void gh_kernel_sum_rows(const struct gh_kernel_rows rows[4], float *restrict sums, size_t count)
{
	float strips[4][4][WIDE];
	size_t at = 0;

	for (; at + STRIP <= count; at += STRIP) {
		for (int k = 0; k < 4; k++)
			sum_strip(&rows[k], at, strips[k]);
		weave_strips(strips, sums + 4 * at);
	}
	for (; at < count; at++)
		for (size_t k = 0; k < 4; k++)
			sums[4 * at + k] = sum_one(&rows[k], at);
}

/* Three channels in four rows of one result. */
static inline void sum_pixels(
	const struct gh_kernel_columns *columns, size_t x, const float *sums, float *out)
{
	const float *weights = columns->weights + x * columns->taps_max;
	const float *from = sums + 12 * (size_t)columns->first[x];
	eight sum = { 0.0f };
	quad rest = { 0.0f };

	for (uint32_t t = 0; t < columns->taps[x]; t++, from += 12) {
		eight pixel;
		quad last;

		memcpy(&pixel, from, sizeof(pixel));
		memcpy(&last, from + EIGHT, sizeof(last));
		sum += weights[t] * pixel;
		rest += weights[t] * last;
	}
	memcpy(out, &sum, sizeof(sum));
	memcpy(out + EIGHT, &rest, sizeof(rest));
}

CLONES
void gh_kernel_sum_columns(const struct gh_kernel_columns *columns, const float *restrict sums,
	float *restrict out, size_t count)
{
	size_t stride = (count + 3) / 4 * 4;
	float results[4][12] = { { 0.0f } };

	for (size_t x = 0; x < count; x += 4) {
		for (size_t i = 0; i < 4 && x + i < count; i++)
			sum_pixels(columns, x + i, sums, results[i]);
		for (size_t c = 0; c < 3; c++) {
			const float *const rows[4] = { &results[0][4 * c], &results[1][4 * c],
				&results[2][4 * c], &results[3][4 * c] };

			weave_four(rows, out + 4 * c * stride + x, stride);
		}
	}
}

static inline uint8_t clamp(int16_t value)
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

/*
 * BT.601 limited range in 8.8 fixed point: 298, 409, -100, -208 and 516, of which whole multiples
 * of 256 are added behind the shift, so that no product leaves 16 bits.
 */
static inline void convert(struct block *block)
{
#pragma omp simd
	for (int i = 0; i < BLOCK; i++) {
		int16_t luma = (int16_t)(block->luma[i] - 16);
		int16_t cb = (int16_t)(block->cb[i] - 128), cr = (int16_t)(block->cr[i] - 128);
		int16_t rest = (int16_t)(42 * luma + 128);
		int16_t red = (int16_t)(rest + 153 * cr);
		int16_t green = (int16_t)(rest - 100 * cb + 48 * cr);
		int16_t blue = (int16_t)(rest + 4 * cb);

		block->red[i] = clamp((int16_t)(luma + cr + (red >> 8)));
		block->green[i] = clamp((int16_t)(luma - cr + (green >> 8)));
		block->blue[i] = clamp((int16_t)(luma + 2 * cb + (blue >> 8)));
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

/* The four pixels around each place. */
struct around {
	uint32_t pixels[4][KERNEL_SAMPLES];
	float across[KERNEL_SAMPLES];
	float down[KERNEL_SAMPLES];
};

static inline void interpolate(const struct around *around, int shift, uint8_t *restrict out)
{
#pragma omp simd
	for (int i = 0; i < KERNEL_SAMPLES; i++) {
		float high = (float)(int)(around->pixels[0][i] >> shift & 255);
		float high_next = (float)(int)(around->pixels[1][i] >> shift & 255);
		float low = (float)(int)(around->pixels[2][i] >> shift & 255);
		float low_next = (float)(int)(around->pixels[3][i] >> shift & 255);

		high += around->across[i] * (high_next - high);
		low += around->across[i] * (low_next - low);
		out[i] = (uint8_t)(int)(high + around->down[i] * (low - high) + 0.5f);
	}
}

/* The first three of four bytes count, in the order of memory. */
static inline uint32_t load_pixel(const uint8_t *from)
{
	uint32_t pixel;

	memcpy(&pixel, from, sizeof(pixel));
	return pixel;
}

CLONES
void gh_kernel_sample(const uint8_t *restrict rgb, size_t stride_bytes, const float *restrict x,
	const float *restrict y, uint8_t *restrict out)
{
	struct around around;
	struct block block;
	int32_t columns[KERNEL_SAMPLES], rows[KERNEL_SAMPLES];

#pragma omp simd
	for (int i = 0; i < KERNEL_SAMPLES; i++) {
		columns[i] = (int32_t)x[i];
		rows[i] = (int32_t)y[i];
		around.across[i] = x[i] - (float)columns[i];
		around.down[i] = y[i] - (float)rows[i];
	}
	for (int i = 0; i < KERNEL_SAMPLES; i++) {
		const uint8_t *from = rgb + (size_t)rows[i] * stride_bytes + 3 * (size_t)columns[i];

		around.pixels[0][i] = load_pixel(from);
		around.pixels[1][i] = load_pixel(from + 3);
		around.pixels[2][i] = load_pixel(from + stride_bytes);
		around.pixels[3][i] = load_pixel(from + stride_bytes + 3);
	}
	interpolate(&around, SHIFT_OF(0), block.red);
	interpolate(&around, SHIFT_OF(1), block.green);
	interpolate(&around, SHIFT_OF(2), block.blue);
	weave(&block, KERNEL_SAMPLES, out);
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
