/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a certification request: refused with a reason, or a name and a key of its own. */
#include "gatehouse/crypto/csr.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_csr csr;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_csr_read((struct gh_view){ bytes, size }, &csr, &error);

	switch (status) {
	case GH_OK:
		if (csr.name[0] == '\0' || csr.key_bytes == 0 || csr.key_bytes > sizeof(csr.key))
			abort();
		break;
	case GH_MALFORMED:
	case GH_TOO_LARGE:
	case GH_UNSUPPORTED:
	case GH_INTEGRITY:
		if (csr.name[0] != '\0' || csr.key_bytes != 0 || error.text[0] == '\0')
			abort();
		break;
	default:
		abort();
	}
	/* What is left here would be taken for the failure of the next TLS call. */
	if (ERR_peek_error() != 0)
		abort();
	return 0;
}
