/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a prepared statement, whatever database runs it. */
#ifndef GATEHOUSE_SRC_CENTRAL_VALUE_H
#define GATEHOUSE_SRC_CENTRAL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"

/* Borrows what it shows. */
struct value {
	enum {
		VALUE_NULL,
		VALUE_INTEGER,
		VALUE_REAL,
		VALUE_BYTES,
		VALUE_TEXT
	} kind;
	int64_t integer;
	double real;
	struct gh_view bytes;
};

struct value param_integer(int64_t integer);
struct value param_real(double real, bool there);
struct value param_bytes(struct gh_view bytes); /* a NULL view is NULL */
struct value param_id(const struct gh_id *id);  /* so is NULL */
struct value param_hash(const struct gh_sha256 *hash);
struct value param_text(const char *text);

#define VALUES(...) \
	(const struct value[]){ __VA_ARGS__ }, \
		(int)(sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
#define NO_VALUES NULL, 0

#endif
