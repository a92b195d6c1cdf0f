/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops, compiled for several instruction sets; the processor's is taken at run time. */
#ifndef GATEHOUSE_SRC_VISION_KERNELS_H
#define GATEHOUSE_SRC_VISION_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/** The word for the instruction set in use: "x86-64-v4", "x86-64-v3" or "baseline". */
const char *gh_kernel_instructions(void);

/** Sum of a[i] * b[i]. */
float gh_kernel_dot(const float *a, const float *b, size_t count);

/** Rows of bytes, and what each of them weighs in a sum. */
struct gh_kernel_rows {
	const uint8_t *first;
	size_t stride_bytes;
	const float *weights;
	size_t count;
};

/** Four sums over rows, woven: sums[4 * i + k] is that of byte i by rows[k]. */
void gh_kernel_sum_rows(const struct gh_kernel_rows rows[4], float *sums, size_t count);

/** For each result the first pixel it takes, how many, and taps_max weights. */
struct gh_kernel_columns {
	const uint32_t *first;
	const uint32_t *taps;
	const float *weights;
	size_t taps_max;
};

/**
 * Sums over pixels of three channels in four woven rows: row 4 * c + k of out is
 * channel c of row k; it has count floats, filled up to whole fours.
 */
void gh_kernel_sum_columns(
	const struct gh_kernel_columns *columns, const float *sums, float *out, size_t count);

/** So many pixels are sampled at once. */
#define KERNEL_SAMPLES 64

/**
 * Bilinear samples of RGB at KERNEL_SAMPLES places, none negative. Of each place the two pixels
 * from its whole part on, those below them, and two bytes more are read.
 */
void gh_kernel_sample(
	const uint8_t *rgb, size_t stride_bytes, const float *x, const float *y, uint8_t *out);

/**
 * One row of YCbCr (ITU-R BT.601, limited range, as UVC and V4L2 deliver by
 * default) to RGB; chroma has a Cb Cr pair for every two pixels. Pixels are
 * taken from first_px on, which is even.
 */
void gh_kernel_rgb_of_nv12(const uint8_t *luma, const uint8_t *chroma, uint8_t *rgb, size_t pixels);

/** The same from Y0 Cb Y1 Cr. */
void gh_kernel_rgb_of_yuyv(const uint8_t *yuyv, uint8_t *rgb, size_t pixels);

/** Grey to three equal channels. */
void gh_kernel_rgb_of_grey(const uint8_t *grey, uint8_t *rgb, size_t pixels);

/** Interleaved RGB to luma (BT.601), and to red minus blue. */
void gh_kernel_light_and_colour(const uint8_t *rgb, float *light, float *colour, size_t pixels);

/** sum[i] += row[i]. */
void gh_kernel_add_bytes(uint8_t *sum, const uint8_t *row, size_t count);

/** Take the mean from values, then value *= weight. */
void gh_kernel_taper(float *values, const float *weights, size_t count);

/** out = a * b, square matrices of side rows, a multiple of four. */
void gh_kernel_product(const float *a, const float *b, float *out, size_t side);

/**
 * One row of Fourier's power from two rows of a cas-cas transform, those of a
 * frequency and of its negative. No two of them overlap.
 */
void gh_kernel_power(const float *row, const float *back, float scale, float *power, size_t side);

/** Interleaved RGB to planes B, G, R of (value - 127) / 128. */
void gh_kernel_planes_bgr(const uint8_t *rgb, size_t pixels, float *planes);

/** Sums of factor x factor pixels, rounded mean: out has width / factor pixels. */
void gh_kernel_reduce(
	const uint8_t *rgb, size_t stride_bytes, uint32_t factor, uint8_t *out, size_t out_pixels);

#endif
