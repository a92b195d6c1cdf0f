/* SPDX-License-Identifier: Apache-2.0 */
/* Random identifiers of records, addenda, persons and bundles. */
#ifndef GATEHOUSE_BASE_ID_H
#define GATEHOUSE_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Characters of the text form, its final NUL included. */
#define GH_ID_TEXT_BYTES 37

/**
 * 128 bits: a version-4 UUID of RFC 9562 section 5.4. It says nothing about
 * time, place or person. All zero means "none".
 */
struct gh_id {
	uint8_t bytes[16];
};

/**
 * Make a new id from the kernel's random numbers.
 *
 * GH_OK        *id is set.
 * GH_INTERNAL  the kernel gave no random numbers; *id is none.
 *
 * Any thread. May block at early boot until the kernel's pool is ready.
 */
GH_MUST_USE enum gh_status gh_id_make(struct gh_id *id, struct gh_error *error);

/** Fill bytes with the kernel's random numbers. Statuses as gh_id_make(). */
GH_MUST_USE enum gh_status gh_random_fill(void *bytes, size_t length_bytes, struct gh_error *error);

/** Write the text form, lower case with hyphens, into text. Any thread. */
void gh_id_format(const struct gh_id *id, char text[GH_ID_TEXT_BYTES]);

/**
 * Read the text form of any UUID version, upper or lower case.
 *
 * GH_OK, or GH_MALFORMED and *id is none. Any thread.
 */
GH_MUST_USE enum gh_status gh_id_parse(const char *text, struct gh_id *id, struct gh_error *error);

/** Whether the two are the same. Any thread. */
bool gh_id_equal(const struct gh_id *a, const struct gh_id *b);

/** Whether the id is all zero. Any thread. */
bool gh_id_is_none(const struct gh_id *id);

#ifdef __cplusplus
}
#endif

#endif
