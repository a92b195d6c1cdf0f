/* SPDX-License-Identifier: Apache-2.0 */
/* CMS signatures by OpenSSL. */
#include "gatehouse/crypto/cms.h"

#include <string.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "gatehouse/base/file.h"
#include "library_error.h"
#include "pem.h"

/* As bytes, not as lines of mail, and without the content, which lies beside it. */
#define FORM (CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP)

static BIO *reader_of(struct gh_view view)
{
	return BIO_new_mem_buf(view.data ? view.data : (const uint8_t *)"", (int)view.length_bytes);
}

/*
 * The same behind a filter that does nothing: of plain memory CMS_verify() of OpenSSL 3.0 makes a
 * second reader, and forgets it where the signature is broken early.
 */
static BIO *filtered_reader_of(struct gh_view view)
{
	BIO *memory = reader_of(view);
	BIO *filter = BIO_new(BIO_f_null());

	if (memory && filter)
		return BIO_push(filter, memory);
	BIO_free(memory);
	BIO_free(filter);
	return NULL;
}

static enum gh_status encode(CMS_ContentInfo *made, struct gh_bytes *cms, struct gh_error *error)
{
	unsigned char *der = NULL;
	int length = i2d_CMS_ContentInfo(made, &der);
	enum gh_status status;

	if (length <= 0)
		return gh_library_error(error, GH_INTERNAL, "CMS signature");
	status = gh_bytes_append(cms, der, (size_t)length, error);
	OPENSSL_free(der);
	return status;
}

static enum gh_status sign(X509 *certificate, EVP_PKEY *key, struct gh_view content,
	struct gh_bytes *cms, struct gh_error *error)
{
	BIO *in = reader_of(content);
	CMS_ContentInfo *made = CMS_sign(NULL, NULL, NULL, NULL, FORM | CMS_PARTIAL);
	enum gh_status status = GH_OK;

	if (!in || !made ||
		!CMS_add1_signer(made, certificate, key, EVP_sha256(), FORM | CMS_PARTIAL) ||
		CMS_final(made, in, NULL, FORM) != 1)
		status = gh_library_error(error, GH_INTERNAL, "CMS signature");
	if (status == GH_OK)
		status = encode(made, cms, error);
	CMS_ContentInfo_free(made);
	BIO_free(in);
	return status;
}

enum gh_status gh_cms_sign(const char *certificate_path, const char *key_path,
	struct gh_view content, struct gh_bytes *cms, struct gh_error *error)
{
	X509 *certificate = NULL;
	EVP_PKEY *key = NULL;
	enum gh_status status = gh_certificate_match_key(certificate_path, key_path, error);

	gh_bytes_clear(cms);
	if (status == GH_OK)
		status = gh_pem_read_certificate(certificate_path, &certificate, error);
	if (status == GH_OK)
		status = gh_pem_read_key(key_path, &key, error);
	if (status == GH_OK)
		status = sign(certificate, key, content, cms, error);
	EVP_PKEY_free(key);
	X509_free(certificate);
	return status;
}

static enum gh_status decode(struct gh_view cms, CMS_ContentInfo **read, struct gh_error *error)
{
	const unsigned char *place = cms.data;
	STACK_OF(CMS_SignerInfo) *signers = NULL;

	*read = NULL;
	if (cms.length_bytes > GH_CMS_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "CMS signature of %zu bytes, at most %u",
			cms.length_bytes, GH_CMS_BYTES_MAX);
	if (cms.length_bytes > 0)
		*read = d2i_CMS_ContentInfo(NULL, &place, (long)cms.length_bytes);
	if (!*read)
		return gh_library_error(error, GH_MALFORMED, "CMS signature");
	if (place == cms.data + cms.length_bytes &&
		OBJ_obj2nid(CMS_get0_type(*read)) == NID_pkcs7_signed)
		signers = CMS_get0_SignerInfos(*read);
	if (sk_CMS_SignerInfo_num(signers) == 1)
		return GH_OK;
	CMS_ContentInfo_free(*read);
	*read = NULL;
	return gh_error_set(error, GH_MALFORMED, "CMS: not one signature by one signer");
}

/* The chain is judged by our time, and whatever the certificate may be used for. */
static enum gh_status trust(
	const char *ca_path, int64_t now_ms, X509_STORE **store, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(ca_path, GH_PEM_MAX_BYTES, &bytes, error);
	X509_VERIFY_PARAM *parameters;

	*store = NULL;
	gh_bytes_finish(&bytes);
	if (status != GH_OK)
		return status;
	*store = X509_STORE_new();
	if (!*store)
		return gh_library_error(error, GH_NO_MEMORY, "CMS: trust");
	parameters = X509_STORE_get0_param(*store);
	X509_VERIFY_PARAM_set_time(parameters, (time_t)(now_ms / 1000));
	if (X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY) == 1 &&
		X509_STORE_load_file(*store, ca_path) == 1)
		return GH_OK;
	X509_STORE_free(*store);
	*store = NULL;
	return gh_library_error(error, GH_MALFORMED, ca_path);
}

/* Why OpenSSL refused: the certificate, of which it tells in words of its own, or the signature. */
static enum gh_status refuse(struct gh_error *error)
{
	const char *words = NULL;
	int flags = 0;
	unsigned long code = ERR_peek_last_error_all(NULL, NULL, NULL, &words, &flags);

	if (ERR_GET_LIB(code) != ERR_LIB_CMS ||
		ERR_GET_REASON(code) != CMS_R_CERTIFICATE_VERIFY_ERROR)
		return gh_library_error(
			error, GH_INTEGRITY, "CMS: the signature is not over this content");
	gh_error_set(error, GH_DENIED, "CMS: the signer is not trusted: %.100s",
		words && (flags & ERR_TXT_STRING) ? words : "no reason given");
	ERR_clear_error();
	return GH_DENIED;
}

static enum gh_status read_signer(
	CMS_ContentInfo *cms, struct gh_certificate *signer, struct gh_error *error)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	enum gh_status status = GH_INTERNAL;
	unsigned char *der = NULL;
	int length = 0;

	if (sk_X509_num(signers) == 1)
		length = i2d_X509(sk_X509_value(signers, 0), &der);
	if (length > 0)
		status = gh_certificate_parse(
			(struct gh_view){ der, (size_t)length }, signer, error);
	else
		gh_library_error(error, GH_INTERNAL, "CMS: signer");
	OPENSSL_free(der);
	sk_X509_free(signers);
	return status;
}

static enum gh_status verify(CMS_ContentInfo *cms, struct gh_view content, X509_STORE *store,
	struct gh_certificate *signer, struct gh_error *error)
{
	BIO *in = filtered_reader_of(content);
	enum gh_status status = GH_OK;

	if (!in)
		return gh_library_error(error, GH_NO_MEMORY, "CMS");
	ERR_clear_error();
	if (CMS_verify(cms, NULL, store, in, NULL, CMS_BINARY | CMS_DETACHED) != 1)
		status = refuse(error);
	if (status == GH_OK)
		status = read_signer(cms, signer, error);
	BIO_free_all(in);
	return status;
}

enum gh_status gh_cms_verify(struct gh_view cms, struct gh_view content, const char *ca_path,
	int64_t now_ms, struct gh_certificate *signer, struct gh_error *error)
{
	CMS_ContentInfo *read;
	X509_STORE *store = NULL;
	enum gh_status status = decode(cms, &read, error);

	memset(signer, 0, sizeof(*signer));
	if (status == GH_OK)
		status = trust(ca_path, now_ms, &store, error);
	if (status == GH_OK)
		status = verify(read, content, store, signer, error);
	if (status != GH_OK)
		memset(signer, 0, sizeof(*signer));
	X509_STORE_free(store);
	CMS_ContentInfo_free(read);
	return status;
}
