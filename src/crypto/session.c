/* SPDX-License-Identifier: Apache-2.0 */
/* TLS sessions that another library runs by OpenSSL: what they must be, and who is there. */
#include "gatehouse/crypto/session.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "library_error.h"
#include "pem.h"

enum gh_status gh_session_require(void *context, struct gh_error *error)
{
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set_num_tickets(context, 0) != 1)
		return gh_library_error(error, GH_INTERNAL, "TLS: settings of the server");
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	return GH_OK;
}

enum gh_status gh_session_identify(
	void *context, const char *certificate_path, struct gh_view key_pem, struct gh_error *error)
{
	EVP_PKEY *key;
	enum gh_status status = gh_pem_key(key_pem, &key, error);

	if (status != GH_OK)
		return status;
	if (SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1)
		status = gh_library_error(error, GH_IO, certificate_path);
	else if (SSL_CTX_use_PrivateKey(context, key) != 1)
		status = gh_library_error(error, GH_INTEGRITY, certificate_path);
	EVP_PKEY_free(key);
	return status;
}

enum gh_status gh_session_peer(
	void *session, struct gh_certificate *certificate, struct gh_error *error)
{
	X509 *peer = SSL_get1_peer_certificate(session);
	unsigned char *der = NULL;
	enum gh_status status;
	int length;

	if (!peer)
		return gh_error_set(error, GH_NOT_FOUND, "TLS: the peer has shown no certificate");
	length = i2d_X509(peer, &der);
	X509_free(peer);
	if (length < 0)
		return gh_library_error(error, GH_INTERNAL, "TLS: the peer's certificate");
	status = gh_certificate_parse((struct gh_view){ der, (size_t)length }, certificate, error);
	OPENSSL_free(der);
	return status;
}
