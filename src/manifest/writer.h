/* SPDX-License-Identifier: Apache-2.0 */
/* A large file written piece by piece and put in place at once, as gh_file_replace(). */
#ifndef GATEHOUSE_SRC_MANIFEST_WRITER_H
#define GATEHOUSE_SRC_MANIFEST_WRITER_H

#include <limits.h>

#include "gatehouse/base/bytes.h"

struct gh_writer {
	int descriptor;
	char folder[PATH_MAX];
	char beside[PATH_MAX];
};

/* Begin a temporary file beside path, readable too. gh_writer_abort() is due on every outcome. */
GH_MUST_USE enum gh_status gh_writer_begin(
	struct gh_writer *writer, const char *path, struct gh_error *error);

/* Append. GH_OK, GH_FULL, GH_IO. */
GH_MUST_USE enum gh_status gh_writer_append(
	struct gh_writer *writer, struct gh_view data, struct gh_error *error);

/* Make the file durable and put it in the place of path. */
GH_MUST_USE enum gh_status gh_writer_commit(
	struct gh_writer *writer, const char *path, unsigned mode, struct gh_error *error);

/* Close, and remove what was not committed. */
void gh_writer_abort(struct gh_writer *writer);

/* pwrite(2) of all of data: GH_OK, GH_FULL, GH_IO. */
GH_MUST_USE enum gh_status gh_write_at(
	int descriptor, uint64_t offset_bytes, struct gh_view data, struct gh_error *error);

/* pread(2) of exactly length_bytes: GH_OK, GH_TRUNCATED, GH_IO. */
GH_MUST_USE enum gh_status gh_read_at(int descriptor, uint64_t offset_bytes, void *data,
	size_t length_bytes, struct gh_error *error);

#endif
