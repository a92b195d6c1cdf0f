/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings: a view that borrows, a buffer that owns, and wiping. */
#ifndef GATEHOUSE_BASE_BYTES_H
#define GATEHOUSE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that belong to somebody else. data may be NULL when length is 0. */
struct gh_view {
	const uint8_t *data;
	size_t length_bytes;
};

/**
 * Bytes that belong to this value. Zero-initialised is empty and valid.
 *
 * One rule of privacy: whatever a buffer ever held is wiped before its memory
 * goes back to the allocator, when it grows and when it is finished.
 */
struct gh_bytes {
	uint8_t *data;
	size_t length_bytes;
	size_t capacity_bytes;
};

/** An empty buffer. */
#define GH_BYTES_EMPTY \
	{ \
		NULL, 0, 0 \
	}

/** Overwrite memory in a way the compiler may not leave out. NULL with 0 is fine. */
void gh_wipe(void *memory, size_t length_bytes);

/**
 * Make room for at least capacity_bytes in all.
 *
 * GH_OK, or GH_NO_MEMORY and the buffer is as before. Growth moves the bytes
 * and wipes the old place. Any thread that owns the buffer.
 */
GH_MUST_USE enum gh_status gh_bytes_reserve(
	struct gh_bytes *bytes, size_t capacity_bytes, struct gh_error *error);

/**
 * Append a copy of data, which lies outside the buffer.
 *
 * GH_OK, or GH_NO_MEMORY and the buffer is as before.
 */
GH_MUST_USE enum gh_status gh_bytes_append(
	struct gh_bytes *bytes, const void *data, size_t length_bytes, struct gh_error *error);

/** Append formatted text without its final NUL. Statuses as gh_bytes_append(). */
GH_MUST_USE enum gh_status gh_bytes_print(struct gh_bytes *bytes, struct gh_error *error,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Forget the content, wiped, and keep the memory. */
void gh_bytes_clear(struct gh_bytes *bytes);

/** Wipe and free. The buffer is empty and valid again. NULL is fine. */
void gh_bytes_finish(struct gh_bytes *bytes);

/** Borrow the content; valid until the buffer changes. */
struct gh_view gh_bytes_view(const struct gh_bytes *bytes);

/** Borrow a C string without its final NUL. NULL gives an empty view. */
struct gh_view gh_view_of_text(const char *text);

/**
 * Copy a C string into an array of to_bytes, always NUL-terminated; returns
 * false if it had to be cut. For words and paths; a person's text goes through
 * gh_personal_set(). Any thread.
 */
bool gh_text_copy(char *to, size_t to_bytes, const char *from);

/** Whether both hold the same bytes; not in constant time. */
bool gh_view_equal(struct gh_view a, struct gh_view b);

/**
 * Read the UTF-8 character (RFC 3629) that text begins with.
 *
 * Returns its length, 1 to 4 bytes, and sets *code_point; or 0 when text is
 * empty or does not begin with a well-formed character (a surrogate, an
 * overlong form and a value above U+10FFFF are none). Any thread.
 */
size_t gh_utf8_decode(struct gh_view text, uint32_t *code_point);

/**
 * Text about a person: a type of its own, so that nothing that logs or prints
 * errors can take it by mistake. UTF-8, NUL-terminated, cut at a character
 * boundary by gh_personal_set(). Wiped by gh_wipe() over the whole struct.
 */
struct gh_personal {
	char text[128];
};

/**
 * Copy text into *personal; returns false if it had to be cut. Bytes that are
 * not UTF-8 and control characters become U+FFFD. Any thread.
 */
bool gh_personal_set(struct gh_personal *personal, struct gh_view text);

/** Write bytes as lower-case hexadecimal with a final NUL; text holds 2 n + 1. */
void gh_hex_format(const uint8_t *bytes, size_t length_bytes, char *text);

/** Read exactly 2 * length_bytes hexadecimal digits. GH_OK or GH_MALFORMED. */
GH_MUST_USE enum gh_status gh_hex_parse(
	const char *text, uint8_t *bytes, size_t length_bytes, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
