/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the demo's own authority and the certificates under it. */
#include "gatehouse/crypto/certificate.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "library_error.h"
#include "pem.h"
#include "x509_write.h"

#define DAY_S INT64_C(86400)
#define AUTHORITY "ca"
#define SERVER "central"
#define SIGNER "signer"
#define NAME_MAX_BYTES 48

/* What a certificate may be used for. */
struct profile {
	const char *basic_constraints;
	const char *key_usage;
	const char *extended_key_usage;
	const char *name_constraints;
};

/*
 * The authority can vouch for this machine only: a demo key that leaks is of
 * no use to impersonate another (RFC 5280 section 4.2.1.10).
 */
static const struct profile authority_profile = {
	.basic_constraints = "critical,CA:TRUE,pathlen:0",
	.key_usage = "critical,keyCertSign,cRLSign",
	.name_constraints = "critical,permitted;DNS:localhost,"
			    "permitted;IP:127.0.0.1/255.255.255.255,"
			    "permitted;IP:0:0:0:0:0:0:0:1/"
			    "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF",
};

static const struct profile server_profile = {
	.basic_constraints = "critical,CA:FALSE",
	.key_usage = "critical,digitalSignature",
	.extended_key_usage = "serverAuth",
};

static const struct profile client_profile = {
	.basic_constraints = "critical,CA:FALSE",
	.key_usage = "critical,digitalSignature",
	.extended_key_usage = "clientAuth",
};

/* One certificate to make. */
struct subject {
	const char *name;
	const char *role;
	const char *alternative_names;
	const struct profile *profile;
};

/* Who signs: themselves in the authority's own case. */
struct issuer {
	X509 *x509;
	EVP_PKEY *key;
};

static bool set_subject(X509 *x509, const struct subject *subject)
{
	X509_NAME *name = X509_get_subject_name(x509);

	return gh_x509_add_name(name, "O", GH_DEMO_ORGANISATION) &&
		(!subject->role || gh_x509_add_name(name, "OU", subject->role)) &&
		gh_x509_add_name(name, "CN", subject->name);
}

static bool set_validity(X509 *x509)
{
	const struct gh_clock *clock = gh_clock_system();
	int64_t from_s = clock->real_ms(clock) / 1000;

	return gh_x509_set_validity(x509, from_s, from_s + GH_DEMO_DAYS * DAY_S);
}

static bool add_extensions(X509 *x509, X509 *issuer, const struct subject *subject)
{
	const struct profile *profile = subject->profile;

	return gh_x509_add_extension(
		       x509, issuer, NID_basic_constraints, profile->basic_constraints) &&
		gh_x509_add_extension(x509, issuer, NID_key_usage, profile->key_usage) &&
		gh_x509_add_extension(
			x509, issuer, NID_ext_key_usage, profile->extended_key_usage) &&
		gh_x509_add_extension(
			x509, issuer, NID_name_constraints, profile->name_constraints) &&
		gh_x509_add_extension(
			x509, issuer, NID_subject_alt_name, subject->alternative_names) &&
		gh_x509_add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
		gh_x509_add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
}

static bool fill(X509 *x509, EVP_PKEY *key, const struct subject *subject, struct issuer issuer)
{
	X509 *above = issuer.x509 ? issuer.x509 : x509;

	return X509_set_version(x509, X509_VERSION_3) == 1 && gh_x509_set_serial(x509, NULL) &&
		set_validity(x509) && set_subject(x509, subject) &&
		X509_set_issuer_name(x509, X509_get_subject_name(above)) == 1 &&
		X509_set_pubkey(x509, key) == 1 && add_extensions(x509, above, subject) &&
		X509_sign(x509, issuer.key ? issuer.key : key, EVP_sha256()) > 0;
}

static enum gh_status save(
	BIO *bio, const char *folder, const char *name, unsigned mode, struct gh_error *error)
{
	char path[PATH_MAX];
	char *data = NULL;
	long length = BIO_get_mem_data(bio, &data);
	enum gh_status status = gh_path_join(folder, name, path, sizeof(path), error);

	if (status != GH_OK)
		return status;
	return gh_file_replace(
		path, (struct gh_view){ (const uint8_t *)data, (size_t)length }, mode, error);
}

/* Write NAME.key and NAME.pem. A memory BIO wipes what it held. */
static enum gh_status save_pair(
	const char *folder, const char *name, X509 *x509, EVP_PKEY *key, struct gh_error *error)
{
	char file[NAME_MAX_BYTES + 8];
	BIO *key_text = BIO_new(BIO_s_mem());
	BIO *text = BIO_new(BIO_s_mem());
	enum gh_status status;

	if (!key_text || !text ||
		PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) != 1 ||
		PEM_write_bio_X509(text, x509) != 1) {
		status = gh_library_error(error, GH_INTERNAL, "demo certificate");
		goto texts;
	}
	snprintf(file, sizeof(file), "%.*s.key", NAME_MAX_BYTES, name);
	status = save(key_text, folder, file, 0600, error);
	snprintf(file, sizeof(file), "%.*s.pem", NAME_MAX_BYTES, name);
	if (status == GH_OK)
		status = save(text, folder, file, 0644, error);
texts:
	BIO_free(text);
	BIO_free(key_text);
	return status;
}

/* Make a pair, write it, and hand it to *made where a caller wants to sign with it. */
static enum gh_status make_pair(const char *folder, const char *file, const struct subject *subject,
	struct issuer issuer, struct issuer *made, struct gh_error *error)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	enum gh_status status = GH_OK;

	if (!key || !x509 || !fill(x509, key, subject, issuer))
		status = gh_library_error(error, GH_INTERNAL, "demo certificate");
	if (status == GH_OK)
		status = save_pair(folder, file, x509, key, error);
	if (status == GH_OK && made) {
		*made = (struct issuer){ x509, key };
		return GH_OK;
	}
	X509_free(x509);
	EVP_PKEY_free(key);
	return status;
}

static enum gh_status make_client(const char *folder, const char *name, const char *role,
	struct issuer authority, struct gh_error *error)
{
	char alternative_names[NAME_MAX_BYTES + 32];
	struct subject subject = { name, role, alternative_names, &client_profile };

	/* Without one the common name would be held against the authority's constraint. */
	snprintf(alternative_names, sizeof(alternative_names), "DNS:%s.localhost", name);
	return make_pair(folder, name, &subject, authority, NULL, error);
}

static enum gh_status make_all(const char *folder, const char *const *clients,
	const char *const *roles, size_t count, struct gh_error *error)
{
	static const struct subject authority_subject = { "Gatehouse demo authority", NULL, NULL,
		&authority_profile };
	static const struct subject server_subject = { "localhost", GH_ROLE_CENTRAL,
		"DNS:localhost,IP:127.0.0.1,IP:::1", &server_profile };
	struct issuer authority = { NULL, NULL };
	enum gh_status status =
		make_pair(folder, AUTHORITY, &authority_subject, authority, &authority, error);

	if (status == GH_OK)
		status = make_pair(folder, SERVER, &server_subject, authority, NULL, error);
	if (status == GH_OK)
		status = make_client(folder, SIGNER, GH_ROLE_SIGNER, authority, error);
	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = make_client(folder, clients[i], roles[i], authority, error);
	X509_free(authority.x509);
	EVP_PKEY_free(authority.key);
	return status;
}

/* Whether NAME.pem is the demo's, of the role, valid for a day, signed, and with its key. */
static bool is_good(const char *folder, const char *name, const char *role, X509 *authority)
{
	const struct gh_clock *clock = gh_clock_system();
	int64_t now_ms = clock->real_ms(clock);
	struct gh_certificate certificate;
	char pem[PATH_MAX];
	char key[PATH_MAX];
	char file[NAME_MAX_BYTES + 8];
	X509 *x509 = NULL;
	bool good;

	snprintf(file, sizeof(file), "%.*s.pem", NAME_MAX_BYTES, name);
	if (gh_path_join(folder, file, pem, sizeof(pem), NULL) != GH_OK)
		return false;
	snprintf(file, sizeof(file), "%.*s.key", NAME_MAX_BYTES, name);
	if (gh_path_join(folder, file, key, sizeof(key), NULL) != GH_OK)
		return false;
	good = gh_certificate_read(pem, &certificate, NULL) == GH_OK && certificate.demo &&
		strcmp(certificate.role, role) == 0 && certificate.not_before_ms <= now_ms &&
		certificate.not_after_ms >= now_ms + DAY_S * 1000 &&
		gh_certificate_match_key(pem, key, NULL) == GH_OK &&
		gh_pem_read_certificate(pem, &x509, NULL) == GH_OK &&
		X509_verify(x509, X509_get0_pubkey(authority)) == 1;
	X509_free(x509);
	return good;
}

static bool all_good(
	const char *folder, const char *const *clients, const char *const *roles, size_t count)
{
	char path[PATH_MAX];
	X509 *authority;
	bool good;

	if (gh_path_join(folder, AUTHORITY ".pem", path, sizeof(path), NULL) != GH_OK ||
		gh_pem_read_certificate(path, &authority, NULL) != GH_OK)
		return false;
	good = is_good(folder, AUTHORITY, "", authority) &&
		is_good(folder, SERVER, GH_ROLE_CENTRAL, authority) &&
		is_good(folder, SIGNER, GH_ROLE_SIGNER, authority);
	for (size_t i = 0; good && i < count; i++)
		good = is_good(folder, clients[i], roles[i], authority);
	X509_free(authority);
	gh_library_error(NULL, GH_OK, "");
	return good;
}

/* Names become files and common names. */
static enum gh_status check_names(
	const char *const *clients, const char *const *roles, size_t count, struct gh_error *error)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(clients[i]);

		if (length == 0 || length > NAME_MAX_BYTES || clients[i][0] == '-' ||
			strspn(clients[i], allowed) != length)
			return gh_error_set(error, GH_MALFORMED,
				"demo certificate: client %zu: a name has 1 to %d of a-z, 0-9, -",
				i + 1, NAME_MAX_BYTES);
		if (strcmp(clients[i], AUTHORITY) == 0 || strcmp(clients[i], SERVER) == 0 ||
			strcmp(clients[i], SIGNER) == 0)
			return gh_error_set(error, GH_MALFORMED,
				"demo certificate: client %zu: '%s' is taken", i + 1, clients[i]);
		if (strlen(roles[i]) == 0 || strlen(roles[i]) > 64)
			return gh_error_set(error, GH_MALFORMED,
				"demo certificate: client %zu: a role has 1 to 64 bytes", i + 1);
	}
	return GH_OK;
}

static enum gh_status check_folder(const char *folder, struct gh_error *error)
{
	struct stat found;

	if (stat(folder, &found) != 0)
		return gh_error_errno(error, errno, "stat %s", folder);
	if (found.st_mode & 077)
		return gh_error_set(error, GH_DENIED, "%s: mode %03o lets others in (chmod 700)",
			folder, (unsigned)found.st_mode & 0777);
	return GH_OK;
}

enum gh_status gh_demo_certificates_make(const char *folder, const char *const *clients,
	const char *const *roles, size_t count, struct gh_error *error)
{
	enum gh_status status = check_names(clients, roles, count, error);

	if (status == GH_OK)
		status = gh_folder_make(folder, error);
	if (status == GH_OK)
		status = check_folder(folder, error);
	if (status == GH_OK && !all_good(folder, clients, roles, count))
		status = make_all(folder, clients, roles, count, error);
	if (status != GH_OK)
		gh_error_wrap(error, "demo certificates");
	return status;
}
