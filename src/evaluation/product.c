/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of many templates with many, block by block; this file is compiled with -O3. */
#include "product.h"

#include <string.h>

/* The loader's resolvers run before a sanitizer is ready, so those builds take the baseline. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
	!defined(__clang__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/* Sums held in registers at once: 4 rows by 32 columns are 8 of AVX-512, 16 of AVX2. */
enum {
	ROWS = 4,
	COLUMNS = 32
};

void gh_product_lay_out(
	const struct gh_template *templates, size_t count, struct gh_product_side *side)
{
	memset(side, 0, sizeof(*side));
	for (size_t column = 0; column < count; column++)
		for (size_t value = 0; value < GH_TEMPLATE_VALUES; value++)
			side->values[value][column] = templates[column].values[value];
}

static inline float bound(float score)
{
	return score > 1.0f ? 1.0f : score < -1.0f ? -1.0f : score;
}

CLONES
static void tile(const float *const rows[ROWS], const struct gh_product_side *side, size_t column,
	float out[ROWS][COLUMNS])
{
	float a[COLUMNS] = { 0 }, b[COLUMNS] = { 0 }, c[COLUMNS] = { 0 }, d[COLUMNS] = { 0 };

	for (size_t value = 0; value < GH_TEMPLATE_VALUES; value++) {
		const float *from = &side->values[value][column];
		float w = rows[0][value], x = rows[1][value];
		float y = rows[2][value], z = rows[3][value];

#pragma omp simd
		for (size_t i = 0; i < COLUMNS; i++) {
			a[i] += w * from[i];
			b[i] += x * from[i];
			c[i] += y * from[i];
			d[i] += z * from[i];
		}
	}
	for (size_t i = 0; i < COLUMNS; i++) {
		out[0][i] = bound(a[i]);
		out[1][i] = bound(b[i]);
		out[2][i] = bound(c[i]);
		out[3][i] = bound(d[i]);
	}
}

void gh_product(const struct gh_template *rows, size_t count, const struct gh_product_side *columns,
	float scores[GH_PRODUCT_BLOCK][GH_PRODUCT_BLOCK])
{
	float out[ROWS][COLUMNS];

	for (size_t row = 0; row < count; row += ROWS) {
		const float *four[ROWS];
		size_t real = count - row < ROWS ? count - row : ROWS;

		for (size_t i = 0; i < ROWS; i++)
			four[i] = rows[row + (i < real ? i : 0)].values;
		for (size_t column = 0; column < GH_PRODUCT_BLOCK; column += COLUMNS) {
			tile(four, columns, column, out);
			for (size_t i = 0; i < real; i++)
				memcpy(&scores[row + i][column], out[i], sizeof(out[i]));
		}
	}
}
