/* SPDX-License-Identifier: Apache-2.0 */
/* Names in certificates and requests, read so that none can pass for another. */
#include "x509_read.h"

#include <string.h>

#include "library_error.h"

/*
 * Copy an attribute's text. Names are compared and logged, so one that could
 * pass for another (a NUL or control character within) is refused.
 */
enum gh_status gh_x509_copy_text(
	const ASN1_STRING *value, char *text, size_t text_bytes, struct gh_error *error)
{
	unsigned char *utf8 = NULL;
	int length = ASN1_STRING_to_UTF8(&utf8, value);
	enum gh_status status = GH_OK;

	if (length < 0)
		return gh_library_error(error, GH_MALFORMED, "certificate: name");
	if ((size_t)length >= text_bytes)
		status = gh_error_set(
			error, GH_MALFORMED, "certificate: name over %zu bytes", text_bytes - 1);
	for (int i = 0; status == GH_OK && i < length; i++)
		if (utf8[i] < 0x20 || utf8[i] == 0x7F)
			status = gh_error_set(
				error, GH_MALFORMED, "certificate: control character in a name");
	if (status == GH_OK) {
		memcpy(text, utf8, (size_t)length);
		text[length] = '\0';
	}
	OPENSSL_free(utf8);
	return status;
}

/* Read the only attribute of a kind; "" when there is none, or several so that none is sure. */
enum gh_status gh_x509_read_attribute(
	const X509_NAME *subject, int nid, char *text, size_t text_bytes, struct gh_error *error)
{
	int index = X509_NAME_get_index_by_NID(subject, nid, -1);

	text[0] = '\0';
	if (index < 0 || X509_NAME_get_index_by_NID(subject, nid, index) >= 0)
		return GH_OK;
	return gh_x509_copy_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)),
		text, text_bytes, error);
}
