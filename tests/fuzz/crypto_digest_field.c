/* SPDX-License-Identifier: Apache-2.0 */
/* The field Content-Digest of a stranger: what is taken is written again and read alike. */
#include <stdlib.h>
#include <string.h>

#include "gatehouse/crypto/digest_field.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char text[GH_DIGEST_FIELD_BYTES_MAX + 64];
	char again[GH_DIGEST_FIELD_BYTES];
	struct gh_sha256 hash, read;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	if (gh_digest_field_parse(text, &hash, NULL) != GH_OK)
		return 0;
	gh_digest_field_format(&hash, again);
	if (gh_digest_field_parse(again, &read, NULL) != GH_OK || !gh_sha256_equal(&hash, &read))
		abort();
	return 0;
}
