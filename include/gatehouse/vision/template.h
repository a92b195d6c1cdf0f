/* SPDX-License-Identifier: Apache-2.0 */
/* A face template and its comparison score. */
#ifndef GATEHOUSE_VISION_TEMPLATE_H
#define GATEHOUSE_VISION_TEMPLATE_H

#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Values of a template of the shipped embedder. */
#define GH_TEMPLATE_VALUES 512

/**
 * A biometric template (ISO/IEC 2382-37): a unit vector in float, comparable
 * only with templates of the same model chain (gh_model_chain). It is personal:
 * whoever holds one wipes it with gh_wipe() when done.
 */
struct gh_template {
	float values[GH_TEMPLATE_VALUES];
};

/**
 * Which models and steps made a template: SHA-256 over the hashes of the model
 * files and the chain's settings (landmark source, flip). Templates, galleries
 * and calibrations carry it; unlike ones are never compared.
 */
struct gh_model_chain {
	uint8_t bytes[32];
};

/** Cosine of two templates, -1 to 1. Any thread; does not block. */
float gh_template_score(const struct gh_template *a, const struct gh_template *b);

/**
 * Bring *sum to unit length: what is stored after adding templates up.
 *
 * GH_OK, or GH_MALFORMED when the length is not a finite positive number.
 */
GH_MUST_USE enum gh_status gh_template_normalise(struct gh_template *sum, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
