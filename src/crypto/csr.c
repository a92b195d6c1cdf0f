/* SPDX-License-Identifier: Apache-2.0 */
/* Certification requests by OpenSSL. */
#include "gatehouse/crypto/csr.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "library_error.h"
#include "pem.h"
#include "x509_read.h"
#include "x509_write.h"

/* Longest common name (RFC 5280, appendix A.1, ub-common-name). */
#define NAME_MAX_BYTES 64

enum gh_status gh_csr_new_key(struct gh_bytes *key_pem, struct gh_error *error)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *text = BIO_new(BIO_s_mem());
	enum gh_status status = GH_OK;
	char *data = NULL;

	gh_bytes_finish(key_pem);
	if (!key || !text || PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) != 1)
		status = gh_library_error(error, GH_INTERNAL, "new private key");
	if (status == GH_OK) {
		long length = BIO_get_mem_data(text, &data);

		status = gh_bytes_append(key_pem, data, (size_t)length, error);
	}
	/* A memory BIO wipes what it held. */
	BIO_free(text);
	EVP_PKEY_free(key);
	return status;
}

static bool fits(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= NAME_MAX_BYTES;
}

static enum gh_status encode(X509_REQ *request, struct gh_bytes *der, struct gh_error *error)
{
	unsigned char *bytes = NULL;
	int length = i2d_X509_REQ(request, &bytes);
	enum gh_status status;

	if (length <= 0)
		return gh_library_error(error, GH_INTERNAL, "certification request");
	status = gh_bytes_append(der, bytes, (size_t)length, error);
	OPENSSL_free(bytes);
	return status;
}

enum gh_status gh_csr_make(const char *name, const char *role, struct gh_view key_pem,
	struct gh_bytes *der, struct gh_error *error)
{
	X509_REQ *request = NULL;
	EVP_PKEY *key = NULL;
	X509_NAME *subject;
	enum gh_status status;

	gh_bytes_finish(der);
	if (!fits(name) || !fits(role))
		return gh_error_set(error, GH_MALFORMED,
			"certification request: name and role have 1 to %d bytes", NAME_MAX_BYTES);
	status = gh_pem_key(key_pem, &key, error);
	if (status != GH_OK)
		return status;
	request = X509_REQ_new();
	subject = request ? X509_REQ_get_subject_name(request) : NULL;
	if (!request || X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
		!gh_x509_add_name(subject, "OU", role) || !gh_x509_add_name(subject, "CN", name) ||
		X509_REQ_set_pubkey(request, key) != 1 ||
		X509_REQ_sign(request, key, EVP_sha256()) <= 0)
		status = gh_library_error(error, GH_INTERNAL, "certification request");
	if (status == GH_OK)
		status = encode(request, der, error);
	X509_REQ_free(request);
	EVP_PKEY_free(key);
	return status;
}

/* Nothing but O, OU and CN, and each once: what is certified is not up to whoever asks. */
static bool is_plain(const X509_NAME *subject)
{
	static const int allowed[] = { NID_organizationName, NID_organizationalUnitName,
		NID_commonName };
	int found = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		int index = X509_NAME_get_index_by_NID(subject, allowed[i], -1);

		if (index < 0)
			continue;
		if (X509_NAME_get_index_by_NID(subject, allowed[i], index) >= 0)
			return false;
		found++;
	}
	return found == X509_NAME_entry_count(subject);
}

static enum gh_status read_names(X509_REQ *request, struct gh_csr *csr, struct gh_error *error)
{
	const X509_NAME *subject = X509_REQ_get_subject_name(request);
	enum gh_status status = GH_OK;

	if (!is_plain(subject))
		return gh_error_set(error, GH_MALFORMED,
			"certification request: its subject is not one each of O, OU and CN");
	status = gh_x509_read_attribute(
		subject, NID_commonName, csr->name, sizeof(csr->name), error);
	if (status == GH_OK)
		status = gh_x509_read_attribute(
			subject, NID_organizationalUnitName, csr->role, sizeof(csr->role), error);
	if (status == GH_OK && csr->name[0] == '\0')
		status =
			gh_error_set(error, GH_MALFORMED, "certification request: it names nobody");
	return status;
}

static bool is_curve(const EVP_PKEY *key)
{
	char curve[32] = "";

	if (EVP_PKEY_is_a(key, "EC") != 1 ||
		EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) != 1)
		return false;
	return strcmp(curve, SN_X9_62_prime256v1) == 0 || strcmp(curve, SN_secp384r1) == 0;
}

static bool is_signature(const X509_REQ *request)
{
	int nid = X509_REQ_get_signature_nid(request);

	return nid == NID_ecdsa_with_SHA256 || nid == NID_ecdsa_with_SHA384 ||
		nid == NID_ecdsa_with_SHA512;
}

static enum gh_status read_key(X509_REQ *request, struct gh_csr *csr, struct gh_error *error)
{
	unsigned char *bytes = NULL;
	int length = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &bytes);
	enum gh_status status = GH_OK;

	if (length <= 0)
		return gh_library_error(error, GH_INTERNAL, "certification request: key");
	/* Explicit parameters of a curve, which are not those of its name, do not fit. */
	if ((size_t)length > sizeof(csr->key))
		status = gh_error_set(
			error, GH_UNSUPPORTED, "certification request: a key of %d bytes", length);
	if (status == GH_OK) {
		memcpy(csr->key, bytes, (size_t)length);
		csr->key_bytes = (size_t)length;
		status = gh_sha256_of(
			(struct gh_view){ csr->key, csr->key_bytes }, &csr->key_id, error);
	}
	OPENSSL_free(bytes);
	return status;
}

static enum gh_status read_request(X509_REQ *request, struct gh_csr *csr, struct gh_error *error)
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(request);
	enum gh_status status;
	int verified;

	if (!key || !is_curve(key) || !is_signature(request)) {
		gh_library_error(NULL, GH_UNSUPPORTED, "");
		return gh_error_set(error, GH_UNSUPPORTED,
			"certification request: taken are ECDSA keys on P-256 and P-384");
	}
	status = read_names(request, csr, error);
	if (status == GH_OK)
		status = read_key(request, csr, error);
	if (status != GH_OK)
		return status;
	verified = X509_REQ_verify(request, key);
	if (verified != 1)
		return gh_library_error(error, GH_INTEGRITY,
			"certification request: it is not signed by the key in it");
	return GH_OK;
}

enum gh_status gh_csr_read(struct gh_view der, struct gh_csr *csr, struct gh_error *error)
{
	const unsigned char *place = der.data;
	X509_REQ *request = NULL;
	enum gh_status status = GH_OK;

	memset(csr, 0, sizeof(*csr));
	if (der.length_bytes > GH_CSR_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE,
			"certification request of %zu bytes, at most %u", der.length_bytes,
			GH_CSR_BYTES_MAX);
	if (der.length_bytes > 0)
		request = d2i_X509_REQ(NULL, &place, (long)der.length_bytes);
	if (!request)
		return gh_library_error(error, GH_MALFORMED, "certification request");
	if (place != der.data + der.length_bytes)
		status =
			gh_error_set(error, GH_MALFORMED, "certification request: bytes behind it");
	if (status == GH_OK)
		status = read_request(request, csr, error);
	/* A name that OpenSSL could not read leaves its complaint behind. */
	if (status != GH_OK) {
		gh_library_error(NULL, GH_OK, "");
		memset(csr, 0, sizeof(*csr));
	}
	X509_REQ_free(request);
	return status;
}
