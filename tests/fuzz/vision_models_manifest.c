/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the list of models. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "models.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct gh_models models;

	if (gh_models_parse((struct gh_view){ bytes, size }, &models, NULL) != GH_OK)
		return 0;
	assert(models.count <= MODELS_MAX);
	for (uint32_t i = 0; i < models.count; i++) {
		assert(gh_models_find(&models, models.list[i].name, models.list[i].role));
		assert(!strchr(models.list[i].file, '/') && models.list[i].file[0]);
		assert(models.list[i].length_bytes <= MODEL_BYTES_MAX);
	}
	return 0;
}
