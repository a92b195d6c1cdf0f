/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a certificate: malformed, or names without control characters and sound times. */
#include "gatehouse/crypto/certificate.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_certificate certificate;
	enum gh_status status =
		gh_certificate_parse((struct gh_view){ bytes, size }, &certificate, NULL);

	if (status != GH_OK && status != GH_MALFORMED)
		abort();
	if (status != GH_OK && certificate.name[0] != '\0')
		abort();
	expect_clean(certificate.name);
	expect_clean(certificate.role);
	if (certificate.not_before_ms < 0 || certificate.not_after_ms < 0)
		abort();
	/* What is left here would be taken for the failure of the next TLS call. */
	if (ERR_peek_error() != 0)
		abort();
	return 0;
}
