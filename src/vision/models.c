/* SPDX-License-Identifier: Apache-2.0 */
/* The list of model files, and the check that a file is the listed one. */
#include "models.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"

#define FIELDS 9
#define PATH_BYTES 4096

/* The columns, in their order. */
enum field {
	NAME,
	PLACE,
	ROLE,
	PACKAGE,
	VERSION,
	HASH,
	BYTES,
	LICENCE,
	PURPOSE
};

struct line {
	unsigned number;
	struct gh_view fields[FIELDS];
};

static const char *const role_names[] = { "original", "prepared", "engine" };

static enum gh_status wrong(struct gh_error *error, const struct line *line, const char *what)
{
	return gh_error_set(error, GH_MALFORMED, "line %u: %s", line->number, what);
}

static bool split(struct gh_view text, struct gh_view fields[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		const uint8_t *tab =
			text.length_bytes ? memchr(text.data, '\t', text.length_bytes) : NULL;
		size_t length = tab ? (size_t)(tab - text.data) : text.length_bytes;

		if (length == 0 || (tab == NULL) != (i == FIELDS - 1))
			return false;
		fields[i] = (struct gh_view){ text.data, length };
		if (tab)
			text = (struct gh_view){ tab + 1, text.length_bytes - length - 1 };
	}
	return true;
}

/* Printable ASCII without blanks, that fits. */
static bool copy(struct gh_view field, char *text, size_t text_bytes)
{
	if (field.length_bytes >= text_bytes)
		return false;
	for (size_t i = 0; i < field.length_bytes; i++)
		if (field.data[i] <= ' ' || field.data[i] > '~')
			return false;
	memcpy(text, field.data, field.length_bytes);
	text[field.length_bytes] = '\0';
	return true;
}

static bool read_role(struct gh_view field, enum gh_model_role *role)
{
	for (int i = 0; i < 3; i++)
		if (gh_view_equal(field, gh_view_of_text(role_names[i]))) {
			*role = (enum gh_model_role)i;
			return true;
		}
	return false;
}

static bool read_length(struct gh_view field, uint64_t *length)
{
	*length = 0;
	if (field.length_bytes == 0 || field.length_bytes > 10)
		return false;
	for (size_t i = 0; i < field.length_bytes; i++) {
		if (field.data[i] < '0' || field.data[i] > '9')
			return false;
		*length = *length * 10 + (field.data[i] - '0');
	}
	return *length > 0 && *length <= MODEL_BYTES_MAX;
}

/* The last part of a relative path without "..". */
static bool read_place(struct gh_view field, char file[MODEL_FILE_BYTES])
{
	char place[256];
	const char *last;

	if (!copy(field, place, sizeof(place)) || place[0] == '/' || strstr(place, ".."))
		return false;
	last = strrchr(place, '/');
	last = last ? last + 1 : place;
	return *last && copy(gh_view_of_text(last), file, MODEL_FILE_BYTES);
}

static enum gh_status read_line(
	const struct line *line, struct gh_model *model, struct gh_error *error)
{
	char hash[GH_SHA256_TEXT_BYTES];

	if (!copy(line->fields[NAME], model->name, sizeof(model->name)))
		return wrong(error, line, "a name is at most 31 printable characters");
	if (!read_place(line->fields[PLACE], model->file))
		return wrong(error, line, "a file is a relative path without \"..\"");
	if (!read_role(line->fields[ROLE], &model->role))
		return wrong(error, line, "a role is original, prepared or engine");
	if (!copy(line->fields[HASH], hash, sizeof(hash)) ||
		gh_sha256_parse(hash, &model->hash, NULL) != GH_OK)
		return wrong(error, line, "a SHA-256 is 64 hexadecimal digits");
	if (!read_length(line->fields[BYTES], &model->length_bytes))
		return wrong(error, line, "a size is 1 to 67108864 bytes");
	return GH_OK;
}

static enum gh_status add_line(
	struct gh_models *models, const struct line *line, struct gh_error *error)
{
	struct gh_model model;
	enum gh_status status;

	memset(&model, 0, sizeof(model));
	status = read_line(line, &model, error);
	if (status != GH_OK)
		return status;
	if (gh_models_find(models, model.name, model.role))
		return wrong(error, line, "this name and role stand in the list already");
	if (models->count == MODELS_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "line %u: more than %d files",
			line->number, MODELS_MAX);
	models->list[models->count++] = model;
	return GH_OK;
}

enum gh_status gh_models_parse(
	struct gh_view text, struct gh_models *models, struct gh_error *error)
{
	struct line line = { 0 };
	size_t at = 0;

	memset(models, 0, sizeof(*models));
	if (text.length_bytes > MODELS_MANIFEST_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "list of models");
	while (at < text.length_bytes) {
		const uint8_t *from = text.data + at;
		const uint8_t *end = memchr(from, '\n', text.length_bytes - at);
		size_t length = end ? (size_t)(end - from) : text.length_bytes - at;
		enum gh_status status;

		at += length + 1;
		line.number++;
		if (length == 0 || from[0] == '#')
			continue;
		if (!split((struct gh_view){ from, length }, line.fields))
			return wrong(error, &line, "nine fields parted by single tabs are needed");
		status = add_line(models, &line, error);
		if (status != GH_OK)
			return status;
	}
	return GH_OK;
}

enum gh_status gh_models_read(const char *path, struct gh_models *models, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, MODELS_MANIFEST_BYTES_MAX, &text, error);

	if (status == GH_OK) {
		status = gh_models_parse(gh_bytes_view(&text), models, error);
		if (status != GH_OK)
			gh_error_wrap(error, "%s", path);
	}
	gh_bytes_finish(&text);
	return status;
}

const struct gh_model *gh_models_find(
	const struct gh_models *models, const char *name, enum gh_model_role role)
{
	for (uint32_t i = 0; i < models->count; i++)
		if (models->list[i].role == role && !strcmp(models->list[i].name, name))
			return &models->list[i];
	return NULL;
}

static enum gh_status compare(const struct gh_model *model, const char *path, size_t length_bytes,
	const struct gh_sha256 *hash, struct gh_error *error)
{
	char wanted[GH_SHA256_TEXT_BYTES], found[GH_SHA256_TEXT_BYTES];

	if (length_bytes != model->length_bytes)
		return gh_error_set(error, GH_INTEGRITY,
			"%s has %zu bytes, the list of models says %llu", path, length_bytes,
			(unsigned long long)model->length_bytes);
	if (gh_sha256_equal(hash, &model->hash))
		return GH_OK;
	gh_sha256_format(&model->hash, wanted);
	gh_sha256_format(hash, found);
	return gh_error_set(error, GH_INTEGRITY,
		"%s has SHA-256 %s, the list of models says %s: it was replaced or damaged", path,
		found, wanted);
}

enum gh_status gh_models_load(const struct gh_models *models, const char *directory,
	const char *name, struct gh_bytes *bytes, struct gh_error *error)
{
	const struct gh_model *model = gh_models_find(models, name, MODEL_PREPARED);
	char path[PATH_BYTES];
	struct gh_sha256 hash;
	enum gh_status status;

	if (!model)
		return gh_error_set(error, GH_NOT_FOUND,
			"the list of models has no prepared file called %s", name);
	status = gh_path_join(directory, model->file, path, sizeof(path), error);
	if (status == GH_OK)
		status = gh_file_read(path, MODEL_BYTES_MAX, bytes, error);
	if (status != GH_OK)
		return status;
	status = gh_sha256_of(gh_bytes_view(bytes), &hash, error);
	if (status == GH_OK)
		status = compare(model, path, bytes->length_bytes, &hash, error);
	if (status != GH_OK)
		gh_bytes_finish(bytes);
	return status;
}

/* Where the open file really lies: the path it was opened by may be a link. */
static bool of_the_distribution(const char *loadable)
{
	char real[PATH_BYTES];
	ssize_t length = readlink(loadable, real, sizeof(real) - 1);

	if (length < 0)
		return false;
	real[length] = '\0';
	return !strncmp(real, "/usr/lib/", 9) || !strncmp(real, "/lib/", 5);
}

static const struct gh_model *find_library(const struct gh_models *models, const char *path)
{
	const char *last = strrchr(path, '/');

	last = last ? last + 1 : path;
	for (uint32_t i = 0; i < models->count; i++)
		if (models->list[i].role == MODEL_ENGINE && !strcmp(models->list[i].file, last))
			return &models->list[i];
	return NULL;
}

static enum gh_status check_library(const struct gh_models *models, const char *path,
	const char *loadable, int descriptor, struct gh_error *error)
{
	const struct gh_model *model = find_library(models, path);
	struct gh_sha256 hash;
	struct stat stat;
	enum gh_status status;

	if (!model && of_the_distribution(loadable))
		return GH_OK;
	if (!model)
		return gh_error_set(error, GH_INTEGRITY, "%s is not in the list of models", path);
	if (fstat(descriptor, &stat) != 0)
		return gh_error_errno(error, errno, "%s", path);
	status = gh_sha256_of_file(loadable, MODEL_BYTES_MAX, &hash, error);
	if (status != GH_OK) {
		gh_error_wrap(error, "%s", path);
		return status;
	}
	return compare(model, path, (size_t)stat.st_size, &hash, error);
}

enum gh_status gh_models_open_library(const struct gh_models *models, const char *path,
	char loadable[64], int *descriptor, struct gh_error *error)
{
	enum gh_status status;

	*descriptor = -1;
	if (!path || !*path)
		return gh_error_set(error, GH_NOT_FOUND, "no path of the engine's library is set");
	*descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (*descriptor < 0)
		return gh_error_errno(error, errno, "%s", path);
	snprintf(loadable, 64, "/proc/self/fd/%d", *descriptor);
	status = check_library(models, path, loadable, *descriptor, error);
	if (status != GH_OK) {
		close(*descriptor);
		*descriptor = -1;
	}
	return status;
}
