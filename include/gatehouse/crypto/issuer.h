/* SPDX-License-Identifier: Apache-2.0 */
/* An authority's key at work: certificates of lanes by their requests (RFC 5280). */
#ifndef GATEHOUSE_CRYPTO_ISSUER_H
#define GATEHOUSE_CRYPTO_ISSUER_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/certs_only.h"
#include "gatehouse/crypto/csr.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a serial number in hexadecimal, its final NUL included. */
#define GH_SERIAL_TEXT_BYTES 41

/** How much earlier than now a certificate begins: clocks differ. */
#define GH_ISSUER_BACKDATE_MS (INT64_C(300) * 1000)

/**
 * An authority and its private key, which stays in it and is wiped at the end.
 * One thread at a time.
 */
struct gh_issuer;

/**
 * Take an authority: the first certificate of certificate_file, and its private
 * key (PEM in memory, which the caller wipes). Those behind it in the file, and
 * those of ca_file, are who it is trusted by.
 *
 * GH_OK         the caller owns *issuer.
 * GH_INTEGRITY  the key is not the certificate's.
 * GH_SETTINGS   the certificate may not issue (basicConstraints, keyUsage), is
 *               over at now_ms, or does not lead to one of ca_file, so that
 *               nobody would take what it issues.
 * GH_MALFORMED, GH_TOO_LARGE (more than GH_CERTS_ONLY_MAX in both files),
 * GH_NOT_FOUND, GH_DENIED, GH_IO, GH_NO_MEMORY, GH_INTERNAL.
 * On failure *issuer is NULL. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_issuer_open(const char *certificate_file, struct gh_view key_pem,
	const char *ca_file, int64_t now_ms, struct gh_issuer **issuer, struct gh_error *error);

/** Wipe the key and free. NULL safe. */
void gh_issuer_close(struct gh_issuer *issuer);

/** The authority's certificates: its own, those behind it, and those of ca_file. */
const struct gh_certs *gh_issuer_certs(const struct gh_issuer *issuer);

/** What a certificate says beside the public key; nothing of it comes from the request. */
struct gh_issue {
	const char *organisation; /**< O; "": none */
	const char *role;         /**< OU */
	const char *name;         /**< CN, and before domain the DNS name: a-z A-Z 0-9 . _ - */
	const char *domain;       /**< "lanes.example"; "": name alone */
	int64_t now_ms;
	int64_t life_ms; /**< from now; ends with the authority's own at latest */
};

/** A certificate that was issued. */
struct gh_issued {
	char serial[GH_SERIAL_TEXT_BYTES]; /**< 32 digits, lower case */
	struct gh_certificate certificate;
	struct gh_bytes der; /**< the caller finishes it */
};

/**
 * Certify the key of a request: version 3, a random serial of 126 bits, no
 * authority, digitalSignature and clientAuth only, the DNS name, key identifiers.
 *
 * GH_OK         *issued is set.
 * GH_MALFORMED  a name with other characters, or longer than 64 bytes.
 * GH_SETTINGS   the authority's own certificate is over.
 * GH_INTERNAL, GH_NO_MEMORY. On failure *issued is all zero. Does not block.
 */
GH_MUST_USE enum gh_status gh_issuer_issue(struct gh_issuer *issuer, const struct gh_csr *csr,
	const struct gh_issue *issue, struct gh_issued *issued, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
