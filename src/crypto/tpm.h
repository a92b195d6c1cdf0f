/* SPDX-License-Identifier: Apache-2.0 */
/* One NV index of a TPM 2.0, read and written so that the bus tells nothing. */
#ifndef GATEHOUSE_SRC_CRYPTO_TPM_H
#define GATEHOUSE_SRC_CRYPTO_TPM_H

#include <stdint.h>

#include "gatehouse/base/error.h"

/** Bytes of the index's password and of the storage key's name (SHA-256, TPM 2.0 part 1, 16). */
#define GH_TPM_AUTH_BYTES 32
#define GH_TPM_NAME_BYTES 34

/** No more than this is ever written to the index: every TPM takes it in one command. */
#define GH_TPM_INDEX_BYTES_MAX 256

/** Which TPM and which index; texts are borrowed. */
struct gh_tpm_place {
	const char *tcti;  /**< for Tss2_TctiLdr_Initialize() */
	uint32_t pcr_mask; /**< PCRs of the SHA-256 bank, bit n is PCR n */
	uint32_t index;    /**< 0x01800000 to 0x01bfffff, the owner's */
};

enum gh_tpm_index {
	GH_TPM_INDEX_NONE,
	GH_TPM_INDEX_EMPTY, /**< ours, never written */
	GH_TPM_INDEX_WRITTEN,
};

/** A connection; of one thread. While it is open nobody else may have the TPM. */
struct gh_tpm;

/**
 * Connect, and derive the storage key to which sessions are salted.
 *
 * All functions: GH_OK; GH_UNSUPPORTED: there is no TPM at this place, or it
 * lacks what is needed; GH_OFFLINE: it left in the middle; GH_DENIED: PCRs,
 * passwords, somebody else's index; GH_BUSY: locked out or rate-limited, later
 * it will do; GH_FULL: no room for the index; GH_NO_MEMORY; GH_IO. The error
 * says what to do. Blocks for the TPM: no longer than the kernel's driver waits
 * for it, which is some seconds for each of up to eight commands.
 */
GH_MUST_USE enum gh_status gh_tpm_open(
	const struct gh_tpm_place *place, struct gh_tpm **tpm, struct gh_error *error);

/** Leave the TPM as it was. NULL safe. */
void gh_tpm_close(struct gh_tpm *tpm);

/** The name of the storage key: another TPM, or one that was cleared, has another. */
const uint8_t *gh_tpm_storage_name(const struct gh_tpm *tpm);

/** What there is at the index; GH_DENIED when it is not of our making. */
GH_MUST_USE enum gh_status gh_tpm_look(struct gh_tpm *tpm, uint16_t length_bytes,
	enum gh_tpm_index *found, struct gh_error *error);

/**
 * Make the index: read and written only with this password while the PCRs are
 * as they are now. The owner's password has to be empty.
 */
GH_MUST_USE enum gh_status gh_tpm_define(struct gh_tpm *tpm, uint16_t length_bytes,
	const uint8_t auth[GH_TPM_AUTH_BYTES], struct gh_error *error);

/** Read all of it. */
GH_MUST_USE enum gh_status gh_tpm_read(struct gh_tpm *tpm, const uint8_t auth[GH_TPM_AUTH_BYTES],
	uint8_t *bytes, uint16_t length_bytes, struct gh_error *error);

/** Write all of it by one command: one cycle of the TPM's memory. */
GH_MUST_USE enum gh_status gh_tpm_write(struct gh_tpm *tpm, const uint8_t auth[GH_TPM_AUTH_BYTES],
	const uint8_t *bytes, uint16_t length_bytes, struct gh_error *error);

#endif
