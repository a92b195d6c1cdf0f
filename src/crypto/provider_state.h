/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a key provider, for the sources that share it. */
#ifndef GATEHOUSE_SRC_CRYPTO_PROVIDER_STATE_H
#define GATEHOUSE_SRC_CRYPTO_PROVIDER_STATE_H

#include <pthread.h>

#include "provider_kind.h"

/** What nobody else may see; in locked memory. */
struct gh_provider_keys {
	struct gh_masters now;
	struct gh_masters after; /**< while a step is under way */
	uint8_t seed[GH_SIGNING_SEED_BYTES];
};

/**
 * `step` is held through a change or a secret, and so across the disk and the
 * TPM; `lock` guards keys->now and is held for moments. Order: step, lock.
 * keys->now is written with both held, so that whoever has step may read it.
 */
struct gh_provider {
	const struct gh_provider_kind *kind;
	void *own;
	struct gh_key_folder folder;
	struct gh_provider_keys *keys;
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];
	pthread_mutex_t step;
	pthread_rwlock_t lock;
};

/**
 * Wrap all kept secrets under the newest master. What can never be opened again
 * stays as it is. Under step. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_provider_rewrap_secrets(
	struct gh_provider *provider, struct gh_error *error);

/** Find or make the signing key. Before the provider is shared. */
GH_MUST_USE enum gh_status gh_provider_load_signing(
	struct gh_provider *provider, struct gh_error *error);

/**
 * Keep or read a secret under a name of any form; public names have no '_'.
 * Under step, or before the provider is shared.
 */
GH_MUST_USE enum gh_status gh_secret_write(struct gh_provider *provider, const char *name,
	struct gh_view secret, struct gh_error *error);
GH_MUST_USE enum gh_status gh_secret_read(struct gh_provider *provider, const char *name,
	struct gh_bytes *secret, struct gh_error *error);

#endif
