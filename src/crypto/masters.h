/* SPDX-License-Identifier: Apache-2.0 */
/* The masters in force, and the form of what is sealed under one of them. */
#ifndef GATEHOUSE_SRC_CRYPTO_MASTERS_H
#define GATEHOUSE_SRC_CRYPTO_MASTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/aead.h"

/**
 * One master, or two while they change. Lies in locked memory, and is not
 * copied out of it. Holds: generation >= 1, newest is not all zero; while
 * changing generation >= 2, and before is generation - 1.
 */
struct gh_masters {
	uint64_t generation; /**< of newest */
	bool changing;
	struct gh_aead_key newest;
	struct gh_aead_key before;
};

/** Whether a key is all zero, which no key ever is: so an overwritten one looks. */
bool gh_key_is_blank(const struct gh_aead_key *key);

/** Whether the invariants above hold. */
bool gh_masters_sound(const struct gh_masters *masters);

/**
 * What is sealed under a master: the form, 8 bytes of generation (most
 * significant first), then what gh_aead_seal() makes with these 9 bytes and the
 * context as associated data. A data key of 60 bytes is of the time before
 * generations: it counts as under generation 1, and only its context is bound.
 */
enum gh_sealed_form {
	GH_SEALED_KEY = 'k',    /**< a data key */
	GH_SEALED_SECRET = 's', /**< a secret kept by name */
	GH_SEALED_MASTER = 'm', /**< the next master, kind tpm2 */
};

#define GH_SEALED_HEADER_BYTES 9

/** Seal plain under one master of this generation. Statuses of gh_aead_seal(). */
GH_MUST_USE enum gh_status gh_master_seal(const struct gh_aead_key *master, uint64_t generation,
	enum gh_sealed_form form, struct gh_view context, struct gh_view plain,
	struct gh_bytes *sealed, struct gh_error *error);

/** The same under the newest. */
GH_MUST_USE enum gh_status gh_masters_seal(const struct gh_masters *masters,
	enum gh_sealed_form form, struct gh_view context, struct gh_view plain,
	struct gh_bytes *sealed, struct gh_error *error);

/**
 * Open it. Statuses of gh_aead_open(); GH_GONE when its master is destroyed,
 * GH_INTEGRITY also when its master is still to come.
 */
GH_MUST_USE enum gh_status gh_masters_open(const struct gh_masters *masters,
	enum gh_sealed_form form, struct gh_view context, struct gh_view sealed,
	struct gh_bytes *plain, struct gh_error *error);

/** The generation that something sealed names; 0: too short, or of another form. */
uint64_t gh_sealed_generation(enum gh_sealed_form form, struct gh_view sealed);

#endif
