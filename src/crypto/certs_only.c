/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of certificates alone, by OpenSSL. */
#include "gatehouse/crypto/certs_only.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include "gatehouse/crypto/base64.h"
#include "library_error.h"
#include "pem.h"

void gh_certs_finish(struct gh_certs *certs)
{
	for (size_t i = 0; i < GH_CERTS_ONLY_MAX; i++)
		gh_bytes_finish(&certs->der[i]);
	certs->count = 0;
}

static bool has(const struct gh_certs *certs, struct gh_view der)
{
	for (size_t i = 0; i < certs->count; i++)
		if (gh_view_equal(gh_bytes_view(&certs->der[i]), der))
			return true;
	return false;
}

static enum gh_status add(struct gh_certs *certs, X509 *x509, struct gh_error *error)
{
	unsigned char *bytes = NULL;
	int length = i2d_X509(x509, &bytes);
	enum gh_status status = GH_OK;

	if (length <= 0)
		return gh_library_error(error, GH_MALFORMED, "certificate");
	if (!has(certs, (struct gh_view){ bytes, (size_t)length })) {
		if (certs->count == GH_CERTS_ONLY_MAX)
			status = gh_error_set(error, GH_TOO_LARGE, "more than %d certificates",
				GH_CERTS_ONLY_MAX);
		else
			status = gh_bytes_append(
				&certs->der[certs->count], bytes, (size_t)length, error);
		certs->count += status == GH_OK;
	}
	OPENSSL_free(bytes);
	return status;
}

/* PEM ends with a line that is no beginning, which is the end and not a fault. */
static bool is_end(void)
{
	return ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM &&
		ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

enum gh_status gh_certs_add_pem(struct gh_certs *certs, struct gh_view pem, struct gh_error *error)
{
	size_t found = 0;
	enum gh_status status = GH_OK;
	BIO *bio;

	if (pem.length_bytes == 0 || pem.length_bytes > GH_PEM_MAX_BYTES)
		return gh_error_set(error, GH_MALFORMED, "certificates: no bytes, or too many");
	bio = BIO_new_mem_buf(pem.data, (int)pem.length_bytes);
	if (!bio)
		return gh_library_error(error, GH_NO_MEMORY, "certificates");
	ERR_clear_error();
	while (status == GH_OK) {
		X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (!x509)
			break;
		status = add(certs, x509, error);
		X509_free(x509);
		found++;
	}
	if (status == GH_OK && (found == 0 || !is_end()))
		status = gh_library_error(error, GH_MALFORMED, "certificates");
	ERR_clear_error();
	BIO_free(bio);
	return status;
}

static enum gh_status fill(PKCS7 *message, const struct gh_certs *certs, struct gh_error *error)
{
	for (size_t i = 0; i < certs->count; i++) {
		X509 *x509;
		enum gh_status status =
			gh_pem_certificate(gh_bytes_view(&certs->der[i]), &x509, error);
		int added;

		if (status != GH_OK)
			return status;
		added = PKCS7_add_certificate(message, x509);
		X509_free(x509);
		if (added != 1)
			return gh_library_error(error, GH_INTERNAL, "certs-only message");
	}
	return GH_OK;
}

static enum gh_status write_message(PKCS7 *message, struct gh_bytes *base64, struct gh_error *error)
{
	unsigned char *bytes = NULL;
	int length = i2d_PKCS7(message, &bytes);
	enum gh_status status;

	if (length <= 0)
		return gh_library_error(error, GH_INTERNAL, "certs-only message");
	status = gh_base64_encode((struct gh_view){ bytes, (size_t)length }, base64, error);
	OPENSSL_free(bytes);
	return status;
}

enum gh_status gh_certs_only_encode(
	const struct gh_certs *certs, struct gh_bytes *base64, struct gh_error *error)
{
	PKCS7 *message;
	enum gh_status status = GH_OK;

	gh_bytes_finish(base64);
	if (certs->count == 0)
		return gh_error_set(error, GH_MALFORMED, "certs-only message: no certificate");
	message = PKCS7_new();
	if (!message || PKCS7_set_type(message, NID_pkcs7_signed) != 1)
		status = gh_library_error(error, GH_INTERNAL, "certs-only message");
	else
		message->d.sign->contents->type = OBJ_nid2obj(NID_pkcs7_data);
	if (status == GH_OK)
		status = fill(message, certs, error);
	if (status == GH_OK)
		status = write_message(message, base64, error);
	PKCS7_free(message);
	return status;
}

/* Certificates of a message that is nothing else; NULL when it is. */
static const STACK_OF(X509) * certificates_of(const PKCS7 *message)
{
	const PKCS7_SIGNED *sign;

	if (!PKCS7_type_is_signed(message))
		return NULL;
	sign = message->d.sign;
	if (!sign || sk_PKCS7_SIGNER_INFO_num(sign->signer_info) > 0)
		return NULL;
	return sign->cert;
}

static enum gh_status read_message(
	struct gh_view der, struct gh_certs *certs, struct gh_error *error)
{
	const unsigned char *place = der.data;
	PKCS7 *message = der.length_bytes ? d2i_PKCS7(NULL, &place, (long)der.length_bytes) : NULL;
	const STACK_OF(X509) *found = NULL;
	enum gh_status status = GH_OK;

	if (!message)
		return gh_library_error(error, GH_MALFORMED, "certs-only message");
	if (place == der.data + der.length_bytes)
		found = certificates_of(message);
	if (sk_X509_num(found) <= 0)
		status = gh_error_set(error, GH_MALFORMED,
			"certs-only message: it has signers, or no certificate");
	for (int i = 0; i < sk_X509_num(found) && status == GH_OK; i++)
		status = add(certs, sk_X509_value(found, i), error);
	ERR_clear_error();
	PKCS7_free(message);
	return status;
}

enum gh_status gh_certs_only_decode(
	struct gh_view base64, struct gh_certs *certs, struct gh_error *error)
{
	struct gh_bytes der = GH_BYTES_EMPTY;
	enum gh_status status = gh_base64_decode(base64, GH_CERTS_ONLY_BYTES_MAX, &der, error);

	gh_certs_finish(certs);
	if (status == GH_OK)
		status = read_message(gh_bytes_view(&der), certs, error);
	if (status != GH_OK)
		gh_certs_finish(certs);
	gh_bytes_finish(&der);
	return status;
}

static bool issued_by(X509 *x509, X509 *issuer)
{
	bool issued = X509_check_issued(issuer, x509) == X509_V_OK &&
		X509_verify(x509, X509_get0_pubkey(issuer)) == 1;

	ERR_clear_error();
	return issued;
}

/* One of above that issued it and is not its own; else NULL. The caller frees it. */
static enum gh_status find_issuer(
	X509 *x509, const struct gh_certs *above, X509 **issuer, struct gh_error *error)
{
	*issuer = NULL;
	for (size_t i = 0; i < above->count; i++) {
		X509 *candidate;
		enum gh_status status =
			gh_pem_certificate(gh_bytes_view(&above->der[i]), &candidate, error);

		if (status != GH_OK)
			return status;
		if (issued_by(x509, candidate) && !issued_by(candidate, candidate)) {
			*issuer = candidate;
			return GH_OK;
		}
		X509_free(candidate);
	}
	return GH_OK;
}

static enum gh_status write_chain(
	X509 *x509, const struct gh_certs *above, BIO *text, struct gh_error *error)
{
	X509 *at = x509;
	enum gh_status status = GH_OK;

	/* As long as above is: a circle ends too. */
	for (size_t i = 0; at && i <= above->count && status == GH_OK; i++) {
		X509 *next = NULL;

		if (PEM_write_bio_X509(text, at) != 1)
			status = gh_library_error(error, GH_INTERNAL, "chain of certificates");
		else
			status = find_issuer(at, above, &next, error);
		if (at != x509)
			X509_free(at);
		at = next;
	}
	if (at != x509)
		X509_free(at);
	return status;
}

enum gh_status gh_certs_chain(struct gh_view der, const struct gh_certs *above,
	struct gh_bytes *pem, struct gh_error *error)
{
	BIO *text = BIO_new(BIO_s_mem());
	X509 *x509 = NULL;
	char *data = NULL;
	enum gh_status status = text ? gh_pem_certificate(der, &x509, error)
				     : gh_library_error(error, GH_NO_MEMORY, "chain");

	gh_bytes_finish(pem);
	if (status == GH_OK)
		status = write_chain(x509, above, text, error);
	if (status == GH_OK) {
		long length = BIO_get_mem_data(text, &data);

		status = gh_bytes_append(pem, data, (size_t)length, error);
	}
	X509_free(x509);
	BIO_free(text);
	return status;
}
