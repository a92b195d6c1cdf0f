/* SPDX-License-Identifier: Apache-2.0 */
/* Portraits by document issuer and number. */
#include "gatehouse/manifest/portraits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document.h"
#include "gatehouse/base/file.h"

enum {
	ORDER_MAX = 99
};

/* One file; person is NULL until matched. */
struct file {
	struct gh_person *person;
	unsigned order;
	char name[NAME_MAX + 1];
};

struct gh_portraits {
	char folder[PATH_MAX];
	const struct gh_voyage *voyage;
	struct file *files;
	size_t count;
	size_t capacity;
	size_t *first; /* of every person: index of its first file */
	struct gh_portraits_counts counts;
};

static bool is_picture(const char *name)
{
	static const char *const extensions[] = { "jpg", "jpeg", "png", "jp2" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		const char *wanted = extensions[i];
		size_t k = 0;

		while (wanted[k] && (dot[k + 1] | 0x20) == wanted[k])
			k++;
		if (wanted[k] == '\0' && dot[k + 1] == '\0')
			return true;
	}
	return false;
}

static bool grow(struct gh_portraits *portraits)
{
	size_t capacity = portraits->capacity ? portraits->capacity * 2 : 256;
	struct file *files = calloc(capacity, sizeof(files[0]));

	if (!files)
		return false;
	if (portraits->count > 0)
		memcpy(files, portraits->files, portraits->count * sizeof(files[0]));
	gh_wipe(portraits->files, portraits->count * sizeof(files[0]));
	free(portraits->files);
	portraits->files = files;
	portraits->capacity = capacity;
	return true;
}

static enum gh_status take_name(
	struct gh_portraits *portraits, const char *name, struct gh_error *error)
{
	if (name[0] == '.')
		return GH_OK;
	if (!is_picture(name) || strlen(name) > NAME_MAX) {
		portraits->counts.ignored++;
		return GH_OK;
	}
	if (portraits->count == GH_PORTRAIT_FILES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "%s: more than %d pictures",
			portraits->folder, GH_PORTRAIT_FILES_MAX);
	if (portraits->count == portraits->capacity && !grow(portraits))
		return gh_error_set(error, GH_NO_MEMORY, "list of %zu pictures", portraits->count);
	/* The place is zeroed, and the length was looked at. */
	memcpy(portraits->files[portraits->count++].name, name, strlen(name));
	portraits->counts.files++;
	return GH_OK;
}

static enum gh_status list_folder(struct gh_portraits *portraits, struct gh_error *error)
{
	DIR *dir = opendir(portraits->folder);
	enum gh_status status = GH_OK;

	if (!dir)
		return gh_error_errno(error, errno, "open folder %s", portraits->folder);
	while (status == GH_OK) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		status = take_name(portraits, entry->d_name, error);
	}
	if (status == GH_OK && errno != 0)
		status = gh_error_errno(error, errno, "read folder %s", portraits->folder);
	closedir(dir);
	return status;
}

/* Split "UTO-L898902C3" at its first hyphen. */
static bool read_document(const char *stem, size_t length, struct gh_travel_document *document)
{
	const char *hyphen = memchr(stem, '-', length);
	size_t issuer = hyphen ? (size_t)(hyphen - stem) : 0;

	memset(document, 0, sizeof(*document));
	if (!gh_document_issuer_set(
		    document->issuer, (struct gh_view){ (const uint8_t *)stem, issuer }) ||
		!document->issuer[0])
		return false;
	gh_document_number_set(&document->number,
		(struct gh_view){ (const uint8_t *)hyphen + 1, length - issuer - 1 });
	return document->number.text[0] != '\0';
}

/* The N of "-N" at the end of stem, and the length without it; 0 when there is none. */
static unsigned read_order(const char *stem, size_t *length)
{
	size_t digits = 0;
	unsigned order = 0;

	while (digits < *length && digits < 3 && stem[*length - 1 - digits] >= '0' &&
		stem[*length - 1 - digits] <= '9')
		digits++;
	if (digits == 0 || digits > 2 || digits == *length || stem[*length - 1 - digits] != '-')
		return 0;
	for (size_t i = *length - digits; i < *length; i++)
		order = order * 10 + (unsigned)(stem[i] - '0');
	if (order == 0 || order > ORDER_MAX)
		return 0;
	*length -= digits + 1;
	return order;
}

/* Looked at before it is opened: opening a device can do something to it. */
static bool can_be_read(const struct gh_portraits *portraits, const struct file *file)
{
	char path[PATH_MAX];
	struct stat found;
	bool can = gh_path_join(portraits->folder, file->name, path, sizeof(path), NULL) == GH_OK &&
		stat(path, &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0 &&
		found.st_size <= (off_t)GH_PORTRAIT_BYTES_MAX &&
		faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0;

	gh_wipe(path, sizeof(path));
	return can;
}

/* A number may end in "-2" itself, so the whole name is tried first. */
static void match_file(
	struct gh_portraits *portraits, struct file *file, const struct gh_document_index *index)
{
	size_t length = (size_t)(strrchr(file->name, '.') - file->name);
	struct gh_travel_document document;
	bool several = false;
	bool named = read_document(file->name, length, &document);

	if (named)
		file->person = gh_document_index_find(index, &document, &several);
	if (named && !file->person) {
		file->order = read_order(file->name, &length);
		if (file->order > 0 && read_document(file->name, length, &document))
			file->person = gh_document_index_find(index, &document, &several);
	}
	gh_wipe(&document, sizeof(document));
	if (!named)
		portraits->counts.badly_named++;
	else if (!file->person)
		portraits->counts.unmatched++;
	if (file->person && !can_be_read(portraits, file)) {
		portraits->counts.unreadable++;
		file->person = NULL;
	}
	if (file->person && several)
		portraits->counts.doubtful++;
}

/* Matched files first, by row, then by order, then by name. */
static int by_row(const void *left, const void *right)
{
	const struct file *a = left;
	const struct file *b = right;

	if (a->person != b->person)
		return !b->person || (a->person && a->person < b->person) ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void give_out(struct gh_portraits *portraits, struct gh_voyage *voyage)
{
	struct gh_portraits_counts *counts = &portraits->counts;

	for (size_t i = 0; i < voyage->person_count; i++) {
		memset(voyage->persons[i].portraits, 0, sizeof(voyage->persons[i].portraits));
		voyage->persons[i].portrait_count = 0;
	}
	for (size_t i = 0; i < portraits->count && portraits->files[i].person; i++) {
		struct gh_person *person = portraits->files[i].person;

		if (person->portrait_count == GH_PERSON_PORTRAITS_MAX) {
			counts->beyond++;
			continue;
		}
		if (person->portrait_count++ == 0)
			portraits->first[person - voyage->persons] = i;
		counts->matched++;
	}
	for (size_t i = 0; i < voyage->person_count; i++) {
		if (voyage->persons[i].portrait_count > 0)
			counts->persons_with++;
		else if (voyage->persons[i].boarding != GH_BOARDING_REMOVED)
			counts->persons_without++;
	}
}

static enum gh_status match(
	struct gh_portraits *portraits, struct gh_voyage *voyage, struct gh_error *error)
{
	struct gh_document_index index;
	enum gh_status status = list_folder(portraits, error);

	if (status != GH_OK)
		return status;
	portraits->voyage = voyage;
	portraits->first = calloc(voyage->person_count + 1, sizeof(portraits->first[0]));
	if (!portraits->first)
		return gh_error_set(error, GH_NO_MEMORY, "portraits of a voyage");
	status = gh_document_index_make(&index, voyage, error);
	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < portraits->count; i++)
		match_file(portraits, &portraits->files[i], &index);
	gh_document_index_finish(&index);
	if (portraits->count > 0)
		qsort(portraits->files, portraits->count, sizeof(portraits->files[0]), by_row);
	give_out(portraits, voyage);
	return GH_OK;
}

enum gh_status gh_portraits_match(const char *folder, struct gh_voyage *voyage,
	struct gh_portraits **portraits, struct gh_error *error)
{
	struct gh_portraits *made;
	enum gh_status status;

	*portraits = NULL;
	if (strlen(folder) >= sizeof(made->folder))
		return gh_error_set(error, GH_TOO_LARGE, "%.64s...: path too long", folder);
	made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "list of portraits");
	memcpy(made->folder, folder, strlen(folder));
	status = match(made, voyage, error);
	if (status != GH_OK) {
		gh_portraits_finish(made);
		return status;
	}
	*portraits = made;
	return GH_OK;
}

void gh_portraits_finish(struct gh_portraits *portraits)
{
	if (!portraits)
		return;
	gh_wipe(portraits->files, portraits->count * sizeof(portraits->files[0]));
	free(portraits->files);
	free(portraits->first);
	free(portraits);
}

struct gh_portraits_counts gh_portraits_counts(const struct gh_portraits *portraits)
{
	return portraits->counts;
}

static enum gh_status portrait_of_file(void *ctx, const struct gh_person *person, uint32_t index,
	struct gh_bytes *picture, struct gh_error *error)
{
	struct gh_portraits *portraits = ctx;
	size_t row = (size_t)(person - portraits->voyage->persons);
	const struct file *file = &portraits->files[portraits->first[row] + index];
	char path[PATH_MAX];
	enum gh_status status =
		gh_path_join(portraits->folder, file->name, path, sizeof(path), NULL);

	if (status == GH_OK)
		status = gh_file_read(path, GH_PORTRAIT_BYTES_MAX, picture, NULL);
	gh_wipe(path, sizeof(path));
	/* The file is named after a document: who asks knows the row, which must do. */
	if (status != GH_OK)
		return gh_error_set(error, status, "%s", gh_status_text(status));
	return GH_OK;
}

struct gh_bundle_source gh_portraits_source(struct gh_portraits *portraits)
{
	return (struct gh_bundle_source){ portraits, portrait_of_file };
}
