/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for keys: never in swap, never in a core dump, wiped when it is given back. */
#ifndef GATEHOUSE_SRC_CRYPTO_LOCKED_H
#define GATEHOUSE_SRC_CRYPTO_LOCKED_H

#include <stddef.h>

#include "gatehouse/base/error.h"

/**
 * Pages of their own, zeroed. GH_OK, or GH_NO_MEMORY: the error says what
 * RLIMIT_MEMLOCK has to be. Any thread.
 */
GH_MUST_USE enum gh_status gh_locked_create(
	size_t length_bytes, void **memory, struct gh_error *error);

/** Wipe and give back what gh_locked_create() made with the same length. NULL safe. */
void gh_locked_destroy(void *memory, size_t length_bytes);

#endif
