/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as text. */
#include "text.h"

#include <stdlib.h>

#define FLAGS (JSON_COMPACT | JSON_ENCODE_ANY)

/*
 * Not json_dumps(): where its buffer cannot grow, jansson 2.14 leaves a quote out and goes on. This
 * way the text has its room before it is written.
 */
char *text_of_json(const json_t *value)
{
	size_t length = value ? json_dumpb(value, NULL, 0, FLAGS) : 0;
	char *text = length > 0 ? malloc(length + 1) : NULL;

	if (!text)
		return NULL;
	if (json_dumpb(value, text, length, FLAGS) != length) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}
