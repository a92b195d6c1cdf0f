/* SPDX-License-Identifier: Apache-2.0 */
/* A list of pairs: what is accepted names two pictures each, of one person where it says so. */
#include <stdlib.h>

#include "gatehouse/evaluation/pairs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_pairs pairs;

	if (gh_pairs_parse("fuzz", "/folder", (struct gh_view){ bytes, size }, &pairs, NULL) !=
		GH_OK)
		return 0;
	if (pairs.count == 0 || pairs.index.picture_count < 2)
		abort();
	for (size_t i = 0; i < pairs.count; i++) {
		const struct gh_pair *pair = &pairs.pairs[i];

		if (pair->a >= pairs.index.picture_count || pair->b >= pairs.index.picture_count ||
			pair->a == pair->b)
			abort();
		if ((pairs.index.pictures[pair->a].identity ==
			    pairs.index.pictures[pair->b].identity) != pair->genuine)
			abort();
	}
	gh_pairs_finish(&pairs);
	return 0;
}
