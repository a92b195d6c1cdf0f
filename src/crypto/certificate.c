/* SPDX-License-Identifier: Apache-2.0 */
/* What a program must know of a certificate, read by OpenSSL. */
#include "gatehouse/crypto/certificate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/x509.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "library_error.h"
#include "pem.h"
#include "x509_read.h"

/* Whether one of the organisations of a name is the demo's. */
static bool names_demo(const X509_NAME *name)
{
	int index = -1;

	for (;;) {
		char text[sizeof(GH_DEMO_ORGANISATION)];

		index = X509_NAME_get_index_by_NID(name, NID_organizationName, index);
		if (index < 0)
			return false;
		if (gh_x509_copy_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)),
			    text, sizeof(text), NULL) == GH_OK &&
			strcmp(text, GH_DEMO_ORGANISATION) == 0)
			return true;
	}
}

static enum gh_status read_time(const ASN1_TIME *time, int64_t *ms, struct gh_error *error)
{
	char text[64];
	struct tm tm;
	enum gh_status status;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return gh_library_error(error, GH_MALFORMED, "certificate: validity");
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	status = gh_time_parse(text, ms, error);
	if (status != GH_OK)
		gh_error_wrap(error, "certificate: validity");
	return status;
}

static enum gh_status fill(
	const X509 *x509, struct gh_certificate *certificate, struct gh_error *error)
{
	const X509_NAME *subject = X509_get_subject_name(x509);
	enum gh_status status;
	unsigned length = sizeof(certificate->fingerprint.bytes);

	if (X509_digest(x509, EVP_sha256(), certificate->fingerprint.bytes, &length) != 1)
		return gh_library_error(error, GH_INTERNAL, "certificate: SHA-256");
	status = gh_x509_read_attribute(
		subject, NID_commonName, certificate->name, sizeof(certificate->name), error);
	if (status == GH_OK)
		status = gh_x509_read_attribute(subject, NID_organizationalUnitName,
			certificate->role, sizeof(certificate->role), error);
	if (status == GH_OK)
		status = read_time(X509_get0_notBefore(x509), &certificate->not_before_ms, error);
	if (status == GH_OK)
		status = read_time(X509_get0_notAfter(x509), &certificate->not_after_ms, error);
	certificate->demo = names_demo(subject) || names_demo(X509_get_issuer_name(x509));
	return status;
}

enum gh_status gh_certificate_parse(
	struct gh_view bytes, struct gh_certificate *certificate, struct gh_error *error)
{
	X509 *x509;
	enum gh_status status;

	memset(certificate, 0, sizeof(*certificate));
	status = gh_pem_certificate(bytes, &x509, error);
	if (status != GH_OK)
		return status;
	status = fill(x509, certificate, error);
	X509_free(x509);
	if (status != GH_OK)
		memset(certificate, 0, sizeof(*certificate));
	return status;
}

enum gh_status gh_certificate_read(
	const char *path, struct gh_certificate *certificate, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_PEM_MAX_BYTES, &bytes, error);

	memset(certificate, 0, sizeof(*certificate));
	if (status != GH_OK)
		return status;
	status = gh_certificate_parse(gh_bytes_view(&bytes), certificate, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	gh_bytes_finish(&bytes);
	return status;
}

/* Whoever reads a private key is who it says. */
static enum gh_status check_mode(const char *key_path, struct gh_error *error)
{
	struct stat found;

	if (stat(key_path, &found) != 0)
		return gh_error_errno(error, errno, "stat %s", key_path);
	if (found.st_mode & 077)
		return gh_error_set(error, GH_DENIED, "%s: mode %03o lets others in (chmod 600)",
			key_path, (unsigned)found.st_mode & 0777);
	return GH_OK;
}

/* `what` names the key; frees it. */
static enum gh_status match(
	const char *certificate_path, EVP_PKEY *key, const char *what, struct gh_error *error)
{
	X509 *x509;
	enum gh_status status = gh_pem_read_certificate(certificate_path, &x509, error);

	if (status == GH_OK && X509_check_private_key(x509, key) != 1) {
		gh_library_error(NULL, GH_INTEGRITY, "");
		status = gh_error_set(
			error, GH_INTEGRITY, "%s: not the key of %s", what, certificate_path);
	}
	EVP_PKEY_free(key);
	X509_free(x509);
	return status;
}

enum gh_status gh_certificate_match_key(
	const char *certificate_path, const char *key_path, struct gh_error *error)
{
	EVP_PKEY *key;
	enum gh_status status = gh_pem_read_key(key_path, &key, error);

	if (status == GH_OK)
		status = match(certificate_path, key, key_path, error);
	return status == GH_OK ? check_mode(key_path, error) : status;
}

enum gh_status gh_certificate_match_pem(
	const char *certificate_path, struct gh_view key_pem, struct gh_error *error)
{
	EVP_PKEY *key;
	enum gh_status status = gh_pem_key(key_pem, &key, error);

	return status == GH_OK ? match(certificate_path, key, "the key given", error) : status;
}

enum gh_status gh_certificate_match(
	struct gh_view certificate, struct gh_view key_pem, struct gh_error *error)
{
	EVP_PKEY *key = NULL;
	X509 *x509 = NULL;
	enum gh_status status = gh_pem_key(key_pem, &key, error);

	if (status == GH_OK)
		status = gh_pem_certificate(certificate, &x509, error);
	if (status == GH_OK && X509_check_private_key(x509, key) != 1) {
		gh_library_error(NULL, GH_INTEGRITY, "");
		status =
			gh_error_set(error, GH_INTEGRITY, "the key is not that of the certificate");
	}
	EVP_PKEY_free(key);
	X509_free(x509);
	return status;
}
