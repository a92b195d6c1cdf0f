/* SPDX-License-Identifier: Apache-2.0 */
/* A proof of erasure from outside, checked by the key it names itself: deeper than by another. */
#include <stdlib.h>
#include <string.h>

#include "gatehouse/erasure/proof.h"

/* The digits behind the first "public_key"; zeros where there are none. */
static void read_key(const uint8_t *bytes, size_t size, uint8_t key[GH_PUBLIC_KEY_BYTES])
{
	static const char name[] = "\"public_key\": \"";
	char text[2 * GH_PUBLIC_KEY_BYTES + 1] = "";

	memset(key, 0, GH_PUBLIC_KEY_BYTES);
	for (size_t i = 0; i + sizeof(name) - 1 + sizeof(text) - 1 <= size; i++) {
		if (memcmp(bytes + i, name, sizeof(name) - 1) != 0)
			continue;
		memcpy(text, bytes + i + sizeof(name) - 1, sizeof(text) - 1);
		if (gh_hex_parse(text, key, GH_PUBLIC_KEY_BYTES, NULL) != GH_OK)
			memset(key, 0, GH_PUBLIC_KEY_BYTES);
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct gh_erasure_verdict verdict;
	struct gh_error error = GH_ERROR_NONE;
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	enum gh_status status;

	read_key(bytes, size, key);
	status = gh_erasure_verify((struct gh_view){ bytes, size }, key, NULL, &verdict, &error);
	if (status != GH_OK)
		return 0;
	/* What holds says something, and in the order of its serials. */
	if (verdict.count == 0 || verdict.batches == 0)
		abort();
	for (size_t i = 1; i < verdict.count; i++)
		if (verdict.entries[i].serial <= verdict.entries[i - 1].serial)
			abort();
	return 0;
}
