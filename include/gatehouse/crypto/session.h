/* SPDX-License-Identifier: Apache-2.0 */
/* TLS sessions that another library runs by OpenSSL: what they must be, and who is there. */
#ifndef GATEHOUSE_CRYPTO_SESSION_H
#define GATEHOUSE_CRYPTO_SESSION_H

#include "gatehouse/base/error.h"
#include "gatehouse/crypto/certificate.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Hold a server's sessions to TLS 1.3 (RFC 8446), and let none be resumed, so
 * that each connection shows its certificate anew.
 *
 * context is an SSL_CTX of OpenSSL, borrowed. GH_OK or GH_INTERNAL. Before the
 * first connection; does not block.
 */
GH_MUST_USE enum gh_status gh_session_require(void *context, struct gh_error *error);

/**
 * Give a server its certificate, with what is behind it in the file, and the
 * private key (PEM) that the caller has in memory and wipes afterwards.
 *
 * context as above. GH_OK, GH_MALFORMED, GH_INTEGRITY (not its key), GH_IO.
 * Before the first connection. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_session_identify(void *context, const char *certificate_path,
	struct gh_view key_pem, struct gh_error *error);

/**
 * Read the certificate that the peer has shown; whether it is trusted is the
 * business of whoever runs the session.
 *
 * session is an SSL of OpenSSL, borrowed. GH_OK and *certificate is set;
 * GH_NOT_FOUND (it has shown none), GH_MALFORMED, GH_INTERNAL. On the thread
 * that runs the session; does not block.
 */
GH_MUST_USE enum gh_status gh_session_peer(
	void *session, struct gh_certificate *certificate, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
