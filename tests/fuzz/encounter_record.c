/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a record's JSON; whatever is read can be written, and read again the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gatehouse/encounter/encounter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_encounter first;
	struct gh_encounter second;

	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	if (gh_encounter_decode((struct gh_view){ bytes, size }, &first, &error) != GH_OK) {
		assert(error.text[0] != '\0');
		return 0;
	}
	assert(gh_encounter_encode(&first, &json, &error) == GH_OK);
	assert(gh_encounter_decode(gh_bytes_view(&json), &second, &error) == GH_OK);
	assert(memcmp(&first.comparison, &second.comparison, sizeof(first.comparison)) == 0);
	assert(gh_id_equal(&first.id, &second.id) && first.event_ms == second.event_ms);
	gh_bytes_finish(&json);
	return 0;
}
