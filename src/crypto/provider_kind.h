/* SPDX-License-Identifier: Apache-2.0 */
/* What a kind of key provider does: it keeps the masters, and nothing else. */
#ifndef GATEHOUSE_SRC_CRYPTO_PROVIDER_KIND_H
#define GATEHOUSE_SRC_CRYPTO_PROVIDER_KIND_H

#include "gatehouse/crypto/provider.h"
#include "key_folder.h"
#include "masters.h"

/** Bytes of the seed of an Ed25519 key (RFC 8032 section 5.1.5). */
#define GH_SIGNING_SEED_BYTES 32

/**
 * A kind. `own` is its state, made by open() and freed, wiped, by close();
 * folder outlives it. One thread at a time calls; masters lie in locked memory.
 *
 * Every step may be cut off anywhere. What then counts is what the next load()
 * finds: begin() has happened once the master that `after` calls newest is
 * found, finish() once the one before is not.
 */
struct gh_provider_kind {
	const char *name;

	/** What its erasures withstand, as its options have it. */
	enum gh_provider_strength (*strength)(const void *own);

	/** Take what of the options is this kind's; close() follows also when it fails. */
	enum gh_status (*open)(const struct gh_provider_options *options,
		const struct gh_key_folder *folder, void **own, struct gh_error *error);
	void (*close)(void *own);

	/** Find the masters; the first time generation 1 is made. masters is all zero before. */
	enum gh_status (*load)(void *own, struct gh_masters *masters, struct gh_error *error);

	/** Make after->newest, of after->generation, durable beside after->before. */
	enum gh_status (*begin)(void *own, const struct gh_masters *after, struct gh_error *error);

	/** Destroy now->before, durably, and keep now->newest. May be repeated. */
	enum gh_status (*finish)(void *own, const struct gh_masters *now, struct gh_error *error);

	/** Find or make the signing seed. NULL: it is a secret under the master. */
	enum gh_status (*seed)(
		void *own, uint8_t seed[GH_SIGNING_SEED_BYTES], struct gh_error *error);
};

/** Where the signing seed is when the kind has no place for it. */
#define GH_SIGNING_SECRET "_signing"
#define GH_SIGNING_SECRET_FILE GH_SIGNING_SECRET ".secret"

extern const struct gh_provider_kind gh_provider_kind_file;
extern const struct gh_provider_kind gh_provider_kind_systemd;
extern const struct gh_provider_kind gh_provider_kind_tpm2;

#endif
