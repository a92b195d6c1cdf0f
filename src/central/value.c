/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a prepared statement, whatever database runs it. */
#include "value.h"

#include <stddef.h>

struct value param_integer(int64_t integer)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = integer };
}

struct value param_real(double real, bool there)
{
	return (struct value){ .kind = there ? VALUE_REAL : VALUE_NULL, .real = real };
}

struct value param_bytes(struct gh_view bytes)
{
	return (struct value){ .kind = bytes.data ? VALUE_BYTES : VALUE_NULL, .bytes = bytes };
}

struct value param_id(const struct gh_id *id)
{
	return param_bytes((struct gh_view){ id ? id->bytes : NULL, sizeof(id->bytes) });
}

struct value param_hash(const struct gh_sha256 *hash)
{
	return param_bytes((struct gh_view){ hash->bytes, sizeof(hash->bytes) });
}

struct value param_text(const char *text)
{
	return (struct value){ .kind = text ? VALUE_TEXT : VALUE_NULL,
		.bytes = gh_view_of_text(text) };
}
