/* SPDX-License-Identifier: Apache-2.0 */
/* Reads certificates and keys, never asking anybody for a password. */
#include "pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "gatehouse/base/file.h"
#include "library_error.h"

/* OpenSSL would ask on the terminal. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static X509 *decode(struct gh_view bytes)
{
	const unsigned char *cursor = bytes.data;
	X509 *x509;
	BIO *bio;

	/* DER has nothing behind it. */
	x509 = d2i_X509(NULL, &cursor, (long)bytes.length_bytes);
	if (x509 && cursor == bytes.data + bytes.length_bytes)
		return x509;
	X509_free(x509);
	ERR_clear_error();
	bio = BIO_new_mem_buf(bytes.data, (int)bytes.length_bytes);
	x509 = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	return x509;
}

enum gh_status gh_pem_certificate(struct gh_view bytes, X509 **x509, struct gh_error *error)
{
	*x509 = NULL;
	if (bytes.length_bytes > GH_PEM_MAX_BYTES)
		return gh_error_set(
			error, GH_MALFORMED, "certificate: over %d bytes", GH_PEM_MAX_BYTES);
	if (bytes.length_bytes > 0)
		*x509 = decode(bytes);
	if (!*x509)
		return gh_library_error(error, GH_MALFORMED, "certificate: neither PEM nor DER");
	return GH_OK;
}

enum gh_status gh_pem_key(struct gh_view bytes, EVP_PKEY **key, struct gh_error *error)
{
	BIO *bio;

	*key = NULL;
	bio = bytes.length_bytes > 0 && bytes.length_bytes <= GH_PEM_MAX_BYTES
		? BIO_new_mem_buf(bytes.data, (int)bytes.length_bytes)
		: NULL;
	if (bio)
		*key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (!*key)
		return gh_library_error(error, GH_MALFORMED, "private key: no unencrypted PEM");
	return GH_OK;
}

enum gh_status gh_pem_read_certificate(const char *path, X509 **x509, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_PEM_MAX_BYTES, &bytes, error);

	*x509 = NULL;
	if (status != GH_OK)
		return status;
	status = gh_pem_certificate(gh_bytes_view(&bytes), x509, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	gh_bytes_finish(&bytes);
	return status;
}

enum gh_status gh_pem_read_key(const char *path, EVP_PKEY **key, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_PEM_MAX_BYTES, &bytes, error);

	*key = NULL;
	if (status != GH_OK)
		return status;
	status = gh_pem_key(gh_bytes_view(&bytes), key, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	gh_bytes_finish(&bytes);
	return status;
}
