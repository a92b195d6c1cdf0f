/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment over secure transport (RFC 7030): certificates for lanes, and who has which. */
#include <string.h>

#include "desk.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/base64.h"
#include "gatehouse/crypto/csr.h"
#include "listing.h"

static void answer_certs(struct answer *answer, const struct gh_certs *certs)
{
	struct gh_bytes base64 = GH_BYTES_EMPTY;
	struct gh_error error;
	enum gh_status status = gh_certs_only_encode(certs, &base64, &error);

	if (status == GH_OK)
		answer_certificates(answer, &base64);
	else
		answer_failure(answer, status);
	gh_bytes_finish(&base64);
}

void desk_list_authorities(struct desk *desk, const struct request *request, struct answer *answer)
{
	(void)request;
	if (desk->issuer)
		answer_certs(answer, gh_issuer_certs(desk->issuer));
	else
		answer_error(answer, 404, "no_issuer", "this centre issues no certificates", NULL);
}

/* A message of this one certificate; takes the bytes over. */
static void answer_one(struct answer *answer, struct gh_bytes *der)
{
	struct gh_certs certs = { .count = 1, .der = { *der } };

	*der = (struct gh_bytes)GH_BYTES_EMPTY;
	answer_certs(answer, &certs);
	gh_certs_finish(&certs);
}

static void answer_refused_csr(
	struct answer *answer, enum gh_status status, const struct gh_error *error)
{
	switch (status) {
	case GH_INTEGRITY:
	case GH_UNSUPPORTED:
	case GH_MALFORMED:
		answer_error(answer, 400, "bad_request", error->text, NULL);
		return;
	case GH_TOO_LARGE:
		answer_error(answer, 413, "too_large", error->text, NULL);
		return;
	default:
		answer_failure(answer, status);
	}
}

/* The request, proven, and of the lane that asks: nobody has another's name certified. */
static bool read_csr(const struct request *request, struct gh_csr *csr, struct answer *answer)
{
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_error error;
	enum gh_status status =
		gh_base64_decode(request->body, request->body.length_bytes, &der, &error);

	if (status == GH_OK)
		status = gh_csr_read(gh_bytes_view(&der), csr, &error);
	gh_bytes_finish(&der);
	if (status != GH_OK) {
		answer_refused_csr(answer, status, &error);
		return false;
	}
	if (strcmp(csr->name, request->peer) != 0 ||
		(csr->role[0] && strcmp(csr->role, GH_ROLE_LANE) != 0)) {
		answer_error(answer, 403, "other_lane",
			"the request names another lane, or another role", NULL);
		return false;
	}
	return true;
}

/*
 * The key has a certificate. For the same lane, whose answer was lost, it is the answer; a key that
 * was revoked, is another's or whose certificate is over is not certified again.
 */
static void answer_known(struct desk *desk, const struct request *request,
	const struct store_certificate *known, struct gh_bytes *der, struct answer *answer)
{
	if (strcmp(known->name, request->peer) != 0)
		answer_error(answer, 409, "key_taken", "the key is another lane's", NULL);
	else if (known->revoked_ms != 0)
		answer_error(answer, 403, "certificate_revoked",
			"the certificate of this key is revoked: make another key", NULL);
	else if (known->not_after_ms <= desk->clock->real_ms(desk->clock))
		answer_error(answer, 409, "key_taken",
			"the certificate of this key is over: make another key", NULL);
	else
		answer_one(answer, der);
}

static enum gh_status issue(struct desk *desk, const struct request *request,
	const struct gh_csr *csr, struct gh_issued *issued, struct store_certificate *row,
	struct gh_error *error)
{
	struct gh_issue wanted = desk->issue;
	enum gh_status status;

	wanted.name = request->peer;
	wanted.now_ms = desk->clock->real_ms(desk->clock);
	status = gh_issuer_issue(desk->issuer, csr, &wanted, issued, error);
	if (status != GH_OK)
		return status;
	*row = (struct store_certificate){ .key_id = csr->key_id,
		.fingerprint = issued->certificate.fingerprint,
		.issued_ms = wanted.now_ms,
		.not_after_ms = issued->certificate.not_after_ms };
	gh_text_copy(row->serial, sizeof(row->serial), issued->serial);
	gh_text_copy(row->name, sizeof(row->name), request->peer);
	return GH_OK;
}

static void answer_put(struct desk *desk, const struct request *request, const struct gh_csr *csr,
	enum stored stored, struct gh_issued *issued, struct answer *answer)
{
	struct store_certificate known;
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_error error;
	enum gh_status status;

	if (stored == STORED_NEW) {
		gh_log(GH_LOG_NOTICE, "central", "certificate_issued",
			gh_log_place("name", request->peer),
			gh_log_place("serial", issued->serial));
		answer_one(answer, &issued->der);
		return;
	}
	status = store_find_certificate(desk->store, &csr->key_id, &known, &der, &error);
	if (status == GH_OK)
		answer_known(desk, request, &known, &der, answer);
	else
		answer_failure(answer, status);
	gh_bytes_finish(&der);
}

/* What was issued is kept before it is handed out; what is not kept is as if it never was. */
static void certify(struct desk *desk, const struct request *request, const struct gh_csr *csr,
	const struct gh_sha256 *token, struct answer *answer)
{
	struct gh_issued issued = { .serial = "" };
	struct store_certificate row;
	struct gh_error error = GH_ERROR_NONE;
	enum stored stored = STORED_NEW;
	enum gh_status status = issue(desk, request, csr, &issued, &row, &error);

	if (status == GH_OK)
		status = store_put_certificate(
			desk->store, &row, gh_bytes_view(&issued.der), token, &stored, &error);
	if (status == GH_OK) {
		answer_put(desk, request, csr, stored, &issued, answer);
	} else if (status == GH_DENIED && token) {
		answer_error(answer, 401, "token_used", "the token was used for another key", NULL);
		answer->challenge = true;
	} else {
		gh_log(GH_LOG_ERROR, "central", "not_issued", gh_log_error(&error));
		answer_failure(answer, status);
	}
	gh_bytes_finish(&issued.der);
}

void desk_enrol(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_sha256 token;
	struct gh_csr csr;
	struct gh_error error;
	enum gh_status status;

	if (!read_csr(request, &csr, answer))
		return;
	status = gh_sha256_of(gh_view_of_text(request->token), &token, &error);
	if (status == GH_OK)
		certify(desk, request, &csr, &token, answer);
	else
		answer_failure(answer, status);
}

void desk_renew(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_csr csr;

	if (!desk->issuer)
		answer_error(answer, 404, "no_issuer", "this centre issues no certificates", NULL);
	else if (read_csr(request, &csr, answer))
		certify(desk, request, &csr, NULL, answer);
}

static void add_certificate(void *ctx, const struct store_certificate *certificate)
{
	char fingerprint[GH_SHA256_TEXT_BYTES];

	gh_sha256_format(&certificate->fingerprint, fingerprint);
	listing_add(ctx,
		json_pack("{s:s, s:s, s:o, s:o, s:o}", "serial", certificate->serial, "sha256",
			fingerprint, "issued_time", listing_time(certificate->issued_ms),
			"not_after_time", listing_time(certificate->not_after_ms), "revoked_time",
			listing_time(certificate->revoked_ms)));
}

/* What an operator may know of it; whether somebody guesses, above all. */
static json_t *token_json(const struct store_token *token)
{
	return json_pack("{s:o, s:o, s:b, s:I}", "made_time", listing_time(token->made_ms),
		"expires_time", listing_time(token->expires_ms), "used", (int)token->used,
		"wrong_tries", (json_int_t)token->failures);
}

void desk_list_certificates(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct listing listing = { json_array(), 0, false };
	struct store_token token;
	struct gh_error error;
	enum gh_status found = store_find_token(desk->store, request->name, &token, &error);
	enum gh_status status = found == GH_NOT_FOUND ? GH_OK : found;

	if (status == GH_OK)
		status = store_list_certificates(
			desk->store, request->name, add_certificate, &listing, &error);
	if (status != GH_OK || listing.failed) {
		listing_answer(answer, &listing, "certificates", false, status);
		return;
	}
	answer_json(answer, 200,
		json_pack("{s:o, s:o}", "token", found == GH_OK ? token_json(&token) : json_null(),
			"certificates", listing.items));
}

void desk_revoke_certificate(
	struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_error error;
	enum gh_status status = store_revoke_certificate(
		desk->store, request->name, desk->clock->real_ms(desk->clock), &error);

	if (status == GH_NOT_FOUND) {
		answer_error(answer, 404, "no_such_certificate",
			"there is no such certificate that is not revoked", NULL);
	} else if (status != GH_OK) {
		answer_failure(answer, status);
	} else {
		gh_log(GH_LOG_NOTICE, "central", "certificate_revoked",
			gh_log_place("serial", request->name));
		answer->status = 204;
	}
}
