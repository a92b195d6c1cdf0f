/* SPDX-License-Identifier: Apache-2.0 */
/* Reading whole files under a limit, and replacing them so that a crash leaves old or new. */
#include "gatehouse/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/id.h"

#define READ_STEP_BYTES 65536

/* Open a regular file within the limit. */
static enum gh_status open_file(
	const char *path, size_t limit_bytes, int *descriptor, size_t *size, struct gh_error *error)
{
	struct stat found;
	enum gh_status status = GH_OK;

	/* O_NONBLOCK: a FIFO in the place of a file must not hold us up. */
	*descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*descriptor < 0)
		return gh_error_errno(error, errno, "open %s", path);
	if (fstat(*descriptor, &found) != 0)
		status = gh_error_errno(error, errno, "stat %s", path);
	else if (!S_ISREG(found.st_mode))
		status = gh_error_set(error, GH_UNSUPPORTED, "%s: not a regular file", path);
	else if ((uintmax_t)found.st_size > limit_bytes)
		status = gh_error_set(
			error, GH_TOO_LARGE, "%s: more than %zu bytes", path, limit_bytes);
	else
		*size = (size_t)found.st_size;
	if (status != GH_OK)
		close(*descriptor);
	return status;
}

/* One read; a file that grows meanwhile is still held to the limit. */
static enum gh_status read_some(int descriptor, const char *path, uint8_t *place, size_t room,
	size_t left_bytes, size_t *got_bytes, struct gh_error *error)
{
	ssize_t got;

	do
		got = read(descriptor, place, room);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return gh_error_errno(error, errno, "read %s", path);
	if ((size_t)got > left_bytes)
		return gh_error_set(error, GH_TOO_LARGE, "%s: larger than its limit", path);
	*got_bytes = (size_t)got;
	return GH_OK;
}

static enum gh_status read_all(int descriptor, const char *path, size_t limit_bytes,
	struct gh_bytes *bytes, struct gh_error *error)
{
	size_t got = 1;
	enum gh_status status = GH_OK;

	while (status == GH_OK && got > 0) {
		size_t room = bytes->capacity_bytes - bytes->length_bytes;

		if (room == 0) {
			status = gh_bytes_reserve(
				bytes, bytes->length_bytes + READ_STEP_BYTES, error);
			continue;
		}
		status = read_some(descriptor, path, bytes->data + bytes->length_bytes, room,
			limit_bytes - bytes->length_bytes, &got, error);
		if (status == GH_OK)
			bytes->length_bytes += got;
	}
	return status;
}

enum gh_status gh_file_read(
	const char *path, size_t limit_bytes, struct gh_bytes *bytes, struct gh_error *error)
{
	enum gh_status status;
	size_t size = 0;
	int descriptor;

	gh_bytes_finish(bytes);
	status = open_file(path, limit_bytes, &descriptor, &size, error);
	if (status != GH_OK)
		return status;
	status = gh_bytes_reserve(bytes, size < SIZE_MAX ? size + 1 : size, error);
	if (status == GH_OK)
		status = read_all(descriptor, path, limit_bytes, bytes, error);
	close(descriptor);
	if (status == GH_NO_MEMORY)
		gh_error_wrap(error, "%s", path);
	if (status != GH_OK)
		gh_bytes_finish(bytes);
	return status;
}

enum gh_status gh_file_scan(const char *path, size_t limit_bytes,
	enum gh_status (*call)(void *ctx, struct gh_view part, struct gh_error *error), void *ctx,
	struct gh_error *error)
{
	uint8_t part[READ_STEP_BYTES];
	enum gh_status status;
	size_t size = 0;
	size_t got = 1;
	int descriptor;

	status = open_file(path, limit_bytes, &descriptor, &size, error);
	if (status != GH_OK)
		return status;
	while (status == GH_OK && got > 0) {
		status = read_some(descriptor, path, part, sizeof(part), limit_bytes, &got, error);
		if (status != GH_OK || got == 0)
			break;
		limit_bytes -= got;
		status = call(ctx, (struct gh_view){ part, got }, error);
	}
	close(descriptor);
	gh_wipe(part, sizeof(part));
	return status;
}

/* The folder that path stands in. */
static enum gh_status folder_of(const char *path, char folder[PATH_MAX], struct gh_error *error)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;

	if ((slash ? slash[1] : path[0]) == '\0')
		return gh_error_set(error, GH_NOT_FOUND, "'%s' names no file", path);
	if (length >= PATH_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "%.64s...: path too long", path);
	if (!slash)
		snprintf(folder, PATH_MAX, ".");
	else if (length == 0)
		snprintf(folder, PATH_MAX, "/");
	else
		snprintf(folder, PATH_MAX, "%.*s", (int)length, path);
	return GH_OK;
}

/* A name beside path that no other writer has; hidden, so that listings pass it over. */
static enum gh_status name_beside(const char *folder, char path[PATH_MAX], struct gh_error *error)
{
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	char name[32];
	enum gh_status status = gh_random_fill(random, sizeof(random), error);

	if (status != GH_OK)
		return status;
	gh_hex_format(random, sizeof(random), hex);
	snprintf(name, sizeof(name), ".%s.part", hex);
	return gh_path_join(folder, name, path, PATH_MAX, error);
}

static enum gh_status write_all(
	int descriptor, struct gh_view data, const char *path, struct gh_error *error)
{
	while (data.length_bytes > 0) {
		ssize_t done = write(descriptor, data.data, data.length_bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return gh_error_errno(error, errno, "write %s", path);
		data.data += done;
		data.length_bytes -= (size_t)done;
	}
	return GH_OK;
}

/* Write data durably to a new file; on failure it is gone again. */
static enum gh_status write_new(
	const char *path, struct gh_view data, unsigned mode, struct gh_error *error)
{
	enum gh_status status;
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (descriptor < 0)
		return gh_error_errno(error, errno, "create %s", path);
	status = write_all(descriptor, data, path, error);
	if (status == GH_OK && fchmod(descriptor, (mode_t)mode) != 0)
		status = gh_error_errno(error, errno, "set the mode of %s", path);
	if (status == GH_OK && fsync(descriptor) != 0)
		status = gh_error_errno(error, errno, "fsync %s", path);
	if (close(descriptor) != 0 && status == GH_OK)
		status = gh_error_errno(error, errno, "close %s", path);
	if (status != GH_OK)
		unlink(path);
	return status;
}

enum gh_status gh_folder_sync(const char *folder, struct gh_error *error)
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

enum gh_status gh_file_replace(
	const char *path, struct gh_view data, unsigned mode, struct gh_error *error)
{
	char folder[PATH_MAX];
	char beside[PATH_MAX];
	enum gh_status status = folder_of(path, folder, error);

	if (status == GH_OK)
		status = name_beside(folder, beside, error);
	if (status == GH_OK)
		status = write_new(beside, data, mode, error);
	if (status == GH_OK && rename(beside, path) != 0) {
		status = gh_error_errno(error, errno, "rename to %s", path);
		unlink(beside);
	}
	if (status == GH_OK)
		status = gh_folder_sync(folder, error);
	return status;
}

static enum gh_status make_one(const char *path, struct gh_error *error)
{
	struct stat found;
	int failure;

	if (mkdir(path, 0700) == 0)
		return GH_OK;
	failure = errno;
	if (stat(path, &found) == 0)
		failure = S_ISDIR(found.st_mode) ? 0 : ENOTDIR;
	if (failure)
		return gh_error_errno(error, failure, "folder %s", path);
	return GH_OK;
}

enum gh_status gh_folder_make(const char *path, struct gh_error *error)
{
	char part[PATH_MAX];
	size_t length = strlen(path);

	if (length == 0)
		return gh_error_set(error, GH_NOT_FOUND, "a folder without a name");
	if (length >= sizeof(part))
		return gh_error_set(error, GH_TOO_LARGE, "%.64s...: path too long", path);
	for (size_t i = 0; i <= length; i++) {
		part[i] = path[i];
		if (i > 0 && (path[i] == '/' || path[i] == '\0') && path[i - 1] != '/') {
			enum gh_status status;

			part[i] = '\0';
			status = make_one(part, error);
			if (status != GH_OK)
				return status;
			part[i] = path[i];
		}
	}
	return GH_OK;
}

enum gh_status gh_folder_check_own(const char *path, struct gh_error *error)
{
	struct stat found;

	if (stat(path, &found) != 0)
		return gh_error_errno(error, errno, "folder %s", path);
	if (found.st_uid != geteuid() && found.st_uid != 0)
		return gh_error_set(error, GH_DENIED,
			"folder %s belongs to user %u, not to this one", path,
			(unsigned)found.st_uid);
	if (found.st_mode & (S_IWGRP | S_IWOTH))
		return gh_error_set(error, GH_DENIED,
			"folder %s has mode %04o: others may write to it (chmod go-w)", path,
			(unsigned)found.st_mode & 07777u);
	return GH_OK;
}

enum gh_status gh_path_join(
	const char *folder, const char *name, char *path, size_t path_bytes, struct gh_error *error)
{
	size_t length = strlen(folder);
	int written;

	while (length > 1 && folder[length - 1] == '/')
		length--;
	if (length > INT_MAX)
		length = INT_MAX;
	written = snprintf(path, path_bytes, "%.*s%s%s", (int)length, folder,
		length > 0 && folder[length - 1] == '/' ? "" : "/", name);
	if (written < 0 || (size_t)written >= path_bytes) {
		path[0] = '\0';
		return gh_error_set(error, GH_TOO_LARGE, "%.64s...: path too long", folder);
	}
	return GH_OK;
}
