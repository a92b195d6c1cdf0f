/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by Ed25519: over a few bytes, with keys in files. */
#ifndef GATEHOUSE_CRYPTO_SIGNATURE_H
#define GATEHOUSE_CRYPTO_SIGNATURE_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A signature, and by which key: without it, an unknown key looks like a forgery. */
struct gh_signature {
	uint8_t public_key[GH_PUBLIC_KEY_BYTES]; /**< as RFC 8032 section 5.1.5 encodes it */
	uint8_t bytes[GH_SIGNATURE_BYTES];
};

/**
 * Make a key pair: the private key as PKCS #8 PEM in key_path (0600, not
 * encrypted), the public one as PEM in public_path (0644). Neither may exist.
 *
 * GH_OK, GH_EXISTS, GH_NO_MEMORY, GH_INTERNAL, or the statuses of
 * gh_file_replace(); on failure no file is left. One caller per path at a time.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_signature_make_key(
	const char *key_path, const char *public_path, struct gh_error *error);

/**
 * Sign a message with the private key of a file.
 *
 * GH_OK, GH_MALFORMED (no unencrypted PEM, or another kind of key), GH_DENIED
 * when the file is open to others than its owner, GH_NO_MEMORY, GH_INTERNAL, or
 * the statuses of gh_file_read(). The key is wiped before this returns. Any
 * thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_signature_sign_file(const char *key_path, struct gh_view message,
	struct gh_signature *signature, struct gh_error *error);

/**
 * Verify a signature against the public key of a file.
 *
 * GH_OK            the message is as it was when this key signed it.
 * GH_NOT_FOUND     there is no such file.
 * GH_DENIED        another key signed: nothing is known about the message.
 * GH_INTEGRITY     this key is named, but the signature is not its.
 * GH_MALFORMED     the file holds no Ed25519 public key.
 * GH_NO_MEMORY, GH_INTERNAL, GH_IO. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_signature_verify_file(const char *public_path, struct gh_view message,
	const struct gh_signature *signature, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
