/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a data set: what is accepted is grouped and numbered without gaps. */
#include <stdlib.h>

#include "gatehouse/evaluation/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_index index;
	uint32_t next = 0;

	if (gh_index_parse("fuzz", "/folder", (struct gh_view){ bytes, size }, &index, NULL) !=
		GH_OK)
		return 0;
	for (size_t i = 0; i < index.picture_count; i++) {
		uint32_t identity = index.pictures[i].identity;

		if (identity > next || index.pictures[i].file[0] == '\0')
			abort();
		if (identity == next)
			next++;
		else if (identity + 1 != next)
			abort();
	}
	if (next != index.identity_count)
		abort();
	gh_index_finish(&index);
	return 0;
}
