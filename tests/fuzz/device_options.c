/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a driver's options and as a rehearsed command: values stay in their ranges. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/device/options.h"

static const char *const words[] = { "wall", "fast", NULL };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint32_t number = 10;
	uint32_t word = 0;
	uint32_t yes = 0;
	uint32_t value = 3;
	const struct gh_option options[] = {
		{ "number", NULL, 10, 20, &number },
		{ "pace", words, 0, 0, &word },
		{ "loop", gh_option_switch, 0, 0, &yes },
	};
	char *text = malloc(size + 1);
	if (!text)
		abort();
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	enum gh_status status = gh_options_parse(text, options, 3, NULL);
	if (status != GH_OK && status != GH_SETTINGS)
		abort();
	if (number < 10 || number > 20 || word > 1 || yes > 1)
		abort();
	status = gh_number_parse(text, 3, 7, &value, NULL);
	if (value < 3 || value > 7 || (status != GH_OK && value != 3))
		abort();
	const char *rest = gh_command_rest(text, "load");
	if (rest && (rest < text || rest > text + strlen(text)))
		abort();
	free(text);
	return 0;
}
