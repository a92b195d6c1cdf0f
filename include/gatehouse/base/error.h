/* SPDX-License-Identifier: Apache-2.0 */
/* An error as a value that tells its story on the way up. */
#ifndef GATEHOUSE_BASE_ERROR_H
#define GATEHOUSE_BASE_ERROR_H

#include <stddef.h>

#include "gatehouse/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of text an error can hold, its final NUL included. */
#define GH_ERROR_TEXT_BYTES 512

/**
 * A status and its story: "while doing A: while doing B: cause".
 *
 * Owned by the caller, usually on the stack, and never allocated. A text that
 * does not fit is cut at the end and closed with "...".
 *
 * Privacy: the text names files, places and reasons, never a traveller. Rows
 * of a manifest are named by number.
 */
struct gh_error {
	enum gh_status status;
	char text[GH_ERROR_TEXT_BYTES];
};

/** An error that has not happened yet. */
#define GH_ERROR_NONE \
	{ \
		GH_OK, "" \
	}

/**
 * Write status and text into *error, replacing what was there.
 *
 * error may be NULL. Returns status, so that a failing function can end with
 * `return gh_error_set(error, GH_IO, "%s: %s", path, strerror(errno));`.
 * Any thread; does not allocate or block.
 */
enum gh_status gh_error_set(struct gh_error *error, enum gh_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Put "text: " in front of the story.
 *
 * error may be NULL (then GH_INTERNAL is returned only if no status is known:
 * use the status at hand instead). Returns error->status. Any thread.
 */
enum gh_status gh_error_wrap(struct gh_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * gh_error_set() with ": " and the text of errnum (as from errno) at the end.
 *
 * ENOSPC and EDQUOT give GH_FULL, EROFS, EACCES and EPERM GH_DENIED, ENOENT
 * GH_NOT_FOUND, EEXIST GH_EXISTS, ENOMEM GH_NO_MEMORY, ENODEV and ENXIO
 * GH_GONE, all else GH_IO. Returns that status. Any thread.
 */
enum gh_status gh_error_errno(struct gh_error *error, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Forget the story: status GH_OK, empty text. error may be NULL. */
void gh_error_clear(struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
