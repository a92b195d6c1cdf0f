/* SPDX-License-Identifier: Apache-2.0 */
/* Masters in files, one for each generation; a kind says what stands in such a file. */
#ifndef GATEHOUSE_SRC_CRYPTO_MASTER_FILES_H
#define GATEHOUSE_SRC_CRYPTO_MASTER_FILES_H

#include "key_folder.h"
#include "masters.h"

/**
 * How a master stands in its file. Generation 1 is in "master" + suffix, n in
 * "master-n" + suffix. name is that of the file, to be bound to what it holds.
 */
struct gh_master_form {
	const char *suffix;
	size_t limit_bytes;
	enum gh_status (*encode)(void *ctx, const char *name, const struct gh_aead_key *master,
		struct gh_bytes *file, struct gh_error *error);
	enum gh_status (*decode)(void *ctx, const char *name, struct gh_view file,
		struct gh_aead_key *master, struct gh_error *error);
};

struct gh_master_files {
	const struct gh_key_folder *folder;
	const struct gh_master_form *form;
	void *ctx; /**< of form's functions */
};

/**
 * The three steps of struct gh_provider_kind. A file of zeros is a master whose
 * destruction was cut off after it had become final: load() ends it.
 */
GH_MUST_USE enum gh_status gh_master_files_load(
	const struct gh_master_files *files, struct gh_masters *masters, struct gh_error *error);
GH_MUST_USE enum gh_status gh_master_files_begin(const struct gh_master_files *files,
	const struct gh_masters *after, struct gh_error *error);
GH_MUST_USE enum gh_status gh_master_files_finish(
	const struct gh_master_files *files, const struct gh_masters *now, struct gh_error *error);

#endif
