/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's signing key, and checking what it signed. */
#include <string.h>

#include <openssl/evp.h>

#include "gatehouse/base/id.h"
#include "library_error.h"
#include "provider_state.h"

/* Find or make the seed where the kind has no place of its own for it. */
static enum gh_status seed_of_secrets(struct gh_provider *provider, struct gh_error *error)
{
	struct gh_bytes secret = GH_BYTES_EMPTY;
	uint8_t *seed = provider->keys->seed;
	enum gh_status status = gh_secret_read(provider, GH_SIGNING_SECRET, &secret, error);

	if (status == GH_NOT_FOUND) {
		gh_error_clear(error);
		status = gh_random_fill(seed, GH_SIGNING_SEED_BYTES, error);
		if (status == GH_OK)
			status = gh_secret_write(provider, GH_SIGNING_SECRET,
				(struct gh_view){ seed, GH_SIGNING_SEED_BYTES }, error);
	} else if (status == GH_OK && secret.length_bytes == GH_SIGNING_SEED_BYTES) {
		memcpy(seed, secret.data, GH_SIGNING_SEED_BYTES);
	} else if (status == GH_OK) {
		status = gh_error_set(
			error, GH_MALFORMED, "signing key: %zu bytes", secret.length_bytes);
	}
	gh_bytes_finish(&secret);
	return status;
}

/*
 * OpenSSL's object lies in its own heap, which is neither locked nor left out of
 * dumps: it lives for one signature.
 */
static EVP_PKEY *key_of(const struct gh_provider *provider)
{
	return EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, provider->keys->seed, GH_SIGNING_SEED_BYTES);
}

enum gh_status gh_provider_load_signing(struct gh_provider *provider, struct gh_error *error)
{
	const struct gh_provider_kind *kind = provider->kind;
	size_t length = GH_PUBLIC_KEY_BYTES;
	EVP_PKEY *key;
	enum gh_status status = kind->seed ? kind->seed(provider->own, provider->keys->seed, error)
					   : seed_of_secrets(provider, error);

	if (status != GH_OK)
		return status;
	key = key_of(provider);
	if (!key || EVP_PKEY_get_raw_public_key(key, provider->public_key, &length) != 1)
		status = gh_library_error(error, GH_INTERNAL, "signing key");
	EVP_PKEY_free(key);
	return status;
}

enum gh_status gh_provider_sign(struct gh_provider *provider, struct gh_view message,
	uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error)
{
	const uint8_t *data = message.data ? message.data : (const uint8_t *)"";
	size_t length = GH_SIGNATURE_BYTES;
	enum gh_status status = GH_OK;
	EVP_PKEY *key = key_of(provider);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!key || !context || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestSign(context, signature, &length, data, message.length_bytes) != 1)
		status = gh_library_error(error, GH_INTERNAL, "sign");
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return status;
}

void gh_provider_public_key(
	const struct gh_provider *provider, uint8_t public_key[GH_PUBLIC_KEY_BYTES])
{
	memcpy(public_key, provider->public_key, GH_PUBLIC_KEY_BYTES);
}

static enum gh_status verify(EVP_PKEY *key, struct gh_view message,
	const uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	const uint8_t *data = message.data ? message.data : (const uint8_t *)"";
	enum gh_status status = GH_OK;

	if (!context)
		return gh_library_error(error, GH_NO_MEMORY, "signature");
	if (EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1)
		status = gh_library_error(error, GH_INTERNAL, "signature");
	else if (EVP_DigestVerify(
			 context, signature, GH_SIGNATURE_BYTES, data, message.length_bytes) != 1)
		status = gh_library_error(error, GH_INTEGRITY, "signature does not agree");
	EVP_MD_CTX_free(context);
	return status;
}

enum gh_status gh_signature_verify(const uint8_t public_key[GH_PUBLIC_KEY_BYTES],
	struct gh_view message, const uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error)
{
	enum gh_status status;
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, public_key, GH_PUBLIC_KEY_BYTES);

	if (!key)
		return gh_library_error(error, GH_INTEGRITY, "public key");
	status = verify(key, message, signature, error);
	EVP_PKEY_free(key);
	return status;
}
