/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL has to say, as one of our errors. */
#ifndef GATEHOUSE_SRC_CRYPTO_LIBRARY_ERROR_H
#define GATEHOUSE_SRC_CRYPTO_LIBRARY_ERROR_H

#include "gatehouse/base/error.h"

/**
 * Set *error to `what: the library's first reason` and empty the library's
 * queue of this thread: what stays in it is taken for the failure of the next
 * TLS call. Returns status.
 */
enum gh_status gh_library_error(struct gh_error *error, enum gh_status status, const char *what);

#endif
