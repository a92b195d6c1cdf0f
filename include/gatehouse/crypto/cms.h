/* SPDX-License-Identifier: Apache-2.0 */
/* Detached signatures with the signer's certificate in them (CMS SignedData, RFC 5652). */
#ifndef GATEHOUSE_CRYPTO_CMS_H
#define GATEHOUSE_CRYPTO_CMS_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/certificate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest signature that is read: one signer, and a chain of a few certificates. */
#define GH_CMS_BYTES_MAX (32u * 1024u)

/**
 * Sign content with the private key that belongs to a certificate: DER of a
 * SignedData with one signer, his certificate and the time in it, and without
 * the content (RFC 5652 section 5; the digest is SHA-256).
 *
 * GH_OK         *cms is replaced; the caller finishes it.
 * GH_INTEGRITY  the key is not the certificate's.
 * GH_DENIED     others than its owner may read the key.
 * GH_MALFORMED, GH_NOT_FOUND, GH_IO, GH_NO_MEMORY, GH_INTERNAL.
 * On failure *cms is empty. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_cms_sign(const char *certificate_path, const char *key_path,
	struct gh_view content, struct gh_bytes *cms, struct gh_error *error);

/**
 * Verify a detached signature: it is over content, by exactly one signer whose
 * certificate is in it and leads to one of ca_path (PEM) at the time now_ms
 * (RFC 5280 section 6; what the certificate may be used for is not asked). Who
 * may sign what is the caller's to judge by *signer.
 *
 * GH_OK         *signer is set.
 * GH_INTEGRITY  the signature is not over this content.
 * GH_DENIED     the signer is not trusted, or not at this time: the error says why.
 * GH_MALFORMED  no CMS signature, or of several signers or none.
 * GH_TOO_LARGE, GH_NOT_FOUND (no ca_path), GH_IO, GH_NO_MEMORY, GH_INTERNAL.
 * On failure *signer is all zero. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_cms_verify(struct gh_view cms, struct gh_view content,
	const char *ca_path, int64_t now_ms, struct gh_certificate *signer, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
