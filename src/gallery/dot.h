/* SPDX-License-Identifier: Apache-2.0 */
/* The innermost loop of the search: products of 8-bit rows with one 16-bit query. */
#ifndef GALLERY_DOT_H
#define GALLERY_DOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/vision/template.h"

/* Two codes of a row share a word: code 2 i is its low half, code 2 i + 1 its high half. */
#define GH_DOT_WORDS (GH_TEMPLATE_VALUES / 2)

/* Largest magnitudes: 512 * 127 * 32767 = 2,130,641,408 < 2^31, so no sum can overflow. */
#define GH_DOT_CODE_MAX 127
#define GH_DOT_QUERY_MAX 32767

/* A query as the kernel reads it: its even values, then its odd ones. */
struct gh_dot_query {
	int16_t even[GH_DOT_WORDS];
	int16_t odd[GH_DOT_WORDS];
};

typedef void gh_dot_rows_fn(
	const int16_t *rows, size_t count, const struct gh_dot_query *query, int32_t *dots);

/* One version of the kernel, for one instruction set. */
struct gh_dot_kernel {
	const char *name;
	bool (*supported)(void);
	gh_dot_rows_fn *rows;
};

/* Best first; the last one runs anywhere. For tests that run each of them. */
extern const struct gh_dot_kernel gh_dot_kernels[];
extern const size_t gh_dot_kernel_count;

/* The best kernel of this processor. */
const struct gh_dot_kernel *gh_dot_kernel(void);

/* Words of row i of a table of codes. */
static inline const int16_t *gh_dot_row(const int16_t *rows, size_t i)
{
	return rows + i * GH_DOT_WORDS;
}

/* Put codes into the words of one row. */
void gh_dot_pack(const int8_t codes[GH_TEMPLATE_VALUES], int16_t words[GH_DOT_WORDS]);

#endif
