/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read under a limit, written so that a power cut leaves old or new. */
#ifndef GATEHOUSE_BASE_FILE_H
#define GATEHOUSE_BASE_FILE_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Read a whole regular file of at most limit_bytes.
 *
 * GH_OK          *bytes is replaced by the content; the caller finishes it.
 * GH_TOO_LARGE   the file is larger; nothing was read.
 * GH_NOT_FOUND, GH_DENIED, GH_IO, GH_NO_MEMORY, GH_UNSUPPORTED (not a file).
 * On every failure *bytes is empty and the error names the path.
 *
 * Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_file_read(
	const char *path, size_t limit_bytes, struct gh_bytes *bytes, struct gh_error *error);

/**
 * The same without holding it all: call gets part after part, valid during the
 * call. What call returns other than GH_OK ends the scan and is returned.
 */
GH_MUST_USE enum gh_status gh_file_scan(const char *path, size_t limit_bytes,
	enum gh_status (*call)(void *ctx, struct gh_view part, struct gh_error *error), void *ctx,
	struct gh_error *error);

/**
 * Replace path by data: temporary file beside it, write, fsync, rename, fsync
 * of the folder. mode as for open(2), taken whole (the umask does not apply).
 *
 * GH_OK, or GH_FULL, GH_DENIED, GH_IO and others of gh_error_errno(): then path
 * is as before and no temporary file is left. (When only the last step fails,
 * path is the new content already, but a power cut may bring the old one back.)
 * A power cut may leave a temporary file, named `.HEX.part`. Any thread.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_file_replace(
	const char *path, struct gh_view data, unsigned mode, struct gh_error *error);

/**
 * Make a folder and those above it (mode 0700 for those made).
 *
 * GH_OK also when it is there. Statuses of gh_error_errno() otherwise.
 */
GH_MUST_USE enum gh_status gh_folder_make(const char *path, struct gh_error *error);

/**
 * Make the names in a folder durable (fsync(2)): what was made, renamed or
 * unlinked there before stands after a power cut. GH_OK, or the statuses of
 * gh_error_errno(). Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_folder_sync(const char *folder, struct gh_error *error);

/**
 * Whether only this user and root may put files into a folder: not where group
 * or others may write, or where it is somebody else's.
 *
 * GH_OK, or GH_DENIED naming folder and mode, or of gh_error_errno(). Any thread.
 */
GH_MUST_USE enum gh_status gh_folder_check_own(const char *path, struct gh_error *error);

/**
 * Join folder and name into path with one slash between.
 *
 * GH_OK, or GH_TOO_LARGE and path is "". path_bytes counts the final NUL.
 */
GH_MUST_USE enum gh_status gh_path_join(const char *folder, const char *name, char *path,
	size_t path_bytes, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
