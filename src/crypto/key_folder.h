/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of small secret files: private, of one process at a time, and destroyed when asked. */
#ifndef GATEHOUSE_SRC_CRYPTO_KEY_FOLDER_H
#define GATEHOUSE_SRC_CRYPTO_KEY_FOLDER_H

#include <limits.h>
#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

/** A folder that is open. The path is a copy; the descriptor holds the lock. */
struct gh_key_folder {
	char path[PATH_MAX];
	int descriptor;
	bool alone; /**< nobody else has it open */
};

/** A folder that is not open. */
#define GH_KEY_FOLDER_NONE \
	{ \
		"", -1, false \
	}

/**
 * Make it if there is none (0700), see that it is ours alone, lock it until
 * gh_key_folder_close(), and destroy what writers left that a crash cut off.
 *
 * With shared, others that share may have it open too; who comes first has it
 * alone until gh_key_folder_share(), and only he destroys leftovers.
 *
 * GH_OK; GH_BUSY: somebody has it open; GH_DENIED: others may enter it;
 * GH_MALFORMED: not a folder; GH_IO and others of gh_error_errno(). On failure
 * *folder is closed. Blocks for the disk, with shared up to 30 s for whoever has
 * it alone.
 */
GH_MUST_USE enum gh_status gh_key_folder_open(
	const char *path, bool shared, struct gh_key_folder *folder, struct gh_error *error);

/** Let others in that share. GH_OK or GH_IO. */
GH_MUST_USE enum gh_status gh_key_folder_share(
	struct gh_key_folder *folder, struct gh_error *error);

/** Unlock. A folder that is not open is fine. */
void gh_key_folder_close(struct gh_key_folder *folder);

/**
 * Read a file of ours alone. GH_OK: the caller finishes *bytes. GH_NOT_FOUND;
 * GH_DENIED: open to others; GH_MALFORMED: no regular file, or over limit_bytes;
 * or the statuses of gh_file_read().
 */
GH_MUST_USE enum gh_status gh_key_file_read(const struct gh_key_folder *folder, const char *name,
	size_t limit_bytes, struct gh_bytes *bytes, struct gh_error *error);

/** Whether there is such a file, of any kind. Does not wait for the disk to be sound. */
bool gh_key_file_exists(const struct gh_key_folder *folder, const char *name);

/** gh_file_replace() with mode 0600. */
GH_MUST_USE enum gh_status gh_key_file_write(const struct gh_key_folder *folder, const char *name,
	struct gh_view bytes, struct gh_error *error);

/**
 * Overwrite a file with zeros, sync it, unlink it, sync the folder; one that is
 * not there is fine. On failure it may be overwritten and still there. GH_OK or
 * the statuses of gh_error_errno().
 */
GH_MUST_USE enum gh_status gh_key_file_destroy(
	const struct gh_key_folder *folder, const char *name, struct gh_error *error);

/**
 * Call for each name, in no order; the folder may change meanwhile. What call
 * returns other than GH_OK ends it and is returned.
 */
GH_MUST_USE enum gh_status gh_key_folder_each(const struct gh_key_folder *folder,
	enum gh_status (*call)(void *ctx, const char *name, struct gh_error *error), void *ctx,
	struct gh_error *error);

#endif
