/* SPDX-License-Identifier: Apache-2.0 */
/* models/MANIFEST: which model files there are, and loading exactly those. */
#ifndef GATEHOUSE_SRC_VISION_MODELS_H
#define GATEHOUSE_SRC_VISION_MODELS_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/hash.h"

#define MODELS_MAX 64
#define MODEL_NAME_BYTES 32
#define MODEL_FILE_BYTES 128

/** Largest list and largest model file. */
#define MODELS_MANIFEST_BYTES_MAX (256u * 1024u)
#define MODEL_BYTES_MAX (64u * 1024u * 1024u)

enum gh_model_role {
	MODEL_ORIGINAL,
	MODEL_PREPARED,
	MODEL_ENGINE,
};

/** One line: a name within a role, the file's last name, its size and hash. */
struct gh_model {
	char name[MODEL_NAME_BYTES];
	char file[MODEL_FILE_BYTES];
	enum gh_model_role role;
	uint64_t length_bytes;
	struct gh_sha256 hash;
};

struct gh_models {
	uint32_t count;
	struct gh_model list[MODELS_MAX];
};

/**
 * Read the list's text; its format stands in its head. GH_OK, or GH_MALFORMED
 * or GH_TOO_LARGE with the line's number. Does not allocate.
 */
GH_MUST_USE enum gh_status gh_models_parse(
	struct gh_view text, struct gh_models *models, struct gh_error *error);

/** The same from a file. */
GH_MUST_USE enum gh_status gh_models_read(
	const char *path, struct gh_models *models, struct gh_error *error);

/** The entry of a name and role, or NULL. */
const struct gh_model *gh_models_find(
	const struct gh_models *models, const char *name, enum gh_model_role role);

/**
 * Read the prepared file of a name from directory. What is hashed is what is
 * returned: the file may change afterwards without effect.
 *
 * GH_OK           *bytes is the content, the caller finishes it.
 * GH_NOT_FOUND    no such entry, or no such file.
 * GH_INTEGRITY    its size or hash is another.
 */
GH_MUST_USE enum gh_status gh_models_load(const struct gh_models *models, const char *directory,
	const char *name, struct gh_bytes *bytes, struct gh_error *error);

/**
 * Open an engine's library and check it against the list. Its path for the
 * loader goes to loadable: that of the open descriptor, so that the file that
 * was hashed is the file that is loaded. Libraries of the distribution (below
 * /usr/lib and /lib) are its package manager's to guard and need no entry.
 *
 * GH_OK           the caller closes *descriptor once the library is loaded.
 * GH_NOT_FOUND, GH_INTEGRITY (another hash, or not in the list), GH_IO.
 */
GH_MUST_USE enum gh_status gh_models_open_library(const struct gh_models *models, const char *path,
	char loadable[64], int *descriptor, struct gh_error *error);

#endif
