/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request's line and headers: one byte of method, then path, query, content type, If-None-Match
 * and role, each a line. What is taken is whole; what is refused says why.
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIELDS = 5
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void check_refusal(const struct refusal *refusal)
{
	must(refusal->status >= 400 && refusal->status < 500);
	must(refusal->code && *refusal->code && refusal->reason && *refusal->reason);
	must((refusal->allow != NULL) == (refusal->status == 405));
}

static void check_request(const struct request *request)
{
	static const bool has_id[ENDPOINT_COUNT] = {
		[ENDPOINT_ENCOUNTER_PUT] = true,
		[ENDPOINT_PHOTO_PUT] = true,
		[ENDPOINT_PHOTO_HEAD] = true,
		[ENDPOINT_PHOTO_PATCH] = true,
		[ENDPOINT_ADDENDUM_PUT] = true,
		[ENDPOINT_VOYAGE_GET] = true,
		[ENDPOINT_VOYAGE_PUT] = true,
		[ENDPOINT_VOYAGE_DELETE] = true,
		[ENDPOINT_PASSAGE_LIST] = true,
		[ENDPOINT_WITNESS_PUT] = true,
	};

	must(request->endpoint >= 0 && request->endpoint < ENDPOINT_COUNT);
	must(gh_id_is_none(&request->id) != has_id[request->endpoint]);
	must((request->version > 0) == (request->endpoint == ENDPOINT_VOYAGE_PUT));
	must(request->since >= 0);
	must(request->limit >= 1 && request->limit <= REQUEST_LIMIT_MAX);
}

/* Whatever a header says, what is made of it is a name and a token, or neither. */
static void try_basic(const char *header)
{
	struct request request;

	request_basic(header, &request);
	must(strlen(request.claimed) < sizeof(request.claimed));
	must(request.claimed[0] == '\0' || request.token[0] != '\0');
	must(strlen(request.token) < sizeof(request.token));
}

static void try_request(enum method method, char *const fields[FIELDS])
{
	struct request request;
	struct refusal refusal = { 0, NULL, NULL, NULL };

	if (!request_parse(method, fields[0], fields[1], &request, &refusal)) {
		check_refusal(&refusal);
		return;
	}
	check_request(&request);
	if (!request_content_suits(&request, fields[2], &refusal))
		must(refusal.status == 415);
	if (!request_permitted(&request, request_role(fields[4]), &refusal))
		must(refusal.status == 403);
	must(!request_permitted(&request, ROLE_NONE, &refusal));
	if (!request_permitted(&request, ROLE_NEWCOMER, &refusal))
		must(refusal.status == 404);
	(void)request_etag_matches(fields[3], "00112233445566778899aabbccddeeff");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *fields[FIELDS];
	char *text = malloc(size + 1);
	char *rest = text;

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	enum method method = size > 0 ? (enum method)(bytes[0] % METHOD_COUNT) : METHOD_GET;
	if (*rest)
		rest++;
	for (int i = 0; i < FIELDS; i++) {
		fields[i] = rest;
		rest += strcspn(rest, "\n");
		if (*rest)
			*rest++ = '\0';
	}
	try_request(method, fields);
	try_basic(fields[3]);
	free(text);
	return 0;
}
