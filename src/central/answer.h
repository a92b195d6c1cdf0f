/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with; every error has the same JSON form. */
#ifndef GATEHOUSE_SRC_CENTRAL_ANSWER_H
#define GATEHOUSE_SRC_CENTRAL_ANSWER_H

#include <jansson.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/receipt/receipt.h"
#include "request.h"

/* Zero-initialised is "nothing yet"; but file is -1 in an answer without one. */
struct answer {
	int status;
	struct gh_bytes body; /* JSON, or empty */
	int file;             /* an open file instead of a body; the answer closes it */
	uint64_t file_bytes;
	char etag[65];            /* "" none */
	uint32_t retry_after_s;   /* 0 none */
	const char *allow;        /* NULL none */
	const char *content_type; /* NULL: as answer_content_type() says */
	bool nothing_new;         /* hands out nothing that the peer has not */
	bool base64;              /* the body is, and says so */
	bool challenge;           /* asks for a name and a token */
	uint32_t hold_ms;         /* it goes out so much later */
	bool says_offset;         /* of an upload: */
	uint64_t upload_offset;
	bool upload_complete;
};

void answer_init(struct answer *answer);
void answer_finish(struct answer *answer);

/* {"error": {"status": …, "code": …, "reason": …, "pointer": …}}; pointer NULL or "" for none. */
void answer_error(struct answer *answer, int status, const char *code, const char *reason,
	const char *pointer);
void answer_refusal(struct answer *answer, const struct refusal *refusal);

/* A body that its schema refuses: 422 with the pointer in front of the text, 413; or a failure. */
void answer_refused(struct answer *answer, enum gh_status status, const struct gh_error *error);

/*
 * Something of ours failed, whatever its status is called: 503, to be tried later, for no room, no
 * memory and no time, else 500. The story stays here: it names paths of this machine.
 */
void answer_failure(struct answer *answer, enum gh_status status);

/* Take a JSON value over as the body. NULL is no memory. */
void answer_json(struct answer *answer, int status, json_t *root);

/*
 * {"id": …, "stored": true|false, "sha256": …, "receipt": …}: stored is false when it was there
 * already.
 */
void answer_stored(struct answer *answer, const struct gh_receipt *receipt, bool is_new);

/* 204: so much of an upload is here, or all of it. */
void answer_offset(struct answer *answer, uint64_t offset, bool complete);

/* Take base64 over as the body: certificates (RFC 7030). */
void answer_certificates(struct answer *answer, struct gh_bytes *base64);

/* The answer's own, else "application/json" or "application/octet-stream". */
const char *answer_content_type(const struct answer *answer);

#endif
