/* SPDX-License-Identifier: Apache-2.0 */
/* The one key of each voyage: its file, its rewrapping, its end. */
#ifndef GALLERY_VOYAGE_KEY_H
#define GALLERY_VOYAGE_KEY_H

#include "gatehouse/crypto/aead.h"

#include "vault.h"

/* Read and unwrap a voyage's key. GH_NOT_FOUND, GH_GONE, and the statuses of unwrapping. */
GH_MUST_USE enum gh_status gh_voyage_key_open(const struct gh_vault *vault,
	const struct gh_id *voyage, struct gh_aead_key *key, struct gh_error *error);

/* The same, or a new key where there is none that opens. */
GH_MUST_USE enum gh_status gh_voyage_key_ensure(const struct gh_vault *vault,
	const struct gh_id *voyage, struct gh_aead_key *key, struct gh_error *error);

/*
 * Erase a voyage's key file and tell it. A note stands in the folder from before the key goes
 * until that was told: a crash between leaves it, and gh_voyage_keys_settle() goes on. Without a
 * key there is nothing to tell.
 */
GH_MUST_USE enum gh_status gh_voyage_key_erase(const struct gh_vault *vault,
	const struct gh_gallery_erased *story, struct gh_error *error);

/* End every erasure that a note tells of. The first failure is returned, all are tried. */
GH_MUST_USE enum gh_status gh_voyage_keys_settle(
	const struct gh_vault *vault, struct gh_error *error);

/* Wrap every key file anew. A damaged one stays as it is, logged. */
GH_MUST_USE enum gh_status gh_voyage_keys_rewrap(
	const struct gh_vault *vault, struct gh_error *error);

#endif
