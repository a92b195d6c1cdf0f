/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks for: its line and headers read into a value, before anything is done. */
#ifndef GATEHOUSE_SRC_CENTRAL_REQUEST_H
#define GATEHOUSE_SRC_CENTRAL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"

/* Rows of a list in one answer. */
#define REQUEST_LIMIT_MAX 1000u

enum method {
	METHOD_GET,
	METHOD_PUT,
	METHOD_DELETE,
	METHOD_POST,
	METHOD_HEAD,
	METHOD_PATCH,
	METHOD_OTHER,
	METHOD_COUNT
};

/* Longest token a newcomer may bring, its final NUL included. */
#define REQUEST_TOKEN_BYTES 129

/* As bits: a route names the roles it is for. */
enum role {
	ROLE_NONE = 0,
	ROLE_LANE = 1,
	ROLE_OPERATOR = 2,
	ROLE_MONITOR = 4,
	ROLE_NEWCOMER = 8, /* without a certificate, on the port for enrolment */
};

enum endpoint {
	ENDPOINT_ENCOUNTER_PUT,
	ENDPOINT_PHOTO_PUT,
	ENDPOINT_PHOTO_HEAD,
	ENDPOINT_PHOTO_PATCH,
	ENDPOINT_ADDENDUM_PUT,
	ENDPOINT_VOYAGE_LIST,
	ENDPOINT_VOYAGE_GET,
	ENDPOINT_VOYAGE_PUT,
	ENDPOINT_VOYAGE_DELETE,
	ENDPOINT_PASSAGE_LIST,
	ENDPOINT_ENCOUNTER_LIST,
	ENDPOINT_DEVICE_LIST,
	ENDPOINT_DEVICE_PUT,
	ENDPOINT_DEVICE_DELETE,
	ENDPOINT_WITNESS_PUT,
	ENDPOINT_TOKEN_PUT,
	ENDPOINT_CERTIFICATE_LIST,
	ENDPOINT_CERTIFICATE_DELETE,
	ENDPOINT_EST_CERTS,
	ENDPOINT_EST_ENROL,
	ENDPOINT_EST_RENEW,
	ENDPOINT_HEALTH,
	ENDPOINT_HEARTBEAT_PUT,
	ENDPOINT_HEARTBEAT_GET,
	ENDPOINT_ALARM_LIST,
	ENDPOINT_METRICS,
	ENDPOINT_COUNT
};

/* How a request's body is taken. */
enum body_kind {
	BODY_NONE,
	BODY_JSON,   /* in memory */
	BODY_PHOTO,  /* in memory */
	BODY_PIECE,  /* of a photograph, in memory */
	BODY_BUNDLE, /* in a file */
	BODY_CSR,    /* in memory, base64 */
};

struct request {
	enum endpoint endpoint;
	enum body_kind body_kind;
	struct gh_id id;
	char name[65];    /* of a device or lane, or a serial number */
	uint32_t version; /* of a voyage */
	int64_t since;
	uint32_t limit;
	char if_none_match[72];
	char peer[65];                /* common name of the peer's certificate */
	struct gh_sha256 fingerprint; /* of that certificate */
	char claimed[65];             /* a newcomer's name and token, as it says */
	char token[REQUEST_TOKEN_BYTES];
	enum role role;
	char port[12]; /* whose voyages the peer sees, "" all; see desk_admit() */

	/* What Content-Digest says of the body, if it says something. */
	enum digest_state {
		DIGEST_NONE,
		DIGEST_GIVEN,
		DIGEST_MALFORMED,
	} digest_state;
	struct gh_sha256 digest;

	/* Of a piece: where it begins, whether it is the last, and the hash of the whole. */
	uint64_t upload_offset;
	bool upload_complete;
	bool has_whole;
	struct gh_sha256 whole;

	struct gh_view body; /* once it has arrived */
};

/* Why a request goes no further; the HTTP status and the word of the answer. */
struct refusal {
	int status;
	const char *code;
	const char *reason;
	const char *allow; /* methods, with 405 */
};

/*
 * Find what method, path and query ask for. True and *request, or false and
 * *refusal: 404, 405, 400 (an id, a number or a parameter that is none).
 */
bool request_parse(enum method method, const char *path, const char *query, struct request *request,
	struct refusal *refusal);

/* The operation's name in the API file, "" where the path is none of ours. */
const char *request_action(const struct request *request);

/* Whether role may ask for it: 403 otherwise. */
bool request_permitted(const struct request *request, enum role role, struct refusal *refusal);

/* Whether a content type ("" for none) suits the body: 415 otherwise. Parameters are ignored. */
bool request_content_suits(
	const struct request *request, const char *content_type, struct refusal *refusal);

/*
 * Read the headers of a piece (draft-ietf-httpbis-resumable-upload): Upload-Offset, Upload-Complete
 * and Repr-Digest (RFC 9530, 3), "" for none. False and *refusal: 400.
 */
bool request_read_piece(struct request *request, const char *offset, const char *complete,
	const char *repr_digest, struct refusal *refusal);

/* Read a Content-Digest header ("" for none) into the request. */
void request_read_digest(struct request *request, const char *content_digest);

/* "lane", "operator", "monitor", "newcomer" or "none". */
const char *request_role_name(enum role role);

/*
 * Read an Authorization header of the scheme Basic (RFC 7617) into claimed and token; without one
 * they are "", which is no name. Any other scheme or form is as good as none.
 */
void request_basic(const char *header, struct request *request);

/* Read the role from a certificate's organisational unit. */
enum role request_role(const char *unit);

/* Whether an If-None-Match header (RFC 9110, 13.1.2) holds this entity tag (without quotes). */
bool request_etag_matches(const char *if_none_match, const char *etag);

#endif
