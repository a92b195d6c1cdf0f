/* SPDX-License-Identifier: Apache-2.0 */
/* Templates in rows: in float for the answer, in 8 bits for a first pass that proves its error. */
#ifndef GALLERY_ROWS_H
#define GALLERY_ROWS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/vision/template.h"

#include "dot.h"

/* The rows' person of a padding row: in N, never a candidate. */
#define GH_ROW_STRANGER UINT32_MAX

/* Bytes of one row in all its forms, for limits on memory. */
#define GH_ROW_BYTES (GH_TEMPLATE_VALUES * 5 + 12)

/*
 * The first pass and its bound.
 *
 * A row x is kept as codes q with one scale s = max|x_i| / 127, a query y as codes r with one
 * scale t = max|y_i| / 32767: x = s q + e, y = t r + f, the remainders e and f being known
 * exactly. Then
 *
 *	x.y = s t (q.r) + x.f + e.(t r)
 *
 * because s q.(t r) = (x - e).(t r) and x.(t r) = x.(y - f). By Cauchy-Schwarz the approximate
 * score s t (q.r) is off by at most
 *
 *	B = |x| |f| + |e| |t r|
 *
 * with |x| <= 1 + GH_ROW_LENGTH_SLACK and |t r| <= |y| + |f|. To B is added what float arithmetic
 * itself may lose (GH_ROW_FLOAT_SLACK): a sum of 512 float products of unit vectors errs by at
 * most 512 * 2^-24 * 1 = 3.1e-5, a clamp to -1..1 by 2e-5, and the conversions here by a
 * few 2^-24. The norms of e and f are computed in double and rounded up.
 *
 * A row whose score + B lies below the k-th best score - B cannot be among the k best.
 */
#define GH_ROW_LENGTH_SLACK 1e-5f
#define GH_ROW_FLOAT_SLACK 1e-4f

/*
 * A table of rows of fixed capacity. One thread adds; any other may read the rows below `count`
 * at the same time. Rows are never changed or taken out.
 */
struct gh_rows {
	size_t capacity;
	_Atomic size_t count;
	void *memory;
	size_t memory_bytes;
	float *values;  /* capacity x GH_TEMPLATE_VALUES */
	int16_t *words; /* capacity x GH_DOT_WORDS */
	float *scales;
	float *errors;     /* |e|, rounded up */
	uint32_t *persons; /* index of the row's person, or GH_ROW_STRANGER */
};

/* Take memory for capacity rows, in huge pages where the system has them. GH_OK, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_rows_init(
	struct gh_rows *rows, size_t capacity, struct gh_error *error);

/* Wipe and free. An all-zero struct is fine. */
void gh_rows_finish(struct gh_rows *rows);

/*
 * Add a template. GH_MALFORMED: a value is not finite, or the length is not 1 within
 * GH_ROW_LENGTH_SLACK; GH_FULL.
 */
GH_MUST_USE enum gh_status gh_rows_add(struct gh_rows *rows, const struct gh_template *reference,
	uint32_t person, struct gh_error *error);

/* How many rows may be read now. */
static inline size_t gh_rows_count(const struct gh_rows *rows)
{
	return atomic_load_explicit(&rows->count, memory_order_acquire);
}

/* The float form of row i. */
static inline const struct gh_template *gh_rows_template(const struct gh_rows *rows, size_t i)
{
	return (const struct gh_template *)(const void *)(rows->values + i * GH_TEMPLATE_VALUES);
}

/* A probe made ready for the first pass. Personal: whoever holds one wipes it. */
struct gh_row_query {
	struct gh_dot_query codes;
	float scale;
	float residual; /* (1 + slack) |f| + float slack: the part of B without |e| */
	float length;   /* |t r|, rounded up: the factor of |e| in B */
};

/* Make a query. Checks as gh_rows_add(). */
GH_MUST_USE enum gh_status gh_row_query_init(
	struct gh_row_query *query, const struct gh_template *probe, struct gh_error *error);

/* Score and bound of row i from its dot product. */
static inline float gh_rows_score(
	const struct gh_rows *rows, size_t i, const struct gh_row_query *query, int32_t product)
{
	return rows->scales[i] * query->scale * (float)product;
}

static inline float gh_rows_bound(
	const struct gh_rows *rows, size_t i, const struct gh_row_query *query)
{
	return query->residual + rows->errors[i] * query->length;
}

/*
 * Over rows first to first + count (count >= 1): the highest score that is certain and the highest
 * that is possible. products are those of all rows, from row 0.
 */
void gh_rows_extent(const struct gh_rows *rows, size_t first, size_t count,
	const struct gh_row_query *query, const int32_t *products, float extent[2]);

#endif
