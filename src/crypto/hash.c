/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 by OpenSSL's EVP. */
#include "gatehouse/crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "gatehouse/base/file.h"
#include "library_error.h"

enum gh_status gh_sha256_of(struct gh_view view, struct gh_sha256 *hash, struct gh_error *error)
{
	const void *data = view.data ? (const void *)view.data : "";

	if (EVP_Digest(data, view.length_bytes, hash->bytes, NULL, EVP_sha256(), NULL) != 1)
		return gh_library_error(error, GH_INTERNAL, "SHA-256");
	return GH_OK;
}

static enum gh_status update(void *digest, struct gh_view part, struct gh_error *error)
{
	if (EVP_DigestUpdate(digest, part.data, part.length_bytes) != 1)
		return gh_library_error(error, GH_INTERNAL, "SHA-256");
	return GH_OK;
}

enum gh_status gh_sha256_of_file(
	const char *path, size_t limit_bytes, struct gh_sha256 *hash, struct gh_error *error)
{
	enum gh_status status;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	if (!digest)
		return gh_library_error(error, GH_NO_MEMORY, "SHA-256");
	if (EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1) {
		status = gh_library_error(error, GH_INTERNAL, "SHA-256");
		goto digest;
	}
	status = gh_file_scan(path, limit_bytes, update, digest, error);
	if (status == GH_OK && EVP_DigestFinal_ex(digest, hash->bytes, NULL) != 1)
		status = gh_library_error(error, GH_INTERNAL, "SHA-256");
digest:
	EVP_MD_CTX_free(digest);
	return status;
}

/* The run is OpenSSL's context itself under a name of our own. */
static EVP_MD_CTX *context_of(struct gh_sha256_run *run)
{
	return (EVP_MD_CTX *)run;
}

enum gh_status gh_sha256_begin(struct gh_sha256_run **run, struct gh_error *error)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	*run = NULL;
	if (!digest)
		return gh_library_error(error, GH_NO_MEMORY, "SHA-256");
	if (EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(digest);
		return gh_library_error(error, GH_INTERNAL, "SHA-256");
	}
	*run = (struct gh_sha256_run *)digest;
	return GH_OK;
}

enum gh_status gh_sha256_add(struct gh_sha256_run *run, struct gh_view view, struct gh_error *error)
{
	return update(context_of(run), view, error);
}

enum gh_status gh_sha256_end(
	struct gh_sha256_run *run, struct gh_sha256 *hash, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (EVP_DigestFinal_ex(context_of(run), hash->bytes, NULL) != 1)
		status = gh_library_error(error, GH_INTERNAL, "SHA-256");
	gh_sha256_drop(run);
	return status;
}

void gh_sha256_drop(struct gh_sha256_run *run)
{
	EVP_MD_CTX_free(context_of(run));
}

void gh_sha256_format(const struct gh_sha256 *hash, char text[GH_SHA256_TEXT_BYTES])
{
	gh_hex_format(hash->bytes, sizeof(hash->bytes), text);
}

enum gh_status gh_sha256_parse(const char *text, struct gh_sha256 *hash, struct gh_error *error)
{
	enum gh_status status = gh_hex_parse(text, hash->bytes, sizeof(hash->bytes), error);

	if (status != GH_OK)
		gh_error_wrap(error, "SHA-256");
	return status;
}

bool gh_sha256_equal(const struct gh_sha256 *a, const struct gh_sha256 *b)
{
	return CRYPTO_memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
