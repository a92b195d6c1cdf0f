/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a time, an id, hexadecimal and a name: what is taken comes back the same. */
#include "gatehouse/base/clock.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void try_time(const char *text)
{
	char written[GH_TIME_TEXT_BYTES];
	int64_t real_ms;
	int64_t back;

	if (gh_time_parse(text, &real_ms, NULL) != GH_OK) {
		if (real_ms != 0)
			abort();
		return;
	}
	gh_time_format(real_ms, written);
	if (gh_time_parse(written, &back, NULL) != GH_OK || back != real_ms)
		abort();
}

static void try_id(const char *text)
{
	char written[GH_ID_TEXT_BYTES];
	struct gh_id id;

	if (gh_id_parse(text, &id, NULL) != GH_OK) {
		if (!gh_id_is_none(&id))
			abort();
		return;
	}
	gh_id_format(&id, written);
	for (size_t i = 0; written[i]; i++)
		if ((written[i] | 0x20) != (text[i] | 0x20))
			abort();
}

static void try_hex(const char *text)
{
	uint8_t bytes[16];
	char written[33];

	if (gh_hex_parse(text, bytes, strlen(text) / 2 < 16 ? strlen(text) / 2 : 16, NULL) != GH_OK)
		return;
	gh_hex_format(bytes, strlen(text) / 2, written);
	if (strlen(written) != strlen(text))
		abort();
}

/* What a person's text becomes is UTF-8 throughout, and setting it again changes nothing. */
static void try_personal(struct gh_view text)
{
	struct gh_personal once;
	struct gh_personal twice;
	struct gh_view view;

	(void)gh_personal_set(&once, text);
	if (!gh_personal_set(&twice, gh_view_of_text(once.text)) ||
		strcmp(once.text, twice.text) != 0)
		abort();
	view = gh_view_of_text(once.text);
	while (view.length_bytes > 0) {
		uint32_t code_point;
		size_t taken = gh_utf8_decode(view, &code_point);

		if (taken == 0 || code_point < 0x20)
			abort();
		view.data += taken;
		view.length_bytes -= taken;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	try_time(text);
	try_id(text);
	try_hex(text);
	try_personal((struct gh_view){ bytes, size });
	free(text);
	return 0;
}
