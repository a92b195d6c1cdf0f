/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a detached signature: refused with a reason, and nobody is named as its signer. */
#include "gatehouse/crypto/cms.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>

#include "gatehouse/base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char folder[] = "/tmp/gatehouse-fuzz-XXXXXX";
static char authority[64];

static void remove_folder(void)
{
	static const char *const names[] = { "ca.pem", "ca.key", "central.pem", "central.key",
		"signer.pem", "signer.key" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128];

		if (gh_path_join(folder, names[i], path, sizeof(path), NULL) == GH_OK)
			unlink(path);
	}
	rmdir(folder);
}

/* An authority that signed nothing of what comes. */
static void make_authority(void)
{
	if (authority[0])
		return;
	if (!mkdtemp(folder) || atexit(remove_folder) ||
		gh_demo_certificates_make(folder, NULL, NULL, 0, NULL) != GH_OK ||
		gh_path_join(folder, "ca.pem", authority, sizeof(authority), NULL) != GH_OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_certificate signer;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	make_authority();
	status = gh_cms_verify((struct gh_view){ bytes, size }, gh_view_of_text("content"),
		authority, INT64_C(1764000000000), &signer, &error);
	if (status != GH_MALFORMED && status != GH_DENIED && status != GH_INTEGRITY &&
		status != GH_TOO_LARGE)
		abort();
	if (signer.name[0] != '\0' || error.text[0] == '\0')
		abort();
	/* What is left here would be taken for the failure of the next TLS call. */
	if (ERR_peek_error() != 0)
		abort();
	return 0;
}
