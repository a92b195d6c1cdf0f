/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as parameters of the morph indicator; what is read gives numbers within their range. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/vision/morph.h"
#include "hashed_lines.h"

static void use(const struct gh_morph_parameters *parameters)
{
	static const float scores[] = { -1.0f, -0.2f, 0.0f, 0.3f, 0.6f, 1.0f, INFINITY, NAN };

	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
		float indicator = gh_morph_indicator(parameters, scores[i]);
		struct gh_morph_point at = gh_morph_error_at(parameters, indicator);

		assert(indicator >= parameters->lowest && indicator <= parameters->highest);
		assert(at.bpcer >= 0.0f && at.bpcer <= 1.0f);
		assert(at.apcer >= 0.0f && at.apcer <= 1.0f);
	}
}

/* The same bytes, up to their last line, under a right hash: mutations would never find one. */
static void parse_under_hash(const uint8_t *bytes, size_t size)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_morph_parameters parameters;
	size_t length = size > 0 ? size - 1 : 0;

	while (length > 0 && bytes[length - 1] != '\n')
		length--;
	if (length <= GH_MORPH_FILE_BYTES_MAX &&
		gh_bytes_append(&text, bytes, length, NULL) == GH_OK &&
		gh_hashed_lines_seal(&text, NULL) == GH_OK &&
		gh_morph_parse(gh_bytes_view(&text), &parameters, NULL) == GH_OK)
		use(&parameters);
	gh_bytes_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_morph_parameters parameters;

	if (gh_morph_parse((struct gh_view){ bytes, size }, &parameters, NULL) == GH_OK)
		use(&parameters);
	parse_under_hash(bytes, size);
	return 0;
}
