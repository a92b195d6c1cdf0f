/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and wrapping an error's story inside its fixed room. */
#include "gatehouse/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "..."

/* Close a text that was cut; a character cut in half goes with it. */
static void close_cut(char text[GH_ERROR_TEXT_BYTES])
{
	size_t end = GH_ERROR_TEXT_BYTES - sizeof(ELLIPSIS);

	while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
		end--;
	memcpy(text + end, ELLIPSIS, sizeof(ELLIPSIS));
}

/* Replace the text by head, ": " and tail; either may point into the old text's copy only. */
static void join(struct gh_error *error, const char *head, const char *tail)
{
	int length = snprintf(error->text, sizeof(error->text), "%s: %s", head, tail);

	if (length >= (int)sizeof(error->text))
		close_cut(error->text);
}

/* Arguments may point into the error itself, so the text is made elsewhere first. */
static void format_text(char text[GH_ERROR_TEXT_BYTES], const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void format_text(char text[GH_ERROR_TEXT_BYTES], const char *format, va_list arguments)
{
	int length = vsnprintf(text, GH_ERROR_TEXT_BYTES, format, arguments);

	if (length < 0)
		text[0] = '\0';
	else if (length >= GH_ERROR_TEXT_BYTES)
		close_cut(text);
}

enum gh_status gh_error_set(struct gh_error *error, enum gh_status status, const char *format, ...)
{
	char text[GH_ERROR_TEXT_BYTES];
	va_list arguments;

	if (!error)
		return status;
	va_start(arguments, format);
	format_text(text, format, arguments);
	va_end(arguments);
	error->status = status;
	memcpy(error->text, text, strlen(text) + 1);
	return status;
}

enum gh_status gh_error_wrap(struct gh_error *error, const char *format, ...)
{
	char head[GH_ERROR_TEXT_BYTES];
	char tail[GH_ERROR_TEXT_BYTES];
	va_list arguments;

	if (!error)
		return GH_INTERNAL;
	va_start(arguments, format);
	format_text(head, format, arguments);
	va_end(arguments);
	memcpy(tail, error->text, strlen(error->text) + 1);
	join(error, head, tail);
	return error->status;
}

static enum gh_status status_of_errno(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
		return GH_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return GH_DENIED;
	case ENOENT:
		return GH_NOT_FOUND;
	case EEXIST:
		return GH_EXISTS;
	case ENOMEM:
		return GH_NO_MEMORY;
	case ENODEV:
	case ENXIO:
		return GH_GONE;
	default:
		return GH_IO;
	}
}

enum gh_status gh_error_errno(struct gh_error *error, int errnum, const char *format, ...)
{
	char head[GH_ERROR_TEXT_BYTES];
	char reason[128];
	va_list arguments;
	enum gh_status status = status_of_errno(errnum);

	if (!error)
		return status;
	va_start(arguments, format);
	format_text(head, format, arguments);
	va_end(arguments);
	if (strerror_r(errnum, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", errnum);
	error->status = status;
	join(error, head, reason);
	return status;
}

void gh_error_clear(struct gh_error *error)
{
	if (!error)
		return;
	error->status = GH_OK;
	error->text[0] = '\0';
}
