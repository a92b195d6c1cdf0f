/* SPDX-License-Identifier: Apache-2.0 */
/* Inter-eye distance. */
#include "inter_eye_distance.h"

#include <math.h>

#include "mapping.h"

#define COSINE_MIN 0.17

static bool native(const struct gh_prepared *prepared, double *native)
{
	double cosine = cos((double)prepared->pose.yaw_degrees / 57.295779513082321);

	if (!prepared->has_eyes || !prepared->has_pose || !(cosine >= COSINE_MIN))
		return false;
	*native = prepared->eye_distance_px / cosine;
	return true;
}

static int component(double native)
{
	static const struct gh_sigmoid sigmoid = { 100.0, 0.0, 1.0, 70.0, 20.0 };

	return gh_sigmoid_component(&sigmoid, native);
}

const struct gh_measure_kind gh_kind_inter_eye_distance = { .native = native,
	.component = component };
