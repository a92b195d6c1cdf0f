/* SPDX-License-Identifier: Apache-2.0 */
/* Two pairs on a disk, of which one always fits. */
#include "gatehouse/crypto/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/csr.h"
#include "pem.h"

#define NEXT_SECRET "-next"
#define NEXT_FILE ".next"

/* The name of a secret, or the path of a file: of the key, or of the next one. */
struct spot {
	bool kept; /* with the provider */
	char text[PATH_MAX];
};

static enum gh_status spot_of(
	const struct gh_credential *place, bool next, struct spot *spot, struct gh_error *error)
{
	const char *name = gh_provider_secret_name(place->key);
	const char *suffix = !next ? "" : name ? NEXT_SECRET : NEXT_FILE;
	int length;

	spot->kept = name != NULL;
	length = snprintf(spot->text, sizeof(spot->text), "%s%s", name ? name : place->key, suffix);
	if (length < 0 || (size_t)length >= sizeof(spot->text) ||
		(name && strlen(name) + strlen(NEXT_SECRET) >= GH_PROVIDER_SECRET_NAME_BYTES))
		return gh_error_set(error, GH_SETTINGS,
			"key %.40s: its name is too long for one with " NEXT_SECRET " behind it",
			place->key);
	return GH_OK;
}

static enum gh_status next_file(
	const struct gh_credential *place, char path[PATH_MAX], struct gh_error *error)
{
	int length = snprintf(path, PATH_MAX, "%s%s", place->certificate_file, NEXT_FILE);

	if (length < 0 || length >= PATH_MAX)
		return gh_error_set(error, GH_SETTINGS, "certificate_file is too long");
	return GH_OK;
}

static enum gh_status read_file_key(const char *path, struct gh_bytes *key, struct gh_error *error)
{
	struct stat found;

	if (stat(path, &found) != 0)
		return gh_error_errno(error, errno, "%s", path);
	if (found.st_mode & 077)
		return gh_error_set(error, GH_DENIED, "%s: mode %03o lets others in (chmod 600)",
			path, (unsigned)found.st_mode & 0777);
	return gh_file_read(path, GH_PEM_MAX_BYTES, key, error);
}

static enum gh_status read_key(
	const struct gh_credential *place, bool next, struct gh_bytes *key, struct gh_error *error)
{
	struct spot spot;
	enum gh_status status = spot_of(place, next, &spot, error);

	gh_bytes_finish(key);
	if (status != GH_OK)
		return status;
	return spot.kept ? gh_provider_read_secret(place->provider, spot.text, key, error)
			 : read_file_key(spot.text, key, error);
}

static enum gh_status write_key(
	const struct gh_credential *place, bool next, struct gh_view key, struct gh_error *error)
{
	struct spot spot;
	enum gh_status status = spot_of(place, next, &spot, error);

	if (status != GH_OK)
		return status;
	return spot.kept ? gh_provider_keep_secret(place->provider, spot.text, key, error)
			 : gh_file_replace(spot.text, key, 0600, error);
}

static void folder_of(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash && slash != path)
		snprintf(folder, PATH_MAX, "%.*s", (int)(slash - path), path);
	else
		snprintf(folder, PATH_MAX, "%s", slash ? "/" : ".");
}

static enum gh_status remove_file(const char *path, struct gh_error *error)
{
	char folder[PATH_MAX];

	if (unlink(path) != 0) {
		if (errno == ENOENT)
			return GH_OK;
		return gh_error_errno(error, errno, "%s", path);
	}
	folder_of(path, folder);
	return gh_folder_sync(folder, error);
}

/* A key in a file is overwritten before it goes. */
static enum gh_status destroy_file_key(const char *path, struct gh_error *error)
{
	static const uint8_t zeros[4096];
	int file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool written;

	if (file < 0)
		return errno == ENOENT ? GH_OK : gh_error_errno(error, errno, "%s", path);
	written = write(file, zeros, sizeof(zeros)) == (ssize_t)sizeof(zeros) && fsync(file) == 0;
	close(file);
	if (!written)
		return gh_error_errno(error, errno, "%s", path);
	return remove_file(path, error);
}

static enum gh_status drop_next_key(const struct gh_credential *place, struct gh_error *error)
{
	struct spot spot;
	enum gh_status status = spot_of(place, true, &spot, error);

	if (status != GH_OK)
		return status;
	return spot.kept ? gh_provider_drop_secret(place->provider, spot.text, error)
			 : destroy_file_key(spot.text, error);
}

static enum gh_status drop_next_file(const struct gh_credential *place, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status = next_file(place, path, error);

	return status == GH_OK ? remove_file(path, error) : status;
}

/* Whether one of the two keys is there and fits; GH_NOT_FOUND and GH_INTEGRITY when not. */
static enum gh_status read_fitting(const struct gh_credential *place, bool next,
	struct gh_view certificate, struct gh_bytes *key, struct gh_error *error)
{
	enum gh_status status = read_key(place, next, key, error);

	if (status == GH_OK)
		status = gh_certificate_match(certificate, gh_bytes_view(key), error);
	if (status != GH_OK)
		gh_bytes_finish(key);
	return status;
}

static bool is_unfit(enum gh_status status)
{
	return status == GH_NOT_FOUND || status == GH_INTEGRITY;
}

/* Zeros, where a power cut came between overwriting and removing: as good as none. */
static bool is_broken(enum gh_status status)
{
	return is_unfit(status) || status == GH_MALFORMED || status == GH_TRUNCATED ||
		status == GH_GONE;
}

/* The certificate and its key; *by_next says that the key is the next one. */
static enum gh_status read_pair(const struct gh_credential *place, struct gh_bytes *certificate,
	struct gh_bytes *key, bool *by_next, struct gh_error *error)
{
	enum gh_status status =
		gh_file_read(place->certificate_file, GH_PEM_MAX_BYTES, certificate, error);

	*by_next = false;
	gh_bytes_finish(key);
	if (status == GH_OK)
		status = read_fitting(place, false, gh_bytes_view(certificate), key, error);
	if (is_unfit(status) && certificate->length_bytes > 0) {
		enum gh_status other =
			read_fitting(place, true, gh_bytes_view(certificate), key, NULL);

		*by_next = other == GH_OK;
		if (other == GH_OK || !is_broken(other))
			status = other;
		if (other == GH_OK)
			gh_error_clear(error);
	}
	if (status != GH_OK)
		gh_bytes_finish(certificate);
	return status;
}

enum gh_status gh_credential_read(const struct gh_credential *place, struct gh_bytes *certificate,
	struct gh_bytes *key, struct gh_error *error)
{
	bool by_next;

	return read_pair(place, certificate, key, &by_next, error);
}

/* The key last: while it is there it is seen that this was not finished. */
static enum gh_status drop_next(const struct gh_credential *place, struct gh_error *error)
{
	enum gh_status status = drop_next_file(place, error);

	return status == GH_OK ? drop_next_key(place, error) : status;
}

/* The next key in the place of the key, and nothing next any more. */
static enum gh_status promote(
	const struct gh_credential *place, struct gh_view key, struct gh_error *error)
{
	enum gh_status status = write_key(place, false, key, error);

	return status == GH_OK ? drop_next(place, error) : status;
}

/* The key was replaced already: what is called next is the same, and certified it is. */
static enum gh_status drop_doubled(
	const struct gh_credential *place, struct gh_view certificate, struct gh_error *error)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status = read_fitting(place, true, certificate, &key, error);

	gh_bytes_finish(&key);
	if (status == GH_OK)
		return drop_next(place, error);
	if (!is_broken(status))
		return status;
	gh_error_clear(error);
	return GH_OK;
}

enum gh_status gh_credential_settle(const struct gh_credential *place, struct gh_error *error)
{
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	bool by_next;
	enum gh_status status = read_pair(place, &certificate, &key, &by_next, error);

	if (status == GH_OK)
		status = by_next ? promote(place, gh_bytes_view(&key), error)
				 : drop_doubled(place, gh_bytes_view(&certificate), error);
	if (is_unfit(status)) {
		gh_error_clear(error);
		status = GH_OK;
	}
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
	return status;
}

static enum gh_status make_next_key(const struct gh_credential *place, struct gh_bytes *key,
	struct gh_bytes *csr, struct gh_error *error)
{
	enum gh_status status = gh_csr_new_key(key, error);

	if (status == GH_OK)
		status = write_key(place, true, gh_bytes_view(key), error);
	if (status == GH_OK)
		status = gh_csr_make(place->name, GH_ROLE_LANE, gh_bytes_view(key), csr, error);
	return status;
}

enum gh_status gh_credential_begin(
	const struct gh_credential *place, struct gh_bytes *csr, struct gh_error *error)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status = read_key(place, true, &key, error);

	if (status == GH_OK)
		status = gh_csr_make(place->name, GH_ROLE_LANE, gh_bytes_view(&key), csr, error);
	if (is_broken(status)) {
		gh_error_clear(error);
		status = make_next_key(place, &key, csr, error);
	}
	gh_bytes_finish(&key);
	return status;
}

static enum gh_status check_certificate(const struct gh_credential *place, struct gh_view bytes,
	int64_t now_ms, struct gh_error *error)
{
	struct gh_certificate found;
	enum gh_status status = gh_certificate_parse(bytes, &found, error);

	if (status != GH_OK)
		return status;
	if (strcmp(found.name, place->name) != 0 || strcmp(found.role, GH_ROLE_LANE) != 0)
		return gh_error_set(error, GH_REFUSED,
			"the certificate is for '%s' as '%s', not for the lane '%s'", found.name,
			found.role, place->name);
	if (now_ms < found.not_before_ms || now_ms >= found.not_after_ms)
		return gh_error_set(
			error, GH_REFUSED, "the certificate is not valid now: is the clock right?");
	return GH_OK;
}

enum gh_status gh_credential_keep(const struct gh_credential *place, struct gh_view der,
	const struct gh_certs *above, int64_t now_ms, struct gh_error *error)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_bytes pem = GH_BYTES_EMPTY;
	char path[PATH_MAX];
	enum gh_status status = check_certificate(place, der, now_ms, error);

	if (status == GH_OK)
		status = next_file(place, path, error);
	if (status == GH_OK)
		status = read_fitting(place, true, der, &key, error);
	if (status == GH_OK)
		status = gh_certs_chain(der, above, &pem, error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&pem), 0600, error);
	gh_bytes_finish(&key);
	gh_bytes_finish(&pem);
	return status;
}

enum gh_status gh_credential_next(const struct gh_credential *place, int64_t now_ms,
	struct gh_bytes *certificate, struct gh_bytes *key, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status = next_file(place, path, error);

	gh_bytes_finish(key);
	gh_bytes_finish(certificate);
	if (status == GH_OK)
		status = gh_file_read(path, GH_PEM_MAX_BYTES, certificate, error);
	if (status == GH_OK)
		status = check_certificate(place, gh_bytes_view(certificate), now_ms, error);
	if (status == GH_OK)
		status = read_fitting(place, true, gh_bytes_view(certificate), key, error);
	/* One that fits no more is as good as none. */
	if (status == GH_REFUSED || status == GH_MALFORMED || status == GH_INTEGRITY)
		status = gh_error_set(error, GH_NOT_FOUND, "%s does not fit", path);
	if (status != GH_OK)
		gh_bytes_finish(certificate);
	return status;
}

enum gh_status gh_credential_adopt(
	const struct gh_credential *place, int64_t now_ms, struct gh_error *error)
{
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status = gh_credential_next(place, now_ms, &certificate, &key, error);

	if (status == GH_OK)
		status = gh_file_replace(
			place->certificate_file, gh_bytes_view(&certificate), 0600, error);
	if (status == GH_OK)
		status = promote(place, gh_bytes_view(&key), error);
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
	return status;
}

enum gh_status gh_credential_drop(const struct gh_credential *place, struct gh_error *error)
{
	enum gh_status status = gh_credential_settle(place, error);

	return status == GH_OK ? drop_next(place, error) : status;
}
