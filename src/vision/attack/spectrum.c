/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Welch's method with Hann windows. The transform is the separable cas-cas transform by table (two
 * products of matrices), from which the power of Fourier's follows (Bracewell 1986, chapter 4).
 */
#include "spectrum.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#include "kernels.h"

#define SIDE SPECTRUM_SIDE
#define HALF (SIDE / 2)
#define REACH SPECTRUM_REACH
#define PADDED SPECTRUM_PADDED

/* Part of the box that the windows cover: within it is mostly skin. */
#define INNER 0.8f

/* JPEG's blocks of 8 put their power on every eighth bin. */
#define BLOCK_BIN (SIDE / 8)

/* What the filters of a colour camera leave is next to half a cycle. */
#define LAST_BIN 29

/* A peak of a Hann window is this wide. */
#define PEAK_REACH 2

static int signed_bin(int k)
{
	return k < HALF ? k : k - SIDE;
}

static float radius_of(int v, int u)
{
	return hypotf((float)signed_bin(v), (float)signed_bin(u));
}

/* Where the rings begin and end. */
static const float rings_of[RINGS][2] = { { 2.0f, 6.0f }, { 8.0f, 16.0f }, { 16.0f, 30.0f } };

/* Rows between 0 and half a cycle stand for their negatives too. */
static void weigh_ring(struct gh_spectrum *spectrum, int ring)
{
	float *weights = spectrum->ring_of[ring], sum = 0.0f;

	for (int i = 0; i < SPECTRUM_HALF_BINS; i++) {
		float radius = radius_of(i / SIDE, i % SIDE);

		weights[i] =
			radius >= rings_of[ring][0] && radius < rings_of[ring][1] ? 1.0f : 0.0f;
		weights[i] *= i / SIDE % HALF == 0 ? 1.0f : 2.0f;
		sum += weights[i];
	}
	for (int i = 0; i < SPECTRUM_HALF_BINS; i++)
		weights[i] /= sum;
}

void gh_spectrum_init(struct gh_spectrum *spectrum)
{
	const double turn = 6.283185307179586 / SIDE;

	memset(spectrum, 0, sizeof(*spectrum));
	for (int k = 0; k < SIDE; k++)
		for (int x = 0; x < SIDE; x++) {
			double angle = turn * (k * x % SIDE);
			int at = k * SIDE + x;

			spectrum->cas[at] = (float)(cos(angle) + sin(angle));
			spectrum->taper[at] = (float)((0.5 - 0.5 * cos(turn * (k + 0.5))) *
				(0.5 - 0.5 * cos(turn * (x + 0.5))));
		}
	for (int ring = 0; ring < RINGS; ring++)
		weigh_ring(spectrum, ring);
}

void gh_spectrum_wipe(struct gh_spectrum *spectrum)
{
	gh_wipe(spectrum->window, sizeof(*spectrum) - offsetof(struct gh_spectrum, window));
}

static void cut(struct gh_spectrum *spectrum, const struct gh_image *image, uint32_t x, uint32_t y)
{
	for (uint32_t v = 0; v < SIDE; v++)
		gh_kernel_light_and_colour(
			image->rgb + (y + v) * image->stride_bytes + 3 * (size_t)x,
			spectrum->window[0] + v * SIDE, spectrum->window[1] + v * SIDE, SIDE);
	for (int plane = 0; plane < 2; plane++)
		gh_kernel_taper(spectrum->window[plane], spectrum->taper, SPECTRUM_BINS);
}

/*
 * cas a cas b = cos(a - b) + sin(a + b), so the sums with cos(ux + vy) and sin(ux + vy) are those
 * of the transform at (u, -v), (-u, v) and at (u, v), (-u, -v).
 */
static void power_of(const float *t, float *power)
{
	for (int v = 0; v <= HALF; v++)
		gh_kernel_power(t + v * SIDE, t + (SIDE - v) % SIDE * SIDE, 0.25f / SPECTRUM_BINS,
			power + v * SIDE, SIDE);
}

static void add_window(struct gh_spectrum *spectrum, const float *window,
	struct gh_spectrum_plane *plane, uint32_t number)
{
	float *rings = plane->rings[number], fine;

	/* The table is symmetric: rows and columns take the same one. */
	gh_kernel_product(spectrum->cas, window, spectrum->half, SIDE);
	gh_kernel_product(spectrum->half, spectrum->cas, spectrum->whole, SIDE);
	power_of(spectrum->whole, spectrum->half);
	for (int r = 0; r < RINGS; r++)
		rings[r] = gh_kernel_dot(spectrum->ring_of[r], spectrum->half, SPECTRUM_HALF_BINS);
	/* The mean over both rings, by how many bins they have. */
	fine = 1.0f /
		(SPECTRUM_WINDOWS *
			fmaxf(0.229f * rings[RING_MIDDLE] + 0.771f * rings[RING_HIGH], 1e-6f));
	for (int i = 0; i < SPECTRUM_HALF_BINS; i++)
		plane->power[i] += fine * spectrum->half[i];
}

/* The negative frequencies. */
static void mirror(struct gh_spectrum_plane *plane)
{
	for (int v = HALF + 1; v < SIDE; v++)
		for (int u = 0; u < SIDE; u++)
			plane->power[v * SIDE + u] =
				plane->power[(SIDE - v) * SIDE + (SIDE - u) % SIDE];
}

/* First pixel of the window with this number along an axis of side_px. */
static uint32_t place(float low, float high, uint32_t number, uint32_t side_px)
{
	float centre = 0.5f * (low + high), span = INNER * (high - low) - SIDE;
	float at = centre - HALF;

	if (span > 0.0f)
		at += span * ((float)number / (SPECTRUM_ACROSS - 1) - 0.5f);
	return (uint32_t)fminf(fmaxf(at, 0.0f), (float)(side_px - SIDE));
}

bool gh_spectrum_take(
	struct gh_spectrum *spectrum, const struct gh_image *image, const struct gh_box *box)
{
	if (image->width_px < SIDE || image->height_px < SIDE)
		return false;
	memset(&spectrum->light, 0, sizeof(spectrum->light));
	memset(&spectrum->colour, 0, sizeof(spectrum->colour));
	for (uint32_t i = 0; i < SPECTRUM_WINDOWS; i++) {
		uint32_t x = place(box->left, box->right, i % SPECTRUM_ACROSS, image->width_px);
		uint32_t y = place(box->top, box->bottom, i / SPECTRUM_ACROSS, image->height_px);

		cut(spectrum, image, x, y);
		add_window(spectrum, spectrum->window[0], &spectrum->light, i);
		add_window(spectrum, spectrum->window[1], &spectrum->colour, i);
	}
	mirror(&spectrum->light);
	mirror(&spectrum->colour);
	return true;
}

/* Logarithms with a wrapped margin, so that sums around a bin need no special case. */
static void pad(struct gh_spectrum *spectrum, const float *power)
{
	for (int v = 0; v < SIDE; v++)
		for (int u = 0; u < SIDE; u++)
			spectrum->half[v * SIDE + u] = logf(power[v * SIDE + u] + 1e-9f);
	for (int v = 0; v < PADDED; v++)
		for (int u = 0; u < PADDED; u++)
			spectrum->padded[v * PADDED + u] =
				spectrum->half[(v + SIDE - REACH) % SIDE * SIDE +
					(u + SIDE - REACH) % SIDE];
}

/* Sums of all values above and left of a place, one row and column more. */
static void integrate(const float *padded, float *sums)
{
	const int line = PADDED + 1;

	for (int x = 0; x < line; x++)
		sums[x] = 0.0f;
	for (int y = 0; y < PADDED; y++) {
		float row = 0.0f;

		sums[(y + 1) * line] = 0.0f;
		for (int x = 0; x < PADDED; x++) {
			row += padded[y * PADDED + x];
			sums[(y + 1) * line + x + 1] = sums[y * line + x + 1] + row;
		}
	}
}

static float sum_around(const float *sums, int v, int u, int reach)
{
	const int line = PADDED + 1, side = 2 * reach + 1;
	const float *at = sums + (v + REACH - reach) * line + u + REACH - reach;

	return at[side * line + side] - at[side * line] - at[side] + at[0];
}

/* What is left out of the search for peaks. */
static bool is_excluded(int v, int u, int least_bin)
{
	float radius = radius_of(v, u);
	int a = abs(signed_bin(v)), b = abs(signed_bin(u));

	return radius < (float)least_bin || radius > LAST_BIN ||
		(a <= 1 && (b + 1) % BLOCK_BIN <= 2) || (b <= 1 && (a + 1) % BLOCK_BIN <= 2);
}

float gh_spectrum_peak(
	struct gh_spectrum *spectrum, const struct gh_spectrum_plane *plane, int least_bin)
{
	const int inner = (2 * PEAK_REACH + 1) * (2 * PEAK_REACH + 1);
	const int outer = (2 * REACH + 1) * (2 * REACH + 1);
	const float *sums = spectrum->sums;
	float best = 0.0f;

	pad(spectrum, plane->power);
	integrate(spectrum->padded, spectrum->sums);
	/* The lower half holds the same. */
	for (int v = 0; v <= LAST_BIN; v++)
		for (int u = 0; u < SIDE; u++) {
			float here = spectrum->half[v * SIDE + u], around;

			if (is_excluded(v, u, least_bin))
				continue;
			around = (sum_around(sums, v, u, REACH) -
					 sum_around(sums, v, u, PEAK_REACH)) /
				(float)(outer - inner);
			best = fmaxf(best, here - around);
		}
	return best;
}

float gh_spectrum_rank(
	const struct gh_spectrum_plane *plane, enum spectrum_ring ring, uint32_t below)
{
	float sorted[SPECTRUM_WINDOWS];

	for (uint32_t i = 0; i < SPECTRUM_WINDOWS; i++) {
		float value = plane->rings[i][ring];
		uint32_t at = i;

		for (; at > 0 && sorted[at - 1] > value; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = value;
	}
	return sorted[below < SPECTRUM_WINDOWS ? below : SPECTRUM_WINDOWS - 1];
}
