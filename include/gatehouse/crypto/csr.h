/* SPDX-License-Identifier: Apache-2.0 */
/* Certification requests (PKCS #10, RFC 2986): made with a key, and read with its proof. */
#ifndef GATEHOUSE_CRYPTO_CSR_H
#define GATEHOUSE_CRYPTO_CSR_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/hash.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest request that is read: names, a key of 384 bits, some extensions. */
#define GH_CSR_BYTES_MAX 4096u

/** Room for a public key of the kinds below, as SubjectPublicKeyInfo. */
#define GH_CSR_KEY_BYTES_MAX 160

/**
 * What a request asks for. Whatever else stands in it (extensions, attributes,
 * an organisation) is not looked at: who issues knows what he certifies.
 */
struct gh_csr {
	char name[65];           /**< common name, never "" */
	char role[65];           /**< organisational unit, "" if none */
	struct gh_sha256 key_id; /**< SHA-256 of the SubjectPublicKeyInfo */
	uint8_t key[GH_CSR_KEY_BYTES_MAX];
	size_t key_bytes; /**< of the SubjectPublicKeyInfo in key (RFC 5280, 4.1.2.7) */
};

/**
 * Make a private key for a request: ECDSA on P-256, PEM, not encrypted.
 *
 * GH_OK and *key_pem is replaced; the caller finishes, and so wipes it. GH_INTERNAL,
 * GH_NO_MEMORY: *key_pem is empty. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_csr_new_key(struct gh_bytes *key_pem, struct gh_error *error);

/**
 * Make a request for a name (CN) and role (OU), signed with its key (PEM): the
 * proof that whoever asks has the key (RFC 2986, section 4.2; SHA-256).
 *
 * GH_OK         *der is replaced; the caller finishes it.
 * GH_MALFORMED  name or role is empty or over 64 bytes, or the key is no key.
 * GH_INTERNAL, GH_NO_MEMORY. On failure *der is empty. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_csr_make(const char *name, const char *role, struct gh_view key_pem,
	struct gh_bytes *der, struct gh_error *error);

/**
 * Read a request and verify its proof. Taken are public keys on P-256 and P-384
 * (named curves), signatures of ECDSA with SHA-256, SHA-384 or SHA-512, and a
 * subject of at most one each of O, OU and CN and nothing else.
 *
 * GH_OK           *csr is set.
 * GH_TOO_LARGE    over GH_CSR_BYTES_MAX.
 * GH_MALFORMED    no PKCS #10, bytes behind it, or another subject than above.
 * GH_UNSUPPORTED  another kind of key or signature.
 * GH_INTEGRITY    the signature is not by the key in it.
 * GH_INTERNAL. On failure *csr is all zero. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_csr_read(
	struct gh_view der, struct gh_csr *csr, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
