/* SPDX-License-Identifier: Apache-2.0 */
/* Unit vectors and their cosine. */
#include "gatehouse/vision/template.h"

#include <math.h>
#include <stddef.h>

#include "kernels.h"

float gh_template_score(const struct gh_template *a, const struct gh_template *b)
{
	float score = gh_kernel_dot(a->values, b->values, GH_TEMPLATE_VALUES);

	/* Rounding may lead a hair beyond what a cosine can be. */
	return fminf(1.0f, fmaxf(-1.0f, score));
}

enum gh_status gh_template_normalise(struct gh_template *sum, struct gh_error *error)
{
	double square = 0.0;
	double length;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		square += (double)sum->values[i] * (double)sum->values[i];
	length = sqrt(square);
	if (!(length > 1e-12) || !isfinite(length))
		return gh_error_set(error, GH_MALFORMED, "a template without length");
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		sum->values[i] = (float)((double)sum->values[i] / length);
	return GH_OK;
}
