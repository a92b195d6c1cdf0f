/* SPDX-License-Identifier: Apache-2.0 */
/* Key provider "systemd-creds": masters in files that the service manager's keys encrypt. */
#include <stdlib.h>
#include <string.h>

#include "creds.h"
#include "master_files.h"
#include "provider_kind.h"

#define PROGRAM "/usr/bin/systemd-creds"
#define DEFAULT_KEY "host+tpm2"

struct own {
	struct gh_master_files files;
	char key[16];
};

static enum gh_status encode(void *ctx, const char *name, const struct gh_aead_key *master,
	struct gh_bytes *file, struct gh_error *error)
{
	const struct own *own = ctx;
	struct gh_creds_call call = {
		.program = PROGRAM, .verb = "encrypt", .key = own->key, .name = name
	};

	return gh_creds_run(
		&call, (struct gh_view){ master->bytes, sizeof(master->bytes) }, file, error);
}

static enum gh_status decode(void *ctx, const char *name, struct gh_view file,
	struct gh_aead_key *master, struct gh_error *error)
{
	struct gh_creds_call call = { .program = PROGRAM, .verb = "decrypt", .name = name };
	struct gh_bytes plain = GH_BYTES_EMPTY;
	enum gh_status status = gh_creds_run(&call, file, &plain, error);

	(void)ctx;
	if (status == GH_OK && plain.length_bytes != sizeof(master->bytes))
		status = gh_error_set(
			error, GH_MALFORMED, "a key has %zu bytes", sizeof(master->bytes));
	if (status == GH_OK)
		memcpy(master->bytes, plain.data, sizeof(master->bytes));
	gh_bytes_finish(&plain);
	return status;
}

static const struct gh_master_form form = {
	.suffix = ".cred",
	.limit_bytes = GH_CREDS_BYTES_MAX,
	.encode = encode,
	.decode = decode,
};

static bool is_key(const char *key)
{
	return strcmp(key, "host") == 0 || strcmp(key, "tpm2") == 0 ||
		strcmp(key, "host+tpm2") == 0;
}

static enum gh_status open_own(const struct gh_provider_options *options,
	const struct gh_key_folder *folder, void **state, struct gh_error *error)
{
	const char *key = options->systemd_key && options->systemd_key[0] ? options->systemd_key
									  : DEFAULT_KEY;
	struct own *own;

	if (!is_key(key))
		return gh_error_set(error, GH_UNSUPPORTED,
			"no key '%s' of systemd-creds; there are: host, tpm2, host+tpm2", key);
	own = calloc(1, sizeof(*own));
	if (!own)
		return gh_error_set(error, GH_NO_MEMORY, "keys");
	own->files.folder = folder;
	own->files.form = &form;
	own->files.ctx = own;
	gh_text_copy(own->key, sizeof(own->key), key);
	*state = own;
	return GH_OK;
}

/* The host's key is a file beside ours: a copy of the disk has both. */
static enum gh_provider_strength strength(const void *state)
{
	const struct own *own = state;

	return strcmp(own->key, "host") == 0 ? GH_PROVIDER_DISK_OPENS : GH_PROVIDER_DISK_OPENS_HERE;
}

static enum gh_status load(void *state, struct gh_masters *masters, struct gh_error *error)
{
	const struct own *own = state;

	return gh_master_files_load(&own->files, masters, error);
}

static enum gh_status begin(void *state, const struct gh_masters *after, struct gh_error *error)
{
	const struct own *own = state;

	return gh_master_files_begin(&own->files, after, error);
}

static enum gh_status finish(void *state, const struct gh_masters *now, struct gh_error *error)
{
	const struct own *own = state;

	return gh_master_files_finish(&own->files, now, error);
}

const struct gh_provider_kind gh_provider_kind_systemd = {
	.name = "systemd-creds",
	.strength = strength,
	.open = open_own,
	.close = free,
	.load = load,
	.begin = begin,
	.finish = finish,
};
