/* SPDX-License-Identifier: Apache-2.0 */
/* The table of key providers, and checking what they signed. */
#include "gatehouse/crypto/provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "library_error.h"
#include "provider_kind.h"

static const struct gh_provider_kind *const kinds[] = {
	&gh_provider_kind_file,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct gh_provider {
	const struct gh_provider_kind *kind;
	void *own;
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];
};

static const struct gh_provider_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static enum gh_status refuse_kind(const char *name, struct gh_error *error)
{
	char known[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < KINDS && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
			i > 0 ? ", " : "", kinds[i]->name);
	return gh_error_set(
		error, GH_UNSUPPORTED, "no key provider '%s'; there are: %s", name, known);
}

enum gh_status gh_provider_open(
	const char *kind, const char *folder, struct gh_provider **provider, struct gh_error *error)
{
	struct gh_provider *made;
	enum gh_status status;

	*provider = NULL;
	if (!find_kind(kind))
		return refuse_kind(kind, error);
	made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "key provider");
	made->kind = find_kind(kind);
	status = made->kind->open(folder, &made->own, made->public_key, error);
	if (status != GH_OK) {
		gh_error_wrap(error, "key provider '%s'", kind);
		free(made);
		return status;
	}
	*provider = made;
	return GH_OK;
}

void gh_provider_close(struct gh_provider *provider)
{
	if (!provider)
		return;
	provider->kind->close(provider->own);
	free(provider);
}

bool gh_provider_for_service(const struct gh_provider *provider)
{
	return provider->kind->for_service;
}

enum gh_status gh_provider_wrap(struct gh_provider *provider, struct gh_view context,
	const struct gh_aead_key *key, struct gh_bytes *wrapped, struct gh_error *error)
{
	return provider->kind->wrap(provider->own, context, key, wrapped, error);
}

enum gh_status gh_provider_unwrap(struct gh_provider *provider, struct gh_view context,
	struct gh_view wrapped, struct gh_aead_key *key, struct gh_error *error)
{
	struct gh_bytes plain = GH_BYTES_EMPTY;
	enum gh_status status =
		provider->kind->unwrap(provider->own, context, wrapped, &plain, error);

	memset(key, 0, sizeof(*key));
	if (status == GH_OK && plain.length_bytes != sizeof(key->bytes))
		status = gh_error_set(error, GH_INTEGRITY, "unwrap: %zu bytes are no data key",
			plain.length_bytes);
	if (status == GH_OK)
		memcpy(key->bytes, plain.data, sizeof(key->bytes));
	gh_bytes_finish(&plain);
	return status;
}

enum gh_status gh_provider_sign(struct gh_provider *provider, struct gh_view message,
	uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error)
{
	return provider->kind->sign(provider->own, message, signature, error);
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
