/* SPDX-License-Identifier: Apache-2.0 */
/* The zones around both eyes, for the flags about glasses. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_EYE_ZONES_H
#define GATEHOUSE_SRC_VISION_QUALITY_EYE_ZONES_H

#include "prepared.h"

/** Where lenses are: below the brows, and as far as a pair of glasses reaches. */
struct gh_eye_zones {
	struct gh_region eyes[2];
	double cheeks_light; /**< mean luminance of both cheeks, 0 to 255 */
};

/** Sample them; false where too little of eyes or cheeks is in the picture. */
bool gh_eye_zones_take(const struct gh_prepared *prepared, struct gh_eye_zones *zones);

#endif
