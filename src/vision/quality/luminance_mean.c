/* SPDX-License-Identifier: Apache-2.0 */
/* Luminance mean. */
#include "luminance_mean.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	if (!gh_region_enough(&prepared->face))
		return false;
	*native = gh_region_light(&prepared->face) / 255.0;
	return true;
}

static int component(double native)
{
	return gh_component_round(
		100.0 * gh_logistic(native, 0.2, 0.05) * (1.0 - gh_logistic(native, 0.8, 0.05)));
}

const struct gh_measure_kind gh_kind_luminance_mean = { .native = native, .component = component };
