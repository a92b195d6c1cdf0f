/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets kept by name: one file each, sealed under the newest master. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "provider_state.h"

#define SUFFIX ".secret"
#define PREFIX "provider:"
#define FILE_NAME_BYTES (GH_PROVIDER_SECRET_NAME_BYTES + sizeof(SUFFIX))

/* What sealing adds is below this. */
#define FILE_BYTES_MAX (GH_PROVIDER_SECRET_BYTES_MAX + 64u)

static void file_of(const char *name, char file[FILE_NAME_BYTES])
{
	snprintf(file, FILE_NAME_BYTES, "%s" SUFFIX, name);
}

static enum gh_status check_name(const char *name, struct gh_error *error)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (length == 0 || name[length] != '\0' || length >= GH_PROVIDER_SECRET_NAME_BYTES)
		return gh_error_set(error, GH_MALFORMED,
			"'%.40s': the name of a secret has 1 to %d of a-z, 0-9 and '-'", name,
			GH_PROVIDER_SECRET_NAME_BYTES - 1);
	return GH_OK;
}

enum gh_status gh_secret_write(struct gh_provider *provider, const char *name,
	struct gh_view secret, struct gh_error *error)
{
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	char file[FILE_NAME_BYTES];
	enum gh_status status;

	file_of(name, file);
	status = gh_masters_seal(&provider->keys->now, GH_SEALED_SECRET, gh_view_of_text(name),
		secret, &sealed, error);
	if (status == GH_OK)
		status = gh_key_file_write(&provider->folder, file, gh_bytes_view(&sealed), error);
	gh_bytes_finish(&sealed);
	return status;
}

/* Read the file; its generation too, if that is wanted. */
static enum gh_status read_sealed(struct gh_provider *provider, const char *name,
	struct gh_bytes *secret, uint64_t *generation, struct gh_error *error)
{
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	char file[FILE_NAME_BYTES];
	enum gh_status status;

	file_of(name, file);
	status = gh_key_file_read(&provider->folder, file, FILE_BYTES_MAX, &sealed, error);
	if (status != GH_OK)
		return status;
	*generation = gh_sealed_generation(GH_SEALED_SECRET, gh_bytes_view(&sealed));
	status = gh_masters_open(&provider->keys->now, GH_SEALED_SECRET, gh_view_of_text(name),
		gh_bytes_view(&sealed), secret, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s/%s", provider->folder.path, file);
	gh_bytes_finish(&sealed);
	return status;
}

enum gh_status gh_secret_read(struct gh_provider *provider, const char *name,
	struct gh_bytes *secret, struct gh_error *error)
{
	uint64_t generation;

	gh_bytes_finish(secret);
	return read_sealed(provider, name, secret, &generation, error);
}

/* The name of the secret in a file; false when it is another file. */
static bool name_of(const char *file, char name[GH_PROVIDER_SECRET_NAME_BYTES])
{
	size_t length = strlen(file);

	if (length < sizeof(SUFFIX) || strcmp(file + length - strlen(SUFFIX), SUFFIX) != 0)
		return false;
	length -= strlen(SUFFIX);
	if (length >= GH_PROVIDER_SECRET_NAME_BYTES)
		return false;
	memcpy(name, file, length);
	name[length] = '\0';
	return true;
}

static enum gh_status rewrap_one(void *ctx, const char *file, struct gh_error *error)
{
	struct gh_provider *provider = ctx;
	struct gh_bytes secret = GH_BYTES_EMPTY;
	char name[GH_PROVIDER_SECRET_NAME_BYTES];
	uint64_t generation = 0;
	enum gh_status status;

	if (!name_of(file, name))
		return GH_OK;
	status = read_sealed(provider, name, &secret, &generation, error);
	if (status == GH_OK && generation != provider->keys->now.generation)
		status = gh_secret_write(provider, name, gh_bytes_view(&secret), error);
	gh_bytes_finish(&secret);
	/* No master opens it: it is lost already, and must not keep an old master alive. */
	if (status == GH_INTEGRITY || status == GH_TRUNCATED || status == GH_MALFORMED ||
		status == GH_GONE) {
		gh_error_clear(error);
		return GH_OK;
	}
	return status;
}

enum gh_status gh_provider_rewrap_secrets(struct gh_provider *provider, struct gh_error *error)
{
	return gh_key_folder_each(&provider->folder, rewrap_one, provider, error);
}

enum gh_status gh_provider_keep_secret(struct gh_provider *provider, const char *name,
	struct gh_view secret, struct gh_error *error)
{
	enum gh_status status = check_name(name, error);

	if (status == GH_OK && secret.length_bytes > GH_PROVIDER_SECRET_BYTES_MAX)
		status = gh_error_set(error, GH_TOO_LARGE, "secret '%s': more than %u bytes", name,
			GH_PROVIDER_SECRET_BYTES_MAX);
	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&provider->step);
	status = gh_secret_write(provider, name, secret, error);
	pthread_mutex_unlock(&provider->step);
	return status;
}

enum gh_status gh_provider_read_secret(struct gh_provider *provider, const char *name,
	struct gh_bytes *secret, struct gh_error *error)
{
	enum gh_status status = check_name(name, error);

	gh_bytes_finish(secret);
	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&provider->step);
	status = gh_secret_read(provider, name, secret, error);
	pthread_mutex_unlock(&provider->step);
	return status;
}

enum gh_status gh_provider_drop_secret(
	struct gh_provider *provider, const char *name, struct gh_error *error)
{
	char file[FILE_NAME_BYTES];
	enum gh_status status = check_name(name, error);

	if (status != GH_OK)
		return status;
	file_of(name, file);
	pthread_mutex_lock(&provider->step);
	status = gh_key_file_destroy(&provider->folder, file, error);
	pthread_mutex_unlock(&provider->step);
	return status;
}

/* Those that have a public name. */
struct listing {
	enum gh_status (*call)(void *ctx, const char *name, struct gh_error *error);
	void *ctx;
};

static enum gh_status list_one(void *ctx, const char *file, struct gh_error *error)
{
	const struct listing *listing = ctx;
	char name[GH_PROVIDER_SECRET_NAME_BYTES];

	if (!name_of(file, name) || check_name(name, NULL) != GH_OK)
		return GH_OK;
	return listing->call(listing->ctx, name, error);
}

enum gh_status gh_provider_each_secret(struct gh_provider *provider,
	enum gh_status (*call)(void *ctx, const char *name, struct gh_error *error), void *ctx,
	struct gh_error *error)
{
	struct listing listing = { call, ctx };
	enum gh_status status;

	pthread_mutex_lock(&provider->step);
	status = gh_key_folder_each(&provider->folder, list_one, &listing, error);
	pthread_mutex_unlock(&provider->step);
	return status;
}

const char *gh_provider_secret_name(const char *setting)
{
	return strncmp(setting, PREFIX, strlen(PREFIX)) == 0 ? setting + strlen(PREFIX) : NULL;
}
