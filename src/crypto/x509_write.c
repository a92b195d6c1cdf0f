/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a certificate under way. */
#include "x509_write.h"

#include <string.h>

#include "gatehouse/base/id.h"

bool gh_x509_add_name(X509_NAME *name, const char *field, const char *text)
{
	return X509_NAME_add_entry_by_txt(
		       name, field, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1;
}

bool gh_x509_set_serial(X509 *x509, uint8_t serial[GH_SERIAL_BYTES])
{
	uint8_t random[GH_SERIAL_BYTES];
	BIGNUM *number;
	bool done;

	if (gh_random_fill(random, sizeof(random), NULL) != GH_OK)
		return false;
	random[0] = (uint8_t)((random[0] & 0x7F) | 0x40);
	number = BN_bin2bn(random, sizeof(random), NULL);
	done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
	BN_free(number);
	if (serial)
		memcpy(serial, random, sizeof(random));
	return done;
}

bool gh_x509_set_validity(X509 *x509, int64_t from_s, int64_t to_s)
{
	return ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)from_s) &&
		ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)to_s);
}

bool gh_x509_add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool done;

	if (!value)
		return true;
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	done = extension && X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return done;
}
