/* SPDX-License-Identifier: Apache-2.0 */
/* Key providers: who holds the master key under which data keys are wrapped. */
#ifndef GATEHOUSE_CRYPTO_PROVIDER_H
#define GATEHOUSE_CRYPTO_PROVIDER_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/aead.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A provider keeps one master key and one Ed25519 signing key (RFC 8032) and
 * lets neither out. Kinds are rows of a table in provider.c.
 *
 * Kind "file": keys in files of mode 0600 in a folder of mode 0700. For
 * development: whoever copies the disk has the keys. A lane whose purpose is
 * service refuses it (gh_provider_for_service()).
 */
struct gh_provider;

/**
 * Open the provider of a kind on its folder; the first opening makes the keys.
 *
 * GH_OK           the caller owns *provider.
 * GH_UNSUPPORTED  no such kind; the error lists those there are.
 * GH_DENIED       the folder or a key file is open to others.
 * GH_MALFORMED, GH_IO, GH_FULL, GH_NO_MEMORY: as named in the error.
 * A provider may be used from any thread, also by several at once.
 */
GH_MUST_USE enum gh_status gh_provider_open(const char *kind, const char *folder,
	struct gh_provider **provider, struct gh_error *error);

/** Wipe the keys in memory and free. NULL safe. */
void gh_provider_close(struct gh_provider *provider);

/** Whether this kind may be used when the lane's purpose is service. */
bool gh_provider_for_service(const struct gh_provider *provider);

/**
 * Wrap a data key under the master key, bound to context (such as a record's
 * id). *wrapped is replaced; the caller finishes it. Statuses of gh_aead_seal().
 */
GH_MUST_USE enum gh_status gh_provider_wrap(struct gh_provider *provider, struct gh_view context,
	const struct gh_aead_key *key, struct gh_bytes *wrapped, struct gh_error *error);

/** Unwrap a data key; the caller wipes *key. Statuses of gh_aead_open(). */
GH_MUST_USE enum gh_status gh_provider_unwrap(struct gh_provider *provider, struct gh_view context,
	struct gh_view wrapped, struct gh_aead_key *key, struct gh_error *error);

#define GH_SIGNATURE_BYTES 64
#define GH_PUBLIC_KEY_BYTES 32

/** Sign message with the provider's Ed25519 key. GH_OK or GH_INTERNAL. */
GH_MUST_USE enum gh_status gh_provider_sign(struct gh_provider *provider, struct gh_view message,
	uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error);

/** The public half of the signing key. */
void gh_provider_public_key(
	const struct gh_provider *provider, uint8_t public_key[GH_PUBLIC_KEY_BYTES]);

/** Check a signature by a public key. GH_OK or GH_INTEGRITY. Any thread. */
GH_MUST_USE enum gh_status gh_signature_verify(const uint8_t public_key[GH_PUBLIC_KEY_BYTES],
	struct gh_view message, const uint8_t signature[GH_SIGNATURE_BYTES],
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
