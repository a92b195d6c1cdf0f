/* SPDX-License-Identifier: Apache-2.0 */
/* Quantisation of a JPEG. */
#include "jpeg_quantisation.h"

#include "mapping.h"

static bool native(const struct gh_prepared *prepared, double *native)
{
	if (!prepared->stage->jpeg.known || !(prepared->stage->jpeg.luma_step > 0.0f))
		return false;
	*native = (double)prepared->stage->jpeg.luma_step;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 101.0, 1.0, -1.0, 27.0, 6.0 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_jpeg_quantisation = { .native = native,
	.component = component };
