/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a large file aside and renaming it. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/id.h"

static enum gh_status folder_of(const char *path, char folder[PATH_MAX], struct gh_error *error)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;

	if (length >= PATH_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "path too long");
	if (slash && length == 0)
		length = 1;
	memcpy(folder, slash ? path : ".", slash ? length : 1);
	folder[slash ? length : 1] = '\0';
	return GH_OK;
}

enum gh_status gh_writer_begin(struct gh_writer *writer, const char *path, struct gh_error *error)
{
	uint8_t random[8];
	char digits[2 * sizeof(random) + 1];
	char name[32];
	enum gh_status status;

	writer->descriptor = -1;
	writer->beside[0] = '\0';
	status = folder_of(path, writer->folder, error);
	if (status == GH_OK)
		status = gh_random_fill(random, sizeof(random), error);
	if (status != GH_OK)
		return status;
	gh_hex_format(random, sizeof(random), digits);
	snprintf(name, sizeof(name), ".%s.part", digits);
	status = gh_path_join(writer->folder, name, writer->beside, sizeof(writer->beside), error);
	if (status != GH_OK)
		return status;
	writer->descriptor =
		open(writer->beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->descriptor < 0) {
		status = gh_error_errno(error, errno, "create %s", writer->beside);
		writer->beside[0] = '\0';
	}
	return status;
}

enum gh_status gh_writer_append(
	struct gh_writer *writer, struct gh_view data, struct gh_error *error)
{
	while (data.length_bytes > 0) {
		ssize_t done = write(writer->descriptor, data.data, data.length_bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return gh_error_errno(error, errno, "write %s", writer->beside);
		data.data += done;
		data.length_bytes -= (size_t)done;
	}
	return GH_OK;
}

enum gh_status gh_writer_commit(
	struct gh_writer *writer, const char *path, unsigned mode, struct gh_error *error)
{
	if (fchmod(writer->descriptor, (mode_t)mode) != 0)
		return gh_error_errno(error, errno, "set the mode of %s", writer->beside);
	if (fsync(writer->descriptor) != 0)
		return gh_error_errno(error, errno, "fsync %s", writer->beside);
	if (rename(writer->beside, path) != 0)
		return gh_error_errno(error, errno, "rename to %s", path);
	writer->beside[0] = '\0';
	return gh_folder_sync(writer->folder, error);
}

void gh_writer_abort(struct gh_writer *writer)
{
	if (writer->descriptor >= 0)
		close(writer->descriptor);
	if (writer->beside[0])
		unlink(writer->beside);
	writer->descriptor = -1;
	writer->beside[0] = '\0';
}

enum gh_status gh_read_at(int descriptor, uint64_t offset_bytes, void *data, size_t length_bytes,
	struct gh_error *error)
{
	uint8_t *place = data;

	while (length_bytes > 0) {
		ssize_t got = pread(descriptor, place, length_bytes, (off_t)offset_bytes);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return gh_error_errno(error, errno, "read");
		if (got == 0)
			return gh_error_set(error, GH_TRUNCATED, "the file ends at byte %llu",
				(unsigned long long)offset_bytes);
		place += got;
		length_bytes -= (size_t)got;
		offset_bytes += (uint64_t)got;
	}
	return GH_OK;
}

enum gh_status gh_write_at(
	int descriptor, uint64_t offset_bytes, struct gh_view data, struct gh_error *error)
{
	while (data.length_bytes > 0) {
		ssize_t done =
			pwrite(descriptor, data.data, data.length_bytes, (off_t)offset_bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return gh_error_errno(error, errno, "write");
		data.data += done;
		data.length_bytes -= (size_t)done;
		offset_bytes += (uint64_t)done;
	}
	return GH_OK;
}
