/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 by OpenSSL's EVP, its keys read and written as PEM. */
#include "gatehouse/crypto/signature.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "gatehouse/base/file.h"
#include "library_error.h"
#include "pem.h"

static enum gh_status public_half(
	EVP_PKEY *key, uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error)
{
	size_t length = GH_PUBLIC_KEY_BYTES;

	if (EVP_PKEY_get_raw_public_key(key, public_key, &length) != 1 ||
		length != GH_PUBLIC_KEY_BYTES)
		return gh_library_error(error, GH_INTERNAL, "public key");
	return GH_OK;
}

static enum gh_status expect_ed25519(EVP_PKEY *key, const char *path, struct gh_error *error)
{
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
		return GH_OK;
	return gh_error_set(error, GH_MALFORMED, "%s: not a key of Ed25519", path);
}

/* A memory BIO wipes what it held. */
static enum gh_status save(
	BIO *bio, int written, const char *path, unsigned mode, struct gh_error *error)
{
	char *text = NULL;
	long length = written == 1 ? BIO_get_mem_data(bio, &text) : 0;

	if (length <= 0)
		return gh_library_error(error, GH_INTERNAL, "key as PEM");
	return gh_file_replace(
		path, (struct gh_view){ (const uint8_t *)text, (size_t)length }, mode, error);
}

static enum gh_status save_private(EVP_PKEY *key, const char *path, struct gh_error *error)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum gh_status status;

	if (!bio)
		return gh_library_error(error, GH_NO_MEMORY, "key as PEM");
	status = save(bio, PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), path,
		0600, error);
	BIO_free(bio);
	return status;
}

static enum gh_status save_public(EVP_PKEY *key, const char *path, struct gh_error *error)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum gh_status status;

	if (!bio)
		return gh_library_error(error, GH_NO_MEMORY, "key as PEM");
	status = save(bio, PEM_write_bio_PUBKEY(bio, key), path, 0644, error);
	BIO_free(bio);
	return status;
}

static enum gh_status expect_free(const char *path, struct gh_error *error)
{
	struct stat found;

	if (lstat(path, &found) == 0)
		return gh_error_set(error, GH_EXISTS, "%s: is there already", path);
	return errno == ENOENT ? GH_OK : gh_error_errno(error, errno, "stat %s", path);
}

enum gh_status gh_signature_make_key(
	const char *key_path, const char *public_path, struct gh_error *error)
{
	EVP_PKEY *key;
	enum gh_status status = expect_free(key_path, error);

	if (status == GH_OK)
		status = expect_free(public_path, error);
	if (status != GH_OK)
		return status;
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (!key)
		return gh_library_error(error, GH_INTERNAL, "Ed25519 key");
	status = save_private(key, key_path, error);
	if (status == GH_OK)
		status = save_public(key, public_path, error);
	if (status != GH_OK)
		unlink(key_path);
	EVP_PKEY_free(key);
	return status;
}

static enum gh_status read_private(const char *path, EVP_PKEY **key, struct gh_error *error)
{
	struct stat found;
	enum gh_status status;

	*key = NULL;
	if (stat(path, &found) != 0)
		return gh_error_errno(error, errno, "stat %s", path);
	if (found.st_mode & 077)
		return gh_error_set(error, GH_DENIED, "%s: mode %03o lets others in (chmod 600)",
			path, (unsigned)found.st_mode & 0777);
	status = gh_pem_read_key(path, key, error);
	return status == GH_OK ? expect_ed25519(*key, path, error) : status;
}

static enum gh_status sign(
	EVP_PKEY *key, struct gh_view message, uint8_t *bytes, struct gh_error *error)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = GH_SIGNATURE_BYTES;
	enum gh_status status = GH_OK;

	if (!context)
		return gh_library_error(error, GH_NO_MEMORY, "Ed25519");
	if (EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestSign(context, bytes, &length, message.data, message.length_bytes) != 1 ||
		length != GH_SIGNATURE_BYTES)
		status = gh_library_error(error, GH_INTERNAL, "Ed25519");
	EVP_MD_CTX_free(context);
	return status;
}

enum gh_status gh_signature_sign_file(const char *key_path, struct gh_view message,
	struct gh_signature *signature, struct gh_error *error)
{
	EVP_PKEY *key;
	enum gh_status status = read_private(key_path, &key, error);

	if (status == GH_OK)
		status = public_half(key, signature->public_key, error);
	if (status == GH_OK)
		status = sign(key, message, signature->bytes, error);
	EVP_PKEY_free(key);
	return status;
}

static enum gh_status read_public(const char *path, EVP_PKEY **key, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_PEM_MAX_BYTES, &text, error);
	BIO *bio;

	*key = NULL;
	if (status != GH_OK)
		return status;
	bio = text.length_bytes > 0 ? BIO_new_mem_buf(text.data, (int)text.length_bytes) : NULL;
	if (bio)
		*key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	gh_bytes_finish(&text);
	if (*key)
		return expect_ed25519(*key, path, error);
	status = gh_library_error(error, GH_MALFORMED, "public key: no PEM");
	gh_error_wrap(error, "%s", path);
	return status;
}

enum gh_status gh_signature_verify_file(const char *public_path, struct gh_view message,
	const struct gh_signature *signature, struct gh_error *error)
{
	uint8_t known[GH_PUBLIC_KEY_BYTES];
	EVP_PKEY *key;
	enum gh_status status = read_public(public_path, &key, error);

	if (status == GH_OK)
		status = public_half(key, known, error);
	EVP_PKEY_free(key);
	if (status != GH_OK)
		return status;
	if (memcmp(known, signature->public_key, sizeof(known)) != 0)
		return gh_error_set(
			error, GH_DENIED, "signed by another key than %s holds", public_path);
	return gh_signature_verify(known, message, signature->bytes, error);
}
