/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of many templates with many, block by block. */
#ifndef GATEHOUSE_SRC_EVALUATION_PRODUCT_H
#define GATEHOUSE_SRC_EVALUATION_PRODUCT_H

#include <stddef.h>

#include "gatehouse/vision/template.h"

/* A block of both sides stays in the second cache: 64 templates of 2 kB each. */
enum {
	GH_PRODUCT_BLOCK = 64
};

/* One side of a product, value by value: the first value of all templates, then the second ... */
struct gh_product_side {
	_Alignas(64) float values[GH_TEMPLATE_VALUES][GH_PRODUCT_BLOCK];
};

/* Lay out count templates, at most a block; the rest is zero. */
void gh_product_lay_out(
	const struct gh_template *templates, size_t count, struct gh_product_side *side);

/*
 * Scores of count rows (at most a block) with all columns laid out: scores[row][column], between
 * -1 and 1. Each is summed in the order of the values, so it does not depend on where in a block
 * its templates are, and agrees with gh_template_score() to 1e-6.
 */
void gh_product(const struct gh_template *rows, size_t count, const struct gh_product_side *columns,
	float scores[GH_PRODUCT_BLOCK][GH_PRODUCT_BLOCK]);

#endif
