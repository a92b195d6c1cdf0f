/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a heartbeat's JSON; whatever is read can be written, and read again the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gatehouse/encounter/heartbeat.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_heartbeat first;
	struct gh_heartbeat second;

	if (gh_heartbeat_decode((struct gh_view){ bytes, size }, &first, &error) != GH_OK) {
		assert(error.text[0] != '\0');
		return 0;
	}
	assert(gh_heartbeat_encode(&first, &json, &error) == GH_OK);
	assert(gh_heartbeat_decode(gh_bytes_view(&json), &second, &error) == GH_OK);
	assert(memcmp(&first, &second, sizeof(first)) == 0);
	gh_bytes_finish(&json);
	return 0;
}
