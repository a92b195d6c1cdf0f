/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that were issued, and tokens for them, in PostgreSQL. */
#include <string.h>

#include "postgres.h"

enum gh_status pg_find_standing(struct store *store, const char *name,
	const struct gh_sha256 *fingerprint, struct store_standing *standing,
	struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(pg_base(store), PG_STANDING,
		VALUES(param_text(name), param_hash(fingerprint)), &rows, error);

	memset(standing, 0, sizeof(*standing));
	if (status == GH_OK && PQntuples(rows) == 1) {
		int64_t device = pg_integer(rows, 0, 1);
		int64_t certificate = pg_integer(rows, 0, 2);

		gh_text_copy(standing->port, sizeof(standing->port), pg_text(rows, 0, 0));
		standing->registered = device >= 0;
		standing->revoked_ms = device > 0 ? device : 0;
		standing->issued = certificate >= 0;
		standing->certificate_revoked_ms = certificate > 0 ? certificate : 0;
	}
	PQclear(rows);
	return status;
}

enum gh_status pg_put_token(
	struct store *store, const struct store_token *token, struct gh_error *error)
{
	return pg_run(pg_base(store), PG_TOKEN_PUT,
		VALUES(param_text(token->name), param_hash(&token->hash),
			param_integer(token->made_ms), param_integer(token->expires_ms)),
		error);
}

enum gh_status pg_find_token(
	struct store *store, const char *name, struct store_token *token, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status =
		pg_query(pg_base(store), PG_TOKEN_FIND, VALUES(param_text(name)), &rows, error);

	memset(token, 0, sizeof(*token));
	if (status == GH_OK && PQntuples(rows) == 0) {
		status = gh_error_set(error, GH_NOT_FOUND, "no such token");
	} else if (status == GH_OK) {
		gh_text_copy(token->name, sizeof(token->name), pg_text(rows, 0, 0));
		pg_fixed(rows, 0, 1, token->hash.bytes, sizeof(token->hash.bytes));
		token->made_ms = pg_integer(rows, 0, 2);
		token->expires_ms = pg_integer(rows, 0, 3);
		token->used = PQgetlength(rows, 0, 4) > 0;
		pg_fixed(rows, 0, 4, token->key_id.bytes, sizeof(token->key_id.bytes));
		token->failures = pg_integer(rows, 0, 5);
	}
	PQclear(rows);
	return status;
}

enum gh_status pg_count_failure(struct store *store, const char *name, struct gh_error *error)
{
	return pg_run(pg_base(store), PG_TOKEN_FAILURE, VALUES(param_text(name)), error);
}

/* One statement, and so one step: of two who bring a token at once, the later finds it used. */
enum gh_status pg_put_certificate(struct store *store, const struct store_certificate *certificate,
	struct gh_view der, const struct gh_sha256 *token, enum stored *stored,
	struct gh_error *error)
{
	const struct gh_view no_token = { NULL, 0 };
	PGresult *rows;
	enum gh_status status = pg_query(pg_base(store), PG_CERTIFICATE_PUT,
		VALUES(param_hash(&certificate->key_id), param_hash(&certificate->fingerprint),
			param_text(certificate->serial), param_text(certificate->name),
			param_integer(certificate->issued_ms),
			param_integer(certificate->not_after_ms), param_bytes(der),
			token ? param_hash(token) : param_bytes(no_token),
			param_integer(token != NULL)),
		&rows, error);

	*stored = STORED_NEW;
	if (status == GH_OK && token && pg_integer(rows, 0, 0) == 0)
		status = gh_error_set(error, GH_DENIED, "the token is over, or was used");
	else if (status == GH_OK && pg_integer(rows, 0, 1) == 0)
		*stored = STORED_SAME;
	PQclear(rows);
	return status;
}

static void read_certificate(const PGresult *rows, int at, struct store_certificate *certificate)
{
	memset(certificate, 0, sizeof(*certificate));
	pg_fixed(rows, at, 0, certificate->key_id.bytes, sizeof(certificate->key_id.bytes));
	pg_fixed(rows, at, 1, certificate->fingerprint.bytes,
		sizeof(certificate->fingerprint.bytes));
	gh_text_copy(certificate->serial, sizeof(certificate->serial), pg_text(rows, at, 2));
	gh_text_copy(certificate->name, sizeof(certificate->name), pg_text(rows, at, 3));
	certificate->issued_ms = pg_integer(rows, at, 4);
	certificate->not_after_ms = pg_integer(rows, at, 5);
	certificate->revoked_ms = pg_integer(rows, at, 6);
}

enum gh_status pg_find_certificate(struct store *store, const struct gh_sha256 *key_id,
	struct store_certificate *certificate, struct gh_bytes *der, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(
		pg_base(store), PG_CERTIFICATE_FIND, VALUES(param_hash(key_id)), &rows, error);

	if (status == GH_OK && PQntuples(rows) == 0) {
		status = gh_error_set(error, GH_NOT_FOUND, "no such certificate");
	} else if (status == GH_OK) {
		read_certificate(rows, 0, certificate);
		status = pg_copy(rows, 0, 7, der, error);
	}
	PQclear(rows);
	return status;
}

enum gh_status pg_revoke_certificate(
	struct store *store, const char *serial, int64_t now_ms, struct gh_error *error)
{
	return pg_change(pg_base(store), PG_CERTIFICATE_REVOKE,
		VALUES(param_text(serial), param_integer(now_ms)), error);
}

enum gh_status pg_list_certificates(struct store *store, const char *name,
	void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
	struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(
		pg_base(store), PG_CERTIFICATE_LIST, VALUES(param_text(name)), &rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct store_certificate certificate;

		read_certificate(rows, i, &certificate);
		call(ctx, &certificate);
	}
	PQclear(rows);
	return status;
}
