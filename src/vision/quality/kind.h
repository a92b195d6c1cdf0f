/* SPDX-License-Identifier: Apache-2.0 */
/* What a quality measure is: a way to its native value, and one from there to a component. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_KIND_H
#define GATEHOUSE_SRC_VISION_QUALITY_KIND_H

#include "gatehouse/base/measures.h"

#include "prepared.h"

/** One measure. Its name, id and unit stand in gatehouse/base/measures.h. */
struct gh_measure_kind {
	/** The native value; false where the face does not let it be assessed. */
	bool (*native)(const struct gh_prepared *prepared, double *native);

	/** From a native value to 0..100; NULL for a flag. */
	int (*component)(double native);

	/** A flag's native value from which it is suspected. */
	double suspect_from;
};

/** The kind of each measure; NULL where nothing is ever assessed. */
extern const struct gh_measure_kind *const gh_measure_kinds[GH_MEASURE_COUNT];

/** All measures of a prepared face. Does not allocate; no value is infinite or NaN. */
void gh_assess(const struct gh_prepared *prepared, struct gh_measures *measures);

#endif
