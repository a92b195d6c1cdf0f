/* SPDX-License-Identifier: Apache-2.0 */
/* The program systemd-creds: encrypts and decrypts a few bytes by keys of the host or its TPM. */
#ifndef GATEHOUSE_SRC_CRYPTO_CREDS_H
#define GATEHOUSE_SRC_CRYPTO_CREDS_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

/** Largest input and output. */
#define GH_CREDS_BYTES_MAX 16384

/** Longest time that the program gets, in which a TPM does a few things. */
#define GH_CREDS_TIMEOUT_MS 30000

/** How the program is called; texts are borrowed. */
struct gh_creds_call {
	const char *program; /**< absolute path */
	const char *verb;    /**< encrypt or decrypt */
	const char *key;     /**< for encrypt: --with-key */
	const char *name;    /**< --name, bound to what is encrypted */
};

/**
 * Run it without a shell: input goes in by a pipe, *output comes out by one and
 * is finished by the caller. What it complains about goes where our own standard
 * error goes.
 *
 * GH_OK; GH_UNSUPPORTED: there is no such program; GH_DENIED: it ended with
 * another status than 0; GH_TIMEOUT: it was killed; GH_TOO_LARGE; GH_IO;
 * GH_NO_MEMORY. Blocks for GH_CREDS_TIMEOUT_MS at most. Any thread, where
 * nobody else waits for any child (waitpid(-1)).
 */
GH_MUST_USE enum gh_status gh_creds_run(const struct gh_creds_call *call, struct gh_view input,
	struct gh_bytes *output, struct gh_error *error);

#endif
