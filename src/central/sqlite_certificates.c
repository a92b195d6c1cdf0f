/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that were issued, and tokens for them, in SQLite. */
#include <stdio.h>
#include <string.h>

#include "sqlite.h"

enum gh_status sql_find_standing(struct store *store, const char *name,
	const struct gh_sha256 *fingerprint, struct store_standing *standing,
	struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(
		base, SQL_STANDING, VALUES(param_text(name), param_hash(fingerprint)), error);
	int64_t device, certificate;

	memset(standing, 0, sizeof(*standing));
	if (status != GH_OK)
		return status;
	device = sql_column_integer(base, SQL_STANDING, 1);
	certificate = sql_column_integer(base, SQL_STANDING, 2);
	standing->registered = device >= 0;
	standing->revoked_ms = device > 0 ? device : 0;
	standing->issued = certificate >= 0;
	standing->certificate_revoked_ms = certificate > 0 ? certificate : 0;
	gh_text_copy(
		standing->port, sizeof(standing->port), sql_column_text(base, SQL_STANDING, 0));
	sql_done(base, SQL_STANDING);
	return GH_OK;
}

enum gh_status sql_put_token(
	struct store *store, const struct store_token *token, struct gh_error *error)
{
	return sql_run(sql_base(store), SQL_TOKEN_PUT,
		VALUES(param_text(token->name), param_hash(&token->hash),
			param_integer(token->made_ms), param_integer(token->expires_ms)),
		error);
}

enum gh_status sql_find_token(
	struct store *store, const char *name, struct store_token *token, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_TOKEN_FIND, VALUES(param_text(name)), error);

	memset(token, 0, sizeof(*token));
	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such token");
	if (status != GH_OK)
		return status;
	gh_text_copy(token->name, sizeof(token->name), sql_column_text(base, SQL_TOKEN_FIND, 0));
	sql_column_fixed(base, SQL_TOKEN_FIND, 1, token->hash.bytes, sizeof(token->hash.bytes));
	token->made_ms = sql_column_integer(base, SQL_TOKEN_FIND, 2);
	token->expires_ms = sql_column_integer(base, SQL_TOKEN_FIND, 3);
	token->used = sql_column_integer(base, SQL_TOKEN_FIND, 4) != 0;
	sql_column_fixed(base, SQL_TOKEN_FIND, 5, token->key_id.bytes, sizeof(token->key_id.bytes));
	token->failures = sql_column_integer(base, SQL_TOKEN_FIND, 6);
	sql_done(base, SQL_TOKEN_FIND);
	return GH_OK;
}

enum gh_status sql_count_failure(struct store *store, const char *name, struct gh_error *error)
{
	return sql_run(sql_base(store), SQL_TOKEN_FAILURE, VALUES(param_text(name)), error);
}

static enum gh_status use_token(struct database *base, const struct store_certificate *certificate,
	const struct gh_sha256 *token, struct gh_error *error)
{
	enum gh_status status = sql_run(base, SQL_TOKEN_USE,
		VALUES(param_hash(&certificate->key_id), param_text(certificate->name),
			param_hash(token), param_integer(certificate->issued_ms)),
		error);

	if (status == GH_OK && sqlite3_changes(base->handle) == 0)
		return gh_error_set(error, GH_DENIED, "the token is over, or was used");
	return status;
}

enum gh_status sql_put_certificate(struct store *store, const struct store_certificate *certificate,
	struct gh_view der, const struct gh_sha256 *token, enum stored *stored,
	struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_begin(base, error);

	*stored = STORED_NEW;
	if (status != GH_OK)
		return status;
	if (token)
		status = use_token(base, certificate, token, error);
	if (status == GH_OK)
		status = sql_run(base, SQL_CERTIFICATE_PUT,
			VALUES(param_hash(&certificate->key_id),
				param_hash(&certificate->fingerprint),
				param_text(certificate->serial), param_text(certificate->name),
				param_integer(certificate->issued_ms),
				param_integer(certificate->not_after_ms), param_bytes(der)),
			error);
	if (status == GH_OK && sqlite3_changes(base->handle) == 0)
		*stored = STORED_SAME;
	return sql_end(base, status, error);
}

static void read_certificate(
	struct database *base, enum statement statement, struct store_certificate *certificate)
{
	memset(certificate, 0, sizeof(*certificate));
	sql_column_fixed(
		base, statement, 0, certificate->key_id.bytes, sizeof(certificate->key_id.bytes));
	sql_column_fixed(base, statement, 1, certificate->fingerprint.bytes,
		sizeof(certificate->fingerprint.bytes));
	gh_text_copy(certificate->serial, sizeof(certificate->serial),
		sql_column_text(base, statement, 2));
	gh_text_copy(
		certificate->name, sizeof(certificate->name), sql_column_text(base, statement, 3));
	certificate->issued_ms = sql_column_integer(base, statement, 4);
	certificate->not_after_ms = sql_column_integer(base, statement, 5);
	certificate->revoked_ms = sql_column_integer(base, statement, 6);
}

enum gh_status sql_find_certificate(struct store *store, const struct gh_sha256 *key_id,
	struct store_certificate *certificate, struct gh_bytes *der, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status =
		sql_first(base, SQL_CERTIFICATE_FIND, VALUES(param_hash(key_id)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no such certificate");
	if (status != GH_OK)
		return status;
	read_certificate(base, SQL_CERTIFICATE_FIND, certificate);
	status = sql_column_copy(base, SQL_CERTIFICATE_FIND, 7, der, error);
	sql_done(base, SQL_CERTIFICATE_FIND);
	return status;
}

enum gh_status sql_revoke_certificate(
	struct store *store, const char *serial, int64_t now_ms, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_run(base, SQL_CERTIFICATE_REVOKE,
		VALUES(param_text(serial), param_integer(now_ms)), error);

	if (status == GH_OK && sqlite3_changes(base->handle) == 0)
		return gh_error_set(error, GH_NOT_FOUND, "no such certificate");
	return status;
}

enum gh_status sql_list_certificates(struct store *store, const char *name,
	void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
	struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status =
		sql_first(base, SQL_CERTIFICATE_LIST, VALUES(param_text(name)), error);

	while (status == GH_OK) {
		struct store_certificate certificate;

		read_certificate(base, SQL_CERTIFICATE_LIST, &certificate);
		call(ctx, &certificate);
		status = sql_next(base, SQL_CERTIFICATE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}
