/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as parameters of attack detection; what is read scores without a trap. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gatehouse/crypto/hash.h"
#include "gatehouse/vision/attack.h"

static void use(const struct gh_attack_fusion *fusion)
{
	struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT];

	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		cues[i] = (struct gh_attack_measure){ i % 3 != 0, 100.0f * (float)(i - 4) };
	assert(!isnan(gh_attack_score(fusion, cues)));
	for (uint32_t share = 0; share < 300; share += 7)
		assert(gh_attack_limit(fusion, share) >= gh_attack_limit(fusion, share + 7));
}

/* The same bytes under a right last line: mutations would never find a hash. */
static void parse_under_hash(const uint8_t *bytes, size_t size)
{
	static uint8_t text[GH_ATTACK_FILE_BYTES_MAX + 128];
	struct gh_attack_parameters parameters;
	char digits[GH_SHA256_TEXT_BYTES];
	struct gh_sha256 hash;
	size_t length = size;

	while (length > 0 && bytes[length - 1] != '\n')
		length--;
	if (length > 8 && length == size) {
		for (length = size - 1; length > 0 && bytes[length - 1] != '\n'; length--)
			;
	}
	if (length > GH_ATTACK_FILE_BYTES_MAX)
		return;
	memcpy(text, bytes, length);
	if (gh_sha256_of((struct gh_view){ text, length }, &hash, NULL) != GH_OK)
		return;
	gh_sha256_format(&hash, digits);
	memcpy(text + length, "sha256 ", 7);
	memcpy(text + length + 7, digits, 64);
	text[length + 71] = '\n';
	if (gh_attack_parse((struct gh_view){ text, length + 72 }, &parameters, NULL) != GH_OK)
		return;
	use(&parameters.with_network);
	use(&parameters.without_network);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_attack_parameters parameters;

	if (gh_attack_parse((struct gh_view){ bytes, size }, &parameters, NULL) == GH_OK)
		use(&parameters.with_network);
	parse_under_hash(bytes, size);
	return 0;
}
