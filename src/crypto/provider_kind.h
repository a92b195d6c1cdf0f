/* SPDX-License-Identifier: Apache-2.0 */
/* What a kind of key provider does; provider.c has the table of them. */
#ifndef GATEHOUSE_SRC_CRYPTO_PROVIDER_KIND_H
#define GATEHOUSE_SRC_CRYPTO_PROVIDER_KIND_H

#include "gatehouse/crypto/provider.h"

/**
 * A kind. `own` is its state, made by open() and freed, wiped, by close(). The
 * functions between may be called by several threads at once.
 */
struct gh_provider_kind {
	const char *name;

	/** Whether whoever copies the disk still lacks the keys. */
	bool for_service;

	enum gh_status (*open)(const char *folder, void **own,
		uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error);
	void (*close)(void *own);
	enum gh_status (*wrap)(void *own, struct gh_view context, const struct gh_aead_key *key,
		struct gh_bytes *wrapped, struct gh_error *error);

	/** plain holds the data key; the caller looks at its length and wipes it. */
	enum gh_status (*unwrap)(void *own, struct gh_view context, struct gh_view wrapped,
		struct gh_bytes *plain, struct gh_error *error);
	enum gh_status (*sign)(void *own, struct gh_view message,
		uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error);
};

extern const struct gh_provider_kind gh_provider_kind_file;

#endif
