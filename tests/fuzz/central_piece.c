/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of a photograph's piece, each a line: offset, whether it is the last, and digests. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIELDS = 4
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct request request = { .endpoint = ENDPOINT_PHOTO_PATCH };
	struct refusal refusal = { 0, NULL, NULL, NULL };
	char text[2048];
	char *fields[FIELDS];
	char *rest = text;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	for (int i = 0; i < FIELDS; i++) {
		char *end = strchr(rest, '\n');

		fields[i] = rest;
		if (end)
			*end = '\0';
		rest = end ? end + 1 : rest + strlen(rest);
	}
	request_read_digest(&request, fields[3]);
	if (!request_read_piece(&request, fields[0], fields[1], fields[2], &refusal)) {
		if (refusal.status != 400 || !refusal.code || !refusal.reason)
			abort();
		return 0;
	}
	/* Offset and length are added to each other: there is room for that. */
	if (request.upload_offset > INT32_MAX)
		abort();
	return 0;
}
