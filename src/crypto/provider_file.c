/* SPDX-License-Identifier: Apache-2.0 */
/* Key provider "file": two files of 32 bytes in a folder that nobody else can enter. */
#include "provider_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/id.h"
#include "library_error.h"

#define SECRET_BYTES 32
#define MASTER_FILE "master.key"
#define SIGNING_FILE "signing.key"

struct own {
	struct gh_aead_key master;
	EVP_PKEY *signing;
};

/* Only we may read, write or enter it, and it is what it should be. */
static enum gh_status check_private(const char *path, mode_t kind, struct gh_error *error)
{
	struct stat found;

	if (lstat(path, &found) != 0)
		return gh_error_errno(error, errno, "stat %s", path);
	if ((found.st_mode & S_IFMT) != kind)
		return gh_error_set(error, GH_MALFORMED, "%s: not a %s", path,
			kind == S_IFDIR ? "folder" : "regular file");
	if (found.st_uid != geteuid())
		return gh_error_set(error, GH_DENIED, "%s: belongs to another user", path);
	if (found.st_mode & 077)
		return gh_error_set(error, GH_DENIED, "%s: mode %03o lets others in (chmod %s)",
			path, (unsigned)found.st_mode & 0777, kind == S_IFDIR ? "700" : "600");
	return GH_OK;
}

static enum gh_status sync_folder(const char *folder, struct gh_error *error)
{
	enum gh_status status = GH_OK;
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (descriptor < 0)
		return gh_error_errno(error, errno, "open %s", folder);
	if (fsync(descriptor) != 0)
		status = gh_error_errno(error, errno, "fsync %s", folder);
	close(descriptor);
	return status;
}

/*
 * Give the file `made` the name path, unless another process was first: then
 * its key counts. A plain replacement would leave that process with a key in
 * memory that is on no disk, and records that nobody can open again.
 */
static enum gh_status settle(
	const char *folder, const char *made, const char *path, struct gh_error *error)
{
	int failure = link(made, path) == 0 ? 0 : errno;

	unlink(made);
	if (failure && failure != EEXIST)
		return gh_error_errno(error, failure, "name %s", path);
	return sync_folder(folder, error);
}

static enum gh_status make_secret(const char *folder, const char *path, struct gh_error *error)
{
	uint8_t secret[SECRET_BYTES];
	struct gh_id id;
	char name[GH_ID_TEXT_BYTES + 1] = ".";
	char made[PATH_MAX];
	enum gh_status status = gh_random_fill(secret, sizeof(secret), error);

	if (status == GH_OK)
		status = gh_id_make(&id, error);
	if (status != GH_OK)
		goto secret;
	gh_id_format(&id, name + 1);
	status = gh_path_join(folder, name, made, sizeof(made), error);
	if (status == GH_OK)
		status = gh_file_replace(
			made, (struct gh_view){ secret, sizeof(secret) }, 0600, error);
	if (status == GH_OK)
		status = settle(folder, made, path, error);
secret:
	gh_wipe(secret, sizeof(secret));
	return status;
}

/* Read a secret; the first time there is none, and it is made. */
static enum gh_status load_secret(
	const char *folder, const char *name, uint8_t secret[SECRET_BYTES], struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct stat found;
	char path[PATH_MAX];
	enum gh_status status = gh_path_join(folder, name, path, sizeof(path), error);

	if (status == GH_OK && lstat(path, &found) != 0 && errno == ENOENT)
		status = make_secret(folder, path, error);
	if (status == GH_OK)
		status = check_private(path, S_IFREG, error);
	if (status == GH_OK)
		status = gh_file_read(path, SECRET_BYTES, &bytes, error);
	if (status == GH_TOO_LARGE || (status == GH_OK && bytes.length_bytes != SECRET_BYTES))
		status = gh_error_set(
			error, GH_MALFORMED, "%s: a key has %d bytes", path, SECRET_BYTES);
	if (status == GH_OK)
		memcpy(secret, bytes.data, SECRET_BYTES);
	gh_bytes_finish(&bytes);
	return status;
}

static enum gh_status load_signing(const char *folder, struct own *own,
	uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error)
{
	uint8_t seed[SECRET_BYTES];
	size_t length = GH_PUBLIC_KEY_BYTES;
	enum gh_status status = load_secret(folder, SIGNING_FILE, seed, error);

	if (status != GH_OK)
		return status;
	own->signing = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	gh_wipe(seed, sizeof(seed));
	if (!own->signing)
		return gh_library_error(error, GH_INTERNAL, "signing key");
	if (EVP_PKEY_get_raw_public_key(own->signing, public_key, &length) != 1)
		return gh_library_error(error, GH_INTERNAL, "signing key");
	return GH_OK;
}

static void close_keys(void *state)
{
	struct own *own = state;

	EVP_PKEY_free(own->signing);
	gh_wipe(own, sizeof(*own));
	free(own);
}

static enum gh_status open_keys(const char *folder, void **state,
	uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error)
{
	struct own *own;
	enum gh_status status = gh_folder_make(folder, error);

	if (status == GH_OK)
		status = check_private(folder, S_IFDIR, error);
	if (status != GH_OK)
		return status;
	own = calloc(1, sizeof(*own));
	if (!own)
		return gh_error_set(error, GH_NO_MEMORY, "keys");
	status = load_secret(folder, MASTER_FILE, own->master.bytes, error);
	if (status == GH_OK)
		status = load_signing(folder, own, public_key, error);
	if (status != GH_OK) {
		close_keys(own);
		return status;
	}
	*state = own;
	return GH_OK;
}

static enum gh_status wrap(void *state, struct gh_view context, const struct gh_aead_key *key,
	struct gh_bytes *wrapped, struct gh_error *error)
{
	const struct own *own = state;

	return gh_aead_seal(&own->master, context,
		(struct gh_view){ key->bytes, sizeof(key->bytes) }, wrapped, error);
}

static enum gh_status unwrap(void *state, struct gh_view context, struct gh_view wrapped,
	struct gh_bytes *plain, struct gh_error *error)
{
	const struct own *own = state;

	return gh_aead_open(&own->master, context, wrapped, plain, error);
}

static enum gh_status sign(void *state, struct gh_view message,
	uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error)
{
	const struct own *own = state;
	const uint8_t *data = message.data ? message.data : (const uint8_t *)"";
	size_t length = GH_SIGNATURE_BYTES;
	enum gh_status status = GH_OK;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, own->signing) != 1 ||
		EVP_DigestSign(context, signature, &length, data, message.length_bytes) != 1)
		status = gh_library_error(error, GH_INTERNAL, "sign");
	EVP_MD_CTX_free(context);
	return status;
}

const struct gh_provider_kind gh_provider_kind_file = {
	.name = "file",
	.for_service = false,
	.open = open_keys,
	.close = close_keys,
	.wrap = wrap,
	.unwrap = unwrap,
	.sign = sign,
};
