/* SPDX-License-Identifier: Apache-2.0 */
/* 0x5B: a smile suspected. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_SMILE_SUSPECTED_H
#define GATEHOUSE_SRC_VISION_QUALITY_SMILE_SUSPECTED_H

#include "kind.h"

/**
 * Distance of the mouth's corners over that of the eyes. The standard asks two networks
 * for the neutrality of the expression; a wide mouth is only a suspicion, and people
 * differ: nothing is refused on it.
 */
extern const struct gh_measure_kind gh_kind_smile_suspected;

#endif
