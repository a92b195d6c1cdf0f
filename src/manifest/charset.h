/* SPDX-License-Identifier: Apache-2.0 */
/* Text of an interchange as UTF-8. */
#ifndef GATEHOUSE_SRC_MANIFEST_CHARSET_H
#define GATEHOUSE_SRC_MANIFEST_CHARSET_H

#include "gatehouse/base/bytes.h"

enum gh_charset_kind {
	GH_CHARSET_ASCII,
	GH_CHARSET_UTF8,
	GH_CHARSET_LATIN1,
	GH_CHARSET_TABLE,
};

/* A character set; upper is its half above 0xA0, for TABLE. */
struct gh_charset {
	enum gh_charset_kind kind;
	const uint16_t *upper;
};

/* The set that a syntax identifier (UNB 0001) names; ASCII when it names none. */
struct gh_charset gh_charset_of(struct gh_view syntax_id);

/*
 * Convert text. Returns false when it had to be cut. *odd: bytes that the
 * character set does not have; under ASCII they are taken for UTF-8 where
 * they are well-formed, else for ISO/IEC 8859-1.
 */
bool gh_charset_decode(
	struct gh_charset charset, struct gh_view text, struct gh_personal *personal, bool *odd);

#endif
