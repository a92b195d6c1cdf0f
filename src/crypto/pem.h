/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys as OpenSSL's objects, for this room only. */
#ifndef GATEHOUSE_SRC_CRYPTO_PEM_H
#define GATEHOUSE_SRC_CRYPTO_PEM_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "gatehouse/base/bytes.h"

/** No certificate or key of ours is larger, nor any of a public authority. */
#define GH_PEM_MAX_BYTES 65536

/**
 * Read one from bytes or from a file of at most 64 KiB. On GH_OK the caller
 * frees *x509 or *key; otherwise it is NULL and the error names the path.
 */
GH_MUST_USE enum gh_status gh_pem_certificate(
	struct gh_view bytes, X509 **x509, struct gh_error *error);
GH_MUST_USE enum gh_status gh_pem_key(struct gh_view bytes, EVP_PKEY **key, struct gh_error *error);
GH_MUST_USE enum gh_status gh_pem_read_certificate(
	const char *path, X509 **x509, struct gh_error *error);
GH_MUST_USE enum gh_status gh_pem_read_key(
	const char *path, EVP_PKEY **key, struct gh_error *error);

#endif
