/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM by OpenSSL's EVP: nonce, ciphertext and tag in one block. */
#include "gatehouse/crypto/aead.h"

#include <stdbool.h>

#include <openssl/evp.h>

#include "gatehouse/base/id.h"
#include "library_error.h"

#define OVERHEAD_BYTES (GH_AEAD_NONCE_BYTES + GH_AEAD_TAG_BYTES)

/* EVP counts in int. */
#define STEP_BYTES ((size_t)1 << 30)

/* Run all of input through the cipher; output NULL is associated data. */
static bool run(EVP_CIPHER_CTX *cipher, uint8_t *output, struct gh_view input)
{
	while (input.length_bytes > 0) {
		size_t step = input.length_bytes < STEP_BYTES ? input.length_bytes : STEP_BYTES;
		int done = 0;

		if (EVP_CipherUpdate(cipher, output, &done, input.data, (int)step) != 1)
			return false;
		input.data += step;
		input.length_bytes -= step;
		if (output)
			output += done;
	}
	return true;
}

static bool begin(EVP_CIPHER_CTX *cipher, const struct gh_aead_key *key,
	const uint8_t nonce[GH_AEAD_NONCE_BYTES], bool encrypt)
{
	return EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key->bytes, nonce, encrypt) == 1;
}

static enum gh_status encrypt(EVP_CIPHER_CTX *cipher, const struct gh_aead_key *key,
	struct gh_view context, struct gh_view plain, uint8_t *sealed, struct gh_error *error)
{
	uint8_t *body = sealed + GH_AEAD_NONCE_BYTES;
	uint8_t *tag = body + plain.length_bytes;
	int none = 0;

	if (gh_random_fill(sealed, GH_AEAD_NONCE_BYTES, error) != GH_OK)
		return GH_INTERNAL;
	if (!begin(cipher, key, sealed, true) || !run(cipher, NULL, context) ||
		!run(cipher, body, plain) || EVP_CipherFinal_ex(cipher, tag, &none) != 1 ||
		EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, GH_AEAD_TAG_BYTES, tag) != 1)
		return gh_library_error(error, GH_INTERNAL, "seal");
	return GH_OK;
}

enum gh_status gh_aead_seal(const struct gh_aead_key *key, struct gh_view context,
	struct gh_view plain, struct gh_bytes *sealed, struct gh_error *error)
{
	enum gh_status status;
	EVP_CIPHER_CTX *cipher;

	gh_bytes_finish(sealed);
	if (plain.length_bytes > SIZE_MAX - OVERHEAD_BYTES)
		return gh_error_set(error, GH_NO_MEMORY, "seal: beyond the address space");
	status = gh_bytes_reserve(sealed, plain.length_bytes + OVERHEAD_BYTES, error);
	if (status != GH_OK)
		return status;
	cipher = EVP_CIPHER_CTX_new();
	status = cipher ? encrypt(cipher, key, context, plain, sealed->data, error)
			: gh_library_error(error, GH_NO_MEMORY, "seal");
	EVP_CIPHER_CTX_free(cipher);
	if (status == GH_OK)
		sealed->length_bytes = plain.length_bytes + OVERHEAD_BYTES;
	else
		gh_bytes_finish(sealed);
	return status;
}

static enum gh_status decrypt(EVP_CIPHER_CTX *cipher, const struct gh_aead_key *key,
	struct gh_view context, struct gh_view sealed, uint8_t *plain, struct gh_error *error)
{
	struct gh_view body = { sealed.data + GH_AEAD_NONCE_BYTES,
		sealed.length_bytes - OVERHEAD_BYTES };
	uint8_t tag[GH_AEAD_TAG_BYTES];
	int none = 0;

	for (size_t i = 0; i < sizeof(tag); i++)
		tag[i] = body.data[body.length_bytes + i];
	if (!begin(cipher, key, sealed.data, false) || !run(cipher, NULL, context) ||
		!run(cipher, plain, body) ||
		EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		return gh_library_error(error, GH_INTERNAL, "unseal");
	if (EVP_CipherFinal_ex(cipher, plain + body.length_bytes, &none) != 1)
		return gh_library_error(error, GH_INTEGRITY,
			"unseal: altered, or another key or context than it was sealed with");
	return GH_OK;
}

enum gh_status gh_aead_open(const struct gh_aead_key *key, struct gh_view context,
	struct gh_view sealed, struct gh_bytes *plain, struct gh_error *error)
{
	enum gh_status status;
	EVP_CIPHER_CTX *cipher;

	gh_bytes_finish(plain);
	if (sealed.length_bytes < OVERHEAD_BYTES)
		return gh_error_set(error, GH_TRUNCATED, "unseal: %zu bytes, fewer than %d",
			sealed.length_bytes, OVERHEAD_BYTES);
	status = gh_bytes_reserve(plain, sealed.length_bytes, error);
	if (status != GH_OK)
		return status;
	cipher = EVP_CIPHER_CTX_new();
	status = cipher ? decrypt(cipher, key, context, sealed, plain->data, error)
			: gh_library_error(error, GH_NO_MEMORY, "unseal");
	EVP_CIPHER_CTX_free(cipher);
	if (status == GH_OK)
		plain->length_bytes = sealed.length_bytes - OVERHEAD_BYTES;
	else
		gh_bytes_finish(plain);
	return status;
}
