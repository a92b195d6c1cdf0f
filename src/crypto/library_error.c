/* SPDX-License-Identifier: Apache-2.0 */
/* Takes OpenSSL's error queue apart. */
#include "library_error.h"

#include <stddef.h>

#include <openssl/err.h>

enum gh_status gh_library_error(struct gh_error *error, enum gh_status status, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return gh_error_set(
		error, status, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
}
