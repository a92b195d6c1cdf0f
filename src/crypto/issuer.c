/* SPDX-License-Identifier: Apache-2.0 */
/* An authority's key at work, by OpenSSL. */
#include "gatehouse/crypto/issuer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "gatehouse/base/file.h"
#include "library_error.h"
#include "pem.h"
#include "x509_write.h"

#define DNS_BYTES 256

struct gh_issuer {
	X509 *x509;
	EVP_PKEY *key;
	struct gh_certificate own;
	struct gh_certs certs;
};

void gh_issuer_close(struct gh_issuer *issuer)
{
	if (!issuer)
		return;
	gh_certs_finish(&issuer->certs);
	X509_free(issuer->x509);
	EVP_PKEY_free(issuer->key);
	free(issuer);
}

const struct gh_certs *gh_issuer_certs(const struct gh_issuer *issuer)
{
	return &issuer->certs;
}

static enum gh_status add_file(struct gh_certs *certs, const char *path, struct gh_error *error)
{
	struct gh_bytes pem = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_PEM_MAX_BYTES, &pem, error);

	if (status != GH_OK)
		return status;
	status = gh_certs_add_pem(certs, gh_bytes_view(&pem), error);
	gh_bytes_finish(&pem);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	return status;
}

/* As whoever takes its certificates would judge. */
static bool is_trusted(X509 *x509, X509_STORE *store, STACK_OF(X509) * between, int64_t now_ms)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	bool trusted = context && X509_STORE_CTX_init(context, store, x509, between) == 1;

	if (trusted) {
		X509_STORE_CTX_set_time(context, 0, (time_t)(now_ms / 1000));
		trusted = X509_verify_cert(context) == 1;
	}
	X509_STORE_CTX_free(context);
	return trusted;
}

static STACK_OF(X509) * stack_of(const struct gh_certs *certs)
{
	STACK_OF(X509) *stack = sk_X509_new_null();

	for (size_t i = 0; stack && i < certs->count; i++) {
		X509 *x509;

		if (gh_pem_certificate(gh_bytes_view(&certs->der[i]), &x509, NULL) == GH_OK &&
			sk_X509_push(stack, x509) == 0)
			X509_free(x509);
	}
	return stack;
}

static enum gh_status check_trust(
	struct gh_issuer *issuer, const char *ca_file, int64_t now_ms, struct gh_error *error)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *between = stack_of(&issuer->certs);
	enum gh_status status = GH_OK;

	if (!store || !between || X509_STORE_load_file(store, ca_file) != 1)
		status = gh_library_error(error, GH_MALFORMED, ca_file);
	else if (!is_trusted(issuer->x509, store, between, now_ms))
		status = gh_error_set(error, GH_SETTINGS,
			"the issuer's certificate does not lead to one of %s", ca_file);
	gh_library_error(NULL, GH_OK, "");
	sk_X509_pop_free(between, X509_free);
	X509_STORE_free(store);
	return status;
}

static enum gh_status check_authority(
	struct gh_issuer *issuer, const char *path, int64_t now_ms, struct gh_error *error)
{
	if (X509_check_private_key(issuer->x509, issuer->key) != 1) {
		gh_library_error(NULL, GH_OK, "");
		return gh_error_set(error, GH_INTEGRITY, "%s: the issuer's key is not its", path);
	}
	if (X509_check_ca(issuer->x509) != 1 ||
		!(X509_get_key_usage(issuer->x509) & X509v3_KU_KEY_CERT_SIGN))
		return gh_error_set(
			error, GH_SETTINGS, "%s: the certificate may not issue others", path);
	if (now_ms < issuer->own.not_before_ms || now_ms >= issuer->own.not_after_ms)
		return gh_error_set(
			error, GH_SETTINGS, "%s: the issuer's certificate is not valid now", path);
	return GH_OK;
}

static enum gh_status take(struct gh_issuer *issuer, const char *certificate_file,
	struct gh_view key_pem, const char *ca_file, struct gh_error *error)
{
	enum gh_status status = gh_certificate_read(certificate_file, &issuer->own, error);

	if (status == GH_OK)
		status = gh_pem_read_certificate(certificate_file, &issuer->x509, error);
	if (status == GH_OK)
		status = gh_pem_key(key_pem, &issuer->key, error);
	if (status == GH_OK)
		status = add_file(&issuer->certs, certificate_file, error);
	if (status == GH_OK)
		status = add_file(&issuer->certs, ca_file, error);
	return status;
}

enum gh_status gh_issuer_open(const char *certificate_file, struct gh_view key_pem,
	const char *ca_file, int64_t now_ms, struct gh_issuer **issuer, struct gh_error *error)
{
	struct gh_issuer *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*issuer = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "issuer");
	status = take(made, certificate_file, key_pem, ca_file, error);
	if (status == GH_OK)
		status = check_authority(made, certificate_file, now_ms, error);
	if (status == GH_OK)
		status = check_trust(made, ca_file, now_ms, error);
	if (status != GH_OK) {
		gh_issuer_close(made);
		return status;
	}
	*issuer = made;
	return GH_OK;
}

/* What stands in an extension must not be taken for OpenSSL's own words. */
static bool is_name(const char *text, bool may_be_empty)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	size_t length = strspn(text, allowed);

	return text[length] == '\0' && length <= 64 && (length > 0 || may_be_empty);
}

static bool set_subject(X509 *x509, const struct gh_issue *issue)
{
	X509_NAME *subject = X509_get_subject_name(x509);

	return (issue->organisation[0] == '\0' ||
		       gh_x509_add_name(subject, "O", issue->organisation)) &&
		gh_x509_add_name(subject, "OU", issue->role) &&
		gh_x509_add_name(subject, "CN", issue->name);
}

static bool set_key(X509 *x509, const struct gh_csr *csr)
{
	const unsigned char *place = csr->key;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &place, (long)csr->key_bytes);
	bool done = key && X509_set_pubkey(x509, key) == 1;

	EVP_PKEY_free(key);
	return done;
}

/* From a little ago, but not before there was an authority, and not after. */
static bool set_validity(X509 *x509, const struct gh_issuer *issuer, const struct gh_issue *issue)
{
	int64_t from_ms = issue->now_ms - GH_ISSUER_BACKDATE_MS;
	int64_t to_ms = issue->now_ms + issue->life_ms;

	if (from_ms < issuer->own.not_before_ms)
		from_ms = issuer->own.not_before_ms;
	if (to_ms > issuer->own.not_after_ms)
		to_ms = issuer->own.not_after_ms;
	return gh_x509_set_validity(x509, from_ms / 1000, to_ms / 1000);
}

static bool add_extensions(X509 *x509, X509 *issuer, const struct gh_issue *issue)
{
	char dns[DNS_BYTES];

	snprintf(dns, sizeof(dns), "DNS:%s%s%s", issue->name, issue->domain[0] ? "." : "",
		issue->domain);
	return gh_x509_add_extension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
		gh_x509_add_extension(x509, issuer, NID_key_usage, "critical,digitalSignature") &&
		gh_x509_add_extension(x509, issuer, NID_ext_key_usage, "clientAuth") &&
		gh_x509_add_extension(x509, issuer, NID_subject_alt_name, dns) &&
		gh_x509_add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
		gh_x509_add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
}

/* Ed25519 has its digest in it. */
static const EVP_MD *digest_of(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") == 1 ? NULL : EVP_sha256();
}

static enum gh_status write_issued(X509 *x509, struct gh_issued *issued, struct gh_error *error)
{
	unsigned char *bytes = NULL;
	int length = i2d_X509(x509, &bytes);
	enum gh_status status;

	if (length <= 0)
		return gh_library_error(error, GH_INTERNAL, "certificate");
	status = gh_bytes_append(&issued->der, bytes, (size_t)length, error);
	if (status == GH_OK)
		status = gh_certificate_parse(
			gh_bytes_view(&issued->der), &issued->certificate, error);
	OPENSSL_free(bytes);
	return status;
}

static enum gh_status make(struct gh_issuer *issuer, const struct gh_csr *csr,
	const struct gh_issue *issue, struct gh_issued *issued, struct gh_error *error)
{
	uint8_t serial[GH_SERIAL_BYTES];
	X509 *x509 = X509_new();
	enum gh_status status;

	if (!x509 || X509_set_version(x509, X509_VERSION_3) != 1 ||
		!gh_x509_set_serial(x509, serial) || !set_validity(x509, issuer, issue) ||
		!set_subject(x509, issue) ||
		X509_set_issuer_name(x509, X509_get_subject_name(issuer->x509)) != 1 ||
		!set_key(x509, csr) || !add_extensions(x509, issuer->x509, issue) ||
		X509_sign(x509, issuer->key, digest_of(issuer->key)) <= 0) {
		X509_free(x509);
		return gh_library_error(error, GH_INTERNAL, "certificate");
	}
	gh_hex_format(serial, sizeof(serial), issued->serial);
	status = write_issued(x509, issued, error);
	X509_free(x509);
	return status;
}

enum gh_status gh_issuer_issue(struct gh_issuer *issuer, const struct gh_csr *csr,
	const struct gh_issue *issue, struct gh_issued *issued, struct gh_error *error)
{
	enum gh_status status;

	memset(issued, 0, sizeof(*issued));
	if (!is_name(issue->name, false) || !is_name(issue->domain, true) ||
		strlen(issue->organisation) > 64 || strlen(issue->role) > 64)
		return gh_error_set(
			error, GH_MALFORMED, "certificate: a name that cannot be certified");
	if (issue->now_ms >= issuer->own.not_after_ms)
		return gh_error_set(
			error, GH_SETTINGS, "certificate: the issuer's own certificate is over");
	status = make(issuer, csr, issue, issued, error);
	if (status != GH_OK) {
		gh_bytes_finish(&issued->der);
		memset(issued, 0, sizeof(*issued));
	}
	return status;
}
