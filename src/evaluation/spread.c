/* SPDX-License-Identifier: Apache-2.0 */
/* The distribution of templates: mean, principal directions, and what is left of the spread. */
#include "spread.h"

#include <math.h>
#include <stdlib.h>

#include "gatehouse/base/bytes.h"

/* Rounds of orthogonal iteration: the variances beyond the last direction fall off slowly, and
 * which of two nearly equal directions is kept makes no difference. */
enum {
	ROUNDS = 40,
	N = GH_TEMPLATE_VALUES,
	K = GH_SPREAD_DIRECTIONS
};

struct work {
	double mean[N];
	double covariance[N][N];
	double basis[K][N]; /* orthonormal rows */
	double image[K][N]; /* the basis times the covariance */
};

/* How many templates the identity of template i has. */
static size_t run_length(const struct gh_template_set *set, size_t i)
{
	size_t start = i;
	size_t end = i;

	while (start > 0 && set->identities[start - 1] == set->identities[i])
		start--;
	while (end < set->count && set->identities[end] == set->identities[i])
		end++;
	return end - start;
}

static void measure_mean(const struct gh_template_set *set, struct work *work, double *total)
{
	*total = 0.0;
	for (size_t t = 0; t < set->count; t++) {
		double weight = 1.0 / (double)run_length(set, t);

		*total += weight;
		for (size_t i = 0; i < N; i++)
			work->mean[i] += weight * (double)set->templates[t].values[i];
	}
	for (size_t i = 0; i < N; i++)
		work->mean[i] /= *total;
}

static void measure_covariance(const struct gh_template_set *set, struct work *work, double total)
{
	double off[N];

	for (size_t t = 0; t < set->count; t++) {
		double weight = 1.0 / (double)run_length(set, t) / total;

		for (size_t i = 0; i < N; i++)
			off[i] = (double)set->templates[t].values[i] - work->mean[i];
		for (size_t i = 0; i < N; i++) {
			double scaled = weight * off[i];

			for (size_t j = 0; j < N; j++)
				work->covariance[i][j] += scaled * off[j];
		}
	}
	gh_wipe(off, sizeof(off));
}

static double dot(const double *a, const double *b)
{
	double sum = 0.0;

	for (size_t i = 0; i < N; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Make the rows orthonormal, one after the other (modified Gram and Schmidt). */
static void orthonormalise(double rows[K][N])
{
	for (size_t k = 0; k < K; k++) {
		double length;

		for (size_t j = 0; j < k; j++) {
			double along = dot(rows[k], rows[j]);

			for (size_t i = 0; i < N; i++)
				rows[k][i] -= along * rows[j][i];
		}
		length = sqrt(dot(rows[k], rows[k]));
		/* A row that is spent: fewer directions than K have any variance. */
		for (size_t i = 0; i < N; i++)
			rows[k][i] = length > 1e-12 ? rows[k][i] / length : 0.0;
	}
}

/* image = basis * covariance, which is symmetric: row by row over its rows. */
static void multiply(struct work *work)
{
	for (size_t k = 0; k < K; k++) {
		for (size_t j = 0; j < N; j++)
			work->image[k][j] = 0.0;
		for (size_t i = 0; i < N; i++) {
			double factor = work->basis[k][i];

			for (size_t j = 0; j < N; j++)
				work->image[k][j] += factor * work->covariance[i][j];
		}
	}
}

static void find_directions(struct work *work)
{
	uint64_t state = 1;

	for (size_t k = 0; k < K; k++)
		for (size_t i = 0; i < N; i++) {
			state = state * UINT64_C(6364136223846793005) +
				UINT64_C(1442695040888963407);
			work->basis[k][i] = (double)(state >> 33) * 0x1p-31 - 0.5;
		}
	orthonormalise(work->basis);
	for (int round = 0; round < ROUNDS; round++) {
		multiply(work);
		for (size_t k = 0; k < K; k++)
			for (size_t i = 0; i < N; i++)
				work->basis[k][i] = work->image[k][i];
		orthonormalise(work->basis);
	}
	multiply(work);
}

static void hand_over(struct work *work, struct gh_calibration_spread *spread)
{
	double left[N];

	for (size_t i = 0; i < N; i++) {
		spread->mean[i] = (float)work->mean[i];
		left[i] = work->covariance[i][i];
	}
	for (size_t k = 0; k < K; k++) {
		double deviation = sqrt(fmax(dot(work->basis[k], work->image[k]), 0.0));

		for (size_t i = 0; i < N; i++) {
			double value = deviation * work->basis[k][i];

			spread->directions[k * N + i] = (float)value;
			left[i] -= value * value;
		}
	}
	for (size_t i = 0; i < N; i++)
		spread->residual[i] = (float)sqrt(fmax(left[i], 0.0));
	spread->direction_count = K;
}

enum gh_status gh_spread_measure(const struct gh_template_set *set,
	struct gh_calibration_spread *spread, struct gh_error *error)
{
	struct work *work = calloc(1, sizeof(*work));
	double total;

	spread->directions = calloc((size_t)K * N, sizeof(float));
	if (!work || !spread->directions) {
		free(work);
		free(spread->directions);
		spread->directions = NULL;
		return gh_error_set(error, GH_NO_MEMORY, "spread of the templates");
	}
	measure_mean(set, work, &total);
	measure_covariance(set, work, total);
	find_directions(work);
	hand_over(work, spread);
	gh_wipe(work, sizeof(*work));
	free(work);
	return GH_OK;
}
