/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message of certificates, as text and as what the text stands for. */
#include "gatehouse/crypto/certs_only.h"

#include <stdlib.h>

#include <openssl/err.h>

#include "gatehouse/crypto/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_message(struct gh_view text)
{
	struct gh_certs certs = { .count = 0 };
	struct gh_bytes pem = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_certs_only_decode(text, &certs, &error);

	if (status != GH_OK && status != GH_MALFORMED && status != GH_TOO_LARGE)
		abort();
	if ((status == GH_OK) != (certs.count > 0) || (status == GH_OK) != (error.text[0] == '\0'))
		abort();
	/* Certificates of others: whatever they say of each other, a chain ends. */
	if (certs.count > 0 &&
		gh_certs_chain(gh_bytes_view(&certs.der[0]), &certs, &pem, &error) == GH_OK &&
		pem.length_bytes == 0)
		abort();
	if (ERR_peek_error() != 0)
		abort();
	gh_bytes_finish(&pem);
	gh_certs_finish(&certs);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	read_message((struct gh_view){ bytes, size });
	if (gh_base64_encode((struct gh_view){ bytes, size }, &text, NULL) == GH_OK)
		read_message(gh_bytes_view(&text));
	gh_bytes_finish(&text);
	return 0;
}
