/* SPDX-License-Identifier: Apache-2.0 */
/* Templates in rows: quantised with a scale and a proven error for each. */
#define _DEFAULT_SOURCE /* madvise() */
#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "gatehouse/base/bytes.h"

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define LINE_BYTES ((size_t)64)

static size_t align_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

/* Where the parts lie; each begins on a cache line. */
static void lay_out(struct gh_rows *rows)
{
	uint8_t *place = rows->memory;
	size_t capacity = rows->capacity;

	rows->words = (int16_t *)(void *)place;
	place += align_up(capacity * GH_DOT_WORDS * sizeof(int16_t), LINE_BYTES);
	rows->values = (float *)(void *)place;
	place += align_up(capacity * sizeof(struct gh_template), LINE_BYTES);
	rows->scales = (float *)(void *)place;
	place += align_up(capacity * sizeof(float), LINE_BYTES);
	rows->errors = (float *)(void *)place;
	place += align_up(capacity * sizeof(float), LINE_BYTES);
	rows->persons = (uint32_t *)(void *)place;
}

enum gh_status gh_rows_init(struct gh_rows *rows, size_t capacity, struct gh_error *error)
{
	size_t bytes = capacity * GH_ROW_BYTES + 5 * LINE_BYTES;
	size_t alignment = bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : LINE_BYTES;

	*rows = (struct gh_rows){ .capacity = capacity };
	if (capacity > SIZE_MAX / (2 * GH_ROW_BYTES))
		return gh_error_set(error, GH_NO_MEMORY, "%zu rows", capacity);
	if (posix_memalign(&rows->memory, alignment, align_up(bytes, alignment)) != 0) {
		rows->memory = NULL;
		return gh_error_set(error, GH_NO_MEMORY, "%zu rows", capacity);
	}
	rows->memory_bytes = align_up(bytes, alignment);
	if (alignment == HUGE_PAGE_BYTES) {
		/* Advice only: without huge pages the search is slower, not wrong. */
		(void)madvise(rows->memory, rows->memory_bytes, MADV_HUGEPAGE);
	}
	lay_out(rows);
	return GH_OK;
}

void gh_rows_finish(struct gh_rows *rows)
{
	size_t count = gh_rows_count(rows);

	/* Only what was written: wiping the rest would make the kernel find pages for it. */
	if (rows->memory) {
		gh_wipe(rows->words, count * GH_DOT_WORDS * sizeof(int16_t));
		gh_wipe(rows->values, count * sizeof(struct gh_template));
	}
	free(rows->memory);
	*rows = (struct gh_rows){ 0 };
}

/* Largest magnitude of a template of unit length, or a status. */
static enum gh_status check(
	const struct gh_template *unit, double *length, float *largest, struct gh_error *error)
{
	double sum = 0.0;
	float most = 0.0f;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		if (!isfinite(unit->values[i]))
			return gh_error_set(
				error, GH_MALFORMED, "template: value %zu is not finite", i);
		sum += (double)unit->values[i] * (double)unit->values[i];
		most = fmaxf(most, fabsf(unit->values[i]));
	}
	*length = sqrt(sum);
	*largest = most;
	if (fabs(*length - 1.0) > (double)GH_ROW_LENGTH_SLACK)
		return gh_error_set(error, GH_MALFORMED, "template: length %.6f is not 1", *length);
	return GH_OK;
}

/* Round to codes of at most `most` in magnitude; returns the length of the remainder. */
static double quantise(
	const struct gh_template *unit, float largest, int most, float *scale, int16_t *codes)
{
	double sum = 0.0;

	*scale = largest / (float)most;
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		long code = lrintf(unit->values[i] / *scale);
		double left;

		/* The quotient may round past the end by one unit in the last place. */
		code = code > most ? most : code < -most ? -most : code;
		codes[i] = (int16_t)code;
		left = (double)unit->values[i] - (double)*scale * (double)code;
		sum += left * left;
	}
	return sqrt(sum);
}

/* The next float up: nothing is lost on the unsafe side. */
static float round_up(double value)
{
	return nextafterf((float)value, INFINITY);
}

enum gh_status gh_rows_add(struct gh_rows *rows, const struct gh_template *reference,
	uint32_t person, struct gh_error *error)
{
	size_t i = atomic_load_explicit(&rows->count, memory_order_relaxed);
	int16_t codes[GH_TEMPLATE_VALUES];
	int8_t narrow[GH_TEMPLATE_VALUES];
	enum gh_status status;
	double length = 0.0;
	float largest = 0.0f;

	if (i >= rows->capacity)
		return gh_error_set(error, GH_FULL, "table of %zu rows", rows->capacity);
	status = check(reference, &length, &largest, error);
	if (status != GH_OK)
		return status;
	rows->errors[i] =
		round_up(quantise(reference, largest, GH_DOT_CODE_MAX, &rows->scales[i], codes));
	for (size_t value = 0; value < GH_TEMPLATE_VALUES; value++) {
		narrow[value] = (int8_t)codes[value];
		rows->values[i * GH_TEMPLATE_VALUES + value] = reference->values[value];
	}
	gh_dot_pack(narrow, rows->words + i * GH_DOT_WORDS);
	rows->persons[i] = person;
	atomic_store_explicit(&rows->count, i + 1, memory_order_release);
	gh_wipe(codes, sizeof(codes));
	gh_wipe(narrow, sizeof(narrow));
	return GH_OK;
}

enum gh_status gh_row_query_init(
	struct gh_row_query *query, const struct gh_template *probe, struct gh_error *error)
{
	int16_t codes[GH_TEMPLATE_VALUES];
	enum gh_status status;
	double length = 0.0;
	double residual;
	float largest = 0.0f;

	status = check(probe, &length, &largest, error);
	if (status != GH_OK)
		return status;
	residual = quantise(probe, largest, GH_DOT_QUERY_MAX, &query->scale, codes);
	for (size_t i = 0; i < GH_DOT_WORDS; i++) {
		query->codes.even[i] = codes[2 * i];
		query->codes.odd[i] = codes[2 * i + 1];
	}
	query->length = round_up(length + residual);
	query->residual =
		round_up((1.0 + (double)GH_ROW_LENGTH_SLACK) * residual) + GH_ROW_FLOAT_SLACK;
	gh_wipe(codes, sizeof(codes));
	return GH_OK;
}

void gh_rows_extent(const struct gh_rows *rows, size_t first, size_t count,
	const struct gh_row_query *query, const int32_t *products, float extent[2])
{
	const float *scales = rows->scales + first;
	const float *errors = rows->errors + first;
	const int32_t *product = products + first;
	float least = -INFINITY;
	float most = -INFINITY;

#pragma omp simd reduction(max : least, most)
	for (size_t i = 0; i < count; i++) {
		float score = scales[i] * query->scale * (float)product[i];
		float bound = query->residual + errors[i] * query->length;

		least = score - bound > least ? score - bound : least;
		most = score + bound > most ? score + bound : most;
	}
	extent[0] = least;
	extent[1] = most;
}
