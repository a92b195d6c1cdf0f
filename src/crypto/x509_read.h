/* SPDX-License-Identifier: Apache-2.0 */
/* Names in certificates and requests, read so that none can pass for another. */
#ifndef GATEHOUSE_SRC_CRYPTO_X509_READ_H
#define GATEHOUSE_SRC_CRYPTO_X509_READ_H

#include <openssl/x509.h>

#include "gatehouse/base/error.h"

/** Copy an attribute's text. GH_OK, or GH_MALFORMED: too long, or with a control character. */
GH_MUST_USE enum gh_status gh_x509_copy_text(
	const ASN1_STRING *value, char *text, size_t text_bytes, struct gh_error *error);

/** The only attribute of a kind; "" when there is none, or several so that none is sure. */
GH_MUST_USE enum gh_status gh_x509_read_attribute(
	const X509_NAME *subject, int nid, char *text, size_t text_bytes, struct gh_error *error);

#endif
