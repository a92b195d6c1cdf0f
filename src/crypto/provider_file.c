/* SPDX-License-Identifier: Apache-2.0 */
/* Key provider "file": masters and signing key as files of 32 plain bytes. */
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/id.h"
#include "master_files.h"
#include "provider_kind.h"

#define SIGNING_FILE "signing.key"

static enum gh_status encode(void *ctx, const char *name, const struct gh_aead_key *master,
	struct gh_bytes *file, struct gh_error *error)
{
	(void)ctx;
	(void)name;
	return gh_bytes_append(file, master->bytes, sizeof(master->bytes), error);
}

static enum gh_status decode(void *ctx, const char *name, struct gh_view file,
	struct gh_aead_key *master, struct gh_error *error)
{
	(void)ctx;
	(void)name;
	if (file.length_bytes != sizeof(master->bytes))
		return gh_error_set(
			error, GH_MALFORMED, "a key has %zu bytes", sizeof(master->bytes));
	memcpy(master->bytes, file.data, sizeof(master->bytes));
	return GH_OK;
}

static const struct gh_master_form form = {
	.suffix = ".key",
	.limit_bytes = GH_AEAD_KEY_BYTES,
	.encode = encode,
	.decode = decode,
};

static enum gh_status open_files(const struct gh_provider_options *options,
	const struct gh_key_folder *folder, void **own, struct gh_error *error)
{
	struct gh_master_files *files = calloc(1, sizeof(*files));

	(void)options;
	if (!files)
		return gh_error_set(error, GH_NO_MEMORY, "keys");
	files->folder = folder;
	files->form = &form;
	*own = files;
	return GH_OK;
}

static enum gh_status load(void *own, struct gh_masters *masters, struct gh_error *error)
{
	return gh_master_files_load(own, masters, error);
}

static enum gh_status begin(void *own, const struct gh_masters *after, struct gh_error *error)
{
	return gh_master_files_begin(own, after, error);
}

static enum gh_status finish(void *own, const struct gh_masters *now, struct gh_error *error)
{
	return gh_master_files_finish(own, now, error);
}

static enum gh_status seed_of(
	void *own, uint8_t seed[GH_SIGNING_SEED_BYTES], struct gh_error *error)
{
	const struct gh_master_files *files = own;
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_key_file_read(files->folder, SIGNING_FILE, GH_SIGNING_SEED_BYTES, &file, error);

	if (status == GH_NOT_FOUND) {
		gh_error_clear(error);
		status = gh_random_fill(seed, GH_SIGNING_SEED_BYTES, error);
		if (status == GH_OK)
			status = gh_key_file_write(files->folder, SIGNING_FILE,
				(struct gh_view){ seed, GH_SIGNING_SEED_BYTES }, error);
	} else if (status == GH_OK && file.length_bytes == GH_SIGNING_SEED_BYTES) {
		memcpy(seed, file.data, GH_SIGNING_SEED_BYTES);
	} else if (status == GH_OK) {
		status = gh_error_set(error, GH_MALFORMED, "%s/%s: a key has %d bytes",
			files->folder->path, SIGNING_FILE, GH_SIGNING_SEED_BYTES);
	}
	gh_bytes_finish(&file);
	return status;
}

static enum gh_provider_strength strength(const void *own)
{
	(void)own;
	return GH_PROVIDER_DISK_OPENS;
}

const struct gh_provider_kind gh_provider_kind_file = {
	.name = "file",
	.strength = strength,
	.open = open_files,
	.close = free,
	.load = load,
	.begin = begin,
	.finish = finish,
	.seed = seed_of,
};
