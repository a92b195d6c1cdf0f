/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings of ISO/IEC 29794-5:2025. */
#include "mapping.h"

#include <math.h>

double gh_logistic(double x, double x0, double w)
{
	return 1.0 / (1.0 + exp(fmin(700.0, fmax(-700.0, (x0 - x) / w))));
}

int gh_component_round(double value)
{
	return (int)fmin(100.0, fmax(0.0, round(value)));
}

int gh_sigmoid_component(const struct gh_sigmoid *sigmoid, double x)
{
	return gh_component_round(
		sigmoid->h * (sigmoid->a + sigmoid->s * gh_logistic(x, sigmoid->x0, sigmoid->w)));
}

int gh_angle_component(double degrees)
{
	double cosine = fmax(0.0, cos(degrees / 57.295779513082321));

	return gh_component_round(100.0 * cosine * cosine);
}
