/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a key folder: modes checked, written durably, overwritten before they go. */
#define _DEFAULT_SOURCE
#include "key_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/id.h"

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

static enum gh_status path_of(const struct gh_key_folder *folder, const char *name,
	char path[PATH_MAX], struct gh_error *error)
{
	return gh_path_join(folder->path, name, path, PATH_MAX, error);
}

/* How long one that shares waits for another that is making the keys, in steps. */
#define SHARE_WAIT_MS 30000
#define SHARE_STEP_MS 20

static bool try_lock(struct gh_key_folder *folder, int kind)
{
	return flock(folder->descriptor, kind | LOCK_NB) == 0;
}

/*
 * Two that both change masters would each destroy what the other has just
 * wrapped. Those that share change none; the first of them has the folder alone
 * until the keys are there.
 */
static enum gh_status lock(struct gh_key_folder *folder, bool shared, struct gh_error *error)
{
	const struct timespec step = { .tv_nsec = SHARE_STEP_MS * 1000000L };
	int waited_ms = 0;

	folder->descriptor = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->descriptor < 0)
		return gh_error_errno(error, errno, "open %s", folder->path);
	for (;;) {
		folder->alone = try_lock(folder, LOCK_EX);
		if (folder->alone || (shared && try_lock(folder, LOCK_SH)))
			return GH_OK;
		if (errno != EWOULDBLOCK)
			return gh_error_errno(error, errno, "lock %s", folder->path);
		if (!shared || waited_ms >= SHARE_WAIT_MS)
			return gh_error_set(
				error, GH_BUSY, "%s: another process has these keys", folder->path);
		nanosleep(&step, NULL);
		waited_ms += SHARE_STEP_MS;
	}
}

enum gh_status gh_key_folder_share(struct gh_key_folder *folder, struct gh_error *error)
{
	if (flock(folder->descriptor, LOCK_SH) != 0)
		return gh_error_errno(error, errno, "lock %s", folder->path);
	folder->alone = false;
	return GH_OK;
}

/* A name that gh_file_replace() uses before the rename, or our own writer of former times. */
static bool is_leftover(const char *name)
{
	size_t length = strlen(name);
	struct gh_id id;

	if (name[0] != '.')
		return false;
	return (length > 5 && strcmp(name + length - 5, ".part") == 0) ||
		gh_id_parse(name + 1, &id, NULL) == GH_OK;
}

static enum gh_status sweep_one(void *ctx, const char *name, struct gh_error *error)
{
	const struct gh_key_folder *folder = ctx;
	char path[PATH_MAX];
	struct stat found;
	enum gh_status status;

	if (!is_leftover(name))
		return GH_OK;
	status = path_of(folder, name, path, error);
	if (status != GH_OK || lstat(path, &found) != 0)
		return status;
	/* A second name of a key in use: what is in it has to stay. */
	if (!S_ISREG(found.st_mode) || found.st_nlink > 1)
		return unlink(path) == 0 ? GH_OK : gh_error_errno(error, errno, "unlink %s", path);
	return gh_key_file_destroy(folder, name, error);
}

enum gh_status gh_key_folder_open(
	const char *path, bool shared, struct gh_key_folder *folder, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	folder->descriptor = -1;
	if (!gh_text_copy(folder->path, sizeof(folder->path), path))
		return gh_error_set(error, GH_TOO_LARGE, "%.64s...: path too long", path);
	status = gh_folder_make(path, error);
	if (status == GH_OK)
		status = check_private(path, S_IFDIR, error);
	if (status == GH_OK)
		status = lock(folder, shared, error);
	if (status == GH_OK && folder->alone)
		status = gh_key_folder_each(folder, sweep_one, folder, error);
	if (status != GH_OK)
		gh_key_folder_close(folder);
	return status;
}

void gh_key_folder_close(struct gh_key_folder *folder)
{
	if (folder->descriptor >= 0)
		close(folder->descriptor);
	folder->descriptor = -1;
}

enum gh_status gh_key_file_read(const struct gh_key_folder *folder, const char *name,
	size_t limit_bytes, struct gh_bytes *bytes, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status = path_of(folder, name, path, error);

	gh_bytes_finish(bytes);
	if (status == GH_OK)
		status = check_private(path, S_IFREG, error);
	if (status == GH_OK)
		status = gh_file_read(path, limit_bytes, bytes, error);
	if (status == GH_TOO_LARGE)
		status = gh_error_set(
			error, GH_MALFORMED, "%s: more than %zu bytes", path, limit_bytes);
	return status;
}

bool gh_key_file_exists(const struct gh_key_folder *folder, const char *name)
{
	struct stat found;

	return fstatat(folder->descriptor, name, &found, AT_SYMLINK_NOFOLLOW) == 0;
}

enum gh_status gh_key_file_write(const struct gh_key_folder *folder, const char *name,
	struct gh_view bytes, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status = path_of(folder, name, path, error);

	return status == GH_OK ? gh_file_replace(path, bytes, 0600, error) : status;
}

static enum gh_status overwrite(int descriptor, const char *path, struct gh_error *error)
{
	static const uint8_t zeros[4096];
	struct stat found;
	off_t done = 0;

	if (fstat(descriptor, &found) != 0)
		return gh_error_errno(error, errno, "stat %s", path);
	while (done < found.st_size) {
		size_t left = (size_t)(found.st_size - done);
		ssize_t put = pwrite(
			descriptor, zeros, left < sizeof(zeros) ? left : sizeof(zeros), done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return gh_error_errno(error, put < 0 ? errno : EIO, "overwrite %s", path);
		done += put;
	}
	if (fsync(descriptor) != 0)
		return gh_error_errno(error, errno, "fsync %s", path);
	return GH_OK;
}

enum gh_status gh_key_file_destroy(
	const struct gh_key_folder *folder, const char *name, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status = path_of(folder, name, path, error);
	int descriptor;

	if (status != GH_OK)
		return status;
	descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (descriptor < 0 && errno == ENOENT)
		return GH_OK;
	if (descriptor < 0)
		return gh_error_errno(error, errno, "open %s", path);
	status = overwrite(descriptor, path, error);
	close(descriptor);
	if (status == GH_OK && unlink(path) != 0)
		status = gh_error_errno(error, errno, "unlink %s", path);
	if (status == GH_OK && fsync(folder->descriptor) != 0)
		status = gh_error_errno(error, errno, "fsync %s", folder->path);
	return status;
}

enum gh_status gh_key_folder_each(const struct gh_key_folder *folder,
	enum gh_status (*call)(void *ctx, const char *name, struct gh_error *error), void *ctx,
	struct gh_error *error)
{
	DIR *listing = opendir(folder->path);
	enum gh_status status = GH_OK;
	struct dirent *entry;

	if (!listing)
		return gh_error_errno(error, errno, "open %s", folder->path);
	errno = 0;
	while (status == GH_OK && (entry = readdir(listing)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = call(ctx, entry->d_name, error);
		errno = 0;
	}
	if (status == GH_OK && errno != 0)
		status = gh_error_errno(error, errno, "read %s", folder->path);
	closedir(listing);
	return status;
}
