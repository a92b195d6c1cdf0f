/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a certificate under way, for those in this room who make one. */
#ifndef GATEHOUSE_SRC_CRYPTO_X509_WRITE_H
#define GATEHOUSE_SRC_CRYPTO_X509_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509v3.h>

/** Bytes of a serial number that is made here. */
#define GH_SERIAL_BYTES 16

/** Add an attribute such as "CN" to a name. */
bool gh_x509_add_name(X509_NAME *name, const char *field, const char *text);

/**
 * A random serial number of 126 bits: positive, and at most 20 octets (RFC 5280
 * section 4.1.2.2). serial is what was set, for whoever keeps it; NULL is fine.
 */
bool gh_x509_set_serial(X509 *x509, uint8_t serial[GH_SERIAL_BYTES]);

/** Validity from and to, in seconds since 1970. */
bool gh_x509_set_validity(X509 *x509, int64_t from_s, int64_t to_s);

/** Add an extension in OpenSSL's words; a NULL value adds none. */
bool gh_x509_add_extension(X509 *x509, X509 *issuer, int nid, const char *value);

#endif
