/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of pictures or a video file, as a row of pictures to read one by one. */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "picture.h"

struct gh_replay_source {
	int folder; /* or -1 */
	char **names;
	size_t names_count;
	size_t names_capacity;
	int file; /* or -1 */
	struct gh_replay_video video;
	uint8_t *buffer;
	size_t buffer_bytes;
};

static bool is_picture_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	if (!dot || name[0] == '.')
		return false;
	return strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0 ||
		strcasecmp(dot, ".png") == 0;
}

static enum gh_status add_name(
	struct gh_replay_source *source, const char *name, struct gh_error *error)
{
	if (source->names_count == GH_REPLAY_FILES_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "more than %u pictures", GH_REPLAY_FILES_MAX);
	if (source->names_count == source->names_capacity) {
		size_t capacity = source->names_capacity ? source->names_capacity * 2 : 64;
		char **grown = realloc(source->names, capacity * sizeof(*grown));
		if (!grown)
			return gh_error_set(
				error, GH_NO_MEMORY, "no memory for %zu names", capacity);
		source->names = grown;
		source->names_capacity = capacity;
	}
	char *copy = strdup(name);
	if (!copy)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a name");
	source->names[source->names_count++] = copy;
	return GH_OK;
}

static enum gh_status list_names(
	struct gh_replay_source *source, DIR *folder, struct gh_error *error)
{
	enum gh_status status = GH_OK;
	while (status == GH_OK) {
		errno = 0;
		const struct dirent *entry = readdir(folder);
		if (!entry)
			return errno ? gh_error_errno(error, errno, "listing") : GH_OK;
		if (is_picture_name(entry->d_name))
			status = add_name(source, entry->d_name, error);
	}
	return status;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void note_size(struct gh_replay_source *source, uint64_t bytes)
{
	if (bytes <= GH_REPLAY_PICTURE_BYTES_MAX && bytes > source->buffer_bytes)
		source->buffer_bytes = (size_t)bytes;
}

static enum gh_status open_folder(
	struct gh_replay_source *source, int descriptor, struct gh_error *error)
{
	source->folder = descriptor;
	/* The listing closes the descriptor it is given. */
	int listed = dup(descriptor);
	DIR *folder = listed >= 0 ? fdopendir(listed) : NULL;
	if (!folder) {
		enum gh_status status = gh_error_errno(error, errno, "listing");
		if (listed >= 0)
			close(listed);
		return status;
	}
	enum gh_status status = list_names(source, folder, error);
	closedir(folder);
	if (status != GH_OK)
		return status;
	if (source->names_count == 0)
		return gh_error_set(error, GH_NOT_FOUND, "no *.jpg, *.jpeg or *.png in it");

	qsort(source->names, source->names_count, sizeof(*source->names), compare_names);
	for (size_t i = 0; i < source->names_count; i++) {
		struct stat info;
		if (fstatat(descriptor, source->names[i], &info, 0) == 0)
			note_size(source, (uint64_t)info.st_size);
	}
	return GH_OK;
}

/* Fill bytes from offset on; GH_TRUNCATED where the file ends before. */
static enum gh_status read_at(
	int file, uint64_t offset, void *bytes, size_t length_bytes, struct gh_error *error)
{
	size_t done = 0;
	while (done < length_bytes) {
		ssize_t n = pread(
			file, (uint8_t *)bytes + done, length_bytes - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return gh_error_errno(error, errno, "reading");
		if (n == 0)
			return gh_error_set(error, GH_TRUNCATED, "it became shorter");
		done += (size_t)n;
	}
	return GH_OK;
}

static enum gh_status read_video(
	void *ctx, uint64_t offset, void *bytes, size_t length_bytes, struct gh_error *error)
{
	const struct gh_replay_source *source = ctx;
	return read_at(source->file, offset, bytes, length_bytes, error);
}

static enum gh_status open_video(struct gh_replay_source *source, int descriptor,
	uint64_t length_bytes, struct gh_error *error)
{
	source->file = descriptor;
	struct gh_replay_reader reader = { read_video, source, length_bytes };
	enum gh_status status = gh_replay_avi_parse(&reader, &source->video, error);
	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < source->video.count; i++)
		note_size(source, source->video.chunks[i].length_bytes);
	return GH_OK;
}

static enum gh_status open_path(
	struct gh_replay_source *source, const char *path, struct gh_error *error)
{
	/* Without O_NONBLOCK a pipe at this path would hold us for ever. */
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0)
		return gh_error_errno(error, errno, "opening");
	struct stat info;
	if (fstat(descriptor, &info) != 0) {
		enum gh_status status = gh_error_errno(error, errno, "looking");
		close(descriptor);
		return status;
	}
	if (S_ISDIR(info.st_mode))
		return open_folder(source, descriptor, error);
	if (S_ISREG(info.st_mode))
		return open_video(source, descriptor, (uint64_t)info.st_size, error);
	close(descriptor);
	return gh_error_set(error, GH_UNSUPPORTED, "neither a folder nor a file");
}

enum gh_status gh_replay_source_open(
	const char *path, struct gh_replay_source **source, struct gh_error *error)
{
	*source = NULL;
	struct gh_replay_source *made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a source");
	made->folder = -1;
	made->file = -1;
	enum gh_status status = open_path(made, path, error);
	if (status == GH_OK) {
		made->buffer = malloc(made->buffer_bytes ? made->buffer_bytes : 1);
		if (!made->buffer)
			status = gh_error_set(
				error, GH_NO_MEMORY, "no memory for %zu bytes", made->buffer_bytes);
	}
	if (status != GH_OK) {
		gh_replay_source_close(made);
		gh_error_wrap(error, "%s", path);
		return status;
	}
	*source = made;
	return GH_OK;
}

void gh_replay_source_close(struct gh_replay_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->names_count; i++)
		free(source->names[i]);
	free(source->names);
	gh_replay_avi_finish(&source->video);
	if (source->buffer)
		gh_wipe(source->buffer, source->buffer_bytes);
	free(source->buffer);
	if (source->folder >= 0)
		close(source->folder);
	if (source->file >= 0)
		close(source->file);
	free(source);
}

void gh_replay_source_wipe(struct gh_replay_source *source)
{
	gh_wipe(source->buffer, source->buffer_bytes);
}

size_t gh_replay_source_count(const struct gh_replay_source *source)
{
	return source->file >= 0 ? source->video.count : source->names_count;
}

uint32_t gh_replay_source_interval_us(const struct gh_replay_source *source)
{
	return source->video.interval_us;
}

size_t gh_replay_source_largest_bytes(const struct gh_replay_source *source)
{
	return source->buffer_bytes;
}

enum gh_status gh_replay_source_end(const struct gh_replay_source *source, struct gh_error *error)
{
	unsigned long long at = source->video.end_offset;
	switch (source->video.end) {
	case GH_REPLAY_WHOLE:
		return GH_OK;
	case GH_REPLAY_CUT:
		return gh_error_set(error, GH_TRUNCATED,
			"the video is cut at byte %llu, after %zu whole pictures", at,
			source->video.count);
	case GH_REPLAY_DAMAGED:
		break;
	}
	return gh_error_set(error, GH_MALFORMED,
		"the video is damaged at byte %llu, after %zu whole pictures", at,
		source->video.count);
}

static enum gh_status read_file(struct gh_replay_source *source, const char *name,
	struct gh_view *picture, struct gh_error *error)
{
	int file = openat(source->folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return gh_error_errno(error, errno, "opening");
	struct stat info;
	enum gh_status status = GH_OK;
	if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
		status = gh_error_set(error, GH_UNSUPPORTED, "not a file");
	else if ((uint64_t)info.st_size > source->buffer_bytes)
		status = gh_error_set(error, GH_TOO_LARGE, "over the limit, or it has grown");
	else if (info.st_size == 0)
		status = gh_error_set(error, GH_TRUNCATED, "empty");
	if (status == GH_OK)
		status = read_at(file, 0, source->buffer, (size_t)info.st_size, error);
	if (status == GH_OK)
		*picture = (struct gh_view){ source->buffer, (size_t)info.st_size };
	close(file);
	return status;
}

static enum gh_status read_chunk(struct gh_replay_source *source, size_t index,
	struct gh_view *picture, struct gh_error *error)
{
	const struct gh_replay_chunk *chunk = &source->video.chunks[index];
	if (chunk->length_bytes > source->buffer_bytes)
		return gh_error_set(error, GH_TOO_LARGE, "over the limit");
	enum gh_status status =
		read_at(source->file, chunk->offset, source->buffer, chunk->length_bytes, error);
	if (status == GH_OK)
		*picture = (struct gh_view){ source->buffer, chunk->length_bytes };
	return status;
}

enum gh_status gh_replay_source_read(struct gh_replay_source *source, size_t index,
	struct gh_view *picture, struct gh_error *error)
{
	*picture = (struct gh_view){ NULL, 0 };
	enum gh_status status = source->file >= 0
		? read_chunk(source, index, picture, error)
		: read_file(source, source->names[index], picture, error);
	if (status == GH_OK)
		return GH_OK;
	gh_error_wrap(error, "picture %zu", index + 1);
	return GH_MALFORMED;
}
