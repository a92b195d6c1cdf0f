/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates in a message of their own, as EST carries them (certs-only CMS, RFC 7030). */
#ifndef GATEHOUSE_CRYPTO_CERTS_ONLY_H
#define GATEHOUSE_CRYPTO_CERTS_ONLY_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Certificates of one message, at most. */
#define GH_CERTS_ONLY_MAX 8

/** Largest message that is read, in base64. */
#define GH_CERTS_ONLY_BYTES_MAX (64u * 1024u)

/** The content type of such a message (RFC 7030, sections 4.1.3 and 4.2.3). */
#define GH_CERTS_ONLY_TYPE "application/pkcs7-mime; smime-type=certs-only"

/** Certificates in DER, in no order that means anything. Zero-initialised is empty. */
struct gh_certs {
	size_t count;
	struct gh_bytes der[GH_CERTS_ONLY_MAX];
};

/** Free what it holds; it is empty and valid again. */
void gh_certs_finish(struct gh_certs *certs);

/**
 * Append all certificates of PEM text to *certs, leaving out those that it has.
 *
 * GH_OK, GH_MALFORMED (none in it, or a broken one), GH_TOO_LARGE (more than
 * there is room for), GH_NO_MEMORY: *certs may have some more. Any thread; does
 * not block.
 */
GH_MUST_USE enum gh_status gh_certs_add_pem(
	struct gh_certs *certs, struct gh_view pem, struct gh_error *error);

/**
 * Make the message: SignedData without content and signers (RFC 5652, section
 * 5), in base64 with line ends, as it is the body of an answer.
 *
 * GH_OK         *base64 is replaced; the caller finishes it.
 * GH_MALFORMED  one of them is no certificate, or there is none.
 * GH_INTERNAL, GH_NO_MEMORY. On failure *base64 is empty. Any thread; does not
 * block.
 */
GH_MUST_USE enum gh_status gh_certs_only_encode(
	const struct gh_certs *certs, struct gh_bytes *base64, struct gh_error *error);

/**
 * Read such a message, of at least one certificate.
 *
 * GH_OK         *certs is replaced; the caller finishes it.
 * GH_TOO_LARGE  over GH_CERTS_ONLY_BYTES_MAX, or more certificates than there is
 *               room for.
 * GH_MALFORMED  no base64, no SignedData, signed by somebody, or without a
 *               certificate.
 * GH_NO_MEMORY. On failure *certs is empty. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_certs_only_decode(
	struct gh_view base64, struct gh_certs *certs, struct gh_error *error);

/**
 * A certificate as PEM, and behind it those of above by which it was issued, one
 * by the other, without the root: what a TLS client has to show.
 *
 * GH_OK and *pem is replaced; the caller finishes it. GH_MALFORMED: one of them
 * is no certificate. GH_INTERNAL, GH_NO_MEMORY. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_certs_chain(struct gh_view der, const struct gh_certs *above,
	struct gh_bytes *pem, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
